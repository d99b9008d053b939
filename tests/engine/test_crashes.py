"""Killed at any call, with everything that `pulumi up` started: the next `up` does what is left.

Before a call has its effect, and after it. `make crash-engine` does so at every call, the tests
at one of each program. A killed engine leaves a lock behind, which `pulumi cancel` removes, and
pending creates, which the next `up` does again and `pulumi refresh --clear-pending-creates` strikes
off the list.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field

import pytest

from databricks_serving_emulator import Workspace
from support.engine_crashes import TELLS_SESSIONS
from support.every_kind import CHANGED, FOUNDATION_MODEL, every_kind, linked
from support.mini_engine.crashes import held
from support.programs import QUICKSTART

pytestmark = pytest.mark.skipif(not TELLS_SESSIONS, reason="there is no /proc to look into")

CANARY = "sk-CANARY-5c1f"
CONVERGED = "converged"
ENDPOINTS = "/api/2.0/serving-endpoints"
WHOLE = os.environ.get("DBSERVING_CRASHES") == "all"
#: Into how many tests the whole matrix of a program is cut, so that they can run side by side.
SHARES = 8 if WHOLE else 1
ONE_CALL_AT_A_TIME = ("--parallel", "1")
#: What was deployed before (None: nothing), what the killed run deploys, and the write after which
#: it is killed where only one is.
PROGRAMS = {
    "quickstart": (None, QUICKSTART, f"POST {ENDPOINTS}"),
    "all seven kinds": (None, every_kind(), f"PUT {ENDPOINTS}/chat/ai-gateway"),
    "a replaced endpoint": (
        linked(),
        linked(route_optimized=True),
        f"DELETE {ENDPOINTS}/churn",
    ),
}
if WHOLE:
    PROGRAMS["all seven kinds changed"] = (every_kind(), every_kind(**CHANGED), "")
    PROGRAMS["a renamed endpoint"] = (linked(), linked(name="other"), "")


@dataclass
class Stack:
    """A stack and its workspace, which can be put back to where they were."""

    project: object
    directory: object
    begun: int = field(default=0)

    def begin(self, before: str | None) -> None:
        """Deploy what was before, and keep it."""
        self.project.door.workspace = self._opened()
        if before is not None:
            self.project.write(before)
            self.project.up()
        self.project.workspace.close()
        shutil.copytree(self._backend, self.directory / "backend")
        shutil.copy(self._file, self.directory / "kept.db")

    def again(self, program: str) -> None:
        """As it was before; this is the program to come."""
        self.project.workspace.close()
        self.begun += 1
        shutil.rmtree(self._backend)
        shutil.copytree(self.directory / "backend", self._backend)
        shutil.copy(self.directory / "kept.db", self._file)
        self.project.door.workspace = self._opened()
        self.project.workspace.deployments.plan(polls=0)
        self.project.door.watch()
        self.project.write(program)

    def outcome(self) -> dict[str, object]:
        """What the workspace holds and the state knows, and what was made to exist on the way."""
        workspace = self.project.workspace
        done = [call for call in workspace.writes if call.status in (0, 200)]
        paths = (f"{call.method} {call.path}" for call in done)
        creates = ("POST /api/2.0/secrets/scopes/create", f"POST {ENDPOINTS}")
        known = {resource["urn"]: resource["id"] for resource in self.project.state()}
        made = Counter(path for path in paths if path in creates or path.startswith("DELETE"))
        # The id of an endpoint that was made anew stands in texts too.
        holds = re.sub("[0-9a-f]{32}", "…", json.dumps(held(workspace), sort_keys=True))
        return {"holds": json.loads(holds), "known": known, "made": made}

    @property
    def _backend(self):
        return self.project.pulumi.home / "backend"

    @property
    def _file(self):
        return self.directory / f"{self.begun}.db"

    def _opened(self) -> Workspace:
        token = self.project.workspace.settings.token
        return Workspace(
            token=token, strict=True, foundation_models=(FOUNDATION_MODEL,), db=self._file
        )


@pytest.fixture
def stack(project, tmp_path):
    """A stack that can be put back; its workspaces are in files, the last of which is closed."""
    made = Stack(project, tmp_path)
    yield made
    project.workspace.close()


@pytest.mark.timeout(3600 if WHOLE else 300)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", PROGRAMS)
def test_after_a_kill_the_next_up_does_what_is_left(name, share, stack, project, record_property):
    before, program, write = PROGRAMS[name]
    stack.begin(before)
    stack.again(program)
    project.up(*ONE_CALL_AT_A_TIME)
    calls, expected = project.door.asked, stack.outcome()
    points = [(at, how) for at in range(len(calls)) for how in ("killed before", "killed after")]
    ends = {}

    for at, how in points[share::SHARES] if WHOLE else [(write, "killed after")]:
        stack.again(program)
        ends[f"{how} {at}: {calls[at] if WHOLE else ''}"] = ended(project, at, how) or told(
            stack.outcome(), expected
        )

    counted = Counter("converged" if end == CONVERGED else "failed" for end in ends.values())
    record_property("kills", {**counted, "there": len(points) if share == 0 else 0})
    assert {where: end for where, end in ends.items() if end != CONVERGED} == {}


def ended(project, at, how) -> str:
    """What went wrong when the next `up` was to do what the killed one had left; or nothing."""
    project.killed(at, how, *ONE_CALL_AT_A_TIME)
    project.run("cancel", "--yes")
    for arguments in (
        ("up", "--yes", "--skip-preview"),
        ("preview", "--expect-no-changes", "--diff"),
    ):
        code, printed = project.pulumi.run(*arguments)
        assert CANARY not in printed
        if code:
            return printed
    return ""


def told(found: object, expected: object) -> str:
    """How one outcome differs from the other."""
    lines = (json.dumps(one, indent=1, sort_keys=True).splitlines() for one in (expected, found))
    return "\n".join(difflib.unified_diff(*lines, n=9, lineterm="")) or CONVERGED


def pending(project) -> list[str]:
    """The operations that the state holds for unfinished."""
    exported = json.loads(project.run("stack", "export"))["deployment"]
    return [one["type"] for one in exported.get("pending_operations") or ()]


def test_what_a_killed_up_leaves_behind_goes_away_by_the_engines_own_commands(project):
    project.write(QUICKSTART)
    project.killed(f"POST {ENDPOINTS}", "killed after", *ONE_CALL_AT_A_TIME)

    locked = project.up(expect=1)
    project.run("cancel", "--yes")
    project.up()

    assert "currently locked" in locked
    assert "pulumi cancel" in locked
    assert pending(project) == ["creating"]
    project.drift(expect=0)
    project.sent()
    project.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert pending(project) == []
    assert project.sent() == []
