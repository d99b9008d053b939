"""Bring a gateway to what is desired: read, plan and send in one turn, then read back.

What stood there before the first write is remembered on the way (`before`). It is not known where
a section is found as desired already, for a run that ended right after its PUT leaves it so: then
only what is not there at all is taken for found. Nor is it for a table that is found as the first
of two PUTs leaves it (`maybe_half_way`). Where a run ended so and its program then changes in every
section, nothing tells, and the values of that run are taken for what stood there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.errors import NotFound
from databricks_serving.plan.answered import ANSWERED, still_answered
from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.change import Action, Change, shown
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.gateway import (
    maybe_half_way,
    sections_of,
    with_removed,
)
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Orders

from .gateway_puts import GatewayPuts
from .observed import gateway_of
from .readback import left_out
from .refusals import no_endpoint
from .turns import look
from .wait import STALE_SECONDS, Deadline, gone, pause, polls

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Sealing, Tree
    from databricks_serving.plan.plan import Plan
    from databricks_serving_schema import EndpointAnswer

    from .context import Context
    from .turns import Turn

#: Seconds to try for where an update under way refuses a gateway; nothing else takes long.
PATIENCE = 20 * 60.0


@dataclass
class GatewayWrite:
    """One gateway, or its rate limits, on its way to what is desired.

    `removed`: sections that go although nobody says them. `applied`: what was last written, None
    where nothing was. `before`: the managed sections as they were found before our first write, an
    absent one as empty, one that is not known left out. `answer`: the endpoint as last seen.
    """

    name: str
    desired: Canonical
    removed: frozenset[str]
    sealing: Sealing
    context: Context
    applied: Canonical | None
    before: dict[str, Tree] = field(default_factory=dict)
    answer: EndpointAnswer | None = None

    def __post_init__(self) -> None:
        patience = PATIENCE if self.context.timeout is None else self.context.timeout
        self._deadline = Deadline.after(self.context.clock, patience)
        self._known = self.before
        self._puts = GatewayPuts(self.name, self.context, self._plan)

    @property
    def sent(self) -> bool:
        """Whether the workspace has changed, or may have."""
        return self._puts.sent

    def run(self) -> None:
        """Do what is left, and read it back.

        Raises `Refused` where there is no such endpoint, `NotTaken`, `Interrupted`, `ApiError`.
        """
        while not self._pass():
            self._puts.wait(self._deadline)
        self._confirm()

    def give_back(self) -> None:
        """Do what is left on the endpoint that was written to, if it is still there."""
        while not self._pass_back():
            self._puts.wait(self._deadline)
        if self.sent and (missing := self._missing()):
            fields = ", ".join(shown(change.path) for change in missing)
            self.context.note(f"Endpoint {self.name}: the workspace did not take back {fields}.")

    @property
    def written(self) -> Canonical:
        """What is applied once all was sent: the removed sections are empty."""
        tree = with_removed(self.desired.tree, self.removed)
        answers = still_answered(self.applied.tree, tree) if self.applied is not None else {}
        kept = {name: value for name, value in answers.items() if name == ANSWERED}
        return Canonical(self.desired.kind, {**tree, **kept})

    @property
    def left_applied(self) -> dict[str, Tree]:
        """What is applied where the run failed after something was sent."""
        known = None if self.is_recreated or self.applied is None else self.applied.tree
        return self._puts.applied(known, self.written.tree)

    @property
    def is_recreated(self) -> bool:
        """Whether the endpoint is another one than was last written to."""
        known = self.applied.tree.get(ENDPOINT_ID) if self.applied is not None else None
        there = self.answer.stamps.id if self.answer is not None else None
        return known is not None and there is not None and known != there

    def _pass(self) -> bool:
        """Plan and send once; False where an update under way keeps it from being taken."""
        with self.context.alone_with("endpoint", self.name) as turn:
            self.answer = look(self.name, self.context, turn)
            if self.answer is None:
                raise no_endpoint(self.name)
            plan = self._plan(self.answer)
            if not self.sent and (plan.operations or not self._puts.tried):
                self.before = self._found_before(self.answer, plan)
            try:
                return self._send(self.answer, turn)
            except NotFound:
                raise no_endpoint(self.name) from None

    def _pass_back(self) -> bool:
        with self.context.alone_with("endpoint", self.name) as turn:
            self.answer = look(self.name, self.context, turn)
            if self.answer is None:
                self.context.say(f"endpoint {self.name} is gone, and its gateway with it")
                return True
            if self.is_recreated:
                self.context.note(
                    f"Endpoint {self.name} is not the one whose gateway this stack set: somebody "
                    f"deleted that and made another under its name. It was left as it is."
                )
                self.answer = None
                return True
            try:
                return self._send(self.answer, turn)
            except NotFound:
                self.answer = None  # it went since the look, and its gateway with it
                return True

    def _send(self, found: EndpointAnswer, turn: Turn) -> bool:
        """Send what is left; False where an update under way keeps it from being taken."""
        try:
            return self._puts.send(found, turn, self._deadline)
        finally:
            self.answer = self._puts.answer

    def _plan(self, answer: EndpointAnswer, applied: Canonical | None = None) -> Plan:
        return make_plan(
            applied=applied or self.applied,
            desired=self.desired,
            actual=gateway_of(self.desired.kind, answer, self.sealing),
            orders=Orders(removed=self.removed),
        )

    def _found_before(self, answer: EndpointAnswer, plan: Plan) -> dict[str, Tree]:
        """The managed sections before our first write, as far as that can be told now."""
        ours = {} if self.is_recreated or self.applied is None else sections_of(self.applied.tree)
        managed = sections_of(with_removed(self.desired.tree, self.removed))
        known = {} if self.is_recreated else self._known
        before = {section: value for section, value in known.items() if section in managed}
        if not plan.operations:
            return before
        there = sections_of(gateway_of(self.desired.kind, answer, self.sealing).tree)
        found = {s: there.get(s, {}) for s in managed if s not in ours}
        differs = {change.path[0] for change in plan.of(Action.UPDATE)}
        said = sections_of(self.desired.tree)
        if any(there.get(s, {}) != {} and s in said and s not in differs for s in found):
            # A sign of a run of ours that was never recorded: what differs may be its work too.
            found = {s: value for s, value in found.items() if value == {} and s in differs}
        unclear = maybe_half_way(sections_of(self.desired.tree), there)
        return {**{s: value for s, value in found.items() if s not in unclear}, **before}

    def _confirm(self) -> None:
        """Read back what was written: what the PUT answers decides, else GET, for up to a minute.

        Raises `NotTaken` where the service dropped some of it.
        """
        following, begun = polls(), self.context.clock.now()
        if self.sent and not self._puts.told:
            self._get()
        while self.sent and (missing := self._missing()):
            if self._puts.told or self.context.clock.now() - begun > STALE_SECONDS:
                tree = left_out(f"Endpoint {self.name}", missing, self.written.tree, self.context)
                self.applied = Canonical(self.desired.kind, tree)
                return
            pause(self.context, following(), self.name)
            self._get()
        self.applied = self.written

    def _get(self) -> None:
        self.answer = self.context.api.get_endpoint(self.name)
        if self.answer is None:
            raise gone(self.name)

    def _missing(self) -> tuple[Change, ...]:
        return (
            () if self.answer is None else self._plan(self.answer, self.written).of(Action.UPDATE)
        )
