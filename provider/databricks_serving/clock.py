"""Time as an argument: what the time is, and waiting that can be interrupted."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class CalledOff(Exception):
    """The work was called off (Ctrl-C) during a wait."""


class Bell(Protocol):
    """What a thread waits by until another one rings."""

    def ring(self) -> None:
        """End the wait; where there is none, the next one ends as it begins."""

    def wait(self) -> None:
        """Return once it is rung. Raises `CalledOff` when the work is called off."""


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Seconds on a scale that never goes back; only differences mean something."""

    def wait(self, seconds: float) -> None:
        """Return after so many seconds. Raises `CalledOff` when the work is called off."""

    def check(self) -> None:
        """Raise `CalledOff` where the work has been called off."""

    def bell(self) -> Bell:
        """A bell for one thread at a time to wait by."""


class SystemClock:
    """The machine's own time; `called_off` ends every wait at once."""

    def __init__(self, called_off: threading.Event | None = None) -> None:
        self._called_off = called_off or threading.Event()
        self._bells = _Bells(self._called_off)

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

    def bell(self) -> Bell:
        """A bell for one thread at a time to wait by."""
        return _SystemBell(self, self._bells)


class _SystemBell:
    """A bell that is also rung when the work is called off."""

    def __init__(self, clock: SystemClock, bells: _Bells) -> None:
        self._clock = clock
        self._bells = bells
        self._rung = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    def wait(self) -> None:
        with self._bells.waited_by(self):
            # Whoever calls off from here on finds this bell among those to ring.
            self._clock.check()
            self._rung.wait()
        self._rung.clear()
        self._clock.check()


class _Bells:
    """The bells that somebody waits by, all rung when the work is called off.

    A thread cannot wait for two events at once, and whoever calls off sets just the one: so a
    thread waits for that in place of all who wait by bells, from the first such wait on.
    """

    def __init__(self, called_off: threading.Event) -> None:
        self._called_off = called_off
        self._lock = threading.Lock()
        self._waited_by: set[Bell] = set()
        self._listens = False

    @contextmanager
    def waited_by(self, bell: Bell) -> Iterator[None]:
        """Somebody waits by this one meanwhile."""
        with self._lock:
            self._waited_by.add(bell)
            if not self._listens:
                self._listens = True
                threading.Thread(target=self._listen, name="called off", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._waited_by.discard(bell)

    def _listen(self) -> None:
        self._called_off.wait()
        with self._lock:
            for bell in self._waited_by:
                bell.ring()
