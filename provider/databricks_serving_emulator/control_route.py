"""One control: what it is for, what it takes, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from .control_bodies import Nothing, TakenT, read_body, read_query
from .wire import Request, Response

if TYPE_CHECKING:
    from .workspace import Workspace


@dataclass(frozen=True)
class Control(Generic[TakenT]):
    """A route under `/_emulator/`.

    what: what it is for, in the list of all controls
    takes: what its body may hold, or its query where `in_query` says so
    """

    what: str
    takes: type[TakenT]
    does: Callable[[Workspace, TakenT], Response]
    in_query: bool = False

    def answer(self, workspace: Workspace, request: Request) -> Response:
        """Do it; `RefusedError` when the request makes no sense."""
        if self.in_query:
            read_body(Nothing, request)
            return self.does(workspace, read_query(self.takes, request))
        read_query(Nothing, request)
        return self.does(workspace, read_body(self.takes, request))
