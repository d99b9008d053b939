"""The property bags of secret scopes and secrets."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import SecretStr

from databricks_serving_schema import (
    Allowances,
    InvalidResource,
    Problem,
    Secret,
    SecretScope,
    Unknown,
    Value,
    fields_of,
    read_program,
)

from .bag import Bag
from .endpoint import workspace_choice

V = TypeVar("V", bound=Value)

#: Inputs of a scope and of a secret that say how, never what.
SCOPE_SETTINGS = ("force_destroy", "adopt", "workspace")
SECRET_SETTINGS = ("adopt", "workspace")
#: The three forms of a secret's value: exactly one of them.
VALUE_FORMS = ("value", "value_base64", "value_from_env")

# Source: SDK, secrets; a `/` would break the reference {{secrets/scope/key}}.
_LEGAL = re.compile(r"^[\w.@-]{1,128}$")


def scope_inputs(bag: Mapping[str, Any], allowances: Allowances) -> SecretScope:
    """A scope as a program says it. Raises `InvalidResource` with every problem."""
    scope, problems = _read(SecretScope, bag, allowances)
    problems += [*_named(scope, "name")]
    if isinstance(scope.scope_backend_type, str) and scope.scope_backend_type != "DATABRICKS":
        problems.append(
            Problem(("scope_backend_type",), "backend-type", "only DATABRICKS is supported so far")
        )
    if scope.initial_manage_principal not in (None, "users") and isinstance(
        scope.initial_manage_principal, str
    ):
        problems.append(
            Problem(("initial_manage_principal",), "initial-manage-principal", "takes only 'users'")
        )
    return _judged(scope, problems)


def secret_inputs(bag: Mapping[str, Any], allowances: Allowances) -> Secret:
    """A secret as a program says it. Raises `InvalidResource`; no message repeats the value."""
    secret, problems = _read(Secret, bag, allowances)
    problems += [*_named(secret, "scope"), *_named(secret, "key")]
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
    model: type[V], bag: Mapping[str, Any], allowances: Allowances
) -> tuple[V, list[Problem]]:
    own: Bag = {name: value for name, value in bag.items() if name in fields_of(model)}
    value, problems = read_program(model, own, allowances)
    _, more = workspace_choice(bag, allowances)
    return value, [*problems, *more]


def _named(value: Value, name: str) -> Iterator[Problem]:
    said = getattr(value, name)
    if said is None:
        yield Problem((name,), "required", "required")
    elif isinstance(said, str) and not _LEGAL.fullmatch(said):
        yield Problem(
            (name,), "secret-name", f"{said!r}: 1 to 128 letters, digits, -, _, @ and . are allowed"
        )


def _judged(value: V, problems: list[Problem]) -> V:
    if problems:
        raise InvalidResource(tuple(problems))
    return value


def reference(scope: object, key: object) -> str | Unknown | None:
    """`{{secrets/scope/key}}`: how a configuration names the secret."""
    if isinstance(scope, Unknown) or isinstance(key, Unknown):
        return Unknown()
    return f"{{{{secrets/{scope}/{key}}}}}"
