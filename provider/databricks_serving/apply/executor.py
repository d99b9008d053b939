"""Bring an endpoint to what is desired: read, plan, send, and again until nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import assert_never

from databricks_serving.errors import (
    AlreadyExists,
    NotTaken,
    Refused,
    ServingError,
    TakenAlready,
    Unreachable,
)
from databricks_serving.plan.canonical import Canonical, Fingerprint, Tree
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    CreateScope,
    DeleteEndpoint,
    DeleteScope,
    DeleteSecret,
    Operation,
    PatchTags,
    PutAiGateway,
    PutConfig,
    PutSecret,
)
from databricks_serving.plan.plan import Plan, make_plan
from databricks_serving_schema import OWNERSHIP_TAG

from .observed import actual_of
from .wait import STALE_SECONDS, Deadline, Stage, pause, polls, wait_until_settled

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.plan.canonical import Sealing
    from databricks_serving.plan.states import Orders
    from databricks_serving_schema import EndpointAnswer

    from .context import Context


def perform(operation: Operation, api: WorkspaceApi) -> None:  # noqa: C901 - one line for each kind
    """Send one operation, exactly as planned."""
    match operation:
        case CreateEndpoint(_, body):
            api.create_endpoint(_sendable(body))
        case PutConfig(name, body):
            api.put_config(name, _sendable(body))
        case PatchTags(name, add, delete):
            api.patch_tags(name, add, delete)
        case PutAiGateway(name, body):
            api.put_ai_gateway(name, _sendable(body))
        case DeleteEndpoint(name):
            api.delete_endpoint(name)
        case CreateScope(body):
            api.create_scope(body)
        case DeleteScope(name):
            api.delete_scope(name)
        case PutSecret(_, _, body):
            api.put_secret(_sendable(body))
        case DeleteSecret(scope, key):
            api.delete_secret(scope, key)
        case CancelUpdate():
            raise TypeError("no call cancels an update; make_way carries out the strategy")
        case _:
            assert_never(operation)


def _sendable(body: dict[str, object]) -> dict[str, object]:
    def walk(value: object) -> None:
        if isinstance(value, Fingerprint):
            raise Refused("A secret of this plan is known by its fingerprint only: not sent.")
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(body)
    return body


@dataclass
class Convergence:
    """One endpoint on its way to what is desired.

    `written` says what has been written so far: it is the applied state, also when a later call
    fails, so that the next run does only what is left.
    """

    name: str
    desired: Canonical
    orders: Orders
    sealing: Sealing
    context: Context
    deadline: Deadline
    wait: bool
    written: Canonical | None
    answer: EndpointAnswer | None = None
    created: bool = False
    sent: bool = False

    def run(self) -> None:
        """Do what is left.

        Raises `ServingError`; `written` and `answer` then tell how far it came.
        """
        while True:
            self.answer = self.context.api.get_endpoint(self.name)
            plan = self.plan()
            refuse_what_cannot_be(self.name, plan)
            before = Stage.of(self.answer.stamps if self.answer else None)
            if self._send(plan, before):
                break
        if self.wait and self.answer is not None and self.answer.stamps.updating:
            self.answer = wait_until_settled(self.name, self.context, self.deadline)
        self._confirm()

    def look_again(self) -> None:
        """Take another look after a failure, so that what is recorded is what is there."""
        try:
            self.answer = self.context.api.get_endpoint(self.name)
        except ServingError as unseen:
            self.context.say(f"what became of endpoint {self.name} could not be read: {unseen}")

    def plan(self) -> Plan:
        """What is left to do."""
        return make_plan(
            applied=self.written,
            desired=self.desired,
            actual=None if self.answer is None else actual_of(self.answer, self.sealing),
            orders=self.orders,
        )

    def _send(self, plan: Plan, before: Stage) -> bool:
        """Send the plan's operations; False where the plan has to be made again."""
        for operation in plan.operations:
            if isinstance(operation, CancelUpdate):
                self._make_way(operation)
                return False
            self._perform(operation)
            if isinstance(operation, (CreateEndpoint, PutConfig)):
                self._settle(before)
        if plan.operations:
            self.answer = self.context.api.get_endpoint(self.name)
        return True

    def _perform(self, operation: Operation) -> None:
        if isinstance(operation, CreateEndpoint):
            self._create(operation)
        else:
            perform(operation, self.context.api)
        self.sent = True
        self._note_written(operation)

    def _create(self, operation: CreateEndpoint) -> None:
        try:
            perform(operation, self.context.api)
        except (Unreachable, AlreadyExists):
            # The answer, or the first of two attempts, may have been lost after its effect.
            found = self.context.api.get_endpoint(self.name)
            if found is None or not is_marked(found, self.context.mark):
                raise
        self.created = True

    def _settle(self, before: Stage) -> None:
        if self.wait and "config" in self.desired.tree:
            self.answer = wait_until_settled(self.name, self.context, self.deadline, before)

    def _note_written(self, operation: Operation) -> None:
        tree = dict(self.written.tree) if self.written is not None else {}
        match operation:
            case CreateEndpoint():
                tree = dict(self.desired.tree)
            case PutConfig():
                _copy(self.desired.tree, tree, "config", "redeploy_on")
            case PatchTags():
                _copy(self.desired.tree, tree, "tags")
            case PutAiGateway():
                _copy(self.desired.tree, tree, "ai_gateway")
            case _:
                return
        self.written = Canonical(self.desired.kind, {**tree, "name": self.name})

    def _make_way(self, operation: CancelUpdate) -> None:
        never_ready = self.answer is not None and self.answer.stamps.config is None
        if operation.strategy is CancelStrategy.FAIL:
            raise Refused(
                f"Another update of endpoint {self.name} is under way, and "
                f'deploy.on_update_in_progress is "fail". Nothing was sent. Wait for it, or say '
                f'"wait".'
            )
        if operation.strategy is CancelStrategy.ABANDON and never_ready:
            self.context.say("abandoning the first deployment, which never became ready")
            delete_and_wait(self.name, self.context, self.deadline)
            return
        self.context.say("waiting for the update that is under way; no call cancels one")
        wait_until_settled(self.name, self.context, self.deadline)

    def _confirm(self) -> None:
        """Read back what was written: a field that the service dropped is an error."""
        self.written = Canonical(self.desired.kind, dict(self.desired.tree))
        if not self.sent:
            return
        following, begun = polls(), self.context.clock.now()
        while missing := self._not_taken():
            if self.context.clock.now() - begun > STALE_SECONDS:
                raise NotTaken(
                    f"Endpoint {self.name}: the workspace accepted the write and did not keep "
                    f"{', '.join(missing)}. Either this workspace does not offer it, or somebody "
                    f"changed it in the same minute. The rest was applied and is recorded."
                )
            pause(self.context, following(), self.name)
            self.answer = self.context.api.get_endpoint(self.name)

    def _not_taken(self) -> list[str]:
        # Without waiting, whether the configuration comes to serve is not known yet.
        return [
            shown(change.path)
            for change in self.plan().of(Action.UPDATE)
            if self.wait or change.path[0] != "config"
        ]


def _copy(source: dict[str, Tree], target: dict[str, Tree], *names: str) -> None:
    for name in names:
        if name in source:
            target[name] = source[name]


def is_marked(answer: EndpointAnswer, mark: str | None) -> bool:
    """Whether the endpoint carries this resource's own mark."""
    tags = answer.settings.tags
    return mark is not None and isinstance(tags, dict) and tags.get(OWNERSHIP_TAG) == mark


def refuse_what_cannot_be(name: str, plan: Plan) -> None:
    """Raise `Refused` where the plan would have to replace, or to change what no call changes."""
    refused = plan.of(Action.REFUSE)
    if refused:
        raise Refused(refusal(name, plan))
    replaced = plan.of(Action.REPLACE)
    if replaced:
        raise Refused(
            f"Endpoint {name} would have to be replaced ({replaced[0].reason.value}: "
            f"{', '.join(shown(change.path) for change in replaced)}): it was changed "
            f"outside since the last refresh. Nothing was sent. `pulumi up --refresh` plans it."
        )


def refusal(name: str, plan: Plan) -> str:
    """Why the plan refuses, for a person, with the way out."""
    said = "; ".join(
        f"{shown(change.path)}: {change.because or Reason.NO_CALL_CHANGES_IT.value}"
        for change in plan.of(Action.REFUSE)
    )
    fields = ", ".join(f'"{change.path[0]}"' for change in plan.of(Action.REFUSE))
    return (
        f"Endpoint {name} cannot be changed so. {said}. Put the former value back, or have the "
        f"endpoint replaced (it is down meanwhile, and gets a new id): "
        f'deploy={{"replace_on": [{fields}]}}.'
    )


def delete_and_wait(name: str, context: Context, deadline: Deadline) -> None:
    """Delete an endpoint and return once it is gone: its name is free then."""
    perform(DeleteEndpoint(name), context.api)
    following = polls()
    while context.api.get_endpoint(name) is not None:
        context.say("being deleted")
        if deadline.left <= 0:
            raise ServingError(
                f"Endpoint {name} is still there {deadline.asked} after it was deleted. Run again."
            )
        pause(context, min(following(), deadline.left), name)


def taken_already(name: str) -> TakenAlready:
    """The error that a create meets where somebody else's endpoint has the name."""
    return TakenAlready(
        f"An endpoint called {name} exists already, and nothing shows that this stack made it. "
        f"Nothing was touched. Choose another name, or say adopt=True to take it over: it is then "
        f"brought to what the program says."
    )
