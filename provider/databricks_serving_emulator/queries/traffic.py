"""Which entity a query goes to, and which ones next when that one fails."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator

from ..serving.model import Config, Endpoint, Entity

_SLOTS = 100


class Traffic:
    """How many queries each config version has had: whose turn it is."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, int], int] = {}

    def clear(self) -> None:
        """Nobody was asked."""
        self._turns.clear()

    def next_entity(self, endpoint: Endpoint, config: Config) -> Entity:
        """The entity whose turn it is; of any hundred in a row, each gets its percentage exactly.

        The order is the same for the same name of an endpoint and the same routes.
        """
        key = (endpoint.id, config.version)
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        shares = tuple(
            (str(route["served_entity_name"]), int(route["traffic_percentage"]))
            for route in config.routes
        )
        name = _order(endpoint.name, shares)[turn % _SLOTS]
        return next(entity for entity in config.entities if entity.name == name)


@functools.lru_cache(maxsize=256)
def _order(seed: str, shares: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    names = [name for name, percentage in shares for _ in range(percentage)]

    def place(slot: int) -> bytes:
        return hashlib.sha256(f"{seed}/{slot}".encode()).digest()

    return tuple(names[slot] for slot in sorted(range(_SLOTS), key=place))


def candidates(endpoint: Endpoint, config: Config, first: Entity) -> Iterator[Entity]:
    """The entities to be asked until one does not fail, the first being the one whose turn it is.

    With fallback the others follow in the order in which they are served, also those without
    traffic. Other endpoints than those of external models have none (contract §6.4).
    """
    yield first
    if config.is_external and endpoint.ai_gateway.get("fallback_config", {}).get("enabled"):
        yield from (entity for entity in config.entities if entity.name != first.name)


def falls_back(status: int) -> bool:
    """Whether a failure with that status is one after which the next entity is asked."""
    return status == 429 or status >= 500
