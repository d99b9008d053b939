"""How fast to send: at full speed until the workspace answers 429, then as it lets through.

A 429 speaks for a whole budget, so all threads that share the budget heed it. What shares one is
known of one case only: creates and updates of endpoints, 50 in 5 minutes for a workspace
(Databricks page on the limits of Model Serving). Reading and deleting are not counted there, nor is
another API: each has a pace of its own, and polls go on while writes wait.
"""

from __future__ import annotations

import bisect
import itertools
import math
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from databricks_serving.clock import CalledOff
from databricks_serving.errors import ApiError, NotBegun, error_for

from .retry import backoff

if TYPE_CHECKING:
    from databricks_serving.clock import Bell, Clock

T = TypeVar("T")

#: Told what a thread waits for, in that thread, each time that it waits.
Waiting: TypeAlias = "Callable[[str], None]"

#: Without anything let through; twice the five minutes in which a used up budget is whole again.
PATIENCE_SECONDS = 600.0
#: Of one call that is refused again and again while others get through: it has a quota of its own.
#: No call waits so long for its turn: those under way take turns in the order in which they came,
#: and 256 at once, as many as the provider carries out, are five windows and some.
OWN_PATIENCE_SECONDS = 1800.0
_WORTH_SAYING_SECONDS = 2.0
_API = re.compile(r"/api/[\d.]+/([a-z-]+)")
_BUDGETED = ("write", "serving-endpoints")


class Throttled(Exception):
    """An attempt was answered with 429. `after`: the seconds that it names, if any."""

    def __init__(self, error: ApiError, after: float | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


class Paces:
    """The paces of one workspace, by what is asked of it."""

    def __init__(self, clock: Clock, waiting: Waiting | None = None) -> None:
        self._clock = clock
        self._waiting = waiting
        self._paces: dict[tuple[str, str], Pace] = {}
        self._lock = threading.Lock()

    def of(self, method: str, path: str) -> Pace:
        """The pace of such a call: one each for reads, deletions and writes of each API."""
        api = _API.match(path)
        kind = method if method in {"GET", "DELETE"} else "write"
        asked = (kind, api[1] if api else "")
        with self._lock:
            if asked not in self._paces:
                self._paces[asked] = Pace(self._clock, self._waiting, budgeted=asked == _BUDGETED)
            return self._paces[asked]


class Pace:
    """The pace of the calls that share a budget.

    After a 429 nobody sends before the time that it names, or before a wait that doubles; then one
    request goes first. Each one that is taken makes room for one more at once: when room comes back
    one by one, opening for all would have all but one refused again.
    """

    def __init__(self, clock: Clock, waiting: Waiting | None, *, budgeted: bool) -> None:
        self._clock = clock
        self._waiting = waiting
        self._why = (
            "the workspace asks to slow down (50 creates and updates of endpoints in 5 minutes)"
            if budgeted
            else "the workspace asks to slow down"
        )
        self._lock = threading.Lock()
        self._room = math.inf
        self._numbers = itertools.count()
        #: The numbers of the calls that wait, in order, and what tells each to look again.
        self._queue: list[int] = []
        self._bells: dict[int, Bell] = {}
        #: The call that lets another go before, and the one that did so last.
        self._gives_way: int | None = None
        self._gave_way: int | None = None
        self._under_way = 0
        #: The number of pauses; what was sent before the latest one tells nothing of its end.
        self._era = 0
        self._not_before = -math.inf
        self._refusals = 0
        self._refused_since = 0.0
        self._refusal: ApiError | None = None

    def ask(self, call: str, attempt: Callable[[], T], *, patient: bool = True) -> T:
        """What `attempt` gives, once the workspace takes it. `call`: names it to a person.

        `attempt` raises `Throttled` where it was not taken. Raises `TooManyRequests` when nobody's
        call was let through for ten minutes, or would be, or not this one for half an hour (not
        patient: where it would have to wait, be it for its turn), and `Interrupted` on Ctrl-C.
        """
        since: float | None = None
        number = next(self._numbers)
        while True:
            era = self._enter(call, number, patient=patient)
            taken = False
            try:
                result = attempt()
            except Throttled as refused:
                now = self._clock.now()
                since = now if since is None else since
                if now - since > OWN_PATIENCE_SECONDS:
                    raise refused.error from None
                self._pause(era, number, refused)
            except ApiError:
                # An answer about the request itself: the budget had room for it.
                taken = True
                raise
            else:
                taken = True
                return result
            finally:
                self._leave(era, taken=taken)

    def _enter(self, call: str, number: int, *, patient: bool) -> int:
        """Wait for the turn, and take it: the era that it belongs to."""
        with self._lock:
            if self._room == math.inf and not self._queue and self._not_before == -math.inf:
                self._under_way += 1  # nobody was ever refused
                return self._era
        bell = self._clock.bell()
        with self._lock:
            bisect.insort(self._queue, number)
            self._bells[number] = bell
        try:
            while True:
                with self._lock:
                    ahead = self._not_before - self._clock.now()
                    if ahead <= 0 and self._under_way + self._place(number) < self._room:
                        self._step_out(number)
                        self._gives_way = None
                        self._under_way += 1
                        return self._era
                    self._give_up(call, ahead, patient=patient)
                self._wait(call, ahead, bell)
        except BaseException:
            with self._lock:
                self._step_out(number)
                self._ring()
            raise

    def _step_out(self, number: int) -> None:
        self._queue.remove(number)
        del self._bells[number]

    def _wait(self, call: str, ahead: float, bell: Bell) -> None:
        """Wait for the end of the pause; where there is none, for a free place."""
        if self._waiting is not None and ahead >= _WORTH_SAYING_SECONDS:
            self._waiting(f"{self._why}; waiting {math.ceil(ahead)} s")
        try:
            if ahead > 0:
                self._clock.wait(ahead)
            else:
                bell.wait()
        except CalledOff:
            raise NotBegun(
                f"Stopped while {call} waited for its turn: {self._why}. It was not carried "
                f"out; the next run does what is left.",
                id="stopped-before-sending",
            ) from None

    def _give_up(self, call: str, ahead: float, *, patient: bool) -> None:
        """Raise what the last refusal said, where that is too long to wait."""
        beyond = ahead > 0 and self._not_before - self._refused_since > PATIENCE_SECONDS
        if (beyond or not patient) and self._refusal is not None:
            raise error_for(replace(self._refusal.answer, call=call))

    def _place(self, number: int) -> int:
        """How many that wait go before."""
        place = bisect.bisect_left(self._queue, number)
        if place < 2 <= len(self._queue) and self._queue[0] == self._gives_way:
            return 1 - place
        return place

    def _pause(self, era: int, number: int, refused: Throttled) -> None:
        with self._lock:
            now = self._clock.now()
            if era == self._era:
                # Those that were sent with it are refused for the same reason, not once more.
                if not self._refusals:
                    self._refused_since = now
                self._refusals += 1
                self._gives_way = None if number == self._gave_way else number
                self._gave_way = self._gives_way
                self._era += 1
                self._under_way, self._room = 0, 1
            after = backoff(self._refusals) if refused.after is None else refused.after
            self._not_before = max(self._not_before, now + after)
            self._refusal = refused.error
            for bell in self._bells.values():
                bell.ring()

    def _leave(self, era: int, *, taken: bool) -> None:
        with self._lock:
            if era != self._era:
                return
            self._under_way -= 1
            if taken:
                self._room += 1
                self._refusals = 0
            self._ring()

    def _ring(self) -> None:
        """Tell those to look that there may be a place for: one more than free, for the swap."""
        for place, number in enumerate(self._queue):
            if self._under_way + place > self._room:
                break
            self._bells[number].ring()
