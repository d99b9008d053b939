"""Permissions on serving endpoints (contract §13). An endpoint is named by its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from .access import INHERITED, check_principal, direct_grants, require_level
from .errors import invalid, missing
from .fields import TEXT, ListOf, fields, texts
from .grants import LEVELS, PRINCIPAL_FIELDS, AccessList, Grant, Level
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World

_DESCRIPTIONS: dict[Level, str] = {
    "CAN_VIEW": "Can view the serving endpoint",
    "CAN_QUERY": "Can query the serving endpoint",
    "CAN_MANAGE": "Can manage the serving endpoint",
}


@dataclass(frozen=True)
class _Target:
    """The object that a request is about: a live endpoint, or what a deleted one left behind."""

    id: str
    direct: AccessList

    @property
    def key(self) -> str:
        return f"endpoint {self.id}"


def get_permissions(world: World, ask: Ask) -> Response:
    """GET: direct and inherited entries; needs CAN_VIEW."""
    target = _target(world, ask, "CAN_VIEW")
    now = world.clock.now()
    direct = world.access_past.seen(target.key, target.direct, world.behaviour, now)
    return json_response(_shown(world, target.id, direct))


def put_permissions(world: World, ask: Ask) -> Response:
    """PUT: replaces the direct entries, the caller's own too; the inherited ones stay."""
    target = _target(world, ask, "CAN_MANAGE")
    return _write(world, target, _wanted(world, ask))


def patch_permissions(world: World, ask: Ask) -> Response:
    """PATCH: sets the level of the principals that it names.

    That it can also lower one is inferred: no source says so, or the contrary.
    """
    target = _target(world, ask, "CAN_MANAGE")
    return _write(world, target, (*target.direct.grants, *_wanted(world, ask)))


def get_levels(world: World, ask: Ask) -> Response:
    """GET permissionLevels: what can be granted; needs CAN_VIEW."""
    _target(world, ask, "CAN_VIEW")
    shown = [{"permission_level": level, "description": _DESCRIPTIONS[level]} for level in LEVELS]
    return json_response({"permission_levels": shown})


def _target(world: World, ask: Ask, needed: Level) -> _Target:
    wanted = ask.path["id"]
    for endpoint in world.endpoints.values():
        if endpoint.id == wanted:
            direct = direct_grants(world, endpoint)
            require_level(direct, ask.caller, needed, f"serving endpoint {endpoint.name}")
            return _Target(wanted, direct)
    left = world.grants.get(wanted)
    if left is None or not world.behaviour.permissions_outlive_objects:
        raise missing(f"Serving endpoint with ID '{wanted}' does not exist.")
    require_level(left, ask.caller, needed, f"serving endpoint {wanted}")
    return _Target(wanted, left)


def _wanted(world: World, ask: Ask) -> tuple[Grant, ...]:
    entries: list[JsonObject] = ask.body.get("access_control_list", [])
    return tuple(_grant(world, entry) for entry in entries)


def _grant(world: World, entry: JsonObject) -> Grant:
    named = [who for who in PRINCIPAL_FIELDS if entry.get(who)]
    if len(named) != 1:
        raise invalid(f"Exactly one of {', '.join(PRINCIPAL_FIELDS)} must be given.")
    level = entry.get("permission_level")
    if level not in LEVELS:
        raise invalid(f"permission_level must be one of {', '.join(LEVELS)}.")
    name = entry[named[0]]
    check_principal(world, named[0], name)
    return Grant(named[0], name, cast("Level", level))


def _write(world: World, target: _Target, grants: tuple[Grant, ...]) -> Response:
    # One level for each principal, the last one that was given; its place in the list is its first.
    latest = {(grant.who, grant.name): grant for grant in grants}
    now = world.clock.now()
    world.access_past.wrote(target.key, target.direct, world.behaviour, now)
    world.grants[target.id] = AccessList(tuple(latest.values()))
    return json_response(_shown(world, target.id, world.grants[target.id]))


def _shown(world: World, endpoint_id: str, direct: AccessList) -> JsonObject:
    entries: dict[tuple[str, str], JsonObject] = {}
    for grant in direct.grants:
        _entry(world, entries, grant).append({"permission_level": grant.level, "inherited": False})
    for grant in INHERITED:
        _entry(world, entries, grant).append(
            {
                "permission_level": grant.level,
                "inherited": True,
                "inherited_from_object": ["/serving-endpoints/"],
            }
        )
    return {
        "object_id": f"/serving-endpoints/{endpoint_id}",
        "object_type": "serving-endpoint",
        "access_control_list": world.access_past.ordered(list(entries.values()), world.behaviour),
    }


def _entry(
    world: World, entries: dict[tuple[str, str], JsonObject], grant: Grant
) -> list[JsonObject]:
    """The permissions of the entry of that principal, which is made when it is not there yet."""
    entry = entries.setdefault((grant.who, grant.name), {grant.who: grant.name})
    known = world.principals.get(grant.name)
    if known is not None and grant.who != "group_name":
        entry["display_name"] = known.display_name
    found: list[JsonObject] = entry.setdefault("all_permissions", [])
    return found


_PATTERN = "/api/2.0/permissions/serving-endpoints/{id}"
_BODY = fields(
    access_control_list=ListOf(
        fields(texts(*PRINCIPAL_FIELDS), permission_level=TEXT.among(*LEVELS))
    )
)

ROUTES = (
    Route("GET", _PATTERN, get_permissions),
    Route("PUT", _PATTERN, put_permissions, _BODY),
    Route("PATCH", _PATTERN, patch_permissions, _BODY),
    Route("GET", f"{_PATTERN}/permissionLevels", get_levels),
)
