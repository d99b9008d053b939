"""A secret scope with its secrets and its access list, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .wire import JsonObject

REFERENCE = re.compile(r"^\{\{\s*secrets/([^/{}]+)/([^{}]+?)\s*\}\}$")


@dataclass(frozen=True)
class Secret:
    """One value and when it was last put, in milliseconds."""

    value: bytes = field(repr=False)
    last_updated_timestamp: int


@dataclass(frozen=True)
class Scope:
    """A scope. `acls`: permission by principal; `keyvault`: set for an Azure Key Vault scope."""

    name: str
    acls: Mapping[str, str]
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    keyvault: JsonObject | None = None


def missing_reference(scopes: Mapping[str, Scope], reference: str) -> str | None:
    """Why a `{{secrets/scope/key}}` reference leads nowhere; None when it resolves."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return "is not a secret reference of the form {{secrets/scope/key}}"
    name, key = match.groups()
    scope = scopes.get(name.casefold())
    if scope is None:
        return f"Scope {name} does not exist!"
    if key not in scope.secrets:
        return f"Secret does not exist with scope: {name} and key: {key}"
    return None
