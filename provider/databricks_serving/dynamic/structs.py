"""Property bags off Pulumi's wire, whole, and with our marker for what is not yet known.

Up to some release after 3.216 Pulumi's own reader leaves out names that begin with `__`, users'
tags among them, and it takes three times as long. What it makes more of than JSON (a secret, an
asset, a resource) is left to it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from databricks_serving_schema import UNKNOWN

from .unknowns import from_pulumi

#: Marks an object that is no JSON. Source: pulumi's sdk/go/common/resource/sig.
_SIGNATURE = "4dabf18193072939515e22adb298388d"


class _NoJson(Exception):
    """There is something in a bag that only Pulumi's own reader knows."""


@cache
def hands_all() -> bool:
    """Whether what this release of Pulumi hands a provider is whole, names with `__` and all.

    To read it a second time takes as long as to judge it.
    """
    internal = {"__top": {"__below": True}}
    struct = struct_pb2.Struct()
    struct.update(internal)
    return bool(rpc.deserialize_properties(struct, keep_unknowns=True) == internal)


def bag_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The bag as Pulumi reads it: what is null is left out."""
    try:
        return _object(struct)
    except _NoJson:
        read = rpc.deserialize_properties(struct, keep_unknowns=True, keep_internal=True)
        bag: dict[str, Any] = from_pulumi(read)
        return bag


def _object(struct: struct_pb2.Struct) -> dict[str, Any]:
    fields = struct.fields
    if _SIGNATURE in fields:
        raise _NoJson
    return {name: value for name, of in fields.items() if (value := _value(of)) is not None}


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text == rpc.UNKNOWN else text
    if kind == "struct_value":
        return _object(value.struct_value)
    if kind == "list_value":
        return [_value(element) for element in value.list_value.values]
    if kind == "number_value":
        return value.number_value
    return value.bool_value if kind == "bool_value" else None
