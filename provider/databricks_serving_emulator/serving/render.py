"""What GET answers: an endpoint in detail, and its summary in lists (contract §5.8, §9)."""

from __future__ import annotations

import json

from ..wire import JsonObject
from .model import Config, Endpoint, Entity, EntityKind

_MIRRORED = (
    "workload_size",
    "scale_to_zero_enabled",
    "workload_type",
    "environment_vars",
    "instance_profile_arn",
    "min_provisioned_throughput",
    "max_provisioned_throughput",
    "provisioned_model_units",
)
_ENDPOINT_TYPES = {
    EntityKind.EXTERNAL: "EXTERNAL_MODEL",
    EntityKind.FOUNDATION: "FOUNDATION_MODEL_API",
}


def detailed(endpoint: Endpoint, workspace_id: str, origin: str) -> JsonObject:
    """An endpoint as GET by name, POST and PUT config answer it.

    origin: by which the workspace is reached; what is route-optimized has a host of its own in the
        service, and here the same one
    """
    shown = _common(endpoint)
    shown["permission_level"] = "CAN_QUERY" if endpoint.is_foundation else "CAN_MANAGE"
    shown["route_optimized"] = endpoint.route_optimized
    shown["resource_credential_strategy"] = "EMBEDDED_CREDENTIALS"
    if endpoint.active is not None:
        shown["config"] = _config(endpoint.active)
    if endpoint.pending is not None:
        shown["pending_config"] = _config(endpoint.pending)
    if endpoint.email_notifications is not None:
        shown["email_notifications"] = endpoint.email_notifications
    if endpoint.budget_policy_id is not None:
        # GET never fills budget_policy_id itself.
        shown["effective_budget_policy_id"] = endpoint.budget_policy_id
    if endpoint.route_optimized:
        shown.update(_data_plane(endpoint, workspace_id, origin))
    return shown


def summary(endpoint: Endpoint) -> JsonObject:
    """An endpoint as the list answers it: not enough to compare with."""
    shown = _common(endpoint)
    if endpoint.active is not None:
        shown["config"] = _config_summary(endpoint.active)
    return shown


def shown_tags(endpoint: Endpoint) -> list[JsonObject]:
    """The tags, by key."""
    return [
        {"key": key} if value is None else {"key": key, "value": value}
        for key, value in sorted(endpoint.tags.items())
    ]


def _common(endpoint: Endpoint) -> JsonObject:
    shown: JsonObject = {
        "name": endpoint.name,
        "id": endpoint.id,
        "creator": endpoint.creator,
        "creator_display_name": endpoint.creator_display_name,
        "creator_kind": endpoint.creator_kind,
        "creation_timestamp": endpoint.creation_timestamp,
        "last_updated_timestamp": endpoint.last_updated_timestamp,
        "state": {
            "ready": "READY" if endpoint.is_ready else "NOT_READY",
            "config_update": endpoint.update_state,
            "suspend": "STOPPED" if _rests(endpoint) else "NOT_SUSPENDED",
        },
    }
    # The one captured body of an endpoint without config has no description at all.
    if endpoint.description or endpoint.config:
        shown["description"] = endpoint.description
    if endpoint.tags:
        shown["tags"] = shown_tags(endpoint)
    if endpoint.task is not None:
        shown["task"] = endpoint.task
    if endpoint.ai_gateway:
        shown["ai_gateway"] = endpoint.ai_gateway
    if endpoint.telemetry is not None:
        shown["telemetry_config"] = endpoint.telemetry
    if endpoint.config and (kind := _ENDPOINT_TYPES.get(endpoint.config.entities[0].kind)):
        shown["endpoint_type"] = kind
    return shown


def _rests(endpoint: Endpoint) -> bool:
    return endpoint.stopped and endpoint.rollout is None


def _config(config: Config) -> JsonObject:
    shown: JsonObject = {
        "served_entities": [_entity(entity) for entity in config.entities],
        "traffic_config": {"routes": list(config.routes)},
        "config_version": config.version,
    }
    if config.entities[0].kind is EntityKind.CUSTOM:
        shown["served_models"] = [_served_model(entity) for entity in config.entities]
    if config.auto_capture is not None:
        shown["auto_capture_config"] = _captured(config.auto_capture)
    if config.start_time is not None:
        shown["start_time"] = config.start_time
    return shown


def _captured(table: JsonObject) -> JsonObject:
    if not table.get("enabled"):
        return table
    name = f"{table['table_name_prefix']}_payload"
    return {**table, "state": {"payload_table": {"name": name}}}


def _entity(entity: Entity) -> JsonObject:
    return {**entity.definition, **_progress(entity), "type": entity.kind.value}


def _served_model(entity: Entity) -> JsonObject:
    known = entity.definition
    return {
        "name": entity.name,
        **_model_of(known),
        **{name: known[name] for name in _MIRRORED if name in known},
        **_progress(entity),
    }


def _model_of(known: JsonObject) -> JsonObject:
    # Of what model units size, nobody need say the version (contract §5.6).
    version = known.get("entity_version")
    named = {"model_name": known["entity_name"]}
    return named if version is None else {**named, "model_version": version}


def _progress(entity: Entity) -> JsonObject:
    return {
        "state": {
            "deployment": entity.deployment,
            "deployment_state_message": entity.message,
        },
        "creator": entity.creator,
        "creation_timestamp": entity.creation_timestamp,
    }


def _config_summary(config: Config) -> JsonObject:
    names = ("name", "entity_name", "entity_version", "external_model", "foundation_model")
    shown: JsonObject = {
        "served_entities": [
            {name: entity.definition[name] for name in names if name in entity.definition}
            for entity in config.entities
        ]
    }
    if config.entities[0].kind is EntityKind.CUSTOM:
        shown["served_models"] = [
            {"name": entity.name, **_model_of(entity.definition)} for entity in config.entities
        ]
    return shown


def _data_plane(endpoint: Endpoint, workspace_id: str, origin: str) -> JsonObject:
    url = f"{origin}/{workspace_id}/serving-endpoints/{endpoint.name}"
    authorization = [
        {
            "type": "workspace_permission",
            "object_type": "serving-endpoints",
            "object_path": f"/serving-endpoints/{endpoint.id}",
            "actions": ["query_inference_endpoint"],
        }
    ]
    query_info = {
        "authorization_details": json.dumps(authorization, separators=(",", ":")),
        "endpoint_url": f"{url}/invocations",
    }
    return {"endpoint_url": url, "data_plane_info": {"query_info": query_info}}
