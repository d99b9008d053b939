"""What somebody who drives the emulator sees and does of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import overload

from ..errors import RefusedError
from ..serving.model import Endpoint
from ..serving.standing import named
from ..wire import JsonObject
from ..world import World
from .failures import PlannedFailure
from .records import Observer, Query


def entities_of(endpoint: Endpoint) -> list[str]:
    """The names of the entities that it serves or is about to serve."""
    configs = (endpoint.active, endpoint.pending)
    names = [entity.name for config in configs if config for entity in config.entities]
    return list(dict.fromkeys(names))


class Queries(Sequence[Query]):
    """The queries that reached an endpoint, in their order, and the failures that are to come.

    kept: what holds the workspace's lock
    """

    def __init__(self, world: World, kept: Callable[[], AbstractContextManager[None]]) -> None:
        self._world = world
        self._kept = kept

    def all(self) -> tuple[Query, ...]:
        """The queries as they are now; the oldest of very many are forgotten."""
        with self._kept():
            return self._world.queries.all()

    def observe(self, observer: Observer) -> None:
        """Call the observer with each query from now on; it may not ask the workspace anything."""
        with self._kept():
            self._world.queries.observe(observer)

    def fail(self, endpoint: str, entity: str, status: int = 500, times: int | None = 1) -> None:
        """Let an entity fail the next queries of it with an HTTP status from 400 to 599.

        times: how many queries; None: all

        Raises ValueError for what no failure can be, and for an endpoint or entity that is not
        there.
        """
        planned = PlannedFailure(endpoint=endpoint, entity=entity, status=status, times=times)
        with self._kept():
            served = entities_of(named(self._world, endpoint))
            if entity not in served:
                there = f"its entities are {', '.join(served)}" if served else "it has none"
                text = f"Endpoint '{endpoint}' has no served entity '{entity}'; {there}."
                raise RefusedError(text)
            self._world.gateway.failures.add(planned)

    def failures(self) -> list[JsonObject]:
        """The failures still to come; `left`: for how many queries, None for all."""
        with self._kept():
            return self._world.gateway.failures.listed()

    def clear_failures(self) -> None:
        """Nobody is to fail any more."""
        with self._kept():
            self._world.gateway.failures.clear()

    def clear(self) -> None:
        """Forget the queries; what they used of rate limits stays used."""
        with self._kept():
            self._world.queries.clear()

    def __len__(self) -> int:
        return len(self.all())

    def __iter__(self) -> Iterator[Query]:
        return iter(self.all())

    @overload
    def __getitem__(self, index: int) -> Query: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Query, ...]: ...
    def __getitem__(self, index: int | slice) -> Query | tuple[Query, ...]:
        return self.all()[index]
