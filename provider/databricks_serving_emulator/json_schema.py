"""The words of JSON Schema, as the emulator's OpenAPI documents use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .wire import JsonObject

TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "number"}
WHOLE: JsonObject = {"type": "integer"}
FLAG: JsonObject = {"type": "boolean"}
ANYTHING: JsonObject = {}
#: Milliseconds since the epoch, as all timestamps of the API are.
MILLISECONDS: JsonObject = {"type": "integer", "minimum": 0}


def ref(name: str) -> JsonObject:
    """The schema of that name among those of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(*values: str) -> JsonObject:
    """One of these texts."""
    return {"type": "string", "enum": list(values)}


def list_of(item: JsonObject) -> JsonObject:
    """A list of one kind of thing."""
    return {"type": "array", "items": item}


def map_of(item: JsonObject) -> JsonObject:
    """An object with any keys, each with the same kind of thing."""
    return {"type": "object", "additionalProperties": item}


def object_of(required: Iterable[str] = (), /, **members: JsonObject) -> JsonObject:
    """An object with these members, and perhaps others."""
    shown: JsonObject = {"type": "object", "properties": members}
    names = list(required)
    return {**shown, "required": names} if names else shown


def closed(
    required: Mapping[str, JsonObject] | None = None, /, **optional: JsonObject
) -> JsonObject:
    """An object with these members and no others."""
    needed = required or {}
    return {**object_of(needed, **needed, **optional), "additionalProperties": False}


def or_null(schema: JsonObject) -> JsonObject:
    """The same, or null. What has no type is anything at all."""
    if "type" not in schema:
        return schema
    kinds = schema["type"]
    nullable = {**schema, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable
