"""What a served model is started with: references to secrets are resolved then (contract §5.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..scopes_model import REFERENCE, Scope
from .model import Config, Entity


def with_environment(scopes: Mapping[str, Scope], config: Config) -> Config:
    """The config about to be deployed, its variables resolved as the secrets stand now.

    Of a value only its length is kept: what a variable holds, nobody can read from an endpoint.
    """
    return replace(config, entities=tuple(_resolved(scopes, one) for one in config.entities))


def _resolved(scopes: Mapping[str, Scope], entity: Entity) -> Entity:
    variables: Mapping[str, str] = entity.definition.get("environment_vars", {})
    if not variables:
        return entity
    lengths = {name: _length(scopes, value) for name, value in variables.items()}
    return replace(entity, environment=lengths)


def _length(scopes: Mapping[str, Scope], value: str) -> int | None:
    reference = REFERENCE.fullmatch(value)
    if reference is None:
        return len(value)
    scope = scopes.get(reference[1].casefold())
    secret = scope.secrets.get(reference[2]) if scope else None
    return None if secret is None else len(secret.value.decode("utf-8", "replace"))
