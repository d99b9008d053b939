"""Send a gateway: one rule for the one inside an endpoint, and for what sets sections of it.

A PUT whose answer says nothing sure is followed by one look: only what shows, or was answered,
counts as applied. A PUT that is refused because an update is under way is sent again once that has
ended; meanwhile there are only looks, since writes of endpoints have a budget. One that is refused
with nothing under way is sent again for a minute, ever more rarely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.errors import Conflict, ServingError, may_have_had_effect
from databricks_serving.plan.gateway import either_applied
from databricks_serving.plan.operations import PutAiGateway

from .perform import put_gateway
from .turns import look
from .wait import STALE_SECONDS, pause, polls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from databricks_serving.plan.canonical import Tree
    from databricks_serving.plan.plan import Plan
    from databricks_serving_schema import EndpointAnswer

    from .context import Context
    from .turns import Turn
    from .wait import Deadline


@dataclass
class GatewayPuts:
    """The PUTs of one gateway.

    `plan`: what is left to do where the endpoint is so. `answer`: the endpoint as last seen.
    `tried`: whether a PUT went out. `sent`: whether one had its effect, or may have. `taken`:
    whether all of them did. `told`: whether the last one answered the gateway; None: none did yet.
    """

    name: str
    context: Context
    plan: Callable[[EndpointAnswer], Plan]
    answer: EndpointAnswer | None = None
    tried: bool = False
    sent: bool = False
    taken: bool = False
    told: bool | None = None
    _refused_since: float | None = field(default=None, init=False)
    _later: Callable[[], float] = field(default_factory=polls, init=False)

    def send(self, found: EndpointAnswer, turn: Turn, deadline: Deadline) -> bool:
        """Send what is left; False where something under way keeps it from being taken.

        Raises `ApiError`, `Unreachable` and `Interrupted`; `sent` and `taken` then tell how far it
        came.
        """
        self.answer, self.taken = found, False
        for operation in _puts(self.plan(found)):
            self.tried = True
            try:
                answered = put_gateway(operation, self.context.api)
            except Conflict:
                if deadline.left <= 0 or self._is_hopeless(found):
                    raise
                return False
            except ServingError as failed:
                if may_have_had_effect(failed):
                    self.sent = True
                    self._look_for_it(turn)
                raise
            self.sent, self.told = True, answered is not None
            gateway = operation.body if answered is None else answered
            self.answer = turn.wrote(gateway, self.answer, self.context.clock.now())
        self.taken = True
        return True

    def _is_hopeless(self, found: EndpointAnswer) -> bool:
        """Whether it was refused for a minute although no update is under way."""
        now = self.context.clock.now()
        if found.stamps.updating:
            self._refused_since = None
            return False
        if self._refused_since is None:
            self._refused_since = now
            self.context.say("the workspace does not take the gateway yet; trying again")
        return now - self._refused_since > STALE_SECONDS

    def wait(self, deadline: Deadline) -> None:
        """Wait until another try is worth it. Raises `Interrupted` on Ctrl-C."""
        pause(self.context, min(self._later(), deadline.left), self.name)
        following = polls()
        while deadline.left > 0 and self._is_updating():
            self.context.say("waiting for the update that is under way; no call cancels one")
            pause(self.context, min(following(), deadline.left), self.name)

    def applied(
        self, applied: Mapping[str, Tree] | None, written: dict[str, Tree]
    ) -> dict[str, Tree]:
        """What counts as applied after what was sent so far. `written`: where all of it is."""
        return written if self.taken else either_applied(applied or {}, written)

    def _is_updating(self) -> bool:
        answer = self.context.api.get_endpoint(self.name)
        return answer is not None and answer.stamps.updating

    def _look_for_it(self, turn: Turn) -> None:
        try:
            found = look(self.name, self.context, turn)
        except ServingError as unseen:
            self.context.say(f"what became of the gateway of {self.name} is not known: {unseen}")
            return
        if found is not None:
            self.answer = found
            self.taken = not any(_puts(self.plan(found)))


def _puts(plan: Plan) -> Iterator[PutAiGateway]:
    for operation in plan.operations:
        if isinstance(operation, PutAiGateway):
            yield operation
