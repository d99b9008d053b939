"""Telemetry of registered models: logs, metrics, traces and annotations in Unity Catalog tables.

Source: SDK, TelemetryConfig; databricks/cli, bundle/direct/dresources, on what the service does.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from .limits import NOT_EMPTY, Bounds, Choices, OneOf
from .policy import BY_VALUE, OnChange, Policy, Readback, Severity
from .values import Each, Number, Said, Value


def _by_patch(because: str, readback: Readback, *, filled_with: str = "") -> Policy:
    return Policy(
        OnChange.UPDATE,
        readback,
        because=because,
        severity=Severity.MEDIUM,
        source="databricks/cli, bundle/direct/dresources/model_serving_endpoint.go",
        filled_with=filled_with,
    )


TABLE_NAME = _by_patch(
    "PATCH telemetry-config makes a new profile of the tables, and GET shows the profile only",
    Readback.NEVER,
)


class TelemetryTables(Value):
    """The tables, each by its full name."""

    logs_table: Annotated[Said[str], TABLE_NAME, NOT_EMPTY] = None
    """Table of logs, such as `catalog.schema.logs`."""
    metrics_table: Annotated[Said[str], TABLE_NAME, NOT_EMPTY] = None
    """Table of metrics."""
    traces_table: Annotated[Said[str], TABLE_NAME, NOT_EMPTY] = None
    """Table of traces."""
    annotations_table: Annotated[Said[str], TABLE_NAME, NOT_EMPTY] = None
    """Table of annotations."""


class TelemetryInferenceTable(Value):
    """How many of the requests are written down."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = frozenset({"name"})

    sampling_fraction: Annotated[
        Said[Number],
        _by_patch(
            "PATCH telemetry-config; left out, GET may show the service's own",
            Readback.DEFAULTED,
            filled_with="a value of the service's choice",
        ),
        Bounds(0, 1),
    ] = None
    """Share of the requests, from 0 to 1."""


class TelemetryConfig(Value):
    """Where telemetry goes: tables of its own, or an existing profile."""

    table_names: Annotated[
        Said[TelemetryTables], TABLE_NAME, OneOf("destination", needed=False)
    ] = None
    """The tables; they become a new profile."""
    telemetry_profile_id: Annotated[
        Said[str],
        _by_patch(
            "PATCH telemetry-config; left out, GET shows the profile made of the tables",
            Readback.DEFAULTED,
            filled_with="the id of the profile that the tables became",
        ),
        OneOf("destination", needed=False),
    ] = None
    """Id of an existing profile."""
    inference_table_config: Annotated[
        Said[TelemetryInferenceTable],
        _by_patch(
            "PATCH telemetry-config; left out, GET may show the service's own",
            Readback.DEFAULTED,
            filled_with="a value of the service's choice",
        ),
    ] = None
    """How many of the requests are written down."""
    enabled_telemetry_features: Annotated[
        Said[tuple[Each[str], ...]],
        _by_patch(
            "PATCH telemetry-config; left out, all of them are on",
            Readback.DEFAULTED,
            filled_with="all of them",
        ),
        BY_VALUE,
        Choices(
            (
                "TELEMETRY_FEATURE_INFERENCE_TABLE",
                "TELEMETRY_FEATURE_LOGS",
                "TELEMETRY_FEATURE_METRICS",
                "TELEMETRY_FEATURE_TRACES",
            )
        ),
    ] = None
    """What is written down; left out, all of it."""
