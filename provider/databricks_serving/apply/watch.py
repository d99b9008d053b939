"""One list that tells many waits which updates are still under way.

Without it, 200 endpoints that deploy for twenty minutes take 25,000 GETs. The list has of each
endpoint whether an update is under way, and not how one ended, so it can only put off a GET: an
endpoint that it shows otherwise, or not at all (it may be late, and shows what the caller may see),
is asked for by itself. Nobody waits for anybody here but for the clock: where a list does not come,
each goes on by its own GETs.
"""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.errors import Interrupted, ServingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving.api import UpdatesUnderWay
    from databricks_serving_schema import EndpointStamps

    from .context import Context

#: How many entries of a list cost us as much as one GET: 8 against 400 microseconds were measured.
ENTRIES_PER_GET = 50
#: After a list that failed, for how long none is asked for, and how long what one tells of whom it
#: serves holds good. Whoever may not see one does not learn it again and again, and a proxy's bad
#: moment costs no more than this.
WITHOUT_LISTS_SECONDS = 300.0
#: How late a list may show an update that began, as a GET (see `wait.STALE_SECONDS`).
LATE_SECONDS = 60.0
#: How long to wait at a time for a list that somebody else has asked for.
_SLICE_SECONDS = 0.25


@dataclass(eq=False)
class Waiter:
    """One wait for an endpoint: since when, and when it next wants to look, by the clock."""

    name: str
    id: str | None
    begun: float
    next_look: float = math.inf


@dataclass(frozen=True)
class _Listed:
    """A list; `asked`: when, by the clock."""

    asked: float
    updates: UpdatesUnderWay

    def shows(self, waiter: Waiter) -> bool:
        """Whether it shows the endpoint updating."""
        return (waiter.name, waiter.id) in self.updates.of

    def may_serve(self, waiter: Waiter) -> bool:
        """Whether the next one may show it: this one does, or was too early to tell."""
        return self.asked <= waiter.begun + LATE_SECONDS or self.shows(waiter)


@dataclass
class Watch:
    """The waits of one process for endpoints of one workspace, and the list that serves them.

    A wait looks at growing intervals. Half of one is how old a list may be to spare it a look, how
    long it waits for one that is under way, and within what time others have to want a look for a
    list to be worth more than a GET. So the waits soon look at the same moments. One that takes
    longer has failed, for all waits that would wait no longer for it.
    """

    _waiters: set[Waiter] = field(default_factory=set)
    _listed: _Listed | None = None
    _listing: bool = False
    _without_until: float = -math.inf
    #: Half the interval of the waits that go without: theirs, and all shorter ones.
    _without: float = math.inf
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def waiting(self, stamps: EndpointStamps, begun: float) -> Iterator[Waiter]:
        """Take part, for as long as one waits; `begun`: since when, by the clock."""
        waiter = Waiter(stamps.name, stamps.id, begun)
        with self._lock:
            self._waiters.add(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiters.discard(waiter)

    def shown_updating(
        self, waiter: Waiter, context: Context, since: float, interval: float
    ) -> float | None:
        """When a list was asked for that shows the endpoint updating; None: ask for it by itself.

        since: the clock's seconds of the last look, which the list must be newer than
        interval: seconds between two looks of this wait

        Raises `CalledOff` and `Interrupted` where the work is called off.
        """
        listed = self._list(context, since, interval / 2)
        return listed.asked if listed is not None and listed.shows(waiter) else None

    def _list(self, context: Context, since: float, half: float) -> _Listed | None:
        clock = context.clock
        until = clock.now() + half
        while True:
            with self._lock:
                now, known = clock.now(), self._listed
                if known is not None and since < known.asked >= now - half:
                    return known
                if now >= until or not self._is_worth_it(now, half):
                    return None
                asks, self._listing = not self._listing, True
            if asks:
                self._ask(context, now, until - now, half)
            else:
                clock.wait(min(_SLICE_SECONDS, until - now))

    def _is_worth_it(self, now: float, half: float) -> bool:
        if now < self._without_until and half <= self._without:
            return False
        last = self._listed
        told = last is not None and now < last.asked + WITHOUT_LISTS_SECONDS
        looks = sum(
            waiter.next_look <= now + half and (last is None or not told or last.may_serve(waiter))
            for waiter in self._waiters
        )
        entries = last.updates.entries if last is not None else 0
        return looks > 1 and entries <= looks * ENTRIES_PER_GET

    def _ask(self, context: Context, now: float, within: float, half: float) -> None:
        """Ask for a list; `now`, by the clock; `within`: seconds; `half`: of the interval."""
        listed = None
        try:
            listed = _Listed(now, context.api.updates_under_way(within))
        except Interrupted:
            raise
        except ServingError:
            pass
        finally:
            with self._lock:
                self._listing = False
                slow = context.clock.now() - now >= within
                if listed is None or slow:
                    self._without_until = now + WITHOUT_LISTS_SECONDS
                    self._without = half if slow else math.inf
                if listed is not None:
                    self._listed = listed
