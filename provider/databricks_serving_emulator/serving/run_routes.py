"""The calls on an endpoint at work: stop and start, logs, metrics, interface (contract §4, §8)."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ApiError, invalid, missing
from ..wire import Response, json_response, text_response
from ..world import Ask, Route, World
from . import lifecycle
from .environment import with_environment
from .model import Config, Endpoint, EndpointKind, Entity
from .openapi import interface
from .reports import build_log, metrics, service_log
from .standing import answer_detailed, check_not_updating, current, keep, ours

# What a metric calls the last minute.
_METRICS_SECONDS = 60.0
# An agent is a custom model, too.
_CAN_STOP = {EndpointKind.CUSTOM, EndpointKind.AGENT}


def stop(world: World, ask: Ask) -> Response:
    """POST /serving-endpoints/{name}/config:stop: only custom models, and not during an update."""
    endpoint = _stoppable(world, ask)
    if endpoint.stopped:
        raise invalid(f"Endpoint {endpoint.name} is stopped already.")
    endpoint = lifecycle.suspended(endpoint, world.now())
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


def start(world: World, ask: Ask) -> Response:
    """POST /serving-endpoints/{name}/config:start: deploys the same config as a new version."""
    endpoint = _stoppable(world, ask)
    active = endpoint.active
    if active is None or not endpoint.stopped:
        raise invalid(f"Endpoint {endpoint.name} is not stopped.")
    version = lifecycle.next_version(endpoint)
    config = lifecycle.again(active, version, world.now(), creator=ask.caller.user)
    config = with_environment(world.scopes, config)
    plan = world.deployments.take(endpoint.name)
    endpoint = replace(endpoint, last_updated_timestamp=world.now())
    endpoint = lifecycle.begin(endpoint, config, plan, world.clock.now())
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


def _stoppable(world: World, ask: Ask) -> Endpoint:
    endpoint = ours(world, ask)
    check_not_updating(endpoint)
    if endpoint.kind not in _CAN_STOP or endpoint.active is None:
        raise invalid("Only endpoints that serve custom models can be stopped and started.")
    return endpoint


def get_build_logs(world: World, ask: Ask) -> Response:
    """GET …/served-models/{served}/build-logs."""
    endpoint, entity = _served(world, ask)
    return json_response({"logs": build_log(endpoint, entity)})


def get_logs(world: World, ask: Ask) -> Response:
    """GET …/served-models/{served}/logs."""
    endpoint, entity = _served(world, ask)
    return json_response({"logs": service_log(endpoint, entity)})


def _served(world: World, ask: Ask) -> tuple[Endpoint, Entity]:
    endpoint = current(world, ask.path["name"])
    wanted = ask.path["served"]
    # What is being deployed is what somebody who reads logs wants to know about.
    for config in (endpoint.pending, endpoint.active):
        for entity in config.entities if config else ():
            if entity.name == wanted:
                return endpoint, entity
    raise missing(f"Served entity '{wanted}' does not exist in endpoint '{endpoint.name}'.")


def get_metrics(world: World, ask: Ask) -> Response:
    """GET /serving-endpoints/{name}/metrics: in the text format of Prometheus."""
    endpoint = current(world, ask.path["name"])
    if not endpoint.is_ready or endpoint.active is None:
        raise ApiError(400, "BAD_REQUEST", f"Endpoint {endpoint.name} is not ready.")
    statuses: dict[str, list[int]] = {}
    for query in world.queries.since(world.clock.now() - _METRICS_SECONDS):
        if query.endpoint_id == endpoint.id:
            statuses.setdefault(query.served_entity_name, []).append(query.status_code)
    return text_response(metrics(endpoint, endpoint.active, statuses))


def get_openapi(world: World, ask: Ask) -> Response:
    """GET /serving-endpoints/{name}/openapi: how the endpoint is queried."""
    endpoint = current(world, ask.path["name"])
    config: Config | None = endpoint.active
    if config is None:
        raise missing(f"Endpoint {endpoint.name} does not serve anything yet.")
    return json_response(interface(endpoint.name, config))


_ONE = "/api/2.0/serving-endpoints/{name}"

ROUTES = (
    Route("POST", f"{_ONE}/config:stop", stop),
    Route("POST", f"{_ONE}/config:start", start),
    Route("GET", f"{_ONE}/served-models/{{served}}/build-logs", get_build_logs),
    Route("GET", f"{_ONE}/served-models/{{served}}/logs", get_logs),
    Route("GET", f"{_ONE}/metrics", get_metrics),
    Route("GET", f"{_ONE}/openapi", get_openapi),
)
