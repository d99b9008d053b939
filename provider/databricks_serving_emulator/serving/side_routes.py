"""The calls on what is beside the config: tags, gateway, mails, telemetry (contract §6, §7).

None of them but telemetry minds an update that is under way.
"""

from __future__ import annotations

from dataclasses import replace

from ..wire import JsonObject, Response, json_response
from ..world import Ask, Route, World
from . import shapes
from .creating import tags_by_key
from .gateway import check_one_form, checked_gateway, legacy_limits
from .render import shown_tags
from .standing import answer_detailed, current, keep, ours
from .support import check_gateway_sections
from .telemetry import check_can_change, checked_telemetry


def patch_tags(world: World, ask: Ask) -> Response:
    """PATCH /serving-endpoints/{name}/tags: adds by key, then deletes."""
    endpoint = current(world, ask.path["name"])
    tags = {**endpoint.tags, **tags_by_key(ask.body.get("add_tags", []))}
    for key in ask.body.get("delete_tags", []):
        tags.pop(key, None)
    endpoint = replace(endpoint, tags=tags, last_updated_timestamp=world.now())
    keep(world, endpoint)
    tags_now = shown_tags(endpoint)
    return json_response(tags_now if world.behaviour.tags_as_list else {"tags": tags_now})


def put_rate_limits(world: World, ask: Ask) -> Response:
    """PUT /serving-endpoints/{name}/rate-limits: the older form, which no other answer shows.

    It was made for the pay-per-token endpoints, and goes on taking them (contract §6.6).
    """
    endpoint = current(world, ask.path["name"])
    limits = legacy_limits(ask.body.get("rate_limits", []))
    check_gateway_sections(
        {"rate_limits": limits} if limits else {}, endpoint.kind, world.behaviour
    )
    check_one_form(endpoint.ai_gateway.get("rate_limits", []), limits)
    keep(world, replace(endpoint, legacy_limits=limits, last_updated_timestamp=world.now()))
    return json_response({"rate_limits": limits})


def put_gateway(world: World, ask: Ask) -> Response:
    """PUT /serving-endpoints/{name}/ai-gateway: replaces the whole gateway; `{}` clears it."""
    endpoint = current(world, ask.path["name"])
    gateway = checked_gateway(ask.body, endpoint, world.behaviour)
    world.past.note_gateway(endpoint, world.behaviour, world.clock.now())
    keep(world, replace(endpoint, ai_gateway=gateway, last_updated_timestamp=world.now()))
    return json_response(gateway)


def patch_notifications(world: World, ask: Ask) -> Response:
    """PATCH /serving-endpoints/{name}/notifications: both lists at once; none clears them."""
    endpoint = ours(world, ask)
    mails: JsonObject | None = ask.body.get("email_notifications") or None
    keep(world, replace(endpoint, email_notifications=mails, last_updated_timestamp=world.now()))
    shown = {} if mails is None else {"email_notifications": mails}
    return json_response({"name": endpoint.name, **shown})


def patch_telemetry(world: World, ask: Ask) -> Response:
    """PATCH /serving-endpoints/{name}/telemetry-config: without a config, it is removed."""
    endpoint = ours(world, ask)
    check_can_change(endpoint)
    telemetry = checked_telemetry(world, ask.body.get("telemetry_config"), endpoint.telemetry)
    endpoint = replace(endpoint, telemetry=telemetry, last_updated_timestamp=world.now())
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


_ONE = "/api/2.0/serving-endpoints/{name}"

ROUTES = (
    Route("PATCH", f"{_ONE}/tags", patch_tags, shapes.PATCH_TAGS),
    Route("PUT", f"{_ONE}/rate-limits", put_rate_limits, shapes.PUT_RATE_LIMITS),
    Route("PUT", f"{_ONE}/ai-gateway", put_gateway, shapes.AI_GATEWAY),
    Route("PATCH", f"{_ONE}/notifications", patch_notifications, shapes.PATCH_NOTIFICATIONS),
    Route("PATCH", f"{_ONE}/telemetry-config", patch_telemetry, shapes.PATCH_TELEMETRY),
)
