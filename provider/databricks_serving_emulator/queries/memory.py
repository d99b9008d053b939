"""What the gateway remembers between queries. Like recorded calls, it is in no file."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .failures import Failures
from .limits import RateWindows
from .traffic import Traffic


@dataclass
class Sampling:
    """Which queries of an endpoint are logged: always the same ones, evenly spread."""

    _asked: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        """Nobody was asked."""
        self._asked.clear()

    def takes(self, endpoint_id: str, fraction: float) -> bool:
        """Whether the next query of an endpoint is among that fraction of them (0.0 to 1.0)."""
        before = self._asked.get(endpoint_id, 0)
        self._asked[endpoint_id] = before + 1
        return math.floor((before + 1) * fraction) > math.floor(before * fraction)


@dataclass
class GatewayMemory:
    """Rate limits used so far, turns of entities, samples, and failures to come."""

    windows: RateWindows = field(default_factory=RateWindows)
    traffic: Traffic = field(default_factory=Traffic)
    sampling: Sampling = field(default_factory=Sampling)
    failures: Failures = field(default_factory=Failures)

    def clear(self) -> None:
        """There was no query, and no failure is planned."""
        for part in (self.windows, self.traffic, self.sampling, self.failures):
            part.clear()
