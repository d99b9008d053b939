"""What stands before and behind the serving routes: rights, and what a caller gets to see.

The routes themselves answer as if everybody might do everything (contract §5.4, §13); only the list
leaves out what its caller may not see, which is then no poll.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .access import direct_grants, level_of, manages_all, may, no_permission, require_level
from .auth import Caller
from .directory import groups_of
from .errors import denied
from .grants import LEVELS, Level
from .scopes_model import REFERENCE
from .serving.habits import with_values
from .serving.model import Endpoint
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World

_LIST = "/api/2.0/serving-endpoints"
_ENTITIES = ("served_entities", "served_models")


def admit(world: World, route: Route, caller: Caller, path: Mapping[str, str]) -> None:
    """Raise `ApiError` 403 when the caller's level on the endpoint is not enough for the route."""
    endpoint = _endpoint(world, route, path)
    if endpoint is None:
        return  # the route knows what to say
    direct = direct_grants(world, endpoint)
    require_level(direct, caller, _needed(route), f"serving endpoint {endpoint.name}")
    if route.method == "DELETE" and world.behaviour.permissions_outlive_objects:
        world.grants[endpoint.id] = direct


def spend_write(world: World, route: Route, caller: Caller) -> None:
    """Raise `ApiError` 429 when there were too many create and update calls lately."""
    is_write = route.method in {"POST", "PUT", "PATCH"} and not is_query(route)
    if is_write and _is_serving(route) and not caller.is_person_in_ui:
        world.write_budget.spend(world.behaviour.write_budget, world.clock.now())


def check_secrets(world: World, route: Route, ask: Ask) -> None:
    """Raise `ApiError` 403 when a config write refers to what the creator may not read.

    The creator is the one recorded at creation, whoever writes now. A scope that does not exist is
    left to the route.
    """
    if not _writes_config(route):
        return
    creator, groups = ask.caller.user, ask.caller.groups
    endpoint = _endpoint(world, route, ask.path)
    if endpoint is not None:
        creator, groups = endpoint.creator, groups_of(world.groups, endpoint.creator)
        if creator not in world.principals and not endpoint.is_foundation:
            text = f"User {creator}, who created the endpoint, is not in the workspace any more."
            raise denied(text)
    config: JsonObject = ask.body.get("config") or ask.body
    for text in _texts([config.get(name) for name in _ENTITIES]):
        match = REFERENCE.fullmatch(text)
        scope = world.scopes.get(match[1].casefold()) if match else None
        if scope is not None and not may(scope, creator, groups, "READ"):
            raise no_permission(scope, creator, "READ")


def as_seen(world: World, route: Route, ask: Ask, response: Response) -> Response:
    """The route's answer as its caller gets it: with its own level.

    Where a switch says so, enums have values that no client has heard of.
    """
    if response.status != 200 or is_query(route):
        return response
    shown = _own_view(world, route, ask, response) if _is_serving(route) else response
    new = world.behaviour.unknown_values
    if not new or shown.headers.get("content-type") != "application/json":
        return shown
    if shown.waited is None:
        return _changed(shown, with_values(shown.json(), new))
    made = shown.waited.body

    def body() -> bytes:
        return json_response(with_values(json.loads(made()), new)).body

    return replace(shown, waited=replace(shown.waited, body=body))


def _own_view(world: World, route: Route, ask: Ask, response: Response) -> Response:
    if route.method == "DELETE":
        _forget_deleted(world)
        return response
    if manages_all(ask.caller):
        return response  # the routes answer as if everybody might do everything
    return _with_own_level(world, ask.caller, response)


def _with_own_level(world: World, caller: Caller, response: Response) -> Response:
    if b'"permission_level"' not in response.body:
        return response
    shown: object = response.json()
    # A tag may be called so, and where a switch says so, tags are answered as a bare list.
    if not isinstance(shown, dict) or shown.get("permission_level") not in LEVELS:
        return response
    endpoint = world.endpoints.get(str(shown.get("name")))
    if endpoint is None or endpoint.is_foundation:
        return response
    level = level_of(direct_grants(world, endpoint), caller)
    return _changed(response, {**shown, "permission_level": level})


def _changed(response: Response, content: object) -> Response:
    return replace(response, body=json_response(content).body)


def _forget_deleted(world: World) -> None:
    if world.behaviour.permissions_outlive_objects:
        return
    alive = {endpoint.id for endpoint in world.endpoints.values()}
    for endpoint_id in world.grants.keys() - alive:
        del world.grants[endpoint_id]


def _is_serving(route: Route) -> bool:
    return "/serving-endpoints" in route.pattern and "/permissions/" not in route.pattern


def _endpoint(world: World, route: Route, path: Mapping[str, str]) -> Endpoint | None:
    if not _is_serving(route) or "name" not in path:
        return None
    return _named(world, path["name"])


def _named(world: World, name: str) -> Endpoint | None:
    standing = world.endpoints.get(name)
    if standing is not None:
        return standing
    # One that is deleted may still be shown for a while: to those who could see it.
    return world.past.seen(name, None, world.clock.now(), counts=False)


def _needed(route: Route) -> Level:
    if is_query(route):
        return "CAN_QUERY"
    return "CAN_VIEW" if route.method == "GET" else "CAN_MANAGE"


def is_query(route: Route) -> bool:
    """Whether a route asks an endpoint something."""
    return _is_serving(route) and not route.pattern.startswith("/api/")


def _writes_config(route: Route) -> bool:
    if not _is_serving(route):
        return False
    creates = route.method == "POST" and route.pattern in {_LIST, f"{_LIST}/pt"}
    return creates or (route.method == "PUT" and route.pattern.endswith("/config"))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
