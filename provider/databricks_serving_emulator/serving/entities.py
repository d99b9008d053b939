"""Served entities: what is refused, and what the service fills in (contract §5.3, §9)."""

from __future__ import annotations

import re

from ..errors import ApiError, invalid, missing
from ..scopes_model import REFERENCE, missing_reference
from ..wire import JsonObject
from ..world import World
from .model import THROUGHPUT_FIELDS, EntityKind
from .registry import find_model
from .throughput import check_throughput, throughput_sizing
from .vendors import check_external_model, secret_references, without_plaintext

NAME = re.compile(r"^[A-Za-z0-9_-]{1,63}$")
MAX_ENTITIES = 15
CONCURRENCY_STEP = 4
_CONCURRENCY = ("min_provisioned_concurrency", "max_provisioned_concurrency")
_NOT_EXTERNAL = (
    "entity_name",
    "entity_version",
    "workload_size",
    "workload_type",
    "scale_to_zero_enabled",
    "environment_vars",
    *_CONCURRENCY,
    *sorted(THROUGHPUT_FIELDS),
)


def entity_kind(world: World, entity: JsonObject) -> EntityKind:
    """What a served entity is: by what is known of its model, else by its fields.

    One without a version, of which nothing is known, is taken for a feature spec.
    """
    if "external_model" in entity:
        return EntityKind.EXTERNAL
    model = find_model(world.models, entity["entity_name"])
    if model is not None:
        is_spec = model.kind == "feature_spec"
        return EntityKind.FEATURE_SPEC if is_spec else EntityKind.CUSTOM
    if "entity_version" in entity:
        return EntityKind.CUSTOM
    return EntityKind.FEATURE_SPEC


def is_throughput(entity: JsonObject) -> bool:
    """Whether a served entity asks for provisioned throughput, by tokens or by units."""
    return not THROUGHPUT_FIELDS.isdisjoint(entity)


def check_entities(world: World, entities: list[JsonObject]) -> None:
    """Raise `ApiError` 400 for entities that cannot be served, alone or together."""
    if not entities:
        raise invalid("At least one served entity is required.")
    if len(entities) > MAX_ENTITIES:
        raise invalid(f"An endpoint can have at most {MAX_ENTITIES} served entities.")
    for index, entity in enumerate(entities):
        _check_entity(world, entity, f"served_entities[{index}]")
    names = [default_name(entity) for entity in entities]
    if len(set(names)) < len(names):
        raise invalid("Served entity names must be unique within an endpoint.")
    kinds = {(entity_kind(world, entity), is_throughput(entity)) for entity in entities}
    if len(kinds) > 1:
        raise invalid("Served entities of different kinds cannot be mixed in one endpoint.")
    if entity_kind(world, entities[0]) is EntityKind.EXTERNAL:
        _check_external_together(world, entities)


def _check_external_together(world: World, entities: list[JsonObject]) -> None:
    if len({entity["external_model"]["task"] for entity in entities}) > 1:
        raise invalid("All external models within an endpoint must have the same task.")
    if world.behaviour.single_external_entity and len(entities) > 1:
        raise invalid("An endpoint with an external model can have only one served entity.")


def _check_entity(world: World, entity: JsonObject, where: str) -> None:
    if "external_model" in entity:
        mixed = [name for name in _NOT_EXTERNAL if name in entity]
        if mixed:
            raise invalid(f"{where}: external_model cannot be combined with {', '.join(mixed)}.")
        check_external_model(entity["external_model"], f"{where}.external_model")
    elif not entity.get("entity_name"):
        raise invalid(f"{where}: one of entity_name and external_model must be given.")
    elif is_throughput(entity):
        check_throughput(entity, find_model(world.models, entity["entity_name"]), where)
    else:
        if entity_kind(world, entity) is EntityKind.CUSTOM:
            _check_custom(entity, where)
        _check_bounds(entity, where)
    if not NAME.fullmatch(default_name(entity)):
        raise invalid(
            f"{where}.name must have 1 to 63 characters: letters, digits, dashes and underscores."
        )
    _check_references(world, entity, where)


def _check_custom(entity: JsonObject, where: str) -> None:
    if not entity.get("entity_version"):
        raise invalid(f"Missing required field: {where}.entity_version")
    bounds = [entity[name] for name in _CONCURRENCY if name in entity]
    if "scale_to_zero_enabled" not in entity:
        # The text of a real answer.
        raise invalid("scaleToZeroEnabled is undefined. Please set it to either true or false.")
    if "workload_size" in entity and bounds:
        raise invalid(
            f"{where}: workload_size cannot be combined with provisioned concurrency bounds."
        )
    if not entity.get("workload_size") and len(bounds) < len(_CONCURRENCY):
        raise invalid("workloadSizeId is undefined. Please set it to one of Small, Medium, Large.")


def _check_bounds(entity: JsonObject, where: str) -> None:
    bounds = [entity[name] for name in _CONCURRENCY if name in entity]
    if any(bound < 0 or bound % CONCURRENCY_STEP for bound in bounds) or bounds != sorted(bounds):
        raise invalid(
            f"{where}: provisioned concurrency bounds must be multiples of {CONCURRENCY_STEP}, "
            "the minimum not above the maximum."
        )
    if entity.get("min_provisioned_concurrency") == 0 and not entity.get("scale_to_zero_enabled"):
        raise invalid(
            f"{where}.min_provisioned_concurrency can be 0 only with scale_to_zero_enabled."
        )


def _check_references(world: World, entity: JsonObject, where: str) -> None:
    found = [
        (f"{where}.environment_vars.{name}", value)
        for name, value in entity.get("environment_vars", {}).items()
        if REFERENCE.fullmatch(value)
    ]
    if "external_model" in entity:
        found += secret_references(entity["external_model"], f"{where}.external_model")
    for path, reference in found:
        reason = missing_reference(world.scopes, reference)
        if reason is not None:
            raise _unresolved(world, f"{path}: {reason}")


def _unresolved(world: World, message: str) -> ApiError:
    return missing(message) if world.behaviour.missing_secret_status == 404 else invalid(message)


def default_name(entity: JsonObject) -> str:
    """The name given, else the one that the service derives."""
    if entity.get("name"):
        return str(entity["name"])
    if "external_model" in entity:
        return re.sub(r"[.:]", "-", str(entity["external_model"]["name"]))
    last = str(entity["entity_name"]).rpartition(".")[2]
    version = entity.get("entity_version")
    return f"{last}-{version}" if version else last


def definition(world: World, entity: JsonObject) -> JsonObject:
    """A checked entity as GET shows it: named, with defaults, without what is never echoed."""
    fills = world.behaviour.defaults != "none"
    shown = {key: value for key, value in entity.items() if key != "burst_scaling_enabled"}
    shown["name"] = default_name(entity)
    if not shown.get("environment_vars"):
        shown.pop("environment_vars", None)
    if "external_model" in entity:
        made_up = "emulator-made" if world.behaviour.plaintext_becomes_reference else None
        shown["external_model"] = without_plaintext(entity["external_model"], made_up)
    elif is_throughput(entity):
        sizing = throughput_sizing(entity)
        shown.update(sizing if fills else {"scale_to_zero_enabled": False})
    elif fills:
        shown.setdefault("workload_type", "CPU")
    return shown
