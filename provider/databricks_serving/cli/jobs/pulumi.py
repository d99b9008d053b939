"""The command `pulumi`: looked up on PATH, run without a shell, ended with all that it started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from databricks_serving.errors import ServingError

#: How often a waiting run looks whether it was called off.
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 5.0
_VERSION_SECONDS = 20.0
_RUNNING: set[subprocess.Popen[str]] = set()


class EngineFailed(ServingError):
    """`pulumi` cannot be run, or ended with an error."""


@dataclass(frozen=True)
class Ended:
    """A run of `pulumi` that has ended: its exit code, and what it printed."""

    code: int
    printed: str
    complaint: str


def on_path(environment: Mapping[str, str]) -> str | None:
    """Where `pulumi` is; None where PATH has none."""
    return shutil.which("pulumi", path=environment.get("PATH"))


def ended(
    program: str,
    arguments: tuple[str, ...],
    *,
    directory: Path | None,
    environment: Mapping[str, str],
    look: Callable[[], None],
) -> Ended:
    """Run it to its end. Raises `EngineFailed` where it cannot be run, and whatever `look` raises.

    look: called ten times a second; where it raises, all that was started is ended
    """
    try:
        running = subprocess.Popen(  # noqa: S603 - no shell, and the program was looked up
            [program, *arguments],
            cwd=directory,
            env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            # `pulumi` may be a script around it: signals have to reach what that started.
            start_new_session=True,
        )
    except OSError as wrong:
        raise EngineFailed(
            f"{program} cannot be run: {wrong.strerror or wrong}. Install pulumi anew "
            f"(https://www.pulumi.com/docs/install/), or put another first on PATH.",
            id="engine-not-run",
        ) from None
    _RUNNING.add(running)
    try:
        while True:
            try:
                printed, complaint = running.communicate(timeout=_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                look()
            else:
                return Ended(running.returncode, printed, complaint)
    except BaseException:
        _stop(running)
        raise
    finally:
        _RUNNING.discard(running)


def version(program: str, environment: Mapping[str, str]) -> str | None:
    """The engine's version, as `3.259.0`; None where it tells none within 20 seconds.

    Raises `EngineFailed` where it cannot be run.
    """
    until = time.monotonic() + _VERSION_SECONDS

    def look() -> None:
        if time.monotonic() >= until:
            raise TimeoutError

    try:
        told = ended(program, ("version",), directory=None, environment=environment, look=look)
    except TimeoutError:
        return None
    said = told.printed.strip().removeprefix("v")
    return said if not told.code and said[:1].isdigit() else None


def kill_all() -> None:
    """Kill every engine that is under way, and all that it started: this process is about to end.

    They are in sessions of their own, so that no signal of the terminal reaches them.
    """
    for running in tuple(_RUNNING):
        _signal(running, last=True)


def _signal(running: subprocess.Popen[str], *, last: bool) -> None:
    with contextlib.suppress(OSError):  # it has ended meanwhile
        if sys.platform == "win32":
            running.kill()
        else:
            os.killpg(running.pid, signal.SIGKILL if last else signal.SIGTERM)


def _stop(running: subprocess.Popen[str]) -> None:
    """End a run that nobody waits for any more, and all that it started, in bounded time."""
    for last in (False, True):
        _signal(running, last=last)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.communicate(timeout=_STOP_SECONDS)
            return
