"""Inputs that `check` derives from the others, so that a preview knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from databricks_serving_schema import (
    Endpoint,
    EndpointAiGateway,
    Problem,
    Secret,
    fields_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from databricks_serving_schema import Value

_DERIVED: dict[type[Value], tuple[str, ...]] = {
    Endpoint: ("invocation_url", "inference_table"),
    EndpointAiGateway: ("inference_table",),
    Secret: ("reference",),
}


def derived_of(model: type[Value]) -> tuple[str, ...]:
    """The names of what check derives for a kind."""
    return _DERIVED.get(model, ())


def said_though_derived(
    model: type[Value], recorded: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """A problem for each such input that the program says itself: it is probably misspelt.

    `recorded`: the inputs of the state, which the engine hands back for `ignore_changes`.
    """
    strays = (
        name
        for name in derived_of(model)
        if said.get(name) is not None and said[name] != recorded.get(name)
    )
    return tuple(Problem((name,), "unknown-field", _no_input(model, name)) for name in strays)


def _no_input(model: type[Value], name: str) -> str:
    meant = next((field for field in fields_of(model) if field.startswith(name)), None)
    hint = "it is an output, leave it out" if meant is None else f"did you mean {meant!r}?"
    return f"no such field; {hint}"
