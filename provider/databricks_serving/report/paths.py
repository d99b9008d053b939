"""Paths of ignore rules: JSON Pointers with `*` for a step and `[field=value]` for an element."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from databricks_serving.plan.places import steps as places
from databricks_serving_schema import RESOURCES

if TYPE_CHECKING:
    from databricks_serving_schema import Field

_MODELS = {resource.name: resource.model for resource in RESOURCES}
_ELEMENT = re.compile(r"\[(?P<field>\w+)=(?P<value>.*)\]")
_ANY = "*"


def steps_of(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer (RFC 6901): `/tags/a~1b` is `tags`, `a/b`.

    Raises ValueError where it is none.
    """
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} begins with no slash")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def covers(pattern: str, pointer: str, kind: str) -> bool:
    """Whether a rule's path names the place, or something that contains it."""
    wanted, found = steps_of(pattern), steps_of(pointer)
    if len(wanted) > len(found):
        return False
    fields = _fields(kind, found)
    return all(map(_matches, wanted, found, fields))


def _fields(kind: str, path: tuple[str, ...]) -> tuple[Field | None, ...]:
    """For each step that is an element of a list, the list's field."""
    model = _MODELS.get(kind)
    if model is None:
        return (None,) * len(path)
    return tuple(step.field if step.element else None for step in places(model, path))


def _matches(wanted: str, found: str, field: Field | None) -> bool:
    if wanted in (_ANY, found):
        return True
    element = _ELEMENT.fullmatch(wanted)
    if element is None or field is None or field.keyed_by is None:
        return False
    by = field.keyed_by
    if element["field"] not in by.fields:
        return False
    if by.one_of:
        return found == f"{element['field']}:{element['value']}"
    at = by.fields.index(element["field"])
    said = (*found.split("/"), *[""] * len(by.fields))[at]
    defaults = (*by.defaults, *[""] * len(by.fields))
    return (said or defaults[at]) == element["value"]
