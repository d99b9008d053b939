"""Killing a running `pulumi` with everything that it started, at one call of the workspace."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
#: Where processes can be told by their session; elsewhere these tests cannot be run.
TELLS_SESSIONS = (_PROC / "self" / "stat").exists()


def members(leader: int) -> list[int]:
    """The live processes of a session. The engine gives each plugin a process group of its own."""
    found = []
    for place in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            # `pid (name) state parent group session …`, and a name may hold anything.
            state, _, _, session = (place / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(place.name))
    return found


def kill_session(leader: int) -> None:
    """SIGKILL to all of a session, until nobody is left: a killed parent may just have forked."""
    while there := members(leader):
        for process in there:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
