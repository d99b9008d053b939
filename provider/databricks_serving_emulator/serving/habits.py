"""What an unpleasant service does to an answer before it sends it (contract §5.8, §9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

from ..wire import JsonObject
from ..world import World
from .model import EndpointKind

_CONFIGS = ("config", "pending_config")
_ENUMS = frozenset(
    {
        "ready",
        "config_update",
        "suspend",
        "deployment",
        "type",
        "endpoint_type",
        "task",
        "creator_kind",
        "resource_credential_strategy",
        "workload_size",
        "workload_type",
        "behavior",
        "permission_level",
        "permission",
        "backend_type",
        # Of a statement; elsewhere, it is an object.
        "state",
    }
)
_UNHEARD_OF: JsonObject = {"unheard_of": {"level": 11, "words": ["new"]}}


def as_answered(world: World, shown: JsonObject, kind: EndpointKind) -> JsonObject:
    """An endpoint's answer with whatever `World.behaviour` does to it."""
    behaviour = world.behaviour
    if behaviour.defaults == "usual" and not (behaviour.shuffle or behaviour.unknown_fields):
        return shown
    shown = deepcopy(shown)
    if behaviour.defaults == "all":
        _fill(shown, kind)
    if behaviour.defaults == "none":
        _bare(shown, kind)
    if behaviour.shuffle:
        world.answers += 1
        _shuffle(shown, world.answers)
    if behaviour.unknown_fields:
        for holder in (shown, shown["state"], *_configs(shown), *_entities(shown)):
            holder.update(_UNHEARD_OF)
    return shown


def _configs(shown: JsonObject) -> list[JsonObject]:
    return [shown[name] for name in _CONFIGS if name in shown]


def _entities(shown: JsonObject) -> Iterator[JsonObject]:
    for config in _configs(shown):
        yield from config["served_entities"]


def _fill(shown: JsonObject, kind: EndpointKind) -> None:
    """The fields that at least one client has seen the service fill."""
    shown.setdefault("tags", [])
    if kind not in {EndpointKind.AGENT, EndpointKind.NOTHING}:
        gateway = shown.setdefault("ai_gateway", {})
        gateway.setdefault("usage_tracking_config", {"enabled": False})
        if "input" in gateway.get("guardrails", {}):
            gateway["guardrails"]["input"].setdefault("pii", {"behavior": "NONE"})
    for entity in _entities(shown):
        if "external_model" not in entity and "max_provisioned_concurrency" not in entity:
            entity.setdefault("workload_size", "Small")


def _bare(shown: JsonObject, kind: EndpointKind) -> None:
    if not shown.get("description"):
        shown.pop("description", None)
    state = shown["state"]
    state.pop("suspend")
    if kind is EndpointKind.EXTERNAL and state["config_update"] == "NOT_UPDATING":
        state.pop("config_update")


def _shuffle(shown: JsonObject, turns: int) -> None:
    """Turn each list by one more place than for the answer before."""
    lists = [
        (holder, name)
        for holder in (shown, *_configs(shown))
        for name in ("tags", "served_entities", "served_models")
        if holder.get(name)
    ]
    for holder, name in lists:
        middle = turns % len(holder[name])
        holder[name] = holder[name][middle:] + holder[name][:middle]


def with_values(shown: object, new: Mapping[str, str]) -> object:
    """An answer with other values in place of those that `new` names, where it has enums."""
    if isinstance(shown, list):
        return [with_values(item, new) for item in shown]
    if not isinstance(shown, dict):
        return shown
    return {key: _with_value(key, inner, new) for key, inner in shown.items()}


def _with_value(key: str, inner: object, new: Mapping[str, str]) -> object:
    if key == "environment_vars":
        return inner  # whoever made it named what is in it
    if key in _ENUMS and isinstance(inner, str):
        return new.get(inner, inner)
    return with_values(inner, new)
