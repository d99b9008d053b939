"""The endpoints of a workspace: the one that a call is about, and what becomes of it."""

from __future__ import annotations

from ..errors import ApiError, RefusedError, conflict, denied
from ..wire import JsonObject, Response, json_response
from ..world import Ask, World
from . import lifecycle
from .habits import as_answered
from .model import Endpoint
from .render import detailed


def current(world: World, name: str) -> Endpoint:
    """The endpoint as it is now, deployments that are due having ended; `ApiError` 404."""
    endpoint = world.endpoints.get(name)
    if endpoint is None:
        raise _missing(world, name)
    endpoint = lifecycle.settle(endpoint, world.clock.now())
    world.endpoints[name] = endpoint
    return endpoint


def named(world: World, name: str) -> Endpoint:
    """The endpoint that somebody names who drives the emulator; `RefusedError` for none."""
    try:
        return current(world, name)
    except ApiError as error:
        names = ", ".join(world.endpoints)
        there = f"the endpoints are {names}" if names else "there are no endpoints"
        raise RefusedError(f"{error.message.removesuffix('.')}; {there}.") from error


def ours(world: World, ask: Ask) -> Endpoint:
    """The endpoint that a call is about to change; `ApiError` 404, or 403 for Databricks' own."""
    endpoint = current(world, ask.path["name"])
    if endpoint.is_foundation:
        raise denied(f"Endpoint {endpoint.name} is managed by Databricks.")
    return endpoint


def seen(world: World, ask: Ask, name: str, *, counts: bool) -> Endpoint:
    """The endpoint as the caller sees it, which may be how it was a while ago; `ApiError` 404.

    counts: whether it is one of the reads after which a write is seen
    """
    settled = current(world, name) if name in world.endpoints else None
    if ask.caller.is_person_in_ui:
        endpoint = settled
    else:
        endpoint = world.past.seen(name, settled, world.clock.now(), counts=counts)
    if endpoint is None:
        raise _missing(world, name)
    return lifecycle.settle(endpoint, world.clock.now())


def keep(world: World, endpoint: Endpoint) -> None:
    """Somebody's write: the endpoint takes the place of the one of its name, if there is any."""
    before = world.endpoints.get(endpoint.name)
    world.past.note_write(endpoint.name, before, world.behaviour, world.clock.now())
    world.endpoints[endpoint.name] = endpoint
    world.ledger.note_endpoint(endpoint)


def drop(world: World, endpoint: Endpoint) -> None:
    """Somebody's deletion."""
    world.past.note_write(endpoint.name, endpoint, world.behaviour, world.clock.now())
    del world.endpoints[endpoint.name]
    world.ledger.note_deletion(endpoint.id, world.clock.now())


def check_not_updating(endpoint: Endpoint) -> None:
    """Raise `ApiError` 409 while a deployment is under way: there is one at a time (§11)."""
    if lifecycle.is_updating(endpoint):
        raise conflict(
            f"Endpoint {endpoint.name} is currently updating. Wait for the update to complete "
            "before updating its configuration."
        )


def answer_detailed(world: World, ask: Ask, endpoint: Endpoint) -> Response:
    """The endpoint in full."""
    shown: JsonObject = detailed(endpoint, world.settings.workspace_id, ask.origin)
    return json_response(as_answered(world, shown, endpoint.kind))


def _missing(world: World, name: str) -> ApiError:
    text = f"Endpoint with name '{name}' does not exist."
    return ApiError(404, world.behaviour.not_found_code, text)
