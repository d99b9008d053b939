"""From the body of a config write to the config that is deployed (contract §5.2, §5.5)."""

from __future__ import annotations

from ..errors import invalid
from ..wire import JsonObject
from ..world import Ask, World
from .entities import check_entities, definition, entity_kind
from .environment import with_environment
from .gateway import checked_table
from .lifecycle import next_version
from .model import Config, Endpoint, Entity, EntityKind
from .registry import find_model

_RENAMED = {"model_name": "entity_name", "model_version": "entity_version"}


def with_entities(body: JsonObject | None) -> JsonObject | None:
    """A config that says what to serve; one that does not leaves an endpoint without config."""
    return body if body and (body.get("served_entities") or body.get("served_models")) else None


def build_config(world: World, ask: Ask, body: JsonObject, endpoint: Endpoint) -> Config:
    """The next version of an endpoint's config; `ApiError` 400 when it is refused."""
    wanted = _entities(body)
    check_entities(world, wanted)
    now = world.now()
    serving = (
        {entity.name: entity for entity in endpoint.active.entities} if endpoint.active else {}
    )
    entities = tuple(_entity(world, ask, one, serving, now) for one in wanted)
    first = entities[0]
    external = first.kind is EntityKind.EXTERNAL
    if endpoint.config is not None and endpoint.config.is_external is not external:
        raise invalid(
            "An endpoint with an external model cannot be updated to have none, and an endpoint "
            "created without one cannot be updated to have one."
        )
    config = Config(
        version=next_version(endpoint),
        entities=entities,
        routes=_routes(body, [entity.name for entity in entities]),
        task=_task(world, first),
        auto_capture=_auto_capture(body, endpoint, external=external),
        start_time=now,
    )
    return with_environment(world.scopes, config)


def _task(world: World, first: Entity) -> str | None:
    if first.kind is EntityKind.EXTERNAL:
        return str(first.definition["external_model"]["task"])
    model = find_model(world.models, first.definition["entity_name"])
    usual = "llm/v1/chat" if first.is_throughput else None
    return usual if model is None else model.usual_task


def _entities(body: JsonObject) -> list[JsonObject]:
    models: list[JsonObject] = body.get("served_models") or []
    entities: list[JsonObject] = body.get("served_entities") or []
    if models and entities:
        raise invalid("Only one of served_entities and served_models can be given.")
    older = [{_RENAMED.get(key, key): value for key, value in model.items()} for model in models]
    return entities or older


def _entity(
    world: World, ask: Ask, wanted: JsonObject, serving: dict[str, Entity], now: int
) -> Entity:
    shown = definition(world, wanted)
    before = serving.get(shown["name"])
    if before is not None and before.definition == shown:
        return before  # an entity that stays as it is keeps its age and goes on serving
    kind = entity_kind(world, wanted)
    return Entity(kind, shown, creator=ask.caller.user, creation_timestamp=now)


def _routes(body: JsonObject, names: list[str]) -> tuple[JsonObject, ...]:
    given: list[JsonObject] = body.get("traffic_config", {}).get("routes", [])
    if not given and len(names) > 1:
        raise invalid("traffic_config is required with more than one served entity.")
    if not given:
        given = [{"served_entity_name": names[0], "traffic_percentage": 100}]
    routes = tuple(_route(route, names, index) for index, route in enumerate(given))
    targets = [route["served_entity_name"] for route in routes]
    if len(set(targets)) < len(targets):
        raise invalid("traffic_config.routes: a served entity can have only one route.")
    total = sum(route["traffic_percentage"] for route in routes)
    if total != 100:
        raise invalid(f"The traffic percentages must sum to 100, but they sum to {total}.")
    return routes


def _route(route: JsonObject, names: list[str], index: int) -> JsonObject:
    where = f"traffic_config.routes[{index}]"
    targets = {route[key] for key in ("served_entity_name", "served_model_name") if key in route}
    if len(targets) != 1:
        raise invalid(f"{where}: one served_entity_name must be given.")
    target = targets.pop()
    if target not in names:
        raise invalid(f"{where}: there is no served entity named '{target}'.")
    percentage = route.get("traffic_percentage", -1)
    if not 0 <= percentage <= 100:
        raise invalid(f"{where}.traffic_percentage must be given, from 0 to 100.")
    return {
        "served_model_name": target,
        "served_entity_name": target,
        "traffic_percentage": percentage,
    }


def _auto_capture(body: JsonObject, endpoint: Endpoint, *, external: bool) -> JsonObject | None:
    table: JsonObject | None = body.get("auto_capture_config")
    standing = endpoint.active.auto_capture if endpoint.active else None
    if table is None:
        # No source tells what becomes of it: if it went, the next write could move it.
        return standing
    if external:
        raise invalid("auto_capture_config is not supported for external models.")
    return checked_table(
        {"enabled": True, **table},
        before=standing or {},
        prefix=endpoint.name,
        where="auto_capture_config",
    )
