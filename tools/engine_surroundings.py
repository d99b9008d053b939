"""What the search for a Pulumi engine depends on, and how it runs programs."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MODULES = Path(__file__).resolve().parent / "pulumi"
PKG = "github.com/pulumi/pulumi/pkg/v3"
SDK = "github.com/pulumi/pulumi/sdk/v3"

HOST = "pulumi-language-python"
LAUNCHER = "pulumi-language-python-exec"
DYNAMIC = "pulumi-resource-pulumi-python"


class NotThisWayError(Exception):
    """This way leads to no engine; the message's first line says why."""


@dataclass(frozen=True)
class Surroundings:
    """All that the search depends on, so that a test can hand in its own."""

    env: Mapping[str, str]
    say: Callable[[str], None]
    modules: Path = MODULES
    patience: float = 8.0  # seconds until the release site counts as out of reach
    heartbeat: float = 30.0  # seconds between the lines of a long step

    @property
    def version(self) -> str:
        """The version of the engine that is downloaded or built."""
        return required_version(self.modules / "engine", PKG)

    @property
    def cache(self) -> Path:
        """Where a download or a build is kept."""
        given = Path(self.env.get("XDG_CACHE_HOME", ""))
        home = Path(self.env.get("HOME") or Path.home())
        # The XDG specification: a relative path is invalid and ignored.
        base = given if given.is_absolute() else home / ".cache"
        return base / "databricks-serving" / f"pulumi-{self.version}"


@dataclass(frozen=True)
class Engine:
    """A usable `pulumi`: the directory to put first on PATH, its version, where it came from."""

    bin: Path
    version: str
    origin: str


def required_version(module: Path, requirement: str) -> str:
    """Read which version of a requirement a wrapper module's go.mod names."""
    go_mod = (module / "go.mod").read_text(encoding="utf-8")
    found = re.search(rf"^\s*{re.escape(requirement)} v(\S+)", go_mod, re.MULTILINE)
    if found is None:
        raise NotThisWayError(f"{module / 'go.mod'} does not require {requirement}")
    return found[1]


def major_minor(version: str) -> tuple[int, int]:
    """Return the first two numbers of `3.259.0` or `go1.26rc1`."""
    found = re.search(r"(\d+)\.(\d+)", version)
    if found is None:
        raise NotThisWayError(f"{version!r} is no version")
    return int(found[1]), int(found[2])


def version_of(env: Mapping[str, str], pulumi: Path) -> str:
    """Ask a `pulumi` for its version."""
    said = ask({**env, "PULUMI_SKIP_UPDATE_CHECK": "true"}, [str(pulumi), "version"])
    return said.removeprefix("v")


def ask(env: Mapping[str, str], command: Sequence[str], cwd: Path | None = None) -> str:
    """Run a short command and return what it prints."""
    called = f"`{' '.join(command)}`"
    try:
        answer = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise NotThisWayError(f"{called} failed: {exc}") from exc
    if answer.returncode != 0:
        said = answer.stderr.strip() or f"exit code {answer.returncode}"
        raise NotThisWayError(f"{called} failed: {said}")
    return answer.stdout.strip()


def run(
    here: Surroundings, what: str, command: Sequence[str], env: Mapping[str, str], cwd: Path
) -> None:
    """Run a long command with a sign of life now and then; fail with the end of what it said."""
    started = time.monotonic()
    here.say(f"  {what} ...")
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        child = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            while child.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=here.heartbeat)
                if child.returncode is None:
                    here.say(f"  {what}: {time.monotonic() - started:.0f} s so far")
        except BaseException:
            child.terminate()
            child.wait()
            raise
        if child.returncode != 0:
            log.seek(0)
            end = "\n".join(f"    {line.rstrip()}" for line in log.readlines()[-12:])
            raise NotThisWayError(f"{what} failed\n{end}")
    here.say(f"  {what}: done in {time.monotonic() - started:.0f} s")
