"""Bring the grants on an endpoint to what is desired: read, plan, one call, and look for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from databricks_serving.errors import ServingError
from databricks_serving.plan.access import undeclared
from databricks_serving.plan.answered import ANSWERED, still_answered
from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import Canonical, Fingerprint
from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.grants import GRANTS, grants_in, level_of, principal_in
from databricks_serving.plan.operations import PatchPermissions, PutPermissions
from databricks_serving.plan.plan import Plan, make_plan
from databricks_serving.plan.projection import plain
from databricks_serving.state.bag import Bag
from databricks_serving_schema import EndpointPermissions, Grant

from .context import Context, LeftUnfinished
from .declarations import claims_of_grant
from .grants import direct_grants, for_caller, visible
from .perform import perform
from .principals import with_known
from .readback import left_out
from .recorded import credentials_in, hidden
from .refusals import endpoint_lock_out, no_endpoint
from .wait import looking, until_seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from databricks_serving.plan.canonical import Sealing, Tree
    from databricks_serving.plan.states import Actual, Orders

    from .declarations import Claim


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
        """Send what is left, and look until it shows; the outputs.

        Alone with the grants of the endpoint, looking included: the next would write what is stale.
        """
        with self.context.alone_with("grants", self.name):
            actual = self._look()
            return self._leaving_others(actual).knowing_the_caller(actual).send(actual)

    def clear(self) -> None:
        """The same for a deletion: an endpoint that is gone has no grants."""
        with self.context.alone_with("grants", self.name):
            actual = direct_grants(self.name, self.context, self.sealing)
            if actual is not None:
                try:
                    self._leaving_others(actual).knowing_the_caller(actual).send(actual)
                except ServingError as failed:
                    if self.context.api.get_endpoint(self.name) is not None:
                        raise _reason(failed) from None

    def _leaving_others(self, actual: Actual) -> Granting:
        """Without the dropped grants that another resource of this run declares now: they stay.

        Asked in the turn: who declares it after that reads after the write.
        """
        applied, there = grants_in(self.applied), grants_in(actual)
        dropped = [whom for whom in applied if whom not in grants_in(self.desired)]
        left = {
            whom for whom in dropped if self.context.left_to_another(*self._claims(there.get(whom)))
        }
        if self.applied is None or not left:
            return self
        kept = {whom: grant for whom, grant in applied.items() if whom not in left}
        return replace(
            self, applied=Canonical(EndpointPermissions, {**self.applied.tree, GRANTS: kept})
        )

    def _claims(self, grant: Tree) -> tuple[Claim, ...]:
        if not isinstance(grant, dict):
            return ()
        secret = any(isinstance(value, Fingerprint) for value in grant.values())
        return claims_of_grant(self.name, wire(Grant, grant), secret=secret)

    def knowing_the_caller(self, actual: Actual) -> Granting:
        """Who calls counts only where a PUT may take a grant, or what is shown leaves one out."""
        puts = any(isinstance(one, PutPermissions) for one in self._plan(actual).operations)
        if not puts and not self.orders.authoritative:
            return self
        return replace(self, orders=for_caller(self.orders, self.context.api.me()))

    def send(self, actual: Actual) -> Bag:
        """Send what the plan holds, in this turn."""
        try:
            return self._send(actual)
        except LeftUnfinished as left:
            reason = self._unsaid(left.reason, actual)
            raise LeftUnfinished(reason, left.name, left.outputs) from None
        except ServingError as failed:
            raise self._unsaid(failed, actual) from None

    def _unsaid(self, failed: ServingError, actual: Actual) -> ServingError:
        """The error without what the program marks as secret: the service's words may repeat it."""
        return failed.without({*credentials_in(self.desired.tree), *credentials_in(actual.tree)})

    def _send(self, actual: Actual) -> Bag:
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
        begun = self.context.clock.now()
        known_by = looking(self.context, begun)

        def send() -> None:
            perform(operation, self.context.api)

        with_known(send, principals, what, self.context, known_by)
        self._tell_what_is_kept(plan)
        self._tell_what_is_removed(plan, actual)
        seen, written = actual, self._written(actual)

        def is_seen() -> bool:
            nonlocal seen
            seen = self._look()
            return not self._plan(seen).operations

        try:
            told = f"the permissions of {what}"
            if not until_seen(is_seen, self.context, told, looking(self.context, begun)):
                missing = self._plan(seen).of(Action.UPDATE)
                kind = f"EndpointPermissions {self.name}"
                written = left_out(kind, missing, written, self.context)
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
        actual = direct_grants(self.name, self.context, self.sealing)
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
        for change in plan.of(Action.NOTE):
            if change.reason is Reason.OWN_RIGHT:
                whose = change.path[1].partition(":")[2]
                self.context.note(
                    f"The CAN_MANAGE of {whose} on endpoint {self.name} was kept: these "
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
