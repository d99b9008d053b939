"""Bring the grants on an endpoint to what is desired: read, plan, one call, and look for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from databricks_serving.errors import ServingError
from databricks_serving.plan.access import undeclared
from databricks_serving.plan.answered import ANSWERED, still_answered
from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.grants import grants_in, level_of, principal_in
from databricks_serving.plan.operations import PatchPermissions, PutPermissions
from databricks_serving.plan.plan import Plan, make_plan
from databricks_serving.plan.projection import plain
from databricks_serving.state.bag import Bag
from databricks_serving_schema import EndpointPermissions

from .context import Context, LeftUnfinished
from .grants import look, visible
from .perform import perform
from .principals import with_known
from .readback import left_out
from .recorded import hidden
from .refusals import endpoint_lock_out, no_endpoint
from .wait import until_seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from databricks_serving.plan.canonical import Sealing, Tree
    from databricks_serving.plan.states import Actual, Orders


@dataclass(frozen=True)
class Granting:
    """The grants of one endpoint on their way; `key` is that of their fingerprints."""

    name: str
    desired: Canonical
    applied: Canonical | None
    orders: Orders
    sealing: Sealing
    key: str
    context: Context
    settings: Bag = field(default_factory=dict)

    def bring(self) -> Bag:
        """Send what is left, and look until it shows; the outputs."""
        with self.context.alone_with("endpoint", self.name):
            actual = self._look()
            return self._knowing_the_caller(actual).send(actual)

    def clear(self) -> None:
        """The same for a deletion: an endpoint that is gone has no grants."""
        with self.context.alone_with("endpoint", self.name):
            actual = look(self.name, self.context, self.sealing)
            if actual is not None:
                try:
                    self._knowing_the_caller(actual).send(actual)
                except ServingError as failed:
                    if self.context.api.get_endpoint(self.name) is not None:
                        raise _reason(failed) from None

    def _knowing_the_caller(self, actual: Actual) -> Granting:
        """Who calls counts only where a PUT may take a grant, or what is shown leaves one out."""
        puts = any(isinstance(one, PutPermissions) for one in self._plan(actual).operations)
        if not puts and not self.orders.authoritative:
            return self
        caller = self.context.api.caller()
        return replace(self, orders=replace(self.orders, caller=caller))

    def send(self, actual: Actual) -> Bag:
        """Send what the plan holds, in this turn."""
        plan = self._plan(actual)
        self._refuse_a_lock_out(plan, actual)
        written = self._written(actual)
        for operation in plan.operations:
            if isinstance(operation, (PatchPermissions, PutPermissions)):
                return self._write(operation, plan, actual)
        self._tell_what_is_kept(plan)
        return self._outputs(actual, written)

    def _write(
        self, operation: PatchPermissions | PutPermissions, plan: Plan, actual: Actual
    ) -> Bag:
        grants = (*grants_in(self.desired).values(), *grants_in(actual).values())
        principals = {principal_in(grant) for grant in grants} - {""}
        what = f"endpoint {self.name}"
        with_known(lambda: perform(operation, self.context.api), principals, what, self.context)
        self._tell_what_is_kept(plan)
        self._tell_what_is_removed(plan, actual)
        seen, written = actual, self._written(actual)

        def is_seen() -> bool:
            nonlocal seen
            seen = self._look()
            return not self._plan(seen).operations

        try:
            if not until_seen(is_seen, self.context, f"the permissions of {what}"):
                missing = self._plan(seen).of(Action.UPDATE)
                told = f"EndpointPermissions {self.name}"
                written = left_out(told, missing, written, self.context)
        except ServingError as failed:
            raise LeftUnfinished(failed, self.name, self._outputs(seen, written)) from None
        return self._outputs(seen, written)

    def _plan(self, actual: Actual) -> Plan:
        applied = self.applied
        if applied is not None:
            tree = still_answered(applied.tree, self.desired.tree)
            applied = Canonical(EndpointPermissions, tree)
        return make_plan(applied=applied, desired=self.desired, actual=actual, orders=self.orders)

    def _look(self) -> Actual:
        actual = look(self.name, self.context, self.sealing)
        if actual is None:
            raise no_endpoint(self.name)
        return actual

    def _refuse_a_lock_out(self, plan: Plan, actual: Actual) -> None:
        refused = plan.of(Action.REFUSE)
        if refused:
            own = grants_in(actual)[refused[0].path[1]]
            level = level_of(grants_in(self.desired)[refused[0].path[1]])
            raise endpoint_lock_out(self.name, principal_in(own), str(plain(level)))

    def _tell_what_is_kept(self, plan: Plan) -> None:
        if any(c.reason is Reason.OWN_RIGHT and c.action is Action.NOTE for c in plan.changes):
            self.context.note(
                f"The CAN_MANAGE of {self.orders.caller} on endpoint {self.name} was kept: these "
                f"credentials manage the endpoint by it. It goes with the endpoint."
            )

    def _tell_what_is_removed(self, plan: Plan, actual: Actual) -> None:
        for whom in undeclared(plan):
            grant = grants_in(actual)[whom]
            self.context.note(
                f"{principal_in(grant)} had {plain(level_of(grant))} on endpoint {self.name}, "
                f"undeclared: removed (mode authoritative)."
            )

    def _written(self, actual: Actual) -> dict[str, Tree]:
        before = {} if self.applied is None else self.applied.tree
        kept = still_answered(before, self.desired.tree)
        answers = {name: value for name, value in kept.items() if name == ANSWERED}
        return {**self.desired.tree, **answers, ENDPOINT_ID: actual.tree[ENDPOINT_ID]}

    def _outputs(self, actual: Actual, written: Mapping[str, Tree]) -> Bag:
        return {
            **self.settings,
            **visible(self.desired, actual, self.orders),
            ENDPOINT_ID: actual.tree[ENDPOINT_ID],
            **self.context.recorded(),
            **hidden(written, self.key),
        }


def _reason(failed: ServingError) -> ServingError:
    return failed.reason if isinstance(failed, LeftUnfinished) else failed
