"""A deployed stack without an engine: the state of a release, and the workspace that it says.

The stack is the golden one (`tests/engine/golden`): nine resources, all seven kinds, in step.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from databricks_serving_emulator import RunningServer
from databricks_serving_emulator.errors import ConnectionLostError

from . import golden_stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from databricks_serving_emulator import Workspace
    from databricks_serving_emulator.wire import Request, Response

FOLDER = Path(__file__).parents[1] / "engine/golden/0.1.0"
DBSERVING = [sys.executable, "-m", "databricks_serving.cli.main"]
ENDPOINTS = "/api/2.0/serving-endpoints"
CLAUDE = f"{ENDPOINTS}/databricks-claude"
#: What would change how a run behaves.
_NOT_INHERITED = ("DATABRICKS_", "DBSERVING_", "GITHUB_", "GITLAB_", "PULUMI_", "CI_", "CLICOLOR")
_NOR = {"CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TF_BUILD", "BUILD_URL"}


class HangingDoor:
    """The workspace's door; it answers no call of `path` until it is let go.

    `reached`: such a call has come.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.path: str | None = None
        self.reached = threading.Event()
        self.let_go = threading.Event()

    @property
    def settings(self) -> Any:
        """The workspace's; the server asks for the token."""
        return self.workspace.settings

    def hurried(self) -> AbstractContextManager[None]:
        """The workspace's: nobody waits for a slow answer while the server stops."""
        return self.workspace.hurried()

    def begin_answer(self, request: Request) -> Response:
        """The workspace's answer, unless the call is the one that hangs."""
        if request.path == self.path:
            self.reached.set()
            self.let_go.wait()
            raise ConnectionLostError(effect=False)
        return self.workspace.begin_answer(request)


@dataclass
class Shop:
    """The stack's workspace and its state in `directory`/state.json; runs `dbserving` there."""

    workspace: Workspace
    door: HangingDoor
    url: str
    directory: Path

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a run: the workspace's credentials, nothing of this machine's CI."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_NOT_INHERITED) and name not in _NOR
        }
        own = {"DATABRICKS_HOST": self.url, "DATABRICKS_TOKEN": golden_stack.TOKEN}
        return {**inherited, **own, **more}

    def run(
        self, *arguments: str, piped: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """A run of `dbserving`; `piped`: its standard input, `more`: of its environment."""
        return subprocess.run(
            [*DBSERVING, *arguments],
            cwd=self.directory,
            env=self.environment(**more),
            input=piped,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    def drift(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """`dbserving drift` on the state, without a second look."""
        return self.run(
            "drift", "--state", "state.json", "--confirm-delay", "0s", *arguments, **more
        )

    def signalled(self, number: signal.Signals, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and errors of a `drift` that gets a signal in its middle.

        In its middle: six of the nine resources were looked at, and the next look hangs.
        """
        self.door.path = f"{ENDPOINTS}/chat"
        running = subprocess.Popen(
            [*DBSERVING, "drift", "--state", "state.json", "--parallel", "1", *arguments],
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.door.reached.wait(30)
        running.send_signal(number)
        printed, complaints = running.communicate(timeout=30)
        return running.returncode, printed, complaints

    def block_claude(self) -> None:
        """Somebody in the UI sets the limit of `databricks-claude` to 0."""
        limits = [{"calls": 0, "key": "user", "renewal_period": "minute"}]
        gateway = {"rate_limits": limits, "usage_tracking_config": {"enabled": True}}
        assert self.workspace.ui("PUT", f"{CLAUDE}/ai-gateway", gateway).status == 200

    def make_rogue(self) -> None:
        """Somebody in the UI creates the endpoint `rogue`."""
        calls = json.loads((FOLDER / "calls.json").read_text())
        config = next(body["config"] for _, _, body in calls if body and body.get("name") == "chat")
        body = {"name": "rogue", "config": config}
        assert self.workspace.ui("POST", ENDPOINTS, body).status == 200


@contextmanager
def opened(directory: Path) -> Iterator[Shop]:
    """The shop, for as long as the block lasts."""
    workspace = golden_stack.new_workspace()
    door = HangingDoor(workspace)
    with RunningServer(door) as server:  # type: ignore[arg-type]  # asks for answers and the token
        calls = json.loads((FOLDER / "calls.json").read_text())
        golden_stack.replay(workspace, calls, server.url)
        found = golden_stack.made_up(workspace, server.url)
        state = golden_stack.fitted((FOLDER / "stack.json").read_text(), found)
        (directory / "state.json").write_text(state)
        try:
            yield Shop(workspace, door, server.url, directory)
        finally:
            door.let_go.set()
