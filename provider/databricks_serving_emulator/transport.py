"""The in-process door: an httpx transport. The only module that knows httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from .errors import ConnectionLostError
from .wire import Request

if TYPE_CHECKING:
    from .workspace import Workspace


class WorkspaceTransport(httpx.BaseTransport):
    """Answers the requests of an `httpx.Client` from a workspace, with no socket."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        A lost connection is `httpx.ConnectError` when the request had no effect, else
        `httpx.ReadError`.
        """
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        headers = {**request.headers, "x-forwarded-proto": request.url.scheme}
        query = dict(request.url.params)
        try:
            answer = self._workspace.answer(
                Request(request.method, path, query, headers, request.read())
            )
        except ConnectionLostError as lost:
            kind = httpx.ReadError if lost.effect else httpx.ConnectError
            raise kind(str(lost), request=request) from lost
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)
