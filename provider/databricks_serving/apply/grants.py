"""What is seen of the grants on an endpoint, and how outputs show it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from databricks_serving.plan.canonical import Canonical, Sealing, canonical, located
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.grants import (
    GRANTS,
    LEVEL,
    PRINCIPALS,
    by_principal,
    declared,
    grants_in,
    own_rights,
    protected,
)
from databricks_serving.plan.projection import projected
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.bag import Bag
from databricks_serving.state.endpoint import marked_paths
from databricks_serving_schema import EndpointPermissions, fields_of, parse_answer

from .recorded import applied_of, key_of, picked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving.api.identity import Caller
    from databricks_serving.api.transport import Json
    from databricks_serving.plan.canonical import TreePath

    from .context import Context

#: What an entry of an access control list has beside whom it is for.
_BESIDE = ("display_name", "all_permissions")
OWN_FIELDS = tuple(fields_of(EndpointPermissions))


def direct_grants(name: str, context: Context, sealing: Sealing) -> Actual | None:
    """All direct grants on the endpoint of that name as they are; None where it is gone."""
    answer = context.api.get_endpoint(name)
    if answer is None or answer.stamps.id is None:
        return None
    answered = context.api.get_permissions(answer.stamps.id)
    return None if answered is None else grants_of(name, answer.stamps.id, answered, sealing)


def grants_of(name: str, endpoint_id: str, answered: Json, sealing: Sealing) -> Actual:
    """All direct grants in an access control list as the workspace answers it."""
    state = state_of({"endpoint_name": name, GRANTS: list(_direct(answered))}, sealing)
    return Actual(EndpointPermissions, {**state.tree, ENDPOINT_ID: endpoint_id})


def _direct(answered: Json) -> Iterator[Bag]:
    """One grant for each level that was given on the endpoint itself."""
    for entry in answered.get("access_control_list") or ():
        principal = {field: entry[field] for field in PRINCIPALS if entry.get(field)} or {
            # Of a kind that this release does not know: whoever it is, a PUT must not drop it.
            field: value
            for field, value in entry.items()
            if field not in _BESIDE and value
        }
        for held in entry.get("all_permissions") or ():
            if not held.get("inherited"):
                yield {**principal, LEVEL: held.get(LEVEL)}


def state_of(bag: Bag, sealing: Sealing) -> Canonical:
    """A bag as it was answered, or shown, in canonical form."""
    tree = canonical(parse_answer(EndpointPermissions, picked(bag, OWN_FIELDS)), sealing).tree
    return Canonical(EndpointPermissions, by_principal(tree))


def visible(shape: Canonical, actual: Actual, orders: Orders) -> Bag:
    """The grants as outputs show them: those of `shape`, and authoritatively all that count."""
    there = grants_in(actual)
    own = protected(own_rights(actual, orders), {w: there.get(w) for w in grants_in(shape)})
    others = there if orders.authoritative else {}
    seen = declared(shape, actual, also=[whom for whom in others if whom not in own])
    tree = {name: value for name, value in shape.tree.items() if name in OWN_FIELDS}
    return projected(EndpointPermissions, shape=tree, actual=seen.tree)


def said_sealing(said: Bag, key: str, recorded: Bag) -> Sealing:
    """How what the program marks as secret, or marked before, becomes fingerprints."""
    permissions = parse_answer(EndpointPermissions, picked(said, OWN_FIELDS))
    marked = frozenset(located(permissions, path) for path in marked_paths(said))
    own = bytes.fromhex(key)
    return Sealing(own, marked.union(_sealed(recorded, Sealing(own))))


def recorded_sealing(recorded: Bag) -> Sealing:
    """The same where the program is not at hand: principals whose fingerprint was applied."""
    key = bytes.fromhex(key_of(recorded))
    return Sealing(key, frozenset(_sealed(recorded, Sealing(key))))


def _sealed(recorded: Bag, sealing: Sealing) -> Iterator[TreePath]:
    applied = grants_in(applied_of(EndpointPermissions, recorded))
    shown = parse_answer(EndpointPermissions, picked(recorded, OWN_FIELDS))
    grants = canonical(shown, sealing).tree.get(GRANTS)
    for whom, grant in grants.items() if isinstance(grants, dict) else ():
        for field in PRINCIPALS:
            name = grant.get(field) if isinstance(grant, dict) else None
            if isinstance(name, str):
                fingerprint = str.__str__(sealing.seal_leaf(name))
                if f"{field}:{fingerprint}" in applied:
                    yield (GRANTS, whom, field)


def for_caller(orders: Orders, caller: Caller) -> Orders:
    """The orders with whose credentials these are, and the groups that it is in."""
    return replace(orders, caller=caller.name, groups=caller.groups)
