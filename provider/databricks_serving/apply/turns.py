"""One at a time: what several resources read, change and write back whole.

The gateway of an endpoint and its grants are each replaced by one PUT, access to a scope is lost
where two write at once (terraform-provider-databricks issue 4195): whoever reads in order to write
does both in its turn.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from databricks_serving_schema import AiGateway, parse_answer

from .wait import STALE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from databricks_serving_schema import EndpointAnswer

    from .context import Context


@dataclass
class Turn:
    """Held while one resource is alone with an endpoint, or a scope, of one workspace.

    It remembers the gateway that was written last, for up to a minute GET may show the one before
    it: the next resource would take away again what this one has just set.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    _gateway: Mapping[str, object] | None = None
    _of: str | None = None
    _at: float = 0.0

    def wrote(self, gateway: Mapping[str, object], endpoint_id: str | None, at: float) -> None:
        """Remember a gateway as the service answered it. `at`: the clock's seconds."""
        self._gateway, self._of, self._at = gateway, endpoint_id, at

    def seen(self, answer: EndpointAnswer, at: float) -> EndpointAnswer:
        """What GET answered, with the gateway that was written since."""
        fresh = self._of == answer.stamps.id and at - self._at <= STALE_SECONDS
        if self._gateway is None or not fresh:
            return answer
        gateway = parse_answer(AiGateway, self._gateway)
        return replace(answer, settings=answer.settings.model_copy(update={"ai_gateway": gateway}))


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, ...], Turn] = {}
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, *what: str) -> Iterator[Turn]:
        """Wait for the turn at this, and hold it; not again by whoever holds it already."""
        with self._lock:
            turn = self._turns.setdefault(what, Turn())
        with turn.lock:
            yield turn


def look(name: str, context: Context, turn: Turn) -> EndpointAnswer | None:
    """The endpoint as it is, what was written a moment ago included."""
    answer = context.api.get_endpoint(name)
    return None if answer is None else turn.seen(answer, context.clock.now())
