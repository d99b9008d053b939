"""Plaintext credentials stand apart from `config`, in a secret input of their own, keyed by entity.

The resource's constructor moves them there, so that the rest of `config` stays readable in every
diff and a marked list does not hide itself whole; here they are put back where the schema has them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from databricks_serving_schema import UNKNOWN, Unknown

from .bag import Bag
from .keys import CREDENTIALS, entity_key


def with_credentials(bag: Bag) -> Bag:
    """The bag with each credential back at its field; not yet known ones as not yet known."""
    credentials = bag.get(CREDENTIALS)
    rest = {name: value for name, value in bag.items() if name != CREDENTIALS}
    config = rest.get("config")
    if credentials is None or not isinstance(config, Mapping):
        return rest
    entities = config.get("served_entities")
    if not isinstance(entities, (list, tuple)):
        return rest
    filled = [_filled(entity, credentials) for entity in entities]
    return {**rest, "config": {**config, "served_entities": filled}}


def _filled(entity: Any, credentials: Any) -> Any:
    if not isinstance(entity, Mapping) or "external_model" not in entity:
        return entity
    own = credentials
    if isinstance(credentials, Mapping):
        key = entity_key(entity)
        own = UNKNOWN if key is None else credentials.get(key)
    filled = copy.deepcopy(dict(entity))
    if isinstance(own, Unknown):
        return _with_unknown_config(filled)
    for path, value in own.items() if isinstance(own, Mapping) else ():
        _put(filled, path.split("."), value)
    return filled


def _with_unknown_config(entity: Bag) -> Bag:
    """Which credentials there will be cannot be told, nor then what the provider's config lacks."""
    model = entity["external_model"]
    if isinstance(model, Mapping):
        entity["external_model"] = {
            name: UNKNOWN if name.endswith("_config") else value for name, value in model.items()
        }
    return entity


def _put(holder: Any, path: list[str], value: object) -> None:
    for step in path[:-1]:
        if not isinstance(holder, dict):
            return
        holder = holder.setdefault(step, {})
    if isinstance(holder, dict):
        holder[path[-1]] = value
