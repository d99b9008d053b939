"""The calls on endpoints with provisioned throughput by model units (contract §4, §5.6)."""

from __future__ import annotations

from dataclasses import replace

from ..errors import invalid
from ..wire import JsonObject, Response, json_response
from ..world import Ask, Route, World
from . import lifecycle, shapes
from .config import build_config
from .creating import new_endpoint
from .model import EndpointKind
from .registry import find_model
from .standing import answer_detailed, check_not_updating, keep, ours
from .throughput import optimization_info


def create_throughput(world: World, ask: Ask) -> Response:
    """POST /serving-endpoints/pt: a config with model units is required."""
    ask.text("name")
    _check_units(ask.body)
    endpoint = new_endpoint(world, ask)
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


def put_throughput(world: World, ask: Ask) -> Response:
    """PUT /serving-endpoints/pt/{name}/config: the config is nested, unlike in the other PUT."""
    endpoint = ours(world, ask)
    if endpoint.kind is not EndpointKind.THROUGHPUT:
        raise invalid(f"Endpoint {endpoint.name} has no provisioned throughput.")
    check_not_updating(endpoint)
    _check_units(ask.body)
    config = build_config(world, ask, ask.body["config"], endpoint)
    plan = world.deployments.take(endpoint.name)
    endpoint = replace(endpoint, last_updated_timestamp=world.now())
    endpoint = lifecycle.begin(endpoint, config, plan, world.clock.now())
    keep(world, endpoint)
    return answer_detailed(world, ask, endpoint)


def _check_units(body: JsonObject) -> None:
    entities: list[JsonObject] = body.get("config", {}).get("served_entities", [])
    if not entities:
        raise invalid("Missing required field: config.served_entities")
    for index, entity in enumerate(entities):
        for name in ("entity_name", "provisioned_model_units"):
            if not entity.get(name):
                raise invalid(f"Missing required field: config.served_entities[{index}].{name}")


def get_optimization_info(world: World, ask: Ask) -> Response:
    """GET …/get-model-optimization-info/{model}/{version}: in which steps it can be provisioned."""
    model = find_model(world.models, ask.path["model"])
    return json_response(optimization_info(model, ask.path["version"]))


_BASE = "/api/2.0/serving-endpoints"

ROUTES = (
    Route("POST", f"{_BASE}/pt", create_throughput, shapes.CREATE_THROUGHPUT),
    Route("PUT", f"{_BASE}/pt/{{name}}/config", put_throughput, shapes.PUT_THROUGHPUT),
    Route(
        "GET", f"{_BASE}/get-model-optimization-info/{{model}}/{{version}}", get_optimization_info
    ),
)
