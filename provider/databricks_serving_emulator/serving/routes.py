"""The calls on serving endpoints (contract §4): their life and their config."""

from __future__ import annotations

from dataclasses import replace

from ..access import manages_all, may_see
from ..errors import ApiError
from ..wire import JsonObject, Response, json_response
from ..world import Ask, Route, World
from . import lifecycle, run_routes, shapes, side_routes, throughput_routes
from .config import build_config
from .creating import new_endpoint
from .habits import as_answered
from .model import Endpoint
from .render import summary
from .standing import answer_detailed, check_not_updating, drop, keep, ours, seen
from .support import check_route_optimized


def list_endpoints(world: World, ask: Ask) -> Response:
    """GET /serving-endpoints: summaries, in the order of creation; `{}` when there are none.

    Only of those that the caller may see. What is deleted and still shown comes last. By an API
    client, it counts as a poll of each.
    """
    gone = [name for name in world.past.names() if name not in world.endpoints]
    names = [*world.endpoints, *gone]
    sees_all = manages_all(ask.caller)
    shown = [found for name in names for found in _summaries(world, ask, name, sees_all=sees_all)]
    return json_response({"endpoints": shown} if shown else {})


def _summaries(world: World, ask: Ask, name: str, *, sees_all: bool) -> list[JsonObject]:
    try:
        endpoint = seen(world, ask, name, counts=False)
    except ApiError:
        return []  # its creation is not seen yet, or its deletion is
    # Rights are those of now, also where an older state of the endpoint is shown.
    if not sees_all and not may_see(world, ask.caller, world.endpoints.get(name, endpoint)):
        return []
    _note_poll(world, ask, endpoint)
    return [as_answered(world, summary(endpoint), endpoint.kind)]


def get_endpoint(world: World, ask: Ask) -> Response:
    """GET /serving-endpoints/{name}: by an API client, it counts as a poll."""
    endpoint = seen(world, ask, ask.path["name"], counts=True)
    _note_poll(world, ask, endpoint)
    return answer_detailed(world, ask, endpoint)


def _note_poll(world: World, ask: Ask, endpoint: Endpoint) -> None:
    """A client has seen the endpoint; where a deployment was in progress, that was a poll of it."""
    standing = world.endpoints.get(endpoint.name)
    counts = lifecycle.is_updating(endpoint) and not ask.caller.is_person_in_ui
    if standing is not None and counts:
        world.endpoints[endpoint.name] = lifecycle.polled(standing)


def create_endpoint(world: World, ask: Ask) -> Response:
    """POST /serving-endpoints."""
    endpoint = new_endpoint(world, ask)
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


def delete_endpoint(world: World, ask: Ask) -> Response:
    """DELETE /serving-endpoints/{name}: also during an update."""
    endpoint = ours(world, ask)
    if world.behaviour.delete_waits:
        check_not_updating(endpoint)
    drop(world, endpoint)
    return json_response({})


def put_config(world: World, ask: Ask) -> Response:
    """PUT /serving-endpoints/{name}/config: replaces the whole config, one update at a time."""
    endpoint = ours(world, ask)
    check_not_updating(endpoint)
    config = build_config(world, ask, ask.body, endpoint)
    if endpoint.route_optimized:
        check_route_optimized(config.kind)
    plan = world.deployments.take(endpoint.name)
    endpoint = replace(endpoint, last_updated_timestamp=world.now())
    endpoint = lifecycle.begin(endpoint, config, plan, world.clock.now())
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


_BASE = "/api/2.0/serving-endpoints"

ROUTES = (
    Route("GET", _BASE, list_endpoints),
    Route("POST", _BASE, create_endpoint, shapes.CREATE),
    Route("GET", f"{_BASE}/{{name}}", get_endpoint),
    Route("DELETE", f"{_BASE}/{{name}}", delete_endpoint),
    *throughput_routes.ROUTES,
    Route("PUT", f"{_BASE}/{{name}}/config", put_config, shapes.CONFIG),
    *side_routes.ROUTES,
    *run_routes.ROUTES,
)
