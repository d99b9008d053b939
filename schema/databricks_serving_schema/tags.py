"""Tags: a map in a program, a list of keys and values on the wire.

Source: REST reference, servingendpoints/patch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from .policy import KeyedBy, OnChange, Policy, Readback, Severity
from .values import UNKNOWN, Each, Said, Unknown, Value


def tagged(*, required: bool) -> Policy:
    """The policy of a tag, and of what it is made of."""
    return Policy(
        OnChange.UPDATE,
        Readback.ECHOED,
        because="PATCH tags adds and deletes by key",
        severity=Severity.LOW,
        source="REST reference, servingendpoints/patch",
        required=required,
    )


class Tag(Value):
    """A tag in the API's own form; a map of tags says the same."""

    key: Annotated[Said[str], tagged(required=True)] = None
    """The tag's key."""
    value: Annotated[Said[str], tagged(required=False)] = None
    """The tag's value."""


class TagList(Value):
    """Tags as the API's own list, which is judged as such: the map would not show all of it."""

    tags: Annotated[Said[tuple[Each[Tag], ...]], tagged(required=False), KeyedBy(("key",))] = None
    """Each tag with its key and value."""


def map_of(listed: TagList) -> dict[str, str | Unknown] | Unknown:
    """A list that breaks no rule as a map; not yet known as a whole where one of its keys is."""
    tags = () if listed.tags is None else listed.tags
    if isinstance(tags, Unknown):
        return UNKNOWN
    made: dict[str, str | Unknown] = {}
    for tag in tags:
        if isinstance(tag, Unknown) or not isinstance(tag.key, str):
            return UNKNOWN
        # The value is optional in the API, and absent where it is empty.
        made[tag.key] = "" if tag.value is None else tag.value
    return made


def _as_map(tags: Any) -> Any:
    """`[{"key": "team", "value": "gen-ai"}]` -> `{"team": "gen-ai"}`; anything else as it is."""
    if not isinstance(tags, (list, tuple)):
        return tags
    named = [tag for tag in tags if isinstance(tag, Mapping) and isinstance(tag.get("key"), str)]
    if len({tag["key"] for tag in named}) < len(tags):
        return tags
    return {tag["key"]: "" if tag.get("value") is None else tag["value"] for tag in named}


TagMap: TypeAlias = Annotated[dict[str, Each[str]], BeforeValidator(_as_map)]
