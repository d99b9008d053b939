"""Time, as something that is handed in."""

from __future__ import annotations

import time
from typing import Protocol

from .errors import RefusedError

# The end of the year 9999: no date, and so no log, can say a later time.
LATEST_SECONDS = 253_402_300_799.0


class Clock(Protocol):
    """Anything that tells the time in seconds since the epoch."""

    def now(self) -> float:
        """Seconds since the epoch."""


class SystemClock:
    """The system's time plus an offset, so that a test can move it forward."""

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move on by that many seconds."""
        self._offset += seconds


class StillClock:
    """Begins at the system's time and stands still until it is moved: no minute ends by itself."""

    def __init__(self) -> None:
        self._seconds = time.time()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Move on by that many seconds."""
        self._seconds += seconds


def check_clock(clock: object) -> None:
    """Raise `RefusedError` for what tells no time."""
    if not callable(getattr(clock, "now", None)):
        text = f"The clock must be an object with now(), in seconds since the epoch, not {clock!r}."
        raise RefusedError(text)


def move(clock: Clock, seconds: float) -> None:
    """Move a clock on; `RefusedError` for one that cannot be moved, or not as far."""
    advance = getattr(clock, "advance", None)
    if advance is None:
        raise RefusedError("this workspace's clock cannot be moved")
    now = clock.now()
    if now + seconds > LATEST_SECONDS:
        raise RefusedError(
            f"the clock goes no further than the year 9999: write at most "
            f"{LATEST_SECONDS - now:.0f} seconds, not {seconds:g}"
        )
    advance(seconds)


def milliseconds(clock: Clock) -> int:
    """The time as the API writes it: whole milliseconds since the epoch (contract §2)."""
    return round(clock.now() * 1000)
