"""Grants as a plan takes them: keyed by whom they are for, one level each.

The service lower-cases e-mails and ids, and answers a service principal that was named as a user
under its own field: neither makes somebody else of a principal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from databricks_serving_schema import EndpointPermissions, Grant, Unknown, fields_of

from .bodies import unsealed, wire
from .canonical import Canonical, Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .canonical import Tree
    from .states import Orders

GRANTS = "access_control"
LEVEL = "permission_level"
MANAGES = "CAN_MANAGE"
#: Their group in every workspace: they manage all endpoints and scopes, whatever is granted.
ADMINS = "admins"
#: The fields of which a grant says one: whom it is for.
PRINCIPALS = tuple(name for name in fields_of(Grant) if name != LEVEL)
#: Each level includes those before it (REST reference, servingendpoints/setpermissions).
_LEVELS = fields_of(Grant)[LEVEL].choices
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def folded(principal: str) -> str:
    """One text for all spellings of a user's e-mail or a service principal's application id."""
    return principal.casefold() if "@" in principal or _ID.fullmatch(principal) else principal


def by_principal(tree: Mapping[str, Tree]) -> dict[str, Tree]:
    """A tree of `EndpointPermissions` with its grants keyed by whom they are for."""
    grants = tree.get(GRANTS)
    if not isinstance(grants, dict):
        return dict(tree)
    keyed: dict[str, Tree] = {}
    for key, grant in grants.items():
        whom = whom_of(grant) or key
        keyed[whom] = _higher(keyed[whom], grant) if whom in keyed else grant
    return {**tree, GRANTS: keyed}


def _principals(grant: Tree) -> dict[str, Tree]:
    """What a grant says of whom it is for, in a field that this release does not know too."""
    said = grant if isinstance(grant, dict) else {}
    return {
        **{field: said[field] for field in PRINCIPALS if field in said},
        **{field: value for field, value in said.items() if field != LEVEL},
    }


def whom_of(grant: Tree) -> str | None:
    """What tells a grant's principal apart; None while that is not yet known."""
    for field, principal in _principals(grant).items():
        if isinstance(principal, Fingerprint):
            # What the program marks as secret must not stand in clear as a key.
            return f"{field}:{str.__str__(principal)}"
        if isinstance(principal, str):
            is_id = field == "user_name" and _ID.fullmatch(principal)
            return f"{'service_principal_name' if is_id else field}:{folded(principal)}"
    return None


def _higher(one: Tree, other: Tree) -> Tree:
    return other if _rank(level_of(other)) > _rank(level_of(one)) else one


def _rank(level: Tree) -> int:
    """A level that this release does not know may be any: it is not given up for a known one."""
    plain = unsealed(level) if isinstance(level, Fingerprint) else level
    return _LEVELS.index(plain) if plain in _LEVELS else len(_LEVELS)


def level_of(grant: Tree) -> Tree:
    """The level of a grant; None where it says none."""
    return grant.get(LEVEL) if isinstance(grant, dict) else None


def is_raised(actual: Tree, desired: Tree) -> bool:
    """Whether one level is surely more than the other: of an unknown one nothing is sure."""
    return _rank(actual) < _rank(desired) < len(_LEVELS)


def grants_in(state: Canonical | None) -> dict[str, Tree]:
    """The grants of a state, keyed by whom they are for; none where they are not yet known."""
    tree = {} if state is None else by_principal(state.tree)
    grants = tree.get(GRANTS)
    return grants if isinstance(grants, dict) else {}


def levels(state: Canonical | None) -> Tree:
    """The grants of a state as they are compared: principal to level, or not yet known at all."""
    said = None if state is None else state.tree.get(GRANTS)
    if isinstance(said, Unknown):
        return said
    return {
        whom: grant
        if isinstance(grant, Unknown)
        else _unknown_in(grant) or {LEVEL: level_of(grant)}
        for whom, grant in grants_in(state).items()
    }


def _unknown_in(grant: Tree) -> Unknown | None:
    said = grant.values() if isinstance(grant, dict) else ()
    return next((value for value in said if isinstance(value, Unknown)), None)


def own_rights(
    actual: Canonical, orders: Orders, desired: Canonical | None = None
) -> frozenset[str]:
    """The keys of the direct CAN_MANAGE that the caller manages by: its own, else its groups'.

    Empty where the caller is not known; of an administrator, who manages all endpoints, its own
    alone. `desired`: what the same write gives counts too.
    """
    known = (*grants_in(actual).items(), *grants_in(desired).items())
    held = {whom for whom, grant in known if _manages(grant)}
    if not orders.caller:
        return frozenset()
    names = ("user_name", "service_principal_name")
    own = held & {whom_of({field: orders.caller}) for field in names}
    if own or ADMINS in orders.groups:
        return frozenset(own)
    return frozenset(held & {whom_of({"group_name": group}) for group in orders.groups})


def protected(own: frozenset[str], left: Mapping[str, Tree]) -> frozenset[str]:
    """The rights of the caller that must stay where `left` are the grants that stay anyway."""
    return frozenset() if any(_manages(left.get(whom)) for whom in own) else own


def _manages(grant: Tree) -> bool:
    level = level_of(grant)
    return (unsealed(level) if isinstance(level, Fingerprint) else level) == MANAGES


def list_of(grants: Iterable[Tree]) -> dict[str, object]:
    """The body of a PUT or PATCH with these grants."""
    return {
        "access_control_list": [wire(Grant, grant) for grant in grants if isinstance(grant, dict)]
    }


def principal_in(grant: Tree) -> str:
    """Whom a grant is for, as it is spelled there."""
    said = wire(Grant, _principals(grant))
    return next((str(principal) for principal in said.values() if principal), "")


def declared(shape: Canonical, actual: Canonical, also: Iterable[str] = ()) -> Canonical:
    """`actual` limited to the grants in `shape`, principals as that spells them, and some more.

    What the program marks as secret is known there by its fingerprint: then as it is answered.
    """
    wanted, there = grants_in(shape), grants_in(actual)
    seen: dict[str, Tree] = {}
    for whom in dict.fromkeys((*wanted, *also)):
        if whom not in there:
            continue
        seen[whom] = _spelled(wanted.get(whom), there[whom])
    return Canonical(EndpointPermissions, {**actual.tree, GRANTS: seen})


def _spelled(said: Tree, answered: Tree) -> Tree:
    if not isinstance(said, dict) or any(isinstance(v, Fingerprint) for v in said.values()):
        return answered
    return {**said, LEVEL: level_of(answered)}
