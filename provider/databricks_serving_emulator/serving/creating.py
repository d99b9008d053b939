"""From the body of a creation to a new endpoint (contract §5.1, §5.6)."""

from __future__ import annotations

import uuid
from dataclasses import replace

from ..errors import ApiError, invalid
from ..wire import JsonObject
from ..world import Ask, World
from . import lifecycle
from .config import build_config, with_entities
from .entities import NAME
from .gateway import checked_gateway, legacy_limits
from .model import Endpoint
from .support import check_gateway_sections, check_route_optimized
from .telemetry import checked_telemetry, supports_telemetry

MAX_DESCRIPTION = 1000


def new_endpoint(world: World, ask: Ask) -> Endpoint:
    """The endpoint that the request asks for, its first deployment begun; `ApiError` otherwise."""
    name = _new_name(world, ask)
    endpoint = _plain(world, ask, name)
    body = ask.body
    config = with_entities(body.get("config"))
    first = build_config(world, ask, config, endpoint) if config else None
    if endpoint.route_optimized and first is not None:
        check_route_optimized(first.kind)
    expected = replace(endpoint, pending=first)
    if endpoint.legacy_limits:
        limits = {"rate_limits": endpoint.legacy_limits}
        check_gateway_sections(limits, expected.kind, world.behaviour)
    gateway = checked_gateway(body.get("ai_gateway", {}), expected, world.behaviour)
    endpoint = replace(endpoint, ai_gateway=gateway)
    if first is None:
        return endpoint
    if supports_telemetry(first.kind):
        # Elsewhere it is dropped without a word.
        telemetry = checked_telemetry(world, body.get("telemetry_config"), None)
        endpoint = replace(endpoint, telemetry=telemetry)
    return lifecycle.begin(endpoint, first, world.deployments.take(name), world.clock.now())


def _plain(world: World, ask: Ask, name: str) -> Endpoint:
    body = ask.body
    return Endpoint(
        name=name,
        id=uuid.uuid4().hex,
        creator=ask.caller.user,
        creator_display_name=ask.caller.display_name,
        creator_kind=ask.caller.kind,
        creation_timestamp=world.now(),
        last_updated_timestamp=world.now(),
        description=_description(body),
        route_optimized=body.get("route_optimized", False),
        budget_policy_id=body.get("budget_policy_id"),
        tags=tags_by_key(body.get("tags", [])),
        email_notifications=body.get("email_notifications") or None,
        legacy_limits=legacy_limits(body.get("rate_limits", [])),
    )


def _new_name(world: World, ask: Ask) -> str:
    name = ask.text("name")
    if not NAME.fullmatch(name):
        raise invalid(
            "Endpoint name must have 1 to 63 characters: letters, digits, dashes and underscores."
        )
    if name in world.endpoints:
        status = world.behaviour.duplicate_status
        text = f"Endpoint with name '{name}' already exists."
        raise ApiError(status, "RESOURCE_ALREADY_EXISTS", text)
    if name.startswith("databricks-"):
        raise invalid("Endpoint names that begin with 'databricks-' are reserved.")
    limit = world.behaviour.endpoints_limit
    if limit is not None and len(world.endpoints) >= limit:
        text = f"At most {limit} endpoints are allowed per workspace."
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", text)
    return name


def _description(body: JsonObject) -> str:
    description = str(body.get("description", ""))
    if len(description) > MAX_DESCRIPTION:
        raise invalid(f"description may have at most {MAX_DESCRIPTION} characters.")
    return description


def tags_by_key(tags: list[JsonObject]) -> dict[str, str | None]:
    """Tags as a map; `ApiError` 400 for one without a key."""
    if not all(tag.get("key") for tag in tags):
        raise invalid("Missing required field: tags.key")
    return {tag["key"]: tag.get("value") for tag in tags}
