"""Many things done abreast, their results in order; as many at a time as one core has time for.

Nobody knows beforehand how many that are: it is the time of an answer, which threads wait for side
by side, against the work that the core has with it. `python -m bench` shows both ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from databricks_serving.clock import Clock

T = TypeVar("T")
R = TypeVar("R")

_AT_FIRST = 8
#: Of a core's time; where more is taken, more threads would only wait for it.
_BUSY = 0.75
#: How many results are held while one before them is slow, for each that is under way.
_AHEAD = 4


class Width:
    """How many at a time: doubled, `most` at most, as long as the core has time to spare.

    It never goes back: what waits costs nothing. What needed no answer, a slow one, or a pause
    because the workspace asks to slow down (`api.pacing`'s to know) may hide for a while that there
    is time, and not from the next look at it.

    spent: seconds of a core that this process has had
    """

    def __init__(
        self, clock: Clock, most: int, spent: Callable[[], float] = time.process_time
    ) -> None:
        self._clock = clock
        self._most = max(1, most)
        self._spent = spent
        self._lock = threading.Lock()
        self._answers = 0
        self._since = (clock.now(), spent())
        self.now = min(_AT_FIRST, self._most)

    def answered(self) -> None:
        """One more is done."""
        with self._lock:
            self._answers += 1
            if self.now == self._most or self._answers < self.now:
                return
            (began, had), self._since = self._since, (self._clock.now(), self._spent())
            passed, took = self._since[0] - began, self._since[1] - had
            self._answers = 0
            if took < passed * _BUSY:
                self.now = min(self._most, self.now * 2)


def in_order(
    pool: Executor, width: Width, work: Callable[[T], R], items: Iterable[T]
) -> Generator[R]:
    """The results in the order of the items; raises what `work` raises, in its turn.

    While a slow one holds up too many, nothing more is begun; nor once this is closed, which it
    has to be before the pool is shut down: its threads wait for somebody who takes results.
    """
    abreast = _Abreast(pool, width, work, iter(items))
    abreast.begin()
    try:
        yield from abreast.results()
    finally:
        abreast.stop()


@dataclass
class _Outcome(Generic[R]):
    """What came of one: its result, or what it raised."""

    result: tuple[R, ...]
    failed: BaseException | None = None


class _Abreast(Generic[T, R]):
    """Loops in a pool that each take the next item; there are as many of them as the width says."""

    def __init__(
        self, pool: Executor, width: Width, work: Callable[[T], R], items: Iterator[T]
    ) -> None:
        self._pool = pool
        self._width = width
        self._work = work
        self._items = items
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._done: dict[int, _Outcome[R]] = {}
        self._taken = self._given = self._loops = 0
        self._over = False

    def begin(self) -> None:
        """Start the loops."""
        with self._lock:
            self._widen()

    def stop(self) -> None:
        """Begin nothing more; what is under way goes on to its end."""
        with self._lock:
            self._over = True
            self._room.notify_all()

    def results(self) -> Iterator[R]:
        """The results, as they are due."""
        while True:
            with self._lock:
                while self._given not in self._done:
                    if self._over and self._given == self._taken:
                        return
                    self._ready.wait()
                outcome = self._done.pop(self._given)
                self._given += 1
                self._room.notify()
            if outcome.failed is not None:
                try:
                    raise outcome.failed
                finally:
                    del outcome  # it would hold this frame, which its traceback holds
            yield from outcome.result

    def _loop(self) -> None:
        while (taken := self._take()) is not None:
            number, item = taken
            outcome: _Outcome[R]
            try:
                outcome = _Outcome((self._work(item),))
            except BaseException as failed:  # noqa: BLE001 - raised where the result is asked for
                outcome = _Outcome((), failed)
            self._width.answered()
            with self._lock:
                self._done[number] = outcome
                if number == self._given:
                    self._ready.notify()
                self._widen()

    def _take(self) -> tuple[int, T] | None:
        """The next item and its number; None where this loop is one too many, or there is none."""
        with self._lock:
            while not self._over and self._taken - self._given >= self._width.now * _AHEAD:
                self._room.wait()
            if not self._over and self._loops <= self._width.now:
                try:
                    item = next(self._items)
                except StopIteration:
                    self._over = True
                    self._room.notify_all()
                else:
                    self._taken += 1
                    return self._taken - 1, item
            self._loops -= 1
            self._ready.notify()
            return None

    def _widen(self) -> None:
        while not self._over and self._loops < self._width.now:
            self._loops += 1
            self._pool.submit(self._loop)


__all__ = ["Width", "in_order"]
