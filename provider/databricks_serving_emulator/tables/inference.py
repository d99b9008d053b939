"""The inference tables that an endpoint fills, by its settings (contract §6.5, §7.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..serving.model import Endpoint
from ..wire import JsonObject
from .columns import OLDER_PAYLOAD, PAYLOAD, Columns

_FEATURE = "TELEMETRY_FEATURE_INFERENCE_TABLE"


@dataclass(frozen=True)
class InferenceTable:
    """A table that queries are logged to.

    name: `catalog.schema.prefix_payload`, as the setting spells it
    owner: who made the endpoint that it was made for
    is_older: whether it is of the kind before AI Gateway's (`auto_capture_config`)
    fraction: the share of the queries that it logs, from 0 to 1
    """

    name: str
    owner: str
    is_older: bool = False
    fraction: float = 1.0

    @property
    def columns(self) -> Columns:
        """Those of its kind."""
        return OLDER_PAYLOAD if self.is_older else PAYLOAD


def inference_tables(endpoint: Endpoint) -> Iterator[InferenceTable]:
    """The tables that are on; none where a setting stands and is switched off."""
    gateway: JsonObject = endpoint.ai_gateway.get("inference_table_config", {})
    if gateway.get("enabled"):
        yield InferenceTable(_name(gateway), endpoint.creator)
    capture = endpoint.active.auto_capture if endpoint.active else None
    if capture and capture.get("enabled"):
        yield InferenceTable(_name(capture), endpoint.creator, is_older=True)
    telemetry = endpoint.telemetry or {}
    table: JsonObject = telemetry.get("inference_table_config", {})
    # Without a list, all features are on.
    features = telemetry.get("enabled_telemetry_features") or [_FEATURE]
    if table.get("name") and _FEATURE in features:
        fraction = float(table.get("sampling_fraction", 1))
        yield InferenceTable(table["name"], endpoint.creator, fraction=fraction)


def _name(table: JsonObject) -> str:
    prefix = table["table_name_prefix"]
    return f"{table['catalog_name']}.{table['schema_name']}.{prefix}_payload"
