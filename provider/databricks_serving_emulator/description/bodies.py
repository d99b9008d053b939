"""From what a route says of its body to JSON Schema: as it is taken, and as it is answered."""

from __future__ import annotations

from collections.abc import Mapping

from ..fields import Fields, Kind, ListOf, MapOf, Scalar
from ..json_schema import closed, list_of, map_of, object_of, or_null
from ..serving.vendors import PLAINTEXT
from ..wire import JsonObject


def taken(kind: Kind) -> JsonObject:
    """What is accepted: unknown members are ignored, and null is the same as absent."""
    if isinstance(kind, Scalar):
        return kind.taken
    if isinstance(kind, ListOf):
        return list_of(taken(kind.item))
    if isinstance(kind, MapOf):
        return map_of(or_null(taken(kind.item)))
    return object_of(**{name: or_null(taken(member)) for name, member in kind.members.items()})


def taken_body(shape: Fields, required: Mapping[str, JsonObject]) -> JsonObject:
    """The same for a whole body.

    required: members that must be there, each with what its type does not say
    """
    whole = taken(shape)
    for name, rules in required.items():
        whole["properties"][name] = {**taken(shape.members[name]), **rules}
    return {**whole, "required": list(required)} if required else whole


def answered(
    kind: Kind, *, without: frozenset[str] = frozenset(), **more: JsonObject
) -> JsonObject:
    """What an answer has of it: real types, no other members, and nothing that is a secret.

    without, more: members of an object that answers do not have, or only they
    """
    if isinstance(kind, Scalar):
        return kind.answered
    if isinstance(kind, ListOf):
        return list_of(answered(kind.item))
    if isinstance(kind, MapOf):
        return map_of(answered(kind.item))
    shown = {
        name: answered(member)
        for name, member in kind.members.items()
        if name not in without and not name.endswith(PLAINTEXT)
    }
    return closed(**{**shown, **more})
