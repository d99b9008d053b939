"""Tags: a map in a program, a list of keys and values on the wire.

Source: REST reference, servingendpoints/patch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from .policy import OnChange, Policy, Readback, Severity
from .suggest import among
from .values import TOLERANT, UNKNOWN, Each, Said, Unknown, Value


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


def known_as_whole(tags: Any) -> Any:
    """The API's list as a whole is not yet known where a tag's key is not."""
    if isinstance(tags, (list, tuple)):
        keys = (tag.get("key") if isinstance(tag, Mapping) else tag for tag in tags)
        if any(isinstance(key, Unknown) for key in keys):
            return UNKNOWN
    return tags


def _as_map(tags: Any, info: ValidationInfo) -> Any:
    """`[{"key": "team", "value": "gen-ai"}]` -> `{"team": "gen-ai"}`; anything else as it is."""
    if not isinstance(tags, (list, tuple)):
        return tags
    if info.context is not TOLERANT:
        for position, tag in enumerate(tags):
            _judge(position, tag)
    if not all(isinstance(tag, Mapping) and isinstance(tag.get("key"), str) for tag in tags):
        return tags
    if len({tag["key"] for tag in tags}) < len(tags):
        raise PydanticCustomError("tag_twice", "a tag stands twice here; its key stands once")
    # The value is optional in the API, and absent where it is empty.
    return {tag["key"]: "" if tag.get("value") is None else tag["value"] for tag in tags}


def _judge(position: int, tag: Any) -> None:
    """Raise where a tag of the list is none: the map that it becomes would not show it."""
    if not isinstance(tag, Mapping):
        wrong = "takes an object with key and value"
    elif strange := [name for name in tag if name not in Tag.model_fields]:
        near = among(str(strange[0]), tuple(Tag.model_fields))
        hint = f"did you mean {near!r}?" if near else "a tag has key and value"
        wrong = f"no such field {strange[0]!r}; {hint}"
    elif not isinstance(tag.get("key"), str):
        wrong = "key: required, as text"
    else:
        return
    raise PydanticCustomError(
        "tag_list", "[{position}]: {wrong}", {"position": position, "wrong": wrong}
    )


TagMap: TypeAlias = Annotated[dict[str, Each[str]], BeforeValidator(_as_map)]
