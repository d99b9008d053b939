"""From endpoints and queries to rows, whose values are those of JSON; times are UTC."""

from __future__ import annotations

from datetime import datetime, timezone

from ..queries.records import Query, served_entity_id
from ..serving.model import Config, Endpoint, Entity, EntityKind
from ..wire import JsonObject
from .inference import InferenceTable

_TYPES = {
    EntityKind.EXTERNAL: "EXTERNAL_MODEL",
    EntityKind.CUSTOM: "CUSTOM_MODEL",
    EntityKind.FEATURE_SPEC: "FEATURE_SPEC",
    EntityKind.FOUNDATION: "FOUNDATION_MODEL",
}
# What the sizes stand for (contract §5.3); of others nobody says it.
_CONCURRENCY = {"Small": (4, 4), "Medium": (8, 16), "Large": (16, 64)}


def timestamp(seconds: float) -> str:
    """A moment, given in seconds since the epoch, to the microsecond."""
    moment = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def entity_rows(endpoint: Endpoint, config: Config) -> dict[str, JsonObject]:
    """The row of each entity of a config, by its id; it changed when the endpoint last did."""
    rows = [_entity_row(endpoint, config, entity) for entity in config.entities]
    return {row["served_entity_id"]: row for row in rows}


def _entity_row(endpoint: Endpoint, config: Config, entity: Entity) -> JsonObject:
    said = entity.definition
    kind = _TYPES[EntityKind.FOUNDATION if entity.is_throughput else entity.kind]
    external: JsonObject = said.get("external_model", {})
    return {
        "served_entity_id": served_entity_id(endpoint.id, config.version, entity.name),
        "created_by": entity.creator,
        "endpoint_name": endpoint.name,
        "endpoint_id": endpoint.id,
        "served_entity_name": entity.name,
        "entity_type": kind,
        "entity_name": external.get("name") or said.get("entity_name"),
        "entity_version": said.get("entity_version"),
        "endpoint_config_version": config.version,
        "task": config.task,
        **_kind_config(kind, said),
        "change_time": timestamp(endpoint.last_updated_timestamp / 1000),
    }


def _kind_config(kind: str, said: JsonObject) -> JsonObject:
    if kind == "EXTERNAL_MODEL":
        return {"external_model_config": {"provider": said["external_model"]["provider"]}}
    if kind == "FOUNDATION_MODEL":
        names = ("min_provisioned_throughput", "max_provisioned_throughput")
        return {"foundation_model_config": {name: said.get(name) for name in names}}
    least, most = _CONCURRENCY.get(said.get("workload_size", ""), (None, None))
    least = said.get("min_provisioned_concurrency", least)
    compute = {
        "min_concurrency": 0 if said.get("scale_to_zero_enabled") else least,
        "max_concurrency": said.get("max_provisioned_concurrency", most),
        "compute_type": said.get("workload_type", "CPU"),
    }
    where = "custom_model_config" if kind == "CUSTOM_MODEL" else "feature_spec_config"
    return {where: compute}


def usage_row(query: Query) -> JsonObject:
    """What usage tracking has of a query: how much was asked, never what."""
    return {
        "client_request_id": query.client_request_id or None,
        "databricks_request_id": query.databricks_request_id,
        "requester": query.requester,
        "status_code": query.status_code,
        "request_time": timestamp(query.requested_at),
        "input_token_count": query.input_tokens,
        "output_token_count": query.output_tokens,
        "input_character_count": query.input_characters,
        "output_character_count": query.output_characters,
        "usage_context": dict(query.usage_context),
        "request_streaming": query.streaming,
        "served_entity_id": query.served_entity_id or None,
    }


def payload_row(table: InferenceTable, endpoint: Endpoint, query: Query) -> JsonObject:
    """What an inference table has of a query, in the columns of its kind."""
    both = {
        "databricks_request_id": query.databricks_request_id,
        "client_request_id": query.client_request_id or None,
        "status_code": query.status_code,
        "sampling_fraction": table.fraction,
        "request": query.request or None,
        "response": query.response or None,
    }
    time = timestamp(query.requested_at)
    if table.is_older:
        return {
            **both,
            "date": time[:10],
            "timestamp_ms": round(query.requested_at * 1000),
            "execution_time_ms": query.duration_ms,
            "request_metadata": _metadata(endpoint, query),
        }
    return {
        **both,
        "request_date": time[:10],
        "request_time": time,
        "execution_duration_ms": query.duration_ms,
        "served_entity_id": query.served_entity_id or None,
        "logging_error_codes": list(query.logging_error_codes),
        "requester": query.requester,
    }


def _metadata(endpoint: Endpoint, query: Query) -> JsonObject:
    entities = endpoint.active.entities if endpoint.active else ()
    said = next((one.definition for one in entities if one.name == query.served_entity_name), {})
    return {
        "endpoint_name": endpoint.name,
        "model_name": said.get("entity_name"),
        "model_version": said.get("entity_version"),
    }
