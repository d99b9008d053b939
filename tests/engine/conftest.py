"""A project on the real engine, against an emulator of its own on a free port."""

from __future__ import annotations

import json
import signal
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from offline import Pulumi, engine_directory

from databricks_serving_emulator import RunningServer, Workspace
from support.engine_crashes import kill_session
from support.every_kind import FOUNDATION_MODEL
from support.mini_engine.stand import Door, Interruption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.mini_engine.stand import How

CANARY = "sk-CANARY-5c1f"
TOKEN = "dapi-engine-tests"
HEADER = """\
import pulumi
from databricks_serving import (
    AiGateway,
    EndpointPermissions,
    RateLimits,
    Secret,
    SecretAcl,
    SecretScope,
    ServingEndpoint,
)

config = pulumi.Config()
"""


# The rest is the engine's own, and moves: times, places in the program.
KEPT = ("urn", "id", "type", "inputs", "outputs", "initErrors")


def covered(value: Any) -> Any:
    """A piece of a state with `[secret]` for every ciphertext."""
    if isinstance(value, dict):
        if "ciphertext" in value:
            return "[secret]"
        return {key: covered(inner) for key, inner in value.items()}
    return [covered(inner) for inner in value] if isinstance(value, list) else value


@dataclass
class Project:
    """A Pulumi project with the stack `dev`; `run` gives exit code and output."""

    pulumi: Pulumi
    door: Door
    directory: Path

    @property
    def workspace(self) -> Workspace:
        """The workspace that the stack is on."""
        return self.door.workspace

    def write(self, program: str) -> None:
        """Make this the program."""
        (self.directory / "__main__.py").write_text(HEADER + program)

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run `pulumi`; its output."""
        code, printed = self.pulumi.run(*arguments)
        assert code == expect, printed
        assert CANARY not in printed
        return printed

    def killed(self, at: int | str, how: How, *arguments: str) -> str:
        """What a `pulumi up` printed until SIGKILL ended it and all that it started.

        `at`, `how`: the call at which that is; see `Interruption`.
        """
        running = self.pulumi.start("up", "--yes", "--skip-preview", *arguments, session=True)
        self.door.kill = lambda: kill_session(running.pid)
        self.door.watch(Interruption(at, how))
        printed, _ = running.communicate(timeout=120)
        assert self.door.interruption is None, f"{at} was never called: {printed}"
        assert running.returncode == -signal.SIGKILL or how == "dropped after", printed
        assert CANARY not in printed
        self.door.watch()
        return printed

    def up(self, *arguments: str, expect: int = 0) -> str:
        """`pulumi up` without asking."""
        return self.run("up", "--yes", "--skip-preview", *arguments, expect=expect)

    def preview(self, *arguments: str, expect: int = 0) -> str:
        """`pulumi preview --diff`."""
        return self.run("preview", "--diff", "--suppress-progress", *arguments, expect=expect)

    def drift(self, expect: int) -> str:
        """The scheduled job's command."""
        arguments = ("refresh", "--preview-only", "--expect-no-changes", "--diff")
        return self.run(*arguments, "--suppress-progress", expect=expect)

    def destroy(self, *arguments: str, expect: int = 0) -> str:
        """`pulumi destroy` without asking."""
        return self.run("destroy", "--yes", "--skip-preview", *arguments, expect=expect)

    def state(self) -> list[dict[str, Any]]:
        """Our resources of the state; secrets as `[secret]`, for ciphertexts always differ."""
        exported = self.run("stack", "export")
        resources = json.loads(exported)["deployment"].get("resources", [])
        ours = [r for r in resources if r["type"].startswith("pulumi-python:dynamic")]
        return [covered({k: v for k, v in r.items() if k in KEPT}) for r in ours]

    def resource(self, name: str) -> dict[str, Any]:
        """One resource of the state."""
        return next(r for r in self.state() if r["urn"].endswith(f"::{name}"))

    def sent(self) -> list[tuple[str, str]]:
        """The writes that reached the workspace, as (method, path), and forget them."""
        writes = [(call.method, call.path) for call in self.workspace.writes]
        self.workspace.clear_calls()
        return writes


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What killing the engine came to, over all workers; see `make crash-engine`."""
    counted: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            # The report of the teardown has the same properties again.
            if getattr(report, "when", "") == "call":
                counted.update(dict(report.user_properties).get("kills", {}))
    if counted:
        tried = counted["converged"] + counted["failed"]
        terminalreporter.write_line(
            f"killed engine: {tried} of {counted['there']} kill points, "
            f"{counted['converged']} converged, {counted['failed']} failed"
        )


@pytest.fixture(scope="session")
def engine() -> Path:
    """Where `pulumi` is."""
    return engine_directory()


@pytest.fixture
def workspace() -> Workspace:
    """A strict workspace: a field or call that it does not know fails the test."""
    return Workspace(token=TOKEN, strict=True, foundation_models=(FOUNDATION_MODEL,))


@pytest.fixture
def opened(engine: Path, tmp_path: Path) -> Callable[..., Project]:
    """Makes an empty project: on which workspace, where that is, the passphrase of its secrets."""

    def made(door: Door, address: str, passphrase: str = "") -> Project:
        directory = tmp_path / "project"
        directory.mkdir()
        (directory / "Pulumi.yaml").write_text(
            "name: shop\nruntime: python\noptions:\n  refresh: always\n"
        )
        more = {"PULUMI_CONFIG_PASSPHRASE": passphrase}
        token = door.settings.token
        pulumi = Pulumi(engine, tmp_path / "home", directory, address, token, more)
        return Project(pulumi, door, directory)

    return made


@pytest.fixture
def project(workspace: Workspace, opened: Callable[..., Project]) -> Iterator[Project]:
    """An empty project with the stack `dev` and the secret configuration `key`."""
    door = Door(workspace)
    with RunningServer(door) as server:  # type: ignore[arg-type]  # asks for answers and the token
        made = opened(door, server.url)
        made.run("stack", "init", "dev")
        made.run("config", "set", "--secret", "key", CANARY)
        yield made
    assert workspace.unknown_calls == ()
