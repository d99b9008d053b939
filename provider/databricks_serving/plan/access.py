"""The plans of access to a secret scope, and of grants on an endpoint."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from databricks_serving_schema import EndpointPermissions, SecretAcl, Unknown

from .bodies import unsealed
from .canonical import Canonical, Fingerprint
from .change import Action, Change, Reason
from .compare import ABSENT
from .endpoint import ENDPOINT_ID, own_fields, recreated
from .grants import (
    ADMINS,
    GRANTS,
    folded,
    grants_in,
    is_raised,
    level_of,
    levels,
    list_of,
    own_rights,
    protected,
)
from .operations import Operation, PatchPermissions, PutAcl, PutPermissions
from .parts import part_changes, part_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .canonical import Tree
    from .plan import Plan
    from .states import Actual, Orders

MANAGE = "MANAGE"


def access_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual | None, orders: Orders
) -> tuple[Change, ...]:
    """Every difference of one principal's access to a scope, or of the grants on an endpoint."""
    if actual is None:
        return (Change((), ABSENT, ABSENT, ABSENT, Action.CREATE, Reason.MISSING),)
    if desired.kind is SecretAcl:
        return _acl_changes(applied=applied, desired=desired, actual=actual)
    return _grant_changes(applied=applied, desired=desired, actual=actual, orders=orders)


def access_operations(
    changes: tuple[Change, ...], *, desired: Canonical, actual: Actual | None, orders: Orders
) -> tuple[Operation, ...]:
    """The one call that makes it so; none where there is no endpoint to give grants on."""
    if desired.kind is SecretAcl:
        return _acl_operations(changes, desired=desired)
    if actual is None:
        return ()
    return _grant_operations(changes, desired=desired, actual=actual, orders=orders)


def _acl_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual
) -> tuple[Change, ...]:
    was = _spelled_alike(own_fields(applied.tree) if applied is not None else {}, desired.tree)
    there = _spelled_alike(actual.tree, desired.tree)
    return tuple(
        change
        for part in part_paths(SecretAcl, was, desired.tree)
        for change in part_changes(SecretAcl, part, applied=was, desired=desired.tree, actual=there)
    )


def _spelled_alike(tree: dict[str, Tree], like: dict[str, Tree]) -> dict[str, Tree]:
    """`tree` with the scope and the principal as `like` spells them, where they are the same."""
    spelled = dict(tree)
    for name, same in (("scope", str.casefold), ("principal", folded)):
        one, other = (_plain(side.get(name)) for side in (tree, like))
        if isinstance(one, str) and isinstance(other, str) and same(one) == same(other):
            spelled[name] = like[name]
    return spelled


def _plain(leaf: Tree) -> object:
    return unsealed(leaf) if isinstance(leaf, Fingerprint) else leaf


def _acl_operations(changes: tuple[Change, ...], *, desired: Canonical) -> tuple[Operation, ...]:
    """One put: it overwrites in place, and a delete before it would be a window without access."""
    actions = {change.action for change in changes}
    if Action.REPLACE in actions or not actions & {Action.CREATE, Action.UPDATE}:
        return ()
    scope, principal, permission = (
        said if isinstance(said := _plain(desired.tree.get(name)), str) else ""
        for name in ("scope", "principal", "permission")
    )
    return (PutAcl(scope, principal, permission),)


class LockOut(Enum):
    """Why a MANAGE on a scope is not taken away."""

    OWN = "it is what these credentials manage the scope by"
    GROUP = "these credentials are in that group, and manage the scope by nothing else"
    LAST = "it is the last MANAGE on the scope"


def lock_out(
    acls: Mapping[str, str],
    principal: str,
    permission: str | None,
    caller: str,
    groups: frozenset[str] = frozenset(),
) -> LockOut | None:
    """Whether giving `principal` this permission (None: taking all) locks somebody out.

    `acls`: principal to permission, of the whole scope. `groups`: those that the caller is in.
    """
    manages = {folded(one) for one, held in acls.items() if held == MANAGE}
    if permission == MANAGE or folded(principal) not in manages:
        return None
    if folded(principal) == folded(caller):
        return LockOut.OWN
    own = manages & {folded(caller), *map(folded, groups)}
    if own == {folded(principal)} and ADMINS not in groups:
        return LockOut.GROUP
    return LockOut.LAST if len(manages) == 1 else None


def _grant_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual, orders: Orders
) -> tuple[Change, ...]:
    """Every difference of the grants on an endpoint, one for each principal.

    Additive: of others' grants none is. A grant that was applied and is no longer desired is one,
    unless the endpoint was recreated since: then it is not ours.
    """
    was, wanted, there = (_compared(state) for state in (applied, desired, actual))
    another = tuple(recreated(applied.tree if applied is not None else {}, actual.tree))
    if another:
        was = _limited(was, _said(wanted))
    if not orders.authoritative:
        there = _limited(there, {**_said(wanted), **_said(was)})
    found = [
        change
        for part in part_paths(EndpointPermissions, was, wanted)
        for change in part_changes(
            EndpointPermissions, part, applied=was, desired=wanted, actual=there
        )
    ]
    own = own_rights(actual, orders, desired)
    lost = {change.path[1] for change in found if _is_sent(change)}
    kept = {whom: grant for whom, grant in grants_in(actual).items() if whom not in lost}
    # What is given counts with what stays: both are of one write.
    mine = protected(own, {**kept, **grants_in(desired)})
    return (*another, *(_judged(change, mine) for change in found))


def undeclared(plan: Plan) -> list[str]:
    """The keys of the grants that a plan removes although nobody here ever gave them."""
    return [
        change.path[1]
        for change in plan.changes
        if _is_sent(change) and change.desired is ABSENT and change.applied is ABSENT
    ]


def _compared(state: Canonical | None) -> dict[str, Tree]:
    return {} if state is None else own_fields({**state.tree, GRANTS: levels(state)})


def _said(tree: dict[str, Tree]) -> dict[str, Tree]:
    said = tree.get(GRANTS)
    return said if isinstance(said, dict) else {}


def _limited(tree: dict[str, Tree], to: Mapping[str, Tree]) -> dict[str, Tree]:
    return {**tree, GRANTS: {whom: it for whom, it in _said(tree).items() if whom in to}}


def _judged(change: Change, own: frozenset[str]) -> Change:
    dropped = change.desired is ABSENT and change.applied is not ABSENT
    if change.path[:1] != (GRANTS,) or isinstance(change.desired, Unknown):
        return change
    if own.intersection(change.path[1:2]) and change.action is Action.UPDATE:
        if change.desired is not ABSENT:
            return replace(change, action=Action.REFUSE, reason=Reason.OWN_RIGHT)
        action = Action.NOTE if dropped else Action.SKIP
        return replace(change, action=action, reason=Reason.OWN_RIGHT)
    if dropped and change.action is Action.SKIP:
        # Gone already; while it stayed recorded, a later grant of somebody else's would be taken.
        return replace(change, action=Action.NOTE)
    return change


def _grant_operations(
    changes: tuple[Change, ...], *, desired: Canonical, actual: Actual, orders: Orders
) -> tuple[Operation, ...]:
    """One call: a PATCH where grants are only added or raised, else a PUT of all direct ones.

    What a PATCH does about a lower level no source says. `actual` has all direct grants.
    """
    touched = [change.path[1] for change in changes if _is_sent(change)]
    graver = any(change.action > Action.UPDATE for change in changes)
    endpoint_id = actual.tree.get(ENDPOINT_ID)
    if graver or not touched or not isinstance(endpoint_id, str):
        return ()
    wanted, there = grants_in(desired), grants_in(actual)
    only_more = all(
        whom in wanted
        and (whom not in there or is_raised(level_of(there[whom]), level_of(wanted[whom])))
        for whom in touched
    )
    if orders.authoritative:
        own = (change.path[1] for change in changes if change.reason is Reason.OWN_RIGHT)
        kept = {whom: there[whom] for whom in own}
        return (PutPermissions(endpoint_id, list_of({**kept, **wanted}.values())),)
    if only_more:
        return (PatchPermissions(endpoint_id, list_of(wanted[whom] for whom in touched)),)
    gone = {whom for whom in touched if whom not in wanted}
    left = [grant for whom, grant in {**there, **wanted}.items() if whom not in gone]
    return (PutPermissions(endpoint_id, list_of(left)),)


def _is_sent(change: Change) -> bool:
    one = change.path[:1] == (GRANTS,) and len(change.path) > 1
    return one and change.action is Action.UPDATE
