"""Reading a property bag: values as they come over Pulumi's wire, typed at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from databricks_serving_schema import Value, fields_of

#: A bag of properties as the engine hands it over: JSON, and `Unknown` where nothing is known yet.
Bag: TypeAlias = "dict[str, Any]"


def said(value: Value) -> Bag:
    """A model as a property bag: what is unsaid is left out, secrets too (they stand elsewhere)."""
    bag: Bag = {}
    for name, field in fields_of(type(value)).items():
        inner = getattr(value, name)
        if inner is not None and not field.secret:
            bag[name] = _plain(inner)
    return {**bag, **(value.model_extra or {})}


def _plain(value: object) -> object:
    if isinstance(value, Value):
        return said(value)
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def text(bag: Mapping[str, Any], name: str) -> str | None:
    """A text, or None where there is none (or it is not yet known)."""
    value = bag.get(name)
    return value if isinstance(value, str) else None


def section(bag: Mapping[str, Any], name: str) -> Bag:
    """An object, or an empty one."""
    value = bag.get(name)
    return dict(value) if isinstance(value, Mapping) else {}


def plain_json(tree: object) -> Any:
    """A canonical tree as the JSON that a state holds: tuples become lists, fingerprints text."""
    if isinstance(tree, Mapping):
        return {str(key): plain_json(inner) for key, inner in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [plain_json(inner) for inner in tree]
    # A fingerprint is a `str` that prints as something else.
    return str.__str__(tree) if isinstance(tree, str) else tree
