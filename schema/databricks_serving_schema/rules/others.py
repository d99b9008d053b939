"""Rules of keys in maps, and of fields that have a successor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ..fields import Shape, fields_of
from ..limits import Deprecated
from ..values import Value
from .rule import Allowances, Found, Objects, advice_of_objects, rule_of_objects, said_with


@advice_of_objects(
    "deprecated",
    source="the mark at the field",
    remedy="Move to the successor that the message names.",
)
def deprecated(found: Objects, _: Allowances) -> Found:
    """Fields that the service still takes, and that have a successor."""
    for path, _field, mark, said in said_with(found, Deprecated):
        if said != ():
            yield path, f"deprecated: {mark.instead}"


@rule_of_objects(
    "map-key",
    source="REST reference, servingendpoints/create, EndpointTag",
    remedy="Give the key a name, or leave the entry out.",
)
def map_key(found: Objects, _: Allowances) -> Found:
    """A key of a map is not empty, whether or not its value is."""
    for path, owner in found:
        for name in _maps_in(type(owner)):
            said = getattr(owner, name)
            if isinstance(said, Mapping) and "" in said:
                yield (*path, name, ""), "a key cannot be empty"


@cache
def _maps_in(model: type[Value]) -> tuple[str, ...]:
    return tuple(name for name, field in fields_of(model).items() if field.shape is Shape.MAP)
