"""Time as an argument: what the time is, and waiting that can be interrupted."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class CalledOff(Exception):
    """The work was called off (Ctrl-C) during a wait."""


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Seconds on a scale that never goes back; only differences mean something."""

    def wait(self, seconds: float) -> None:
        """Return after so many seconds. Raises `CalledOff` when the work is called off."""

    def check(self) -> None:
        """Raise `CalledOff` where the work has been called off."""


class SystemClock:
    """The machine's own time; `called_off` ends every wait at once."""

    def __init__(self, called_off: threading.Event | None = None) -> None:
        self._called_off = called_off or threading.Event()

    def now(self) -> float:
        """Seconds since the machine's start."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Return after so many seconds. Raises `CalledOff` as soon as the work is called off."""
        if self._called_off.wait(seconds):
            raise CalledOff

    def check(self) -> None:
        """Raise `CalledOff` where the work has been called off."""
        if self._called_off.is_set():
            raise CalledOff
