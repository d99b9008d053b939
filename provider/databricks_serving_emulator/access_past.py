"""What is remembered for the switches that are about access lists (contract §13, §14).

Like planned faults, it is not kept across a restart. An object is named by a string such as
`scope llm`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import TIMEOUT_MAX, Condition, RLock
from typing import TypeVar

from .behaviour import Behaviour

_Seen = TypeVar("_Seen")
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Write:
    at: float
    before: object


class AccessPast:
    """The access lists as they were before the latest writes. Times are in seconds.

    lock: the workspace's; whoever calls holds it
    """

    def __init__(self, lock: RLock) -> None:
        self._closed = Condition(lock)
        self._open: set[str] = set()
        self._writes: dict[str, list[_Write]] = {}
        self._listings = 0
        self._hurried = False

    def behave(self, behaviour: Behaviour) -> None:
        """Forget what no switch asks for any more."""
        if not behaviour.stale_acl_seconds:
            self._writes.clear()
        if not behaviour.lost_acl_writes_seconds:
            self._open.clear()
            self._closed.notify_all()

    def hurry(self, *, on: bool) -> None:
        """While this is on, no write stays open."""
        self._hurried = on
        self._open.clear()
        self._closed.notify_all()

    def wrote(self, what: str, before: object, behaviour: Behaviour, now: float) -> None:
        """An object was written; `before` is what its readers may go on seeing."""
        if behaviour.stale_acl_seconds:
            self._writes.setdefault(what, []).append(_Write(now, before))

    def forget(self, what: str) -> None:
        """An object is gone: one that comes in its place has no past."""
        self._writes.pop(what, None)

    def clear(self) -> None:
        """All objects are gone."""
        self._writes.clear()

    def seen(self, what: str, current: _Seen, behaviour: Behaviour, now: float) -> _Seen:
        """What a reader sees of an object: what it is, or what it was some seconds ago."""
        since = now - behaviour.stale_acl_seconds
        fresh = [write for write in self._writes.get(what, []) if write.at > since]
        if not fresh:
            self._writes.pop(what, None)
            return current
        self._writes[what] = fresh
        # Whoever writes and whoever reads an object agree on the type of its values.
        return fresh[0].before  # type: ignore[return-value]  # see above

    def wait_for_overlap(self, what: str, behaviour: Behaviour) -> None:
        """Let another write of that object start from the same view, if one comes in time.

        The workspace's lock is free meanwhile: what the caller has read may be out of date when
        this returns, and that is the point.
        """
        seconds = behaviour.lost_acl_writes_seconds
        if not seconds or self._hurried:
            return
        if what in self._open:
            self._open.discard(what)
            self._closed.notify_all()
            return
        self._open.add(what)
        self._closed.wait_for(lambda: what not in self._open, timeout=min(seconds, TIMEOUT_MAX))
        self._open.discard(what)

    def ordered(self, items: Sequence[_Item], behaviour: Behaviour) -> list[_Item]:
        """An access list in the order in which it comes this time."""
        if not behaviour.unstable_acl_order or not items:
            return list(items)
        self._listings += 1
        first = self._listings % len(items)
        return [*items[first:], *items[:first]]
