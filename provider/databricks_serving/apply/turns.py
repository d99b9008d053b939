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

from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted
from databricks_serving.plan.canonical import Sealing
from databricks_serving_schema import AiGateway, parse_answer

from .observed import read_tree
from .wait import STALE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from databricks_serving.clock import Clock
    from databricks_serving.plan.canonical import Tree
    from databricks_serving_schema import EndpointAnswer

    from .context import Context


#: How long a wait for a turn goes on before it hears Ctrl-C.
_SLICE_SECONDS = 0.1


@dataclass
class Turn:
    """Held while one resource is alone with an endpoint, or a scope, of one workspace.

    It remembers the gateway that was written last, for up to a minute GET may show one from before
    it: the next resource would take away again what this one has just set. Anything else that GET
    shows in that minute is somebody's newer edit, and counts.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    _gateway: Mapping[str, object] | None = None
    _of: str | None = None
    _at: float = 0.0
    #: What GET answered last, and what it may go on answering after the last write.
    _answered: dict[str, Tree] = field(default_factory=dict)
    _older: tuple[dict[str, Tree], ...] = ()

    def wrote(
        self, gateway: Mapping[str, object], found: EndpointAnswer, at: float
    ) -> EndpointAnswer:
        """Remember a gateway as the service answered it, and put it into what was found before.

        at: the clock's seconds
        """
        older = (self._answered, _gateway_tree(found))
        self._older = (*self._older, *older) if self._is_fresh(found, at) else older
        self._gateway, self._of, self._at = gateway, found.stamps.id, at
        return _with_gateway(found, gateway)

    def seen(self, answer: EndpointAnswer, at: float) -> EndpointAnswer:
        """What GET answered, with the gateway that was written since it was so."""
        self._answered = _gateway_tree(answer)
        if self._gateway is None or not self._is_fresh(answer, at):
            return answer
        return _with_gateway(answer, self._gateway) if self._answered in self._older else answer

    def _is_fresh(self, answer: EndpointAnswer, at: float) -> bool:
        return self._of == answer.stamps.id and at - self._at <= STALE_SECONDS


def _gateway_tree(answer: EndpointAnswer) -> dict[str, Tree]:
    """The gateway of an endpoint, to be compared with another answer's."""
    gateway = answer.settings.ai_gateway
    return read_tree(gateway, Sealing(b"")) if isinstance(gateway, AiGateway) else {}


def _with_gateway(answer: EndpointAnswer, gateway: Mapping[str, object]) -> EndpointAnswer:
    settings = answer.settings.model_copy(update={"ai_gateway": parse_answer(AiGateway, gateway)})
    return replace(answer, settings=settings)


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, ...], Turn] = {}
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, *what: str, clock: Clock | None = None) -> Iterator[Turn]:
        """Wait for the turn at this, and hold it. Not reentrant: its holder would wait for ever.

        what: the workspace, the kind and the name. Raises `Interrupted` where the work is called
        off, by the `clock`, before the turn has begun.
        """
        with self._lock:
            turn = self._turns.setdefault(what, Turn())
        while not turn.lock.acquire(timeout=-1 if clock is None else _SLICE_SECONDS):
            _go_on(clock, what)
        try:
            _go_on(clock, what)
            yield turn
        finally:
            turn.lock.release()


def _go_on(clock: Clock | None, what: tuple[str, ...]) -> None:
    try:
        if clock is not None:
            clock.check()
    except CalledOff:
        raise Interrupted(
            f"Stopped before it was the turn of this resource at {' '.join(what[1:])}. Nothing "
            f"more was sent; the next `pulumi up` goes on from here.",
            id="stopped-before-turn",
        ) from None


def look(name: str, context: Context, turn: Turn) -> EndpointAnswer | None:
    """The endpoint as it is, what was written a moment ago included."""
    answer = context.api.get_endpoint(name)
    return None if answer is None else turn.seen(answer, context.clock.now())
