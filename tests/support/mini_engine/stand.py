"""A stack of the mini engine on an emulated workspace, and what may happen between the two.

The emulator answers in this process, so that a call can be stopped exactly: before it has its
effect, or after it and before the answer. The provider is another process, and dies of SIGKILL.
"""

from __future__ import annotations

import os
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import grpc
from pulumi.runtime.proto import engine_pb2_grpc

from databricks_serving_emulator import RunningServer, Workspace
from databricks_serving_emulator.errors import ConnectionLostError
from support.dynamic_server import TOKEN, FakeEngine

from .engine import MiniEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from databricks_serving_emulator.wire import Request, Response

    from .processes import Nursery, Plugin

How = Literal["killed before", "killed after", "dropped after"]
HOWS: tuple[How, ...] = ("killed before", "killed after", "dropped after")


def new_workspace(**more: Any) -> Workspace:
    """A strict workspace: a field or call that it does not know fails the test."""
    workspace = Workspace(token=TOKEN, strict=True, **more)
    workspace.deployments.plan(polls=0)
    return workspace


@dataclass(frozen=True)
class Interruption:
    """What happens at one call of the provider: the `at`-th from 0, or the first such as `at`."""

    at: int | str
    how: How


@dataclass
class Door:
    """What the server asks for answers; `asked`: the calls since the last `watch`."""

    workspace: Workspace = field(default_factory=new_workspace)
    asked: list[str] = field(default_factory=list)
    interruption: Interruption | None = None
    kill: Callable[[], None] = lambda: None

    @property
    def settings(self) -> Any:
        """The workspace's; the server asks for the token."""
        return self.workspace.settings

    def hurried(self) -> AbstractContextManager[None]:
        """The workspace's: nobody waits for a slow answer while the server stops."""
        return self.workspace.hurried()

    def watch(self, interruption: Interruption | None = None) -> None:
        """Count from here; one call is interrupted, or none."""
        self.asked = []
        self.interruption = interruption

    def begin_answer(self, request: Request) -> Response:
        """The workspace's answer, if the call gets that far."""
        self.asked.append(f"{request.method} {request.path}")
        planned = self.interruption
        if planned is None or planned.at not in (len(self.asked) - 1, self.asked[-1]):
            return self.workspace.begin_answer(request)
        self.interruption = None
        if planned.how == "killed before":
            self.kill()
            raise ConnectionLostError(effect=False)
        self.workspace.answer(request)
        if planned.how == "killed after":
            self.kill()
        raise ConnectionLostError(effect=True)


@dataclass
class Stand:
    """One stack, one workspace; made anew by `begin`."""

    nursery: Nursery
    door: Door
    url: str
    listener: str
    heard: FakeEngine
    environment: dict[str, str] = field(default_factory=dict)
    engine: MiniEngine = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    @property
    def workspace(self) -> Workspace:
        """The workspace of now."""
        return self.door.workspace

    def begin(self, workspace: Workspace | None = None, **config: str) -> None:
        """An empty stack on that workspace, or a new one; `config`: secret values of the stack."""
        self.door.workspace = workspace or new_workspace()
        self.door.watch()
        self.heard.heard.clear()
        named = {f"shop:{name}": value for name, value in config.items()}
        self.engine = MiniEngine(self.start, named, tuple(named))
        self.door.kill = self._kill

    def start(self) -> Plugin:
        """The plugin process of one run."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DATABRICKS_")}
        own = {"DATABRICKS_HOST": self.url, "DATABRICKS_TOKEN": TOKEN, "PULUMI_PROJECT": "shop"}
        return self.nursery.start(self.listener, {**inherited, **own, **self.environment})

    def _kill(self) -> None:
        assert self.engine.plugin is not None
        self.engine.plugin.kill()


@contextmanager
def stand(nursery: Nursery) -> Iterator[Stand]:
    """A stand, with a server for its workspace and one for what the provider says."""
    heard = FakeEngine()
    listening = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    engine_pb2_grpc.add_EngineServicer_to_server(heard, listening)
    port = listening.add_insecure_port("127.0.0.1:0")
    listening.start()
    door = Door()
    with RunningServer(door) as server:  # type: ignore[arg-type]  # asks for answers and the token
        yield Stand(nursery, door, server.url, f"127.0.0.1:{port}", heard)
    listening.stop(0).wait()
