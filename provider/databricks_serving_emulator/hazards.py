"""What hurts about access lists, and about many writes: off until somebody turns it on.

What is believed of the service and not promised by it (contract §11, §13, §14): clients must bear
it either way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Condition, RLock
from typing import TypedDict, TypeVar

from typing_extensions import Unpack

from .errors import ApiError

BUDGET_SECONDS = 300.0

_Seen = TypeVar("_Seen")
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class HazardSwitches:
    """Which hazards are on.

    stale_acl_seconds: for so long after a write of an access list, its readers see the one before
    lost_acl_writes_seconds: for so long a write of a scope's access list stays open; another one
        that comes meanwhile starts from the same view, so that one of the two is lost
    unstable_acl_order: access lists come in another order each time
    permissions_outlive_objects: a deleted endpoint's permissions can still be read and written
    refuse_unknown_principals: an access list may name only who is in the workspace
    write_budget: how many create and update calls of serving endpoints five minutes have room for;
        None: any number
    """

    stale_acl_seconds: float = 0.0
    lost_acl_writes_seconds: float = 0.0
    unstable_acl_order: bool = False
    permissions_outlive_objects: bool = False
    refuse_unknown_principals: bool = False
    write_budget: int | None = None


class Changes(TypedDict, total=False):
    """Some of the switches."""

    stale_acl_seconds: float
    lost_acl_writes_seconds: float
    unstable_acl_order: bool
    permissions_outlive_objects: bool
    refuse_unknown_principals: bool
    write_budget: int | None


@dataclass(frozen=True)
class _Write:
    at: float
    before: object


class Hazards:
    """The switches, and what they remember. Routes use it under the workspace's lock.

    An object is named by a string such as `scope llm`.
    """

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._closed = Condition(lock)
        self._open: set[str] = set()
        self._writes: dict[str, list[_Write]] = {}
        self._listings = 0
        self._spent: list[float] = []
        self.switches = HazardSwitches()

    def set(self, **changes: Unpack[Changes]) -> None:
        """Turn some switches; the others stay as they are."""
        with self._lock:
            self.switches = replace(self.switches, **changes)

    def clear(self) -> None:
        """Turn all off, and forget what was remembered for them."""
        with self._lock:
            self.switches = HazardSwitches()
            self._writes.clear()
            self._spent.clear()
            self._open.clear()
            self._closed.notify_all()

    def wrote(self, what: str, before: object, now: float) -> None:
        """An object was written at that time; `before` is what its readers may go on seeing."""
        if self.switches.stale_acl_seconds:
            self._writes.setdefault(what, []).append(_Write(now, before))

    def forget(self, what: str) -> None:
        """An object is gone: one that comes in its place has no past."""
        self._writes.pop(what, None)

    def seen(self, what: str, current: _Seen, now: float) -> _Seen:
        """What a reader sees of an object: what it is, or what it was some seconds ago."""
        since = now - self.switches.stale_acl_seconds
        fresh = [write for write in self._writes.get(what, []) if write.at > since]
        self._writes[what] = fresh
        # Whoever writes and whoever reads an object agree on the type of its values.
        return fresh[0].before if fresh else current  # type: ignore[return-value]  # see above

    def wait_for_overlap(self, what: str) -> None:
        """Let another write of that object start from the same view, if one comes in time.

        The workspace's lock is free meanwhile: what the caller has read may be out of date when
        this returns, and that is the point.
        """
        seconds = self.switches.lost_acl_writes_seconds
        if not seconds:
            return
        if what in self._open:
            self._open.discard(what)
            self._closed.notify_all()
            return
        self._open.add(what)
        self._closed.wait_for(lambda: what not in self._open, timeout=seconds)
        self._open.discard(what)

    def spend_write(self, now: float) -> None:
        """Count one more write; `ApiError` 429 when the budget has no room for it.

        The answer says when there will be room again. A refused call is not counted.
        """
        budget = self.switches.write_budget
        if budget is None:
            return
        self._spent = [at for at in self._spent if at > now - BUDGET_SECONDS]
        if len(self._spent) < budget:
            self._spent.append(now)
            return
        oldest = self._spent[-budget] if budget else now
        wait = max(1, math.ceil(oldest + BUDGET_SECONDS - now))
        text = f"At most {budget} create and update calls are allowed in five minutes."
        raise ApiError(429, "REQUEST_LIMIT_EXCEEDED", text, headers={"Retry-After": str(wait)})

    def ordered(self, items: Sequence[_Item]) -> list[_Item]:
        """An access list in the order in which it comes this time."""
        if not self.switches.unstable_acl_order or not items:
            return list(items)
        self._listings += 1
        first = self._listings % len(items)
        return [*items[first:], *items[:first]]
