"""What is wrong with what a program says of a resource, and what it is told beside that."""

from __future__ import annotations

from databricks_serving_schema import (
    RESOURCES,
    Allowances,
    InvalidResource,
    Resource,
    Value,
    advise,
    fields_of,
    judge,
    parse_endpoint,
    parse_program,
    read_program,
)

from .endpoints import STRICT, Json, told

RESOURCE: dict[str, Resource] = {resource.name: resource for resource in RESOURCES}


def found(kind: str, said: Json, allowances: Allowances = STRICT) -> list[tuple[str, str, str]]:
    """Each problem's path, rule and message: of what the resource is, then of its settings."""
    resource = RESOURCE[kind]
    own, beside = _apart(resource, said)
    wrong = []
    try:
        _parsed(resource, own, allowances)
    except InvalidResource as invalid:
        wrong += invalid.problems
    settings, misread = read_program(resource.settings, beside, STRICT)
    return [told(problem) for problem in (*wrong, *misread, *judge(settings, STRICT))]


def advised(kind: str, said: Json, allowances: Allowances = STRICT) -> list[tuple[str, str, str]]:
    """Each piece of advice on a valid program: path, id and message."""
    own, _ = _apart(RESOURCE[kind], said)
    return [told(problem) for problem in advise(_parsed(RESOURCE[kind], own, allowances))]


def _apart(resource: Resource, said: Json) -> tuple[Json, Json]:
    names = fields_of(resource.settings)
    beside = {name: value for name, value in said.items() if name in names}
    return {name: value for name, value in said.items() if name not in names}, beside


def _parsed(resource: Resource, said: Json, allowances: Allowances) -> Value:
    if resource.name == "ServingEndpoint":
        return parse_endpoint(said, allowances)
    return parse_program(resource.model, said, allowances)
