"""The calls on serving endpoints (contract §4)."""

from __future__ import annotations

import uuid
from dataclasses import replace

from ..errors import ApiError, conflict, denied, invalid, missing
from ..wire import JsonObject, Response, json_response
from ..world import Ask, Route, World
from . import lifecycle, shapes
from .config import build_config, with_entities
from .entities import NAME
from .gateway import checked_gateway, checked_legacy_limits
from .model import Config, Endpoint
from .render import detailed, shown_tags, summary

MAX_ENDPOINTS = 1000
MAX_DESCRIPTION = 1000


def list_endpoints(world: World, _ask: Ask) -> Response:
    """GET /serving-endpoints: summaries, in the order of creation; `{}` when there are none."""
    shown = [summary(current(world, name)) for name in world.endpoints]
    return json_response({"endpoints": shown} if shown else {})


def get_endpoint(world: World, ask: Ask) -> Response:
    """GET /serving-endpoints/{name}: by an API client, it counts as a poll."""
    endpoint = current(world, ask.path["name"])
    if not ask.caller.is_person_in_ui:
        world.endpoints[endpoint.name] = lifecycle.polled(endpoint)
    return _detailed(world, endpoint)


def create_endpoint(world: World, ask: Ask) -> Response:
    """POST /serving-endpoints."""
    name = _new_name(world, ask)
    body = ask.body
    endpoint = Endpoint(
        name=name,
        id=uuid.uuid4().hex,
        creator=ask.caller.user,
        creator_display_name=ask.caller.display_name,
        creation_timestamp=world.now(),
        last_updated_timestamp=world.now(),
        description=_description(body),
        route_optimized=body.get("route_optimized", False),
        budget_policy_id=body.get("budget_policy_id"),
        tags=_tags(body.get("tags", [])),
        email_notifications=body.get("email_notifications"),
    )
    config = with_entities(body.get("config"))
    first = build_config(world, ask, config, endpoint) if config else None
    _check_route_optimized(endpoint, first)
    gateway = _first_gateway(body, replace(endpoint, pending=first))
    endpoint = replace(endpoint, ai_gateway=gateway)
    if first is not None:
        plan = world.deployments.take(name)
        endpoint = lifecycle.begin(endpoint, first, plan, world.clock.now())
    world.endpoints[name] = endpoint
    return _detailed(world, endpoint)


def _new_name(world: World, ask: Ask) -> str:
    name = ask.text("name")
    if not NAME.fullmatch(name):
        raise invalid(
            "Endpoint name must have 1 to 63 characters: letters, digits, dashes and underscores."
        )
    if name in world.endpoints:
        status = world.settings.duplicate_status
        text = f"Endpoint with name '{name}' already exists."
        raise ApiError(status, "RESOURCE_ALREADY_EXISTS", text)
    if name.startswith("databricks-"):
        raise invalid("Endpoint names that begin with 'databricks-' are reserved.")
    if len(world.endpoints) >= MAX_ENDPOINTS:
        text = f"At most {MAX_ENDPOINTS} endpoints are allowed per workspace."
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", text)
    return name


def _description(body: JsonObject) -> str:
    description = str(body.get("description", ""))
    if len(description) > MAX_DESCRIPTION:
        raise invalid(f"description may have at most {MAX_DESCRIPTION} characters.")
    return description


def _first_gateway(body: JsonObject, endpoint: Endpoint) -> JsonObject:
    if body.get("rate_limits") and body.get("ai_gateway", {}).get("rate_limits"):
        raise invalid("Only one of rate_limits and ai_gateway.rate_limits can be given.")
    checked_legacy_limits(body.get("rate_limits", []))
    return checked_gateway(body.get("ai_gateway", {}), endpoint)


def _check_route_optimized(endpoint: Endpoint, config: Config | None) -> None:
    if not endpoint.route_optimized or config is None:
        return
    if config.is_external or config.entities[0].is_throughput:
        raise invalid("Route optimization is only for custom models and feature serving.")


def delete_endpoint(world: World, ask: Ask) -> Response:
    """DELETE /serving-endpoints/{name}: also during an update."""
    endpoint = current(world, ask.path["name"])
    _check_ours(endpoint)
    del world.endpoints[endpoint.name]
    return json_response({})


def put_config(world: World, ask: Ask) -> Response:
    """PUT /serving-endpoints/{name}/config: replaces the whole config, one update at a time."""
    endpoint = current(world, ask.path["name"])
    _check_ours(endpoint)
    if lifecycle.is_updating(endpoint):
        raise conflict(
            f"Endpoint {endpoint.name} is currently updating. Wait for the update to complete "
            "before updating its configuration."
        )
    config = build_config(world, ask, ask.body, endpoint)
    _check_route_optimized(endpoint, config)
    plan = world.deployments.take(endpoint.name)
    endpoint = replace(endpoint, last_updated_timestamp=world.now())
    endpoint = lifecycle.begin(endpoint, config, plan, world.clock.now())
    world.endpoints[endpoint.name] = endpoint
    return _detailed(world, endpoint)


def patch_tags(world: World, ask: Ask) -> Response:
    """PATCH /serving-endpoints/{name}/tags: adds by key, then deletes."""
    endpoint = current(world, ask.path["name"])
    tags = {**endpoint.tags, **_tags(ask.body.get("add_tags", []))}
    for key in ask.body.get("delete_tags", []):
        tags.pop(key, None)
    endpoint = replace(endpoint, tags=tags, last_updated_timestamp=world.now())
    world.endpoints[endpoint.name] = endpoint
    return json_response({"tags": shown_tags(endpoint)})


def put_gateway(world: World, ask: Ask) -> Response:
    """PUT /serving-endpoints/{name}/ai-gateway: replaces the whole gateway; `{}` clears it."""
    endpoint = current(world, ask.path["name"])
    gateway = checked_gateway(ask.body, endpoint)
    endpoint = replace(endpoint, ai_gateway=gateway, last_updated_timestamp=world.now())
    world.endpoints[endpoint.name] = endpoint
    return json_response(gateway)


def current(world: World, name: str) -> Endpoint:
    """The endpoint as it is now, deployments that are due having ended; `ApiError` 404."""
    endpoint = world.endpoints.get(name)
    if endpoint is None:
        raise missing(f"Endpoint with name '{name}' does not exist.")
    endpoint = lifecycle.settle(endpoint, world.clock.now())
    world.endpoints[name] = endpoint
    return endpoint


def _check_ours(endpoint: Endpoint) -> None:
    if endpoint.is_foundation:
        raise denied(f"Endpoint {endpoint.name} is managed by Databricks.")


def _tags(tags: list[JsonObject]) -> dict[str, str | None]:
    if not all(tag.get("key") for tag in tags):
        raise invalid("Missing required field: tags.key")
    return {tag["key"]: tag.get("value") for tag in tags}


def _detailed(world: World, endpoint: Endpoint) -> Response:
    return json_response(detailed(endpoint, world.settings.workspace_id))


_BASE = "/api/2.0/serving-endpoints"

ROUTES = (
    Route("GET", _BASE, list_endpoints),
    Route("POST", _BASE, create_endpoint, shapes.CREATE),
    Route("GET", f"{_BASE}/{{name}}", get_endpoint),
    Route("DELETE", f"{_BASE}/{{name}}", delete_endpoint),
    Route("PUT", f"{_BASE}/{{name}}/config", put_config, shapes.CONFIG),
    Route("PATCH", f"{_BASE}/{{name}}/tags", patch_tags, shapes.PATCH_TAGS),
    Route("PUT", f"{_BASE}/{{name}}/ai-gateway", put_gateway, shapes.AI_GATEWAY),
)
