"""Every leaf that a program can say, and programs that differ in one leaf alone.

Leaves come from the schema, and so do the values that stand there: a field's type and marks say
what else it may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import SecretStr

from databricks_serving_schema import RESOURCES, Field, Resource, Shape, Value, fields_of
from databricks_serving_schema.limits import Bounds

from .endpoints import REFERENCE, Json, config, limit, program, registered, units
from .judged import found
from .valid_programs import PROGRAMS

PLACE = {"catalog_name": "main", "schema_name": "ml"}
_OF_ADA = limit(7, principal="ada@example.com")
_WORDS = {"invalid_keywords": ["war"], "valid_topics": ["peace"]}
#: A step into the elements of a list; into the values of a map.
EACH, KEY = "[]", "*"
OTHER_REFERENCE = "{{secrets/llm/other}}"


@dataclass(frozen=True)
class Leaf:
    """One leaf of one kind of resource: the steps to it, and its field."""

    kind: str
    steps: tuple[str, ...]
    field: Field
    setting: bool

    def __str__(self) -> str:
        return f"{self.kind}.{self.name}"

    @property
    def name(self) -> str:
        """The path, with `[]` for each element of a list and `*` for each key of a map."""
        return ".".join(self.steps).replace(".[]", EACH)


def _leaves(resource: Resource) -> Iterator[Leaf]:
    for model in (resource.model, resource.settings):
        for steps, field in _below(model, ()):
            yield Leaf(resource.name, steps, field, setting=model is resource.settings)


def _below(model: type[Value], at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Field]]:
    for name, field in fields_of(model).items():
        here = (*at, name)
        if field.shape is Shape.LEAF:
            yield here, field
        elif field.shape is Shape.MAP:
            yield (*here, KEY), field
        elif field.model is None:
            yield (*here, EACH), field
        else:
            many = field.shape is not Shape.MODEL
            yield from _below(field.model, (*here, EACH) if many else here)


LEAVES = [leaf for resource in RESOURCES for leaf in _leaves(resource)]


# Where a leaf is in a program, and in an answer.


def places(said: Any, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each place of a tree that the steps lead to, and what stands there."""
    if not steps:
        yield (), said
        return
    step, *rest = steps
    inside: Any = ()
    if step == EACH and isinstance(said, list):
        inside = enumerate(said)
    elif isinstance(said, dict):
        inside = said.items() if step == KEY else [(step, said[step])] if step in said else ()
    for name, inner in inside:
        for place, value in places(inner, tuple(rest)):
            yield (name, *place), value


def values_at(said: Any, steps: tuple[str, ...]) -> list[Any]:
    """What stands where the steps lead, in some order."""
    return sorted((value for _, value in places(said, steps)), key=repr)


def put(said: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """The tree with `value` at `place`."""
    step, *rest = place
    inner = put(said[step], tuple(rest), value) if rest else value
    if isinstance(said, list):
        return [inner if at == step else one for at, one in enumerate(said)]
    return {**said, step: inner}


def without(said: Any, place: tuple[str | int, ...]) -> Any:
    """The tree with nothing at `place`."""
    step, *rest = place
    if rest:
        return put(said, (step,), without(said[step], tuple(rest)))
    if isinstance(said, list):
        return [one for at, one in enumerate(said) if at != step]
    return {name: value for name, value in said.items() if name != step}


# What else may stand there.

#: Where the emulator knows more of a value than the schema's marks say.
OTHERS: dict[str, tuple[Any, ...]] = {
    "entity_version": ("2",),
    "served_entity_name": ("b",),
    "workload_size": ("Medium",),
    "workload_type": ("GPU_SMALL",),
    "min_provisioned_throughput": (9500,),
    "max_provisioned_throughput": (19000,),
    "provisioned_model_units": (100,),
    "value_base64": ("AAI=",),
    "timeout": ("45m",),
}


def others(field: Field, value: Any) -> Iterator[Any]:
    """Other values that a field may have."""
    yield from OTHERS.get(field.name, ())
    if value == REFERENCE:
        yield OTHER_REFERENCE
    elif field.choices:
        yield from (one for one in field.choices if one != value)
    elif field.kind is bool:
        yield value in (False, "false")
    elif field.kind in (int, float):
        bounds = field.mark(Bounds) or Bounds()
        step = bounds.step or (0.25 if field.kind is float else 1)
        yield from (value + step, value - step)
    elif field.kind in (str, SecretStr):
        yield from (f"{value}2", f"x{value}")
    else:
        yield "another"


# Programs that differ in one leaf.


def _model(routes: Json | None = None) -> Json:
    return config(registered("a"), registered("b"), routes=routes or {"a": 90, "b": 10})


#: Programs beside `PROGRAMS`, for leaves that no change of one value in those leaves valid.
MORE: list[tuple[str, Json]] = [
    ("ServingEndpoint", program(config=_model(routes={"a": 100}))),
    ("ServingEndpoint", program(config=config(registered(), ), ai_gateway={"rate_limits": [_OF_ADA]})),
    ("ServingEndpoint", program(config={**_model(), "auto_capture_config": {**PLACE, "enabled": False}})),
    ("ServingEndpoint", program(ai_gateway={"guardrails": {"output": _WORDS}})),
    ("ServingEndpoint", program(ai_gateway={"inference_table_config": {**PLACE, "enabled": False}})),
    ("ServingEndpoint", program(config=config(units()))),
    ("ServingEndpoint", program(config=config(registered("llama")))),
    ("ServingEndpoint", program(deploy={"replace_on": ["description"]})),
    ("AiGateway", {"endpoint_name": "chat", "guardrails": {"output": _WORDS}}),
    ("AiGateway", {"endpoint_name": "chat", "inference_table_config": {**PLACE, "enabled": False}}),
    ("AiGateway", {"endpoint_name": "chat", "rate_limits": [limit(7, key="endpoint")]}),
    ("RateLimits", {"endpoint_name": "chat", "rate_limits": [_OF_ADA]}),
    *(
        ("EndpointPermissions", {"endpoint_name": "chat", "access_control": [{**whom, "permission_level": "CAN_VIEW"}]})
        for whom in ({"user_name": "ada"}, {"group_name": "ada"}, {"service_principal_name": "ada"})
    ),
]


@dataclass(frozen=True)
class Pair:
    """Two valid programs, and the leaf in which they differ."""

    leaf: Leaf
    before: Json
    after: Json


def _programs(kind: str) -> Iterator[Json]:
    for of, said in (*PROGRAMS.values(), *MORE):
        if of == kind:
            # Nobody but Databricks makes an endpoint of such a name.
            yield {**said, "endpoint_name": "chat"} if "endpoint_name" in said else said


def _is_valid(leaf: Leaf, said: Json) -> bool:
    return not found(leaf.kind, said)


def _said(leaf: Leaf) -> Iterator[tuple[Json, tuple[str | int, ...], Any]]:
    for said in _programs(leaf.kind):
        for place, value in places(said, leaf.steps):
            yield said, place, value


def changed(leaf: Leaf) -> Pair | None:
    """Valid programs of which each says the leaf, and not the same; None where only one value fits."""
    if str(leaf) in BY_HAND:
        return Pair(leaf, *BY_HAND[str(leaf)])
    for said, place, value in _said(leaf):
        for other in others(leaf.field, value):
            after = put(said, place, other)
            if other != value and _is_valid(leaf, after):
                return Pair(leaf, said, after)
    return next((pair for pair in _beside(leaf) if values_at(pair.before, leaf.steps)), None)


def taken_out(leaf: Leaf) -> Pair | None:
    """Valid programs of which the first says the leaf, and the second is the same without it."""
    for said, place, _ in _said(leaf):
        after = without(said, place)
        if _is_valid(leaf, after):
            return Pair(leaf, said, after)
    return None


def first_said(leaf: Leaf) -> Pair | None:
    """The other way round; or from an object that says something else instead."""
    pair = taken_out(leaf)
    if pair is not None:
        return Pair(leaf, pair.after, pair.before)
    unsaid = (pair for pair in _beside(leaf) if not values_at(pair.before, leaf.steps))
    return next(unsaid, None)


def _beside(leaf: Leaf) -> Iterator[Pair]:
    """Programs in which the object that holds the leaf is another valid one."""
    for said, place, value in _said(leaf):
        for other in _programs(leaf.kind):
            for _, holder in places(other, leaf.steps[:-1]):
                before = put(said, place[:-1], holder) if len(place) > 1 else holder
                if values_at(before, leaf.steps) != values_at(said, leaf.steps) and _is_valid(leaf, before):
                    yield Pair(leaf, before, said)


def _shares(a: int) -> Json:
    return program(config=_model({"a": a, "b": 100 - a}))


BY_HAND: dict[str, tuple[Json, Json]] = {
    # The shares sum to 100, so two change together.
    "ServingEndpoint.config.traffic_config.routes[].traffic_percentage": (_shares(90), _shares(50)),
}

