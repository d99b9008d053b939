"""Clocks for tests: two that move only when somebody waits, and one that hurries."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from databricks_serving.clock import CalledOff, SystemClock

NEW_YEAR = 1_767_571_200.0  # seconds since the epoch


class FakeClock:
    """The provider's clock and the emulator's at once.

    called_off_after: how many waits go well before Ctrl-C ends one; None: all
    """

    def __init__(self, *, called_off_after=None):
        self.seconds = NEW_YEAR
        self.waits = []
        self.called_off_after = called_off_after

    def now(self):
        return self.seconds

    def check(self):
        if self.called_off_after is not None and len(self.waits) >= self.called_off_after:
            raise CalledOff

    def wait(self, seconds):
        self.check()
        self.waits.append(seconds)
        self.advance(seconds)

    def advance(self, seconds):
        self.seconds += seconds

    def bell(self):
        """One that another thread rings without any time passing."""
        return SystemClock().bell()

    @property
    def passed(self):
        """Seconds since the test began."""
        return self.seconds - NEW_YEAR


class HurriedClock(SystemClock):
    """The machine's time, so many times as fast: for threads of which nobody knows beforehand."""

    def __init__(self, times):
        super().__init__()
        self._times = times

    def now(self):
        return super().now() * self._times

    def wait(self, seconds):
        super().wait(seconds / self._times)


class SharedClock:
    """The same for the threads that `run` starts: time moves on once all of them wait for it.

    It moves to the moment when the first of them wakes, so that everything happens in the order of
    its time, however slow the machine. A thread that waits for anything but this clock counts as
    busy, and time stands still meanwhile. Where all wait by bells, each of them fails.
    """

    def __init__(self):
        self.seconds = NEW_YEAR
        self._busy = 0
        self._sleepers = []
        self._number = itertools.count()
        self._called_off_at = None
        self._lock = threading.Lock()

    def now(self):
        return self.seconds

    @property
    def passed(self):
        """Seconds since the test began."""
        return self.seconds - NEW_YEAR

    def call_off_at(self, seconds):
        """Ctrl-C, so many seconds after the test began: it ends all waits, and those to come."""
        self._called_off_at = NEW_YEAR + seconds

    def wait(self, seconds):
        with self._lock:
            woken = self._sleep(seconds)
        woken.wait()
        self.check()

    def bell(self):
        return _SharedBell(self)

    def check(self):
        if self._called_off_at is not None and self.seconds >= self._called_off_at:
            raise CalledOff

    def run(self, threads, work, items):
        """What `work` gives for each of the items, done by so many threads at once."""
        left = deque(enumerate(items))
        results = {}
        self._busy = threads

        def taken():
            with self._lock:
                return left.popleft() if left else None

        def worker():
            try:
                for number, item in iter(taken, None):
                    results[number] = work(item)
            finally:
                with self._lock:
                    self._busy -= 1
                    self._move_on()

        with ThreadPoolExecutor(threads) as pool:
            workers = [pool.submit(worker) for _ in range(threads)]
        for done in workers:
            done.result()
        return [results[number] for number in sorted(results)]

    def _sleep(self, seconds):
        until = self.seconds + seconds
        if self._called_off_at is not None:
            until = min(until, max(self.seconds, self._called_off_at))
        woken = threading.Event()
        heapq.heappush(self._sleepers, (until, next(self._number), woken))
        self._busy -= 1
        self._move_on()
        return woken

    def _wake(self, woken):
        self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[2] is not woken]
        heapq.heapify(self._sleepers)
        self._busy += 1
        woken.set()

    def _move_on(self):
        if self._busy or not self._sleepers:
            return
        self.seconds = max(self.seconds, self._sleepers[0][0])
        while self._sleepers and self._sleepers[0][0] <= self.seconds:
            *_, woken = heapq.heappop(self._sleepers)
            self._busy += 1
            woken.set()


class _SharedBell:
    """A bell of the threads of a `SharedClock`: who waits by it is as good as asleep."""

    def __init__(self, clock):
        self._clock = clock
        self._rung = False
        self._woken = None

    def ring(self):
        with self._clock._lock:
            self._rung = True
            if self._woken is not None and not self._woken.is_set():
                self._clock._wake(self._woken)

    def wait(self):
        with self._clock._lock:
            self._woken = None if self._rung else self._clock._sleep(math.inf)
        if self._woken is not None:
            self._woken.wait()
        assert self._clock.seconds < math.inf, "everybody waits to be rung"
        with self._clock._lock:
            self._rung, self._woken = False, None
        self._clock.check()
