"""Pulumi's marker for what is not yet known, and ours."""

from __future__ import annotations

from typing import Any

from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from databricks_serving_schema import UNKNOWN, Unknown


def from_pulumi(value: Any) -> Any:
    """A property bag with our marker instead of Pulumi's, at any depth."""
    if isinstance(value, str):  # first, as most are
        return value
    if isinstance(value, dict):
        return {key: from_pulumi(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_pulumi(inner) for inner in value]
    return UNKNOWN if isinstance(value, PulumiUnknown) else value


def to_pulumi(value: Any) -> Any:
    """A property bag with Pulumi's marker instead of ours, at any depth."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: to_pulumi(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_pulumi(inner) for inner in value]
    return rpc.UNKNOWN if isinstance(value, Unknown) else value
