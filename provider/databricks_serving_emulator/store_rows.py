"""What the workspace keeps as JSON texts, and back."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from enum import Enum
from typing import TypeAlias, cast

from .directory import Group, Principal
from .grants import AccessList, Grant
from .scopes_model import Scope, Secret
from .serving.model import Config, Endpoint, Entity, EntityKind, Rollout
from .serving.registry import RegisteredModel
from .wire import JsonObject

Kept: TypeAlias = "Endpoint | Scope | Principal | Group | AccessList | RegisteredModel"


def write_row(value: Kept) -> str:
    """A value as text. ASCII: a text in it may hold what UTF-8 cannot say."""
    return json.dumps(asdict(value), default=_plain)


def read_endpoint(text: str) -> Endpoint:
    """The endpoint of `write_row`; KeyError, TypeError or ValueError for another text."""
    row = cast("JsonObject", json.loads(text))
    row["active"] = _config(row["active"])
    row["pending"] = _config(row["pending"])
    row["rollout"] = None if row["rollout"] is None else Rollout(**row["rollout"])
    return Endpoint(**row)


def read_scope(text: str) -> Scope:
    """The same for a scope."""
    row = cast("JsonObject", json.loads(text))
    row["secrets"] = {key: _secret(secret) for key, secret in row["secrets"].items()}
    return Scope(**row)


def read_principal(text: str) -> Principal:
    """The same for a user or service principal."""
    return Principal(**json.loads(text))


def read_model(text: str) -> RegisteredModel:
    """The same for what is known of a registered model."""
    return RegisteredModel(**json.loads(text))


def read_group(text: str) -> Group:
    """The same for a group."""
    row = cast("JsonObject", json.loads(text))
    return Group(**{**row, "members": tuple(row["members"])})


def read_grants(text: str) -> AccessList:
    """The same for the permissions on an endpoint."""
    row = cast("JsonObject", json.loads(text))
    return AccessList(tuple(Grant(**grant) for grant in row["grants"]))


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"cannot be kept: {type(value).__name__}")


def _config(row: JsonObject | None) -> Config | None:
    if row is None:
        return None
    entities = tuple(_entity(entity) for entity in row["entities"])
    return Config(**{**row, "entities": entities, "routes": tuple(row["routes"])})


def _entity(row: JsonObject) -> Entity:
    return Entity(**{**row, "kind": EntityKind(row["kind"])})


def _secret(row: JsonObject) -> Secret:
    return Secret(**{**row, "value": base64.b64decode(row["value"], validate=True)})
