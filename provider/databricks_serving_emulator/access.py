"""Who may do what with which endpoint and which scope (contract §13, §14)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from .auth import Caller
from .directory import ADMINS, USERS
from .errors import ApiError, denied, invalid, missing
from .grants import LEVELS, AccessList, Grant, Level, PrincipalField, includes, strongest
from .scopes_model import Scope
from .serving.model import Endpoint
from .world import World

# Admins manage every endpoint, by inheritance from the folder of all endpoints.
INHERITED = (Grant("group_name", ADMINS, "CAN_MANAGE"),)
# Each permission includes those before it.
SCOPE_PERMISSIONS = ("READ", "WRITE", "MANAGE")


def direct_grants(world: World, endpoint: Endpoint) -> AccessList:
    """What was granted on the endpoint itself: at first, its creator manages it."""
    kept = world.grants.get(endpoint.id)
    if kept is not None:
        return kept
    if endpoint.is_foundation:
        return AccessList((Grant("group_name", USERS, "CAN_QUERY"),))
    return AccessList((Grant(_field_of(world, endpoint.creator), endpoint.creator, "CAN_MANAGE"),))


def _field_of(world: World, creator: str) -> PrincipalField:
    known = world.principals.get(creator)
    is_user = known.kind == "User" if known else "@" in creator
    return "user_name" if is_user else "service_principal_name"


def level_of(direct: AccessList, caller: Caller) -> Level | None:
    """The caller's own level on an object, also through its groups; None when there is none."""
    own = "user_name" if caller.kind == "User" else "service_principal_name"
    return strongest(
        [
            grant.level
            for grant in (*direct.grants, *INHERITED)
            if (grant.who == own and grant.name == caller.user)
            or (grant.who == "group_name" and grant.name in caller.groups)
        ]
    )


def manages_all(caller: Caller) -> bool:
    """Whether the caller has the highest level on every endpoint, whatever was granted on it."""
    return level_of(AccessList(()), caller) == LEVELS[-1]


def may_see(world: World, caller: Caller, endpoint: Endpoint) -> bool:
    """Whether the caller has any level on the endpoint."""
    return level_of(direct_grants(world, endpoint), caller) is not None


def require_level(direct: AccessList, caller: Caller, needed: Level, what: str) -> None:
    """Raise `ApiError` 403 when the caller's level is not enough."""
    if not includes(level_of(direct, caller), needed):
        raise denied(f"User {caller.user} does not have {needed} permission on {what}.")


def permission_on(scope: Scope, name: str, groups: AbstractSet[str]) -> str | None:
    """Somebody's permission on a scope, also through groups; None when there is none.

    Admins manage every scope, whatever its access list says: the documentation of secret scopes
    names them first among those who can read secrets.
    """
    held = [scope.acls[one] for one in (name, *groups) if one in scope.acls]
    if ADMINS in groups:
        return "MANAGE"
    return max(held, key=SCOPE_PERMISSIONS.index, default=None)


def may(scope: Scope, name: str, groups: AbstractSet[str], needed: str) -> bool:
    """Whether somebody's permission on a scope includes the one that is needed."""
    held = permission_on(scope, name, groups)
    wanted = SCOPE_PERMISSIONS.index(needed)
    return held is not None and SCOPE_PERMISSIONS.index(held) >= wanted


def no_permission(scope: Scope, name: str, needed: str) -> ApiError:
    """403 PERMISSION_DENIED with the text of a real answer."""
    return denied(
        f"User {name} does not have {needed} permission on scope {scope.name} to perform "
        "this action."
    )


def require_scope(world: World, caller: Caller, name: str, needed: str) -> Scope:
    """The scope of that name; `ApiError` 404, or 403 when the caller's permission is too low."""
    scope = world.scopes.get(name.casefold())
    if scope is None:
        raise missing(f"Scope {name} does not exist!")
    if not may(scope, caller.user, caller.groups, needed):
        raise no_permission(scope, caller.user, needed)
    return scope


def check_principal(world: World, who: PrincipalField | None, name: str) -> None:
    """Raise `ApiError` for somebody who is not in the workspace, where the switch says so.

    who: None where the wire does not tell a user from a group
    """
    if not world.behaviour.refuse_unknown_principals:
        return
    groups = {ADMINS, USERS, *world.groups}
    known = {
        "user_name": {one.name for one in world.principals.values() if one.kind == "User"},
        "service_principal_name": {
            one.name for one in world.principals.values() if one.kind == "ServicePrincipal"
        },
        "group_name": groups,
    }
    if who is None:
        if name not in groups | world.principals.keys():
            raise invalid(f"Principal {name} does not exist.")
    elif name not in known[who]:
        kind = "".join(part.title() for part in who.split("_"))
        raise missing(f"Principal: {kind}({name}) does not exist")
