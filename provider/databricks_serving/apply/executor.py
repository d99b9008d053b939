"""Bring an endpoint to what is desired: read, plan, send, and again until nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.errors import (
    AlreadyExists,
    Conflict,
    InvalidRequest,
    ServingError,
)
from databricks_serving.plan.answered import ANSWERED
from databricks_serving.plan.canonical import Canonical, Tree
from databricks_serving.plan.change import Action, Change
from databricks_serving.plan.endpoint_calls import by_model_units
from databricks_serving.plan.operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    DeleteEndpoint,
    Operation,
    PatchNotifications,
    PatchTags,
    PatchTelemetry,
    PutAiGateway,
    PutConfig,
    PutProvisionedThroughput,
)
from databricks_serving.plan.plan import Plan, make_plan

from .deletion import delete_and_wait
from .gateway_puts import GatewayPuts
from .observed import actual_of
from .ownership import is_marked, owner_of
from .perform import perform, perform_create
from .readback import left_out
from .recorded import credentials_in
from .refusals import endpoint_taken, no_step_of_units, refuse_what_cannot_be, update_in_the_way
from .turns import look
from .wait import STALE_SECONDS, Deadline, Stage, gone, pause, polls, wait_until_settled

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Sealing
    from databricks_serving.plan.states import Orders
    from databricks_serving_schema import EndpointAnswer

    from .context import Context

#: What starts a deployment.
_DEPLOYS = (CreateEndpoint, PutConfig, PutProvisionedThroughput)
#: What is refused while an update runs.
_NOT_DURING_AN_UPDATE = (PutConfig, PutProvisionedThroughput, PatchTelemetry)
#: Before another look where a configuration was not taken because of an update under way.
CONFLICT_SECONDS = 2.0


@dataclass
class Convergence:
    """One endpoint on its way to what is desired.

    `answer`: the last look at it. `written`: what has been written so far; it is the applied state,
    also when a later call fails. `sent`: whether the workspace has changed, or may have.
    """

    name: str
    desired: Canonical
    orders: Orders
    sealing: Sealing
    context: Context
    deadline: Deadline
    wait: bool
    written: Canonical | None
    answer: EndpointAnswer | None
    sent: bool = False

    def __post_init__(self) -> None:
        self._gateway = GatewayPuts(self.name, self.context, self._plan_of)

    def run(self) -> None:
        """Do what is left.

        Raises `ServingError`; `written` and `answer` then tell how far it came.
        """
        while not self._pass():
            self._look()
        self._confirm()

    def look_again(self) -> bool:
        """Take another look after a failure, so that what is recorded is what is there."""
        try:
            self._look(called_off=True)
        except ServingError as unseen:
            self.context.say(f"what became of endpoint {self.name} could not be read: {unseen}")
            return False
        return True

    def _look(self, *, called_off: bool = False) -> None:
        if self._gateway.told is False:
            # What was sent would be taken for what is there.
            self.answer = self.context.api.get_endpoint(self.name)
            return
        with self.context.alone_with("endpoint", self.name, even_called_off=called_off) as turn:
            self.answer = look(self.name, self.context, turn)

    def plan(self) -> Plan:
        """What is left to do."""
        return self._plan_of(self.answer)

    def _plan_of(self, answer: EndpointAnswer | None) -> Plan:
        return make_plan(
            applied=self.written,
            desired=self.desired,
            actual=None if answer is None else actual_of(answer, self.sealing),
            orders=self.orders,
        )

    def _pass(self) -> bool:
        """Plan and send once; False where the endpoint has to be looked at, and planned, again."""
        plan = self.plan()
        refuse_what_cannot_be(self.name, plan)
        before = Stage.of(self.answer.stamps if self.answer else None)
        for operation in plan.operations:
            if isinstance(operation, CancelUpdate):
                self._make_way(operation)
                return False
            if isinstance(operation, PatchTelemetry) and self._updating:
                self._wait_for_update()
                return False
            if not self._perform(operation):
                return False
            if isinstance(operation, _DEPLOYS) and self._waits:
                self.answer = wait_until_settled(self.name, self.context, self.deadline, before)
        if plan.operations:
            self._look()
        if self._waits and self._updating:
            # An update that brings what is desired, of an earlier run or of somebody else. How it
            # ends is not known: a failed one leaves everything to do.
            wait_until_settled(self.name, self.context, self.deadline)
            return False
        return True

    @property
    def _waits(self) -> bool:
        return self.wait and "config" in self.desired.tree

    @property
    def _updating(self) -> bool:
        return self.answer is not None and self.answer.stamps.updating

    @property
    def _steps_to_or_from_units(self) -> bool:
        if self.answer is None:
            return False
        there = actual_of(self.answer, self.sealing)
        return by_model_units(self.desired.tree) is not by_model_units(there.tree)

    def _perform(self, operation: Operation) -> bool:
        """Send one operation; False where an update under way keeps it from being taken."""
        try:
            if isinstance(operation, CreateEndpoint):
                self._create(operation)
            elif isinstance(operation, PutAiGateway):
                return self._put_gateway()
            else:
                perform(operation, self.context.api)
        except InvalidRequest as refused:
            if isinstance(operation, PutConfig) and self._steps_to_or_from_units:
                reason = refused.without(credentials_in(self.desired.tree))
                raise no_step_of_units(reason) from None
            raise
        except Conflict:
            # An update began since the last look; or this one did, and its answer was lost.
            if not isinstance(operation, _NOT_DURING_AN_UPDATE) or self.deadline.left <= 0:
                raise
            pause(self.context, min(CONFLICT_SECONDS, self.deadline.left), self.name)
            return False
        self.sent = True
        self._note_written(operation)
        if isinstance(operation, _DEPLOYS):
            self.deadline = self.deadline.anew()
        return True

    def _put_gateway(self) -> bool:
        """Replace the gateway, planned anew in its turn: other resources may write to it too."""
        with self.context.alone_with("endpoint", self.name) as turn:
            self.answer = look(self.name, self.context, turn)
            if self.answer is None:
                raise gone(self.name)
            try:
                taken = self._gateway.send(self.answer, turn, self.deadline)
            finally:
                self._note_gateway()
        if not taken:
            self._gateway.wait(self.deadline)
        return taken

    def _note_gateway(self) -> None:
        self.answer, self.sent = self._gateway.answer, self.sent or self._gateway.sent
        was = self.written.tree.get("ai_gateway") if self.written is not None else None
        wanted = self.desired.tree.get("ai_gateway")
        if isinstance(wanted, dict) and (self._gateway.sent or self._gateway.taken):
            applied = self._gateway.applied(was if isinstance(was, dict) else None, wanted)
            self._note({"ai_gateway": applied})

    def _create(self, operation: CreateEndpoint) -> None:
        owner: str | None = None

        def is_ours() -> bool:
            nonlocal owner
            found = self.context.api.get_endpoint(self.name)
            owner = owner_of(found)
            return found is not None and is_marked(found, self.context.mark)

        try:
            perform_create(operation, self.context.api, is_ours)
        except AlreadyExists:
            raise endpoint_taken(self.name, owner) from None

    def _note_written(self, operation: Operation) -> None:
        tree: dict[str, Tree] = {}
        match operation:
            case CreateEndpoint():
                tree = dict(self.desired.tree)
            case PutConfig() | PutProvisionedThroughput():
                _copy(self.desired.tree, tree, "config", "redeploy_on")
            case PatchTags():
                _copy(self.desired.tree, tree, "tags")
            case PatchNotifications():
                _copy(self.desired.tree, tree, "email_notifications")
            case PatchTelemetry():
                _copy(self.desired.tree, tree, "telemetry_config")
            case PutAiGateway() | CancelUpdate() | DeleteEndpoint():
                return
            case _:
                raise TypeError(f"an endpoint's plan has no {type(operation).__name__}")
        self._note(tree)

    def _note(self, tree: dict[str, Tree]) -> None:
        was = self.written.tree if self.written is not None else {}
        self.written = Canonical(self.desired.kind, {**was, **tree, "name": self.name})

    def _make_way(self, operation: CancelUpdate) -> None:
        if operation.strategy is CancelStrategy.FAIL:
            raise update_in_the_way(self.name)
        if operation.strategy is CancelStrategy.ABANDON:
            self.context.say("abandoning the first deployment, which never became ready")
            delete_and_wait(self.name, self.context, self.deadline)
            return
        self._wait_for_update()

    def _wait_for_update(self) -> None:
        self.context.say("waiting for the update that is under way; no call cancels one")
        wait_until_settled(self.name, self.context, self.deadline)

    def _confirm(self) -> None:
        """Read back what was written: a field that the service dropped is an error, or told."""
        before = self.written.tree if self.written is not None else {}
        answers = {name: value for name, value in before.items() if name == ANSWERED}
        self.written = Canonical(self.desired.kind, {**self.desired.tree, **answers})
        if not self.sent:
            return
        following, begun = polls(), self.context.clock.now()
        while self.answer is None or (missing := self._not_taken()):
            late = self.context.clock.now() - begun > STALE_SECONDS
            if self.answer is None and late:
                raise gone(self.name)
            if self.answer is not None and (late or self._is_decided(missing)):
                tree = left_out(f"Endpoint {self.name}", missing, self.written.tree, self.context)
                self.written = Canonical(self.desired.kind, tree)
                return
            pause(self.context, following(), self.name)
            self._look()

    def _is_decided(self, missing: tuple[Change, ...]) -> bool:
        """Whether the answer of a write has told already that these are not kept."""
        return self._gateway.told is True and all(
            change.path[0] == "ai_gateway" for change in missing
        )

    def _not_taken(self) -> tuple[Change, ...]:
        # Without waiting, whether the configuration comes to serve is not known yet.
        return tuple(
            change
            for change in self.plan().of(Action.UPDATE)
            if self.wait or change.path[0] != "config"
        )


def _copy(source: dict[str, Tree], target: dict[str, Tree], *names: str) -> None:
    for name in names:
        if name in source:
            target[name] = source[name]
