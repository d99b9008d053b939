"""Every leaf that a program can say, and pairs of programs that differ in one.

The leaves come from the schema, and so do the values that stand there: a field's type and marks say
what else it may be, the valid programs say what stands around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import SecretStr

from databricks_serving_schema import RESOURCES, Field, Shape, Value, fields_of
from databricks_serving_schema.limits import Bounds

from .endpoints import REFERENCE, Json, config, limit, program, registered, units
from .judged import found
from .valid_programs import PROGRAMS

#: A step into each element of a list, and into each value of a map.
EACH, KEY = "[]", "*"
Place = tuple["str | int", ...]


@dataclass(frozen=True)
class Leaf:
    """One leaf of one kind of resource: the steps to it, its field, the model that has that."""

    kind: str
    steps: tuple[str, ...]
    owner: type[Value]
    field: Field
    setting: bool

    def __str__(self) -> str:
        return f"{self.kind}.{'.'.join(self.steps)}".replace(f".{EACH}", EACH)


@dataclass(frozen=True)
class Pair:
    """Two valid programs of a kind, as one `pulumi up` follows the other."""

    kind: str
    before: Json
    after: Json


def _leaves(model: type[Value], at: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for name, field in fields_of(model).items():
        here = (*at, name)
        if field.model is not None:
            many = field.shape is not Shape.MODEL
            yield from _leaves(field.model, (*here, EACH) if many else here)
        elif field.shape is Shape.LEAF:
            yield here, model, field
        else:
            yield (*here, KEY if field.shape is Shape.MAP else EACH), model, field


LEAVES = [
    Leaf(resource.name, *found_at, setting=model is resource.settings)
    for resource in RESOURCES
    for model in (resource.model, resource.settings)
    for found_at in _leaves(model)
]


# Where a leaf is, in a program or in what was answered.


def places(said: Any, steps: tuple[str, ...]) -> Iterator[tuple[Place, Any]]:
    """Each place that the steps lead to, and what stands there."""
    if not steps:
        yield (), said
        return
    step, rest = steps[0], steps[1:]
    inside: Any = ()
    if step == EACH and isinstance(said, list):
        inside = enumerate(said)
    elif step == KEY and isinstance(said, dict):
        inside = said.items()
    elif isinstance(said, dict) and step in said:
        inside = [(step, said[step])]
    for name, inner in inside:
        for place, value in places(inner, rest):
            yield (name, *place), value


def values_at(said: Any, steps: tuple[str, ...]) -> list[Any]:
    """What stands where the steps lead."""
    return [value for _, value in places(said, steps)]


def put(said: Any, place: Place, value: Any) -> Any:
    """The tree with `value` at `place`, where something stands."""
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(said, list):
        return [put(inner, rest, value) if at == step else inner for at, inner in enumerate(said)]
    return {**said, step: put(said[step], rest, value)}


def without(said: Any, place: Place) -> Any:
    """The tree with nothing at `place`."""
    step, rest = place[0], place[1:]
    if rest:
        return put(said, (step,), without(said[step], rest))
    if isinstance(said, list):
        return [inner for at, inner in enumerate(said) if at != step]
    return {name: inner for name, inner in said.items() if name != step}


# What else may stand there, and around it.

#: Where the workspace knows more of a value than the marks say.
OTHERS: dict[str, Any] = {
    "served_entity_name": "b",
    "entity_version": "2",
    "workload_size": "Medium",
    "workload_type": "GPU_SMALL",
    "min_provisioned_throughput": 9500,
    "max_provisioned_throughput": 19000,
    "provisioned_model_units": 100,
    "value_base64": "AAI=",
    "timeout": "45m",
}


def others(field: Field, value: Any) -> Iterator[Any]:
    """Other values that a field may have, if nothing around it is against that."""
    if field.name in OTHERS:
        yield OTHERS[field.name]
    elif value == REFERENCE:
        yield "{{secrets/llm/other}}"
    elif field.choices:
        yield from (one for one in field.choices if one != value)
    elif field.kind is bool:
        yield value not in (True, "true")
    elif field.kind in (int, float):
        bounds = field.mark(Bounds) or Bounds()
        step = bounds.step or (0.25 if field.kind is float else 1)
        yield from (value + step, value - step)
    elif field.kind in (str, SecretStr):
        yield f"{value}2"
    else:
        yield "another"


def two_models(**routes: int) -> Json:
    """A program with two registered models and these shares of the traffic."""
    return program(config=config(registered("a"), registered("b"), routes=routes))


def _gateway(**sections: Any) -> tuple[tuple[str, Json], ...]:
    """The sections by both resources that have them."""
    return (
        ("ServingEndpoint", program(ai_gateway=sections)),
        ("AiGateway", {"endpoint_name": "chat", **sections}),
    )


OFF = {"enabled": False, "catalog_name": "main", "schema_name": "ml"}
#: Beside the valid programs: objects in which a leaf can be alone, or left out.
MORE: list[tuple[str, Json]] = [
    ("ServingEndpoint", program(config=config(registered()))),
    ("ServingEndpoint", program(config=config(units()))),
    ("ServingEndpoint", two_models(a=100)),
    (
        "ServingEndpoint",
        program(config={**config(registered()), "auto_capture_config": OFF}),
    ),
    ("ServingEndpoint", program(deploy={"replace_on": ["description"]})),
    *_gateway(guardrails={"output": {"invalid_keywords": ["war"], "valid_topics": ["peace"]}}),
    *_gateway(inference_table_config=OFF),
    *_gateway(rate_limits=[limit(7, principal="ada@example.com")]),
    *_gateway(rate_limits=[limit(7, key="endpoint")]),
    ("RateLimits", {"endpoint_name": "chat", "rate_limits": [limit(7, principal="ada")]}),
    *(
        (
            "EndpointPermissions",
            {
                "endpoint_name": "chat",
                "access_control": [{principal: "0123", "permission_level": "CAN_VIEW"}],
            },
        )
        for principal in ("user_name", "group_name", "service_principal_name")
    ),
]
#: The smallest valid change, where no leaf changes alone: shares sum to 100, a vault goes with
#: its type.
TOGETHER = {
    "ServingEndpoint.config.traffic_config.routes[].traffic_percentage": (
        two_models(a=90, b=10),
        two_models(a=50, b=50),
    ),
    "SecretScope.scope_backend_type": (
        {"name": "vault", "scope_backend_type": "DATABRICKS"},
        {
            "name": "vault",
            "scope_backend_type": "AZURE_KEYVAULT",
            "backend_azure_keyvault": {"resource_id": "/vault", "dns_name": "https://v.example"},
        },
    ),
}
_FEATURES = {name: value for name, value in registered().items() if name != "entity_version"}
#: What is taken out of another program than the first that may be without it: a registered model
#: without a version is a feature spec.
OUT = {
    "ServingEndpoint.config.served_entities[].entity_version": (
        program(config=config(registered())),
        program(config=config(_FEATURES)),
    ),
}


# Programs that differ in one leaf.


@cache
def _programs(kind: str) -> tuple[Json, ...]:
    said = [said for of, said in (*PROGRAMS.values(), *MORE) if of == kind]
    # Nobody but Databricks makes an endpoint whose name begins with theirs.
    return tuple(
        {**one, "endpoint_name": "chat"} if "endpoint_name" in one else one for one in said
    )


def said_of(leaf: Leaf) -> Iterator[tuple[Json, Place, Any]]:
    """Every valid program that says the leaf: the program, where, and what."""
    for said in _programs(leaf.kind):
        for place, value in places(said, leaf.steps):
            yield said, place, value


def changed(leaf: Leaf) -> Pair | None:
    """Two programs that say the leaf, and not the same; None where there is only one value."""
    if str(leaf) in TOGETHER:
        return Pair(leaf.kind, *TOGETHER[str(leaf)])
    for said, place, value in said_of(leaf):
        for other in others(leaf.field, value):
            after = put(said, place, other)
            if other != value and not found(leaf.kind, after):
                return Pair(leaf.kind, said, after)
    return next((one for one in _beside(leaf) if values_at(one.before, leaf.steps)), None)


def taken_out(leaf: Leaf) -> Pair | None:
    """A program that says the leaf, then the same without it; None where that is never valid."""
    if str(leaf) in OUT:
        return Pair(leaf.kind, *OUT[str(leaf)])
    for said, place, _ in said_of(leaf):
        after = without(said, place)
        if not found(leaf.kind, after):
            return Pair(leaf.kind, said, after)
    return None


def first_said(leaf: Leaf) -> Pair | None:
    """The other way round, or from an object that says something else instead."""
    out = taken_out(leaf)
    if out is not None:
        return Pair(leaf.kind, out.after, out.before)
    return next((one for one in _beside(leaf) if not values_at(one.before, leaf.steps)), None)


def _beside(leaf: Leaf) -> Iterator[Pair]:
    """Programs in which another valid object stands where the leaf's own object is."""
    for said, place, value in said_of(leaf):
        for other in _programs(leaf.kind):
            for _, holder in places(other, leaf.steps[:-1]):
                before = put(said, place[:-1], holder)
                differs = value not in values_at(before, leaf.steps)
                if differs and not found(leaf.kind, before):
                    yield Pair(leaf.kind, before, said)
