"""Endpoints and scopes as JSON texts, and back."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from enum import Enum
from typing import cast

from .scopes_model import Scope, Secret
from .serving.model import Config, Endpoint, Entity, EntityKind, Rollout
from .wire import JsonObject


def write_row(value: Endpoint | Scope) -> str:
    """An endpoint or a scope as text. ASCII: a text in it may hold what UTF-8 cannot say."""
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
