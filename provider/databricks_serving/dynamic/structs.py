"""Property bags off Pulumi's wire, whole, and with our marker for what is not yet known."""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from .unknowns import from_pulumi


@cache
def hands_all() -> bool:
    """Whether what this release of Pulumi hands a provider is whole.

    Up to some release after 3.216 its reader leaves out names that begin with `__`, users' tags
    among them. To read a bag a second time takes as long as to judge it.
    """
    internal = {"__top": {"__below": True}}
    struct = struct_pb2.Struct()
    struct.update(internal)
    return bool(rpc.deserialize_properties(struct, keep_unknowns=True) == internal)


def bag_of(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The whole bag, as Pulumi reads it: what is null is left out."""
    read = rpc.deserialize_properties(struct, keep_unknowns=True, keep_internal=True)
    bag: dict[str, Any] = from_pulumi(read)
    return bag
