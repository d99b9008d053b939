"""Endpoints for tests of the pure core: one valid program, what it is, and what GET answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from databricks_serving.apply.observed import actual_of
from databricks_serving.plan.canonical import Canonical, Sealing, canonical
from databricks_serving.plan.states import Actual
from databricks_serving_schema import (
    Allowances,
    Endpoint,
    InvalidResource,
    Problem,
    dotted,
    parse_endpoint,
    parse_endpoint_answer,
)

Json = dict[str, Any]

FIXTURES = Path(__file__).parent.parent / "fixtures"
REFERENCE = "{{secrets/llm/openai}}"
SEALING = Sealing(b"k" * 32)
#: Nothing is allowed that a workspace does not allow by default.
STRICT = Allowances()
#: Everything that a stack's configuration can lift.
LENIENT = Allowances(multiple_external_models=True, unknown_fields=True)


def openai(name: str = "gpt", *, model: Json | None = None, **overrides: Any) -> Json:
    """A valid entity with an OpenAI model; `model` overrides fields of the external model."""
    external = {
        "name": "gpt-4",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key": REFERENCE},
        **(model or {}),
    }
    return {"name": name, "external_model": external, **overrides}


def registered(name: str = "churn", **overrides: Any) -> Json:
    """A valid entity with a registered model."""
    return {
        "name": name,
        "entity_name": "main.ml.churn",
        "entity_version": "1",
        "workload_size": "Small",
        "scale_to_zero_enabled": False,
        **overrides,
    }


def units(**overrides: Any) -> Json:
    """A valid entity with a foundation model, provisioned by model units."""
    return {
        "name": "llama",
        "entity_name": "system.ai.llama",
        "entity_version": "1",
        "provisioned_model_units": 50,
        **overrides,
    }


def config(*entities: Json, routes: Json | None = None) -> Json:
    """A config; `routes`: shares by entity."""
    said: Json = {"served_entities": list(entities)}
    if routes is not None:
        said["traffic_config"] = {
            "routes": [
                {"served_entity_name": name, "traffic_percentage": share}
                for name, share in routes.items()
            ]
        }
    return said


def limit(calls: int = 100, **overrides: Any) -> Json:
    """A valid rate limit: so many calls a minute for each user."""
    return {"calls": calls, "key": "user", "renewal_period": "minute", **overrides}


def program(**overrides: Any) -> Json:
    """What a program says: a valid endpoint with one external model. None takes a field out."""
    said = {"name": "chat", "config": config(openai()), **overrides}
    return {name: value for name, value in said.items() if value is not None}


def endpoint(**overrides: Any) -> Endpoint:
    """The endpoint of `program(**overrides)`."""
    return parse_endpoint(program(**overrides), LENIENT)


def state(sealing: Sealing = SEALING, **overrides: Any) -> Canonical:
    """The canonical form of `program(**overrides)`: applied, or desired."""
    return canonical(endpoint(**overrides), sealing)


def answer(**overrides: Any) -> Json:
    """What GET answers for `program()`: settled, with all that the service fills in."""
    said = config(openai(), routes={"gpt": 100})
    for route in said["traffic_config"]["routes"]:
        route["served_model_name"] = route["served_entity_name"]
    body = {
        "name": "chat",
        "id": "0123456789abcdef0123456789abcdef",
        "creator": "ada@example.com",
        "creation_timestamp": 1_700_000_000_000,
        "last_updated_timestamp": 1_700_000_000_000,
        "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
        "config": {**said, "config_version": 1},
        "route_optimized": False,
        "description": "",
        "permission_level": "CAN_MANAGE",
        "task": "llm/v1/chat",
        **overrides,
    }
    return {name: value for name, value in body.items() if value is not None}


def answered(sealing: Sealing = SEALING, **overrides: Any) -> Actual:
    """The actual state of `answer(**overrides)`."""
    return actual_of(parse_endpoint_answer(answer(**overrides)), sealing)


def problems(said: Json, allowances: Allowances = STRICT) -> list[tuple[str, str, str]]:
    """What is wrong with a program: each path, rule and message."""
    try:
        parse_endpoint(said, allowances)
    except InvalidResource as invalid:
        return [told(problem) for problem in invalid.problems]
    return []


def told(problem: Problem) -> tuple[str, str, str]:
    """A problem's path, rule and message."""
    return dotted(problem.path), problem.rule, problem.message


def bodies() -> list[Json]:
    """The GET bodies of single endpoints among the fixtures."""
    files = sorted(FIXTURES.glob("*.json"))
    read = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return [body for body in read if isinstance(body, dict) and "id" in body and "state" in body]
