"""The grants on an endpoint, from check to delete.

They belong to the endpoint's id, which is looked up by its name at every call: an endpoint that
somebody made again has another one. Inherited grants are nobody's here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from databricks_serving.plan.access import undeclared
from databricks_serving.plan.canonical import Canonical, Sealing, canonical
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.grants import (
    GRANTS,
    by_principal,
    grants_in,
    level_of,
    principal_in,
)
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import in_order_of, plain
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.access import permissions_inputs
from databricks_serving.state.bag import Bag, text
from databricks_serving_schema import (
    EndpointPermissions,
    InvalidResource,
    PermissionsSettings,
    Problem,
    advise,
)

from .context import Checked, Context, Created, Reading, Stack, Verdict
from .granting import Granting
from .grants import (
    OWN_FIELDS,
    direct_grants,
    for_caller,
    recorded_sealing,
    said_sealing,
    state_of,
    visible,
)
from .recorded import applied_of, key_of, new_key, picked, recorded_settings
from .verdict import verdict

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Tree

RECORDED_SETTINGS = recorded_settings(PermissionsSettings)
_AUTHORITATIVE = "authoritative"


def check(_recorded: Bag, said: Bag, stack: Stack) -> Checked:
    """The inputs, or what is wrong with them."""
    try:
        permissions, _ = permissions_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, invalid.problems)
    desired = Canonical(
        EndpointPermissions, by_principal(canonical(permissions, Sealing(b"")).tree)
    )
    listed = permissions.access_control
    if isinstance(listed, tuple) and len(grants_in(desired)) < len(listed):
        problem = "two grants are for one principal, spelled in two ways"
        return Checked(said, (Problem((GRANTS,), "stands-once", problem),))
    return Checked(said, warnings=advise(permissions))


def diff(recorded: Bag, said: Bag, stack: Stack) -> Verdict:
    """Whether anything differs. Calls nothing, so the caller's own grant is not told apart here.

    What `read` shows leaves it out already.
    """
    sealing = said_sealing(said, key_of(recorded), recorded)
    actual = state_of(recorded, sealing)
    known = text(recorded, ENDPOINT_ID)
    plan = make_plan(
        applied=applied_of(EndpointPermissions, recorded),
        desired=_desired(said, stack, sealing),
        actual=Actual(
            EndpointPermissions, {**actual.tree, **({ENDPOINT_ID: known} if known else {})}
        ),
        orders=Orders(authoritative=_is_authoritative(said)),
    )
    found = verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=("endpoint_name",))
    notices = [_removal(grants_in(actual)[whom]) for whom in undeclared(plan)]
    if _is_authoritative(said) and not _is_authoritative(recorded):
        notices.append(
            "mode: authoritative from now on: grants that are not declared here are removed, "
            "except for the CAN_MANAGE of these credentials; only a refresh after this run can "
            "name them beforehand"
        )
    return replace(found, notices=(*found.notices, *notices))


def _removal(grant: Tree) -> str:
    return f"{principal_in(grant)} has {plain(level_of(grant))}, undeclared: it is removed"


def create(said: Bag, context: Context) -> Created:
    """Bring the grants to what the program says.

    Raises `Refused` where there is no such endpoint, `LeftUnfinished` after a write.
    """
    context.recorded()
    granting = _granting(said, context, new_key(), None, recorded={})
    return Created(granting.name, granting.bring())


def read(id_: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
    """The grants of the endpoint of that name, or None where it is gone.

    Additive: those that were applied. Authoritative: all direct ones, but for the caller's own
    CAN_MANAGE unless that was applied.
    """
    context.same_workspace(recorded)
    sealing = recorded_sealing(recorded)
    actual = direct_grants(text(recorded, "endpoint_name") or id_, context, sealing)
    if actual is None:
        return None
    authoritative = _is_authoritative(recorded)
    orders = Orders(authoritative=authoritative)
    if authoritative:
        orders = for_caller(orders, context.api.me())
    shape = applied_of(EndpointPermissions, recorded) or Canonical(
        EndpointPermissions, {"endpoint_name": id_, GRANTS: {}}
    )
    like = state_of(said, sealing)
    shape = Canonical(EndpointPermissions, in_order_of(shape.tree, like.tree))
    seen = visible(shape, actual, orders)
    kept = {name: value for name, value in recorded.items() if name not in OWN_FIELDS}
    inputs = {name: value for name, value in said.items() if name not in OWN_FIELDS}
    return Reading({**kept, **seen, ENDPOINT_ID: actual.tree[ENDPOINT_ID]}, {**inputs, **seen})


def update(_id: str, recorded: Bag, said: Bag, context: Context) -> Bag:
    """Do what is left to get to what the program says; the outputs afterwards."""
    context.same_workspace(recorded)
    applied = applied_of(EndpointPermissions, recorded)
    return _granting(said, context, key_of(recorded), applied, recorded).bring()


def _granting(
    said: Bag, context: Context, key: str, applied: Canonical | None, recorded: Bag
) -> Granting:
    sealing = said_sealing(said, key, recorded)
    return Granting(
        name=str(said["endpoint_name"]),
        desired=_desired(said, context.stack, sealing),
        applied=applied,
        orders=Orders(authoritative=_is_authoritative(said)),
        sealing=sealing,
        key=key,
        context=context,
        settings=picked(said, RECORDED_SETTINGS),
    )


def delete(id_: str, recorded: Bag, context: Context) -> None:
    """Take away the grants that were applied, and no others, in both modes.

    Nothing is done where the endpoint is gone or another one has its name; the caller's own
    CAN_MANAGE is kept.
    """
    context.same_workspace(recorded)
    applied = applied_of(EndpointPermissions, recorded)
    if applied is None:
        return
    name = text(recorded, "endpoint_name") or id_
    desired = Canonical(EndpointPermissions, {"endpoint_name": name, GRANTS: {}})
    sealing = recorded_sealing(recorded)
    Granting(name, desired, applied, Orders(), sealing, key_of(recorded), context).clear()


def _is_authoritative(bag: Bag) -> bool:
    return bag.get("mode") == _AUTHORITATIVE


def _desired(said: Bag, stack: Stack, sealing: Sealing) -> Canonical:
    permissions, _ = permissions_inputs(said, stack.settings.allowances)
    return Canonical(EndpointPermissions, by_principal(canonical(permissions, sealing).tree))
