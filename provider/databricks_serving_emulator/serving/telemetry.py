"""Telemetry settings: what is refused, and what of them an answer shows (contract §7.4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from ..errors import conflict, invalid
from ..wire import JsonObject
from ..world import World
from . import lifecycle
from .model import Endpoint, EndpointKind

FEATURES = tuple(
    f"TELEMETRY_FEATURE_{name}" for name in ("INFERENCE_TABLE", "LOGS", "METRICS", "TRACES")
)
# The words of the service for the kinds that it refuses.
_REFUSED_KINDS = {
    EndpointKind.EXTERNAL: "EXTERNAL_MODELS",
    EndpointKind.NOTHING: "NO_CONFIG",
}


def supports_telemetry(kind: EndpointKind) -> bool:
    """Whether an endpoint of this kind can have telemetry."""
    return kind not in _REFUSED_KINDS


def check_can_change(endpoint: Endpoint) -> None:
    """Raise `ApiError` 400 or 409 when telemetry cannot be changed, or not now."""
    refused = _REFUSED_KINDS.get(endpoint.kind)
    if refused is not None:
        raise invalid(
            f"Telemetry configuration is not supported for endpoint type '{refused}'. This API "
            "only supports endpoints with custom served models."
        )
    if lifecycle.is_updating(endpoint):
        raise conflict(
            f"Endpoint {endpoint.name} is currently updating. Wait for the update to complete "
            "before updating its telemetry configuration."
        )


def checked_telemetry(
    world: World, wanted: JsonObject | None, standing: JsonObject | None
) -> JsonObject | None:
    """The telemetry after a write, as it is answered; None when there is none.

    Without tables and without a profile, everything stays as it was. The names of the tables go
    into a new profile and are never seen again, except in the name of the inference table.

    wanted: None removes it

    Raises `ApiError` 400 for tables and a profile at once, for an unknown feature, and for a share
    of the requests that is none.
    """
    if wanted is None:
        return None
    tables: JsonObject = wanted.get("table_names") or {}
    profile = wanted.get("telemetry_profile_id")
    if tables and profile:
        raise invalid("Only one of table_names and telemetry_profile_id can be given.")
    for feature in wanted.get("enabled_telemetry_features", []):
        if feature not in FEATURES:
            raise invalid(f"enabled_telemetry_features must be among {', '.join(FEATURES)}.")
    if not 0 <= wanted.get("inference_table_config", {}).get("sampling_fraction", 1) <= 1:
        raise invalid("inference_table_config.sampling_fraction must lie between 0 and 1.")
    if not tables and not profile:
        return standing
    shown: JsonObject = {"telemetry_profile_id": profile or str(uuid.uuid4())}
    if tables and world.behaviour.telemetry_tables_shown:
        shown["table_names"] = tables
    if "inference_table_config" in wanted:
        logs = tables.get("logs_table")
        name = f"{logs}_payload" if logs else _table_of(profile, world.endpoints.values())
        shown["inference_table_config"] = _inference_table(wanted["inference_table_config"], name)
    if wanted.get("enabled_telemetry_features"):
        shown["enabled_telemetry_features"] = wanted["enabled_telemetry_features"]
    return shown


def _inference_table(given: JsonObject, name: str | None) -> JsonObject:
    kept = {key: value for key, value in given.items() if key != "name"}
    return kept if name is None else {**kept, "name": name}


def _table_of(profile: str | None, endpoints: Iterable[Endpoint]) -> str | None:
    for endpoint in endpoints:
        telemetry = endpoint.telemetry or {}
        if profile is not None and telemetry.get("telemetry_profile_id") == profile:
            name: str | None = telemetry.get("inference_table_config", {}).get("name")
            if name:
                return name
    return None
