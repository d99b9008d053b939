"""A JSON Schema (draft 2020-12) of each resource, for editors and for checks without this package.

Like the parser it takes the strings that the documentation's samples write for numbers and truth
values. Extension keys (`x-…`) carry the policy of each field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any, TypeAlias

from schema_facts import Description, Entry, Thing
from schema_types import Either, Form, Leaf, ListOf, MapOf, ObjectOf, Type
from typing_extensions import assert_never

from databricks_serving_schema import KeyedBy
from databricks_serving_schema.external_models import SECRET_REFERENCE
from databricks_serving_schema.limits import AtMost, Bounds, Spelled

Json: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DIGITS = r"^[0-9]+$"
_DECIMAL = r"^[0-9]+(\.[0-9]+)?$"


def text(description: Description, resource: Thing) -> str:
    """The schema of one resource, as a file."""
    schema = {
        "$schema": DIALECT,
        "title": resource.name,
        **_object(resource),
        "$defs": {each.name: _object(each) for each in description.inside(resource)},
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _object(thing: Thing) -> Json:
    schema: Json = {
        "type": "object",
        "description": thing.doc,
        "properties": {entry.name: _property(entry) for entry in thing.entries},
        "required": [entry.name for entry in thing.entries if entry.required],
        "additionalProperties": False,
        "allOf": list(_together(thing)),
    }
    return {key: value for key, value in schema.items() if value not in ([], "")}


def _property(entry: Entry) -> Json:
    schema = {**_schema(entry.takes, entry), "description": entry.doc}
    if entry.field is None:
        return {**schema, "deprecated": True}
    policy = entry.field.policy
    if entry.deprecated:
        schema = {
            **schema,
            "description": f"{entry.doc} Deprecated: {entry.deprecated}.",
            "deprecated": True,
        }
    if policy.default is not None:
        schema["default"] = policy.default
    if entry.field.secret:
        schema["writeOnly"] = True
    said = {
        "x-filled-with": policy.filled_with,
        "x-on-change": policy.on_change.value,
        "x-while-on": policy.while_on,
        "x-readback": policy.readback.value,
        "x-severity": policy.severity.value,
        "x-because": policy.because,
        "x-part": entry.field.part,
    }
    return {**schema, **{key: value for key, value in said.items() if value}}


def _schema(kind: Type, entry: Entry) -> Json:
    match kind:
        case Leaf():
            return _leaf(kind, entry)
        case ListOf(element):
            return _list(_schema(element, entry), entry)
        case MapOf(value):
            names = {"minLength": 1}
            return {
                "type": "object",
                "propertyNames": names,
                "additionalProperties": _schema(value, entry),
            }
        case ObjectOf(name):
            return {"$ref": f"#/$defs/{name}"}
        case Either(kinds):
            return {"anyOf": [_schema(each, entry) for each in kinds]}
    assert_never(kind)


def _list(items: Json, entry: Entry) -> Json:
    schema: Json = {"type": "array", "items": items}
    at_most = entry.mark(AtMost)
    if at_most is not None:
        schema["maxItems"] = at_most.count
        if at_most.of_each is not None:
            schema["items"] = {**items, "maxLength": at_most.of_each}
    if entry.mark(KeyedBy) == KeyedBy(()):
        schema["uniqueItems"] = True
    return schema


def _leaf(leaf: Leaf, entry: Entry) -> Json:
    if leaf.kind is str:
        return _text(leaf, entry)
    if leaf.kind is bool:
        return {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]}
    if leaf.kind is int:
        return {"anyOf": [{"type": "integer", **_bounds(entry)}, _matching(_DIGITS)]}
    if leaf.kind is float:
        return {"anyOf": [{"type": "number", **_bounds(entry)}, _matching(_DECIMAL)]}
    return {}


def _text(leaf: Leaf, entry: Entry) -> Json:
    if leaf.choices and leaf.form is Form.ANY_CASE:
        return {"anyOf": [{"enum": list(leaf.choices)}, _matching(_any_case(leaf.choices))]}
    if leaf.choices:
        return {"enum": list(leaf.choices)}
    schema: Json = {"type": "string"}
    spelled, at_most = entry.mark(Spelled), entry.mark(AtMost)
    if leaf.form is Form.REFERENCE:
        schema["pattern"] = SECRET_REFERENCE.pattern
    elif leaf.form is Form.OR_WHOLE:
        return {"anyOf": [schema, {"type": "integer"}]}
    elif spelled is not None:
        schema["pattern"] = f"^(?:{spelled.pattern})$"
    elif entry.required:
        schema["minLength"] = 1
    # That of a list's elements is not that of the list.
    if at_most is not None and entry.takes == leaf:
        schema["maxLength"] = at_most.count
    return schema


def _bounds(entry: Entry) -> Json:
    bounds = entry.mark(Bounds)
    if bounds is None:
        return {}
    said = {"minimum": bounds.least, "maximum": bounds.most, "multipleOf": bounds.step}
    return {key: value for key, value in said.items() if value is not None}


def _matching(pattern: str) -> Json:
    return {"type": "string", "pattern": pattern}


def _any_case(choices: tuple[str, ...]) -> str:
    """`("ab",)` -> `^(?:[aA][bB])$`: ECMA's patterns have no flag for it."""
    spelled = "|".join(re.sub(r"[a-z]", lambda m: f"[{m[0]}{m[0].upper()}]", c) for c in choices)
    return f"^(?:{spelled})$"


def _together(thing: Thing) -> Iterator[Json]:
    """What is said of fields together."""
    for names, needed in thing.one_of():
        if needed:
            yield {"oneOf": [{"required": [name]} for name in names]}
        else:
            yield from ({"not": {"required": list(pair)}} for pair in combinations(names, 2))
    for selects, value, name in thing.selected():
        selected = {"properties": {selects: {"const": value}}, "required": [selects]}
        beside = {"required": [name]}
        yield {"if": selected, "then": beside, "else": {"not": beside}}
