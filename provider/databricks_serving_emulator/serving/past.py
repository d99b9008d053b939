"""What readers still see after a write, when the service is slow to tell (contract §6.7, §11).

Like planned faults, this is not kept across a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..behaviour import Behaviour
from ..wire import JsonObject
from .model import Endpoint


@dataclass
class _Write:
    before: Endpoint | None
    until: float
    reads_left: int

    def is_seen(self, now: float) -> bool:
        return self.reads_left <= 0 and now >= self.until


@dataclass
class _Gateway:
    before: JsonObject
    until: float


class Past:
    """The endpoints as they were before the writes that are not seen yet. Times are in seconds."""

    def __init__(self) -> None:
        self._writes: dict[str, list[_Write]] = {}
        self._gateways: dict[str, _Gateway] = {}

    def clear(self) -> None:
        """Everything is seen from now on."""
        self._writes.clear()
        self._gateways.clear()

    def names(self) -> list[str]:
        """The endpoints of which a write may not be seen yet."""
        return list(self._writes)

    def note_write(
        self, name: str, before: Endpoint | None, behaviour: Behaviour, now: float
    ) -> None:
        """An endpoint was written; `before` is None when there was none of that name."""
        if behaviour.stale_reads or behaviour.stale_seconds:
            write = _Write(before, now + behaviour.stale_seconds, behaviour.stale_reads)
            self._writes.setdefault(name, []).append(write)

    def note_gateway(self, before: Endpoint, behaviour: Behaviour, now: float) -> None:
        """The gateway of an endpoint was written."""
        if behaviour.gateway_seconds:
            shown = self._gateway(before, now)
            self._gateways[before.id] = _Gateway(shown, now + behaviour.gateway_seconds)

    def seen(
        self, name: str, standing: Endpoint | None, now: float, *, counts: bool
    ) -> Endpoint | None:
        """The endpoint as a client sees it; None when it sees none.

        counts: whether this is one of the reads that are counted
        """
        writes = self._writes.get(name, [])
        while writes and writes[0].is_seen(now):
            writes.pop(0)
        if not writes:
            self._writes.pop(name, None)
            return standing and self._with_gateway(standing, now)
        oldest = writes[0]
        oldest.reads_left -= counts
        return oldest.before

    def _with_gateway(self, endpoint: Endpoint, now: float) -> Endpoint:
        shown = self._gateway(endpoint, now)
        return endpoint if shown is endpoint.ai_gateway else replace(endpoint, ai_gateway=shown)

    def _gateway(self, endpoint: Endpoint, now: float) -> JsonObject:
        lagging = self._gateways.get(endpoint.id)
        if lagging is None or now >= lagging.until:
            self._gateways.pop(endpoint.id, None)
            return endpoint.ai_gateway
        return lagging.before
