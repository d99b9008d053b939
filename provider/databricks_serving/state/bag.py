"""Reading a property bag: values as they come over Pulumi's wire, typed at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from databricks_serving_schema import Unknown, Value

#: A bag of properties as the engine hands it over: JSON, and `Unknown` where nothing is known yet.
Bag: TypeAlias = "dict[str, Any]"


def said(value: Value) -> Bag:
    """A model as a property bag: what is unsaid is left out, secrets too (they stand elsewhere)."""
    bag: Bag = {}
    for name in type(value).model_fields:
        inner = getattr(value, name)
        if inner is not None:
            bag[name] = _plain(inner)
    bag.update(value.model_extra or {})
    return {name: inner for name, inner in bag.items() if inner is not _SECRET}


_SECRET = object()


def _plain(value: object) -> object:
    if isinstance(value, Value):
        return said(value)
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if value is None or isinstance(value, (str, int, float, bool, list, Unknown)):
        return value
    return _SECRET


def text(bag: Mapping[str, Any], name: str) -> str | None:
    """A text, or None where there is none (or it is not yet known)."""
    value = bag.get(name)
    return value if isinstance(value, str) else None


def section(bag: Mapping[str, Any], name: str) -> Bag:
    """An object, or an empty one."""
    value = bag.get(name)
    return dict(value) if isinstance(value, Mapping) else {}


def plain_json(tree: object) -> Any:
    """A canonical tree as the JSON that a state holds: tuples become lists."""
    if isinstance(tree, Mapping):
        return {str(key): plain_json(inner) for key, inner in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [plain_json(inner) for inner in tree]
    return tree
