"""What one principal may do with a secret scope, from check to delete.

Writes of one scope go one at a time, and each is looked for in the list before the next: the
service loses one of two that come together (terraform-provider-databricks issue 4195).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.errors import AlreadyExists, NotTaken, ServingError
from databricks_serving.plan.access import MANAGE, LockOut, lock_out
from databricks_serving.plan.answered import ANSWERED, still_answered
from databricks_serving.plan.canonical import Canonical, Sealing, canonical, located
from databricks_serving.plan.change import Action
from databricks_serving.plan.operations import DeleteAcl, PutAcl
from databricks_serving.plan.plan import Plan, make_plan
from databricks_serving.plan.states import Actual
from databricks_serving.state.access import acl_inputs
from databricks_serving.state.bag import Bag
from databricks_serving.state.endpoint import marked_paths
from databricks_serving_schema import (
    AclSettings,
    InvalidResource,
    SecretAcl,
    advise,
    fields_of,
    parse_answer,
)

from .context import Checked, Context, Created, LeftUnfinished, Reading, Stack, Verdict
from .declarations import claims_of
from .observed import access_of, listed_as, read_tree
from .perform import perform
from .principals import with_known
from .readback import left_out
from .recorded import (
    applied_of,
    credentials_in,
    hidden,
    key_of,
    new_key,
    picked,
    recorded_settings,
)
from .refusals import no_scope, scope_lock_out
from .verdict import verdict
from .wait import looking, until_seen

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Tree

RECORDED_SETTINGS = recorded_settings(AclSettings)
_ADDRESS = ("scope", "principal")


def check(_recorded: Bag, said: Bag, stack: Stack) -> Checked:
    """The inputs, or what is wrong with them."""
    try:
        acl = acl_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, invalid.problems)
    return Checked(said, warnings=advise(acl))


def diff(recorded: Bag, said: Bag, stack: Stack) -> Verdict:
    """Whether anything differs."""
    sealing = _sealing(said, key_of(recorded))
    shown = parse_answer(SecretAcl, picked(recorded, tuple(fields_of(SecretAcl))))
    plan = make_plan(
        applied=applied_of(SecretAcl, recorded),
        desired=_desired(said, stack, sealing),
        actual=Actual(SecretAcl, read_tree(shown, sealing)),
    )
    return verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=_ADDRESS)


def create(said: Bag, context: Context) -> Created:
    """Give the access, unless it is there. Raises `Refused`, or `LeftUnfinished` after a write."""
    work = _Work.of(said, context, new_key(), applied=None)
    context.recorded()
    return Created(work.id, work.bring())


def read(_id: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
    """The access as the list tells it, or None where it or its scope is gone."""
    context.same_workspace(recorded)
    acls = context.api.list_acls(str(recorded["scope"]))
    listed = None if acls is None else listed_as(acls, str(recorded["principal"]))
    if acls is None or listed is None:
        return None
    seen = {"permission": acls[listed]}
    return Reading({**recorded, **seen}, {**said, **seen})


def update(_id: str, recorded: Bag, said: Bag, context: Context) -> Bag:
    """Give the access that the program says, in place; the outputs afterwards."""
    context.same_workspace(recorded)
    applied = applied_of(SecretAcl, recorded)
    return _Work.of(said, context, key_of(recorded), applied).bring()


def delete(_id: str, recorded: Bag, context: Context) -> None:
    """Take the access away, unless that would lock somebody out; with no scope there is none."""
    context.same_workspace(recorded)
    scope, principal = str(recorded["scope"]), str(recorded["principal"])
    with context.alone_with("scope", scope.casefold()):
        acls = context.api.list_acls(scope)
        if acls is None or context.left_to_another(*claims_of("SecretAcl", recorded)):
            return
        why = _lock_out(acls, principal, None, context)
        if why is not None:
            context.note(
                f"MANAGE of {principal} on the secret scope {scope} was kept: {why.value}. It goes "
                f"with the scope."
            )
            return
        _take(scope, listed_as(acls, principal) or principal, context)


def _take(scope: str, principal: str, context: Context) -> None:
    operation = DeleteAcl(scope, principal)

    def is_gone() -> bool:
        return listed_as(context.api.list_acls(scope) or {}, principal) is None

    def take() -> None:
        perform(operation, context.api)

    # Also where the list does not show it: lists are late.
    take()
    what, until = f"the access list of scope {scope}", looking(context, context.clock.now())
    if not until_seen(is_gone, context, what, until, again=take):
        raise NotTaken(
            f"The workspace accepted that {principal} loses its access to the secret scope "
            f"{scope}, and still lists it. Either lists are late, or somebody gives it again. "
            f"Run again.",
            id="access-still-listed",
        )


@dataclass(frozen=True)
class _Work:
    """One principal's access on its way to what is desired; `key` is that of its fingerprints."""

    desired: Canonical
    applied: Canonical | None
    scope: str
    principal: str
    said: Bag
    context: Context
    key: str
    sealing: Sealing

    @classmethod
    def of(cls, said: Bag, context: Context, key: str, applied: Canonical | None) -> _Work:
        sealing = _sealing(said, key)
        desired = _desired(said, context.stack, sealing)
        if applied is not None:
            applied = Canonical(SecretAcl, still_answered(applied.tree, desired.tree))
        scope, principal = str(said["scope"]), str(said["principal"])
        return cls(desired, applied, scope, principal, said, context, key, sealing)

    @property
    def id(self) -> str:
        return f"{self.scope}/{self.principal}"

    def bring(self) -> Bag:
        """Send what is left, and look until it is listed; the outputs."""
        with self.context.alone_with("scope", self.scope.casefold()):
            acls = self._list()
            operations = self._plan(acls).operations
            for operation in operations:
                if isinstance(operation, PutAcl):
                    return self._put_unsaid(operation, acls)
            return self._outputs(acls, self._written())

    def _put_unsaid(self, operation: PutAcl, acls: Mapping[str, str]) -> Bag:
        """Put, with errors that do not repeat what the program marks as secret."""
        secrets = set(credentials_in(self.desired.tree))
        try:
            return self._put(operation, acls)
        except LeftUnfinished as left:
            reason = left.reason.without(secrets)
            raise LeftUnfinished(reason, left.name, left.outputs) from None
        except ServingError as failed:
            raise failed.without(secrets) from None

    def _put(self, operation: PutAcl, acls: Mapping[str, str]) -> Bag:
        why = _lock_out(acls, self.principal, operation.permission, self.context)
        if why is not None:
            raise scope_lock_out(self.scope, self.principal, operation.permission, why)
        begun = self.context.clock.now()
        self._send(operation, begun)
        seen, written = acls, self._written()

        def is_listed() -> bool:
            nonlocal seen
            seen = self._list()
            return not self._plan(seen).operations

        def again() -> None:
            self._send(operation, begun)

        try:
            what, until = f"the access list of scope {self.scope}", looking(self.context, begun)
            if not until_seen(is_listed, self.context, what, until, again):
                written = self._without_what_was_lost(seen)
        except ServingError as failed:
            raise LeftUnfinished(failed, self.id, self._outputs(seen, written)) from None
        return self._outputs(seen, written)

    def _without_what_was_lost(self, acls: Mapping[str, str]) -> dict[str, Tree]:
        if listed_as(acls, self.principal) is None:
            raise NotTaken(
                f"The workspace accepted that {self.principal} has access to the secret scope "
                f"{self.scope}, and does not list it. Either lists are late, or somebody takes it "
                f"away again. The next `pulumi up` looks again.",
                id="access-not-listed",
            )
        missing = self._plan(acls).of(Action.UPDATE)
        return left_out(f"SecretAcl {self.id}", missing, self._written(), self.context)

    def _send(self, operation: PutAcl, begun: float) -> None:
        def put() -> None:
            try:
                perform(operation, self.context.api)
            except AlreadyExists:
                # Said of the call in the SDK, though real workspaces overwrite.
                perform(DeleteAcl(operation.scope, operation.principal), self.context.api)
                perform(operation, self.context.api)

        what, until = f"scope {self.scope}", looking(self.context, begun)
        with_known(put, (operation.principal,), what, self.context, until)

    def _list(self) -> dict[str, str]:
        acls = self.context.api.list_acls(self.scope)
        if acls is None:
            raise no_scope(self.scope, "SecretAcl")
        return acls

    def _plan(self, acls: Mapping[str, str]) -> Plan:
        return make_plan(applied=self.applied, desired=self.desired, actual=self._actual(acls))

    def _actual(self, acls: Mapping[str, str]) -> Actual | None:
        return access_of(acls, self.scope, self.principal, self.sealing)

    def _written(self) -> dict[str, Tree]:
        before = {} if self.applied is None else self.applied.tree
        return {**self.desired.tree, **{n: v for n, v in before.items() if n == ANSWERED}}

    def _outputs(self, acls: Mapping[str, str], written: Mapping[str, Tree]) -> Bag:
        listed = listed_as(acls, self.principal)
        return {
            **picked(self.said, (*_ADDRESS, *RECORDED_SETTINGS)),
            **({} if listed is None else {"permission": acls[listed]}),
            **self.context.recorded(),
            **hidden(written, self.key),
        }


def _lock_out(
    acls: Mapping[str, str], principal: str, permission: str | None, context: Context
) -> LockOut | None:
    listed = listed_as(acls, principal)
    if listed is None or acls[listed] != MANAGE or permission == MANAGE:
        return None
    caller = context.api.me()
    return lock_out(acls, principal, permission, caller.name, caller.groups)


def _sealing(said: Bag, key: str) -> Sealing:
    acl = parse_answer(SecretAcl, picked(said, tuple(fields_of(SecretAcl))))
    return Sealing(bytes.fromhex(key), frozenset(located(acl, p) for p in marked_paths(said)))


def _desired(said: Bag, stack: Stack, sealing: Sealing) -> Canonical:
    return canonical(acl_inputs(said, stack.settings.allowances), sealing)
