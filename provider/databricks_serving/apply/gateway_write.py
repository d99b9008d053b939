"""Bring a gateway to what is desired: read, plan and send in one turn, then read back.

What stood there before the first write is remembered on the way (`before`). It is not known where
the sections are found as desired already, for a run that ended right after its PUT leaves them so;
nor for a table that is found as the first of two PUTs leaves it (`maybe_half_way`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.errors import Conflict, NotFound, Refused, Unavailable, Unreachable
from databricks_serving.plan.answered import ANSWERED, still_answered
from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.change import Action, Change, shown
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.gateway import (
    ENDPOINT_NAME,
    maybe_half_way,
    sections_of,
    with_removed,
)
from databricks_serving.plan.operations import Operation, PutAiGateway
from databricks_serving.plan.plan import Plan, make_plan
from databricks_serving.plan.states import Actual, Orders
from databricks_serving_schema import AiGateway

from .observed import read_tree
from .perform import put_gateway
from .readback import left_out
from .turns import Turn, look
from .wait import STALE_SECONDS, Deadline, pause, polls

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Sealing, Tree
    from databricks_serving_schema import EndpointAnswer, Value

    from .context import Context

#: Seconds to try for where an update under way refuses a gateway; nothing else takes long.
PATIENCE = 20 * 60.0
#: Before another look then.
CONFLICT_SECONDS = 2.0


def gateway_of(kind: type[Value], answer: EndpointAnswer, sealing: Sealing) -> Actual:
    """The whole gateway of an endpoint as it is, with whose it is."""
    gateway, stamps = answer.settings.ai_gateway, answer.stamps
    tree: dict[str, Tree] = {ENDPOINT_NAME: stamps.name}
    if stamps.id is not None:
        tree[ENDPOINT_ID] = stamps.id
    if isinstance(gateway, AiGateway):
        tree |= read_tree(gateway, sealing)
    return Actual(kind, tree)


@dataclass
class GatewayWrite:
    """One gateway, or its rate limits, on its way to what is desired.

    `removed`: sections that go although nobody says them. `applied`: what was last written, None
    where nothing was. `before`: the managed sections as they were found before our first write, an
    absent one as empty, one that is not known left out. `answer`: the endpoint as last seen.
    `sent`: whether the workspace has changed, or may have.
    """

    name: str
    desired: Canonical
    removed: frozenset[str]
    sealing: Sealing
    context: Context
    applied: Canonical | None
    before: dict[str, Tree] = field(default_factory=dict)
    answer: EndpointAnswer | None = None
    sent: bool = False
    _told: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        patience = PATIENCE if self.context.timeout is None else self.context.timeout
        self._deadline = Deadline.after(self.context.clock, patience)
        self._known = self.before

    def run(self) -> None:
        """Do what is left, and read it back.

        Raises `Refused` where there is no such endpoint, `NotTaken`, `Interrupted`, `ApiError`.
        """
        while not self._pass():
            self._pause()
        self._confirm()

    def give_back(self) -> None:
        """Do what is left on the endpoint that was written to, if it is still there."""
        while not self._pass_back():
            self._pause()
        if self.sent and (missing := self._missing()):
            fields = ", ".join(shown(change.path) for change in missing)
            self.context.note(f"Endpoint {self.name}: the workspace did not take back {fields}.")

    def _pause(self) -> None:
        pause(self.context, min(CONFLICT_SECONDS, self._deadline.left), self.name)

    @property
    def written(self) -> Canonical:
        """What is applied once all was sent: the removed sections are empty."""
        tree = with_removed(self.desired.tree, self.removed)
        answers = still_answered(self.applied.tree, tree) if self.applied is not None else {}
        kept = {name: value for name, value in answers.items() if name == ANSWERED}
        return Canonical(self.desired.kind, {**tree, **kept})

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
            operations = self._plan().operations
            if not self.sent:
                self.before = self._found_before(writes=bool(operations))
            return self._send(operations, turn)

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
            return self._send(self._plan().operations, turn)

    def _plan(self, applied: Canonical | None = None) -> Plan:
        if self.answer is None:
            raise no_such_endpoint(self.name)
        return make_plan(
            applied=applied or self.applied,
            desired=self.desired,
            actual=gateway_of(self.desired.kind, self.answer, self.sealing),
            orders=Orders(removed=self.removed),
        )

    def _found_before(self, *, writes: bool) -> dict[str, Tree]:
        """The managed sections before our first write, as far as that can be told now."""
        if self.answer is None:
            return {}
        ours = {} if self.is_recreated or self.applied is None else sections_of(self.applied.tree)
        managed = sections_of(with_removed(self.desired.tree, self.removed))
        known = {} if self.is_recreated else self._known
        before = {section: value for section, value in known.items() if section in managed}
        if not writes:
            return before
        there = sections_of(gateway_of(self.desired.kind, self.answer, self.sealing).tree)
        unclear = maybe_half_way(sections_of(self.desired.tree), there)
        found = {section: there.get(section, {}) for section in managed}
        new = {s: found[s] for s in managed if s not in ours and s not in unclear}
        return {**new, **before}

    def _send(self, operations: tuple[Operation, ...], turn: Turn) -> bool:
        return all(
            self._put(operation, turn)
            for operation in operations
            if isinstance(operation, PutAiGateway)
        )

    def _put(self, operation: PutAiGateway, turn: Turn) -> bool:
        """Send one PUT; False where an update under way keeps it from being taken."""
        if self.answer is None:
            raise no_such_endpoint(self.name)
        id_, now = self.answer.stamps.id, self.context.clock.now
        try:
            answered = put_gateway(operation, self.context.api)
        except Conflict:
            if self._deadline.left <= 0:
                raise
            return False
        except NotFound:
            raise no_such_endpoint(self.name) from None
        except (Unreachable, Unavailable):
            self.sent = True  # it may have had its effect
            raise
        self.sent = True
        self._told = answered is not None
        turn.wrote(operation.body if answered is None else answered, id_, now())
        self.answer = turn.seen(self.answer, now())
        return True

    def _confirm(self) -> None:
        """Read back what was written: what the PUT answers decides, else GET, for up to a minute.

        Raises `NotTaken` where the service dropped some of it.
        """
        following, begun = polls(), self.context.clock.now()
        if self.sent and not self._told:
            self._get()
        while self.sent and (missing := self._missing()):
            if self._told or self.context.clock.now() - begun > STALE_SECONDS:
                tree = left_out(f"Endpoint {self.name}", missing, self.written.tree, self.context)
                self.applied = Canonical(self.desired.kind, tree)
                return
            pause(self.context, following(), self.name)
            self._get()
        self.applied = self.written

    def _get(self) -> None:
        self.answer = self.context.api.get_endpoint(self.name)

    def _missing(self) -> tuple[Change, ...]:
        return () if self.answer is None else self._plan(self.written).of(Action.UPDATE)


def no_such_endpoint(name: str) -> Refused:
    """The error where there is no endpoint whose gateway could be set."""
    return Refused(
        f"There is no endpoint called {name} in this workspace, and AiGateway and RateLimits set "
        f"the gateway of an endpoint that is there: they make none. Check endpoint_name, or make "
        f"the endpoint with ServingEndpoint and pass its output `name`, so that it is made first."
    )
