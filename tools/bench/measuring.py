"""Rows of the table, and processes measured from their start to their end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    group: the question that the line belongs to
    seconds: of wall clock, the best of the runs
    against: how many seconds took what it is compared with in the same run
    count: requests that the workspace got
    peak: of memory, in bytes
    note: what else there is to say, a few words
    """

    group: str
    what: str
    seconds: float | None = None
    against: float | None = None
    count: int | None = None
    peak: int | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long as what it is compared with."""
        if self.seconds is None or not self.against:
            return None
        return self.seconds / self.against


@dataclass(frozen=True)
class Ran:
    """A process that has ended. Seconds of wall clock and of CPU; `peak` of memory in bytes."""

    seconds: float
    cpu_seconds: float
    peak: int
    stdout: str
    stderr: str
    code: int


class Failed(Exception):
    """What was to be measured did not run; the message has what it said."""


def ran(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    expect: int | None = 0,
) -> Ran:
    """Run a process and measure it. Raises `Failed` on another exit code than `expect`.

    The peak of a child is at least what its parent held when it started it: who calls this stays
    small.
    """
    # Files, not pipes: nobody reads while the child is waited for.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        begun = time.perf_counter()
        with subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=complaints
        ) as process:
            # Not `wait`: only this tells the peak of this child, and not of all.
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        complaints.seek(0)
        done = Ran(
            seconds,
            used.ru_utime + used.ru_stime,
            used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            out.read(),
            complaints.read(),
            process.returncode,
        )
    if expect is not None and done.code != expect:
        raise Failed(f"{command} exits {done.code}, not {expect}:\n{done.stdout}\n{done.stderr}")
    return done


def best_of(times: int, measure: Callable[[], T], key: Callable[[T], float]) -> T:
    """The run that took least; the others say what else the machine had to do."""
    return min((measure() for _ in range(times)), key=key)
