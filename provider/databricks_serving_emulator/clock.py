"""Time, as something that is handed in."""

from __future__ import annotations

import time
from typing import Protocol


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


def milliseconds(clock: Clock) -> int:
    """The time as the API writes it: whole milliseconds since the epoch (contract §2)."""
    return round(clock.now() * 1000)
