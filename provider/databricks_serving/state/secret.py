"""The property bags of secret scopes and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from databricks_serving_schema import (
    UNKNOWN,
    Allowances,
    ScopeSettings,
    Secret,
    SecretScope,
    SecretSettings,
    Unknown,
)

from .resource import resource_inputs


def scope_inputs(bag: Mapping[str, Any], allowances: Allowances) -> SecretScope:
    """A scope as a program says it. Raises `InvalidResource` with every problem."""
    return resource_inputs(SecretScope, ScopeSettings, bag, allowances)[0]


def secret_inputs(bag: Mapping[str, Any], allowances: Allowances) -> Secret:
    """A secret as a program says it. Raises `InvalidResource`; no message repeats the value.

    Unknown fields are refused even where the stack allows them: a put sends only what it knows.
    """
    allowances = replace(allowances, unknown_fields=False)
    return resource_inputs(Secret, SecretSettings, bag, allowances)[0]


def reference(scope: object, key: object) -> str | Unknown:
    """`{{secrets/scope/key}}`: how a configuration names the secret."""
    if isinstance(scope, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    return f"{{{{secrets/{scope}/{key}}}}}"
