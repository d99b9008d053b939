"""What a program says, and all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from databricks_serving_schema import Allowances

from ..endpoints import STRICT, Json, config, openai, program

SEVERAL = Allowances(multiple_external_models=True)
ENTITY = "config.served_entities[0]"
MODEL = f"{ENTITY}.external_model"


@dataclass(frozen=True)
class Breach:
    """A program of one `kind`, and each problem's path, rule and message."""

    said: Json
    problems: tuple[tuple[str, str, str], ...] = ()
    kind: str = "ServingEndpoint"
    allowances: Allowances = STRICT


def one(said: Json, path: str, rule: str, message: str, **more: Any) -> Breach:
    """A program with one problem."""
    return Breach(said, ((path, rule, message),), **more)


def served(*entities: Json, routes: Json | None = None, **overrides: Any) -> Json:
    """A program with these entities; None takes a field out of an entity."""
    kept = [{name: v for name, v in entity.items() if v is not None} for entity in entities]
    return program(config=config(*kept, routes=routes), **overrides)


def external(model: Json, **overrides: Any) -> Json:
    """A program with an external model that differs in these fields; None takes one out."""
    made = openai(model=model)
    said = {name: value for name, value in made["external_model"].items() if value is not None}
    return program(config=config({**made, "external_model": said}), **overrides)
