"""Serving endpoints as answers show them (contract §4, §5.8, §6, §9)."""

from __future__ import annotations

from ..grants import LEVELS
from ..json_schema import (
    ANYTHING,
    FLAG,
    MILLISECONDS,
    NUMBER,
    TEXT,
    WHOLE,
    closed,
    list_of,
    object_of,
    one_of,
    ref,
)
from ..serving import shapes
from ..serving.model import EntityKind
from ..wire import JsonObject
from .bodies import answered

_ID: JsonObject = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_DEPLOYED = {
    "state": closed(
        {
            "deployment": one_of(
                *(f"DEPLOYMENT_{name}" for name in ("CREATING", "READY", "FAILED", "ABORTED"))
            ),
            "deployment_state_message": TEXT,
        }
    ),
    "creator": TEXT,
    "creation_timestamp": MILLISECONDS,
}
_NEVER_SHOWN = frozenset({"burst_scaling_enabled"})
_FOUNDATION_MODEL = closed({"name": TEXT, "display_name": TEXT, "docs": TEXT, "description": TEXT})
_TRAFFIC = closed({"routes": list_of(ref("Route"))})
_TABLE_STATE = closed({"payload_table": closed({"name": TEXT})})

CONFIGS: dict[str, JsonObject] = {
    "ExternalModel": answered(shapes.SERVED_ENTITY.members["external_model"]),
    "Route": answered(shapes.ROUTE),
    "ServedEntity": answered(
        shapes.SERVED_ENTITY,
        without=_NEVER_SHOWN,
        **_DEPLOYED,
        external_model=ref("ExternalModel"),
        foundation_model=_FOUNDATION_MODEL,
        type=one_of(*(kind.value for kind in EntityKind)),
        min_dbus=NUMBER,
        max_dbus=NUMBER,
        batching_config=closed({"enabled": FLAG}),
    ),
    "ServedModel": answered(shapes.SERVED_MODEL, without=_NEVER_SHOWN, **_DEPLOYED),
    "Config": closed(
        {
            "served_entities": list_of(ref("ServedEntity")),
            "traffic_config": _TRAFFIC,
            "config_version": {"type": "integer", "minimum": 1},
        },
        served_models=list_of(ref("ServedModel")),
        auto_capture_config=answered(shapes.TABLE, state=_TABLE_STATE),
        start_time=MILLISECONDS,
    ),
    "ConfigSummary": closed(
        {
            "served_entities": list_of(
                closed(
                    {"name": TEXT},
                    entity_name=TEXT,
                    entity_version=TEXT,
                    external_model=ref("ExternalModel"),
                    foundation_model=_FOUNDATION_MODEL,
                )
            )
        },
        served_models=list_of(closed({"name": TEXT, "model_name": TEXT}, model_version=TEXT)),
    ),
    "AiGateway": answered(shapes.AI_GATEWAY),
    "RateLimits": closed({"rate_limits": answered(shapes.LEGACY_LIMITS)}),
    "EmailNotifications": answered(shapes.MAILS),
    "TagList": list_of(closed({"key": {**TEXT, "minLength": 1}}, value=TEXT)),
}

_STATE = closed(
    {
        "ready": one_of("READY", "NOT_READY"),
        "config_update": one_of("IN_PROGRESS", "NOT_UPDATING", "UPDATE_FAILED", "UPDATE_CANCELED"),
        "suspend": one_of("STOPPED", "NOT_SUSPENDED"),
    }
)
_HEAD = {
    "name": TEXT,
    "id": _ID,
    "creator": TEXT,
    "creator_display_name": TEXT,
    "creator_kind": one_of("User", "ServicePrincipal"),
    "creation_timestamp": MILLISECONDS,
    "last_updated_timestamp": MILLISECONDS,
    "state": _STATE,
}
_ALSO = {
    "description": TEXT,
    "tags": ref("TagList"),
    "task": TEXT,
    "ai_gateway": ref("AiGateway"),
    "telemetry_config": answered(shapes.TELEMETRY),
    "endpoint_type": one_of("EXTERNAL_MODEL", "FOUNDATION_MODEL_API"),
}

ENDPOINTS: dict[str, JsonObject] = {
    "ServingEndpoint": closed(
        {
            **_HEAD,
            "permission_level": one_of(*LEVELS),
            "route_optimized": FLAG,
            "resource_credential_strategy": one_of("EMBEDDED_CREDENTIALS"),
        },
        **_ALSO,
        config=ref("Config"),
        pending_config=ref("Config"),
        email_notifications=ref("EmailNotifications"),
        effective_budget_policy_id=TEXT,
        endpoint_url=TEXT,
        data_plane_info=closed(
            {"query_info": closed({"authorization_details": TEXT, "endpoint_url": TEXT})}
        ),
    ),
    "ServingEndpoints": closed(
        endpoints=list_of(closed(_HEAD, **_ALSO, config=ref("ConfigSummary")))
    ),
    "Tags": closed({"tags": ref("TagList")}),
    "Notifications": closed({"name": TEXT}, email_notifications=ref("EmailNotifications")),
    "Logs": closed({"logs": TEXT}),
    "OpenApiDocument": object_of(
        ("openapi", "info", "paths"), openapi=TEXT, info=ANYTHING, paths=ANYTHING
    ),
    "OptimizationInfo": closed(
        optimizable=FLAG,
        model_type=TEXT,
        throughput_chunk_size=WHOLE,
        dbus=NUMBER,
        model_unit_chunk_size=WHOLE,
    ),
}
