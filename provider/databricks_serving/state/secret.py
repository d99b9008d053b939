"""The property bags of secret scopes and secrets."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import SecretStr

from databricks_serving_schema import (
    UNKNOWN,
    Allowances,
    InvalidResource,
    Problem,
    Secret,
    SecretScope,
    Unknown,
    Value,
    read_program,
)

from .bag import Bag
from .endpoint import switch_problems, workspace_choice
from .keys import PROVIDER, SECRET_LEAVES

V = TypeVar("V", bound=Value)

#: Inputs of a scope and of a secret that say how, never what.
SCOPE_SETTINGS = ("force_destroy", "adopt", "workspace")
SECRET_SETTINGS = ("adopt", "workspace")
#: What stands in inputs beside what the program says.
_BESIDE = (PROVIDER, SECRET_LEAVES, "reference")
#: The three forms of a secret's value: exactly one of them.
VALUE_FORMS = ("value", "value_base64", "value_from_env")

# Source: SDK, secrets; a `/` would break the reference {{secrets/scope/key}}.
_LEGAL = re.compile(r"^[\w.@-]{1,128}$")


def scope_inputs(bag: Mapping[str, Any], allowances: Allowances) -> SecretScope:
    """A scope as a program says it. Raises `InvalidResource` with every problem."""
    scope, problems = _read(SecretScope, bag, allowances, SCOPE_SETTINGS)
    problems += [
        *_named(scope, "name"),
        *switch_problems(bag, ("force_destroy", "adopt")),
        *_only(scope.scope_backend_type, "DATABRICKS", "scope_backend_type", "backend-type"),
        *_only(
            scope.initial_manage_principal,
            "users",
            "initial_manage_principal",
            "initial-manage-principal",
        ),
    ]
    return _judged(scope, problems)


def secret_inputs(bag: Mapping[str, Any], allowances: Allowances) -> Secret:
    """A secret as a program says it. Raises `InvalidResource`; no message repeats the value."""
    secret, problems = _read(Secret, bag, allowances, SECRET_SETTINGS)
    problems += [
        *_named(secret, "scope"),
        *_named(secret, "key"),
        *switch_problems(bag, ("adopt",)),
    ]
    forms = [name for name in VALUE_FORMS if getattr(secret, name) is not None]
    if len(forms) != 1:
        said = " and ".join(forms) or "none"
        problems.append(
            Problem(
                ("value",),
                "one-value",
                f"give exactly one of value, value_base64 and value_from_env; here is {said}",
            )
        )
    if isinstance(secret.value_base64, SecretStr):
        try:
            base64.b64decode(secret.value_base64.get_secret_value(), validate=True)
        except (binascii.Error, ValueError):
            problems.append(Problem(("value_base64",), "base64", "is no base64 text"))
    return _judged(secret, problems)


def _read(
    model: type[V], bag: Mapping[str, Any], allowances: Allowances, settings: tuple[str, ...]
) -> tuple[V, list[Problem]]:
    # By exclusion: a misspelt field must not get lost, nor one that no call would send.
    own: Bag = {n: value for n, value in bag.items() if n not in (*settings, *_BESIDE)}
    value, problems = read_program(model, own, replace(allowances, unknown_fields=False))
    _, more = workspace_choice(bag)
    return value, [*problems, *more]


def _named(value: Value, name: str) -> Iterator[Problem]:
    said = getattr(value, name)
    if said is None:
        yield Problem((name,), "required", "required")
    elif isinstance(said, str) and not _LEGAL.fullmatch(said):
        yield Problem((name,), "secret-name", "1 to 128 letters, digits, -, _, @ and . are allowed")


def _only(said: object, allowed: str, name: str, rule: str) -> Iterator[Problem]:
    if isinstance(said, str) and said != allowed:
        yield Problem((name,), rule, f"takes only {allowed!r} so far")


def _judged(value: V, problems: list[Problem]) -> V:
    if problems:
        raise InvalidResource(tuple(problems))
    return value


def reference(scope: object, key: object) -> str | Unknown:
    """`{{secrets/scope/key}}`: how a configuration names the secret."""
    if isinstance(scope, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    return f"{{{{secrets/{scope}/{key}}}}}"
