"""The property bags of secret scopes and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from databricks_serving_schema import (
    UNKNOWN,
    Allowances,
    InvalidResource,
    ScopeSettings,
    Secret,
    SecretScope,
    SecretSettings,
    Unknown,
    Value,
    fields_of,
    parse_program,
)

from .bag import Bag
from .endpoint import settings_of
from .keys import PROVIDER, SECRET_LEAVES

V = TypeVar("V", bound=Value)

#: What stands in inputs beside what the program says.
_BESIDE = (PROVIDER, SECRET_LEAVES, "reference")


def scope_inputs(bag: Mapping[str, Any], allowances: Allowances) -> SecretScope:
    """A scope as a program says it. Raises `InvalidResource` with every problem."""
    return _read(SecretScope, ScopeSettings, bag, allowances)


def secret_inputs(bag: Mapping[str, Any], allowances: Allowances) -> Secret:
    """A secret as a program says it. Raises `InvalidResource`; no message repeats the value.

    Unknown fields are refused even where the stack allows them: a put sends only what it knows.
    """
    return _read(Secret, SecretSettings, bag, replace(allowances, unknown_fields=False))


def _read(
    model: type[V], settings: type[Value], bag: Mapping[str, Any], allowances: Allowances
) -> V:
    _, problems = settings_of(settings, bag)
    # By exclusion: a misspelt field must not get lost.
    beside = (*fields_of(settings), *_BESIDE)
    own: Bag = {name: value for name, value in bag.items() if name not in beside}
    try:
        value = parse_program(model, own, allowances, beside=tuple(fields_of(settings)))
    except InvalidResource as invalid:
        raise InvalidResource((*invalid.problems, *problems)) from None
    if problems:
        raise InvalidResource(problems)
    return value


def reference(scope: object, key: object) -> str | Unknown:
    """`{{secrets/scope/key}}`: how a configuration names the secret."""
    if isinstance(scope, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    return f"{{{{secrets/{scope}/{key}}}}}"
