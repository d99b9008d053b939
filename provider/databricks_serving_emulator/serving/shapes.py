"""What the bodies of the serving calls may hold (contract §5, §6)."""

from __future__ import annotations

from ..fields import (
    FLAG,
    NUMBER,
    TEXT,
    TEXT_MAP,
    TEXTS,
    WHOLE,
    Fields,
    Kind,
    ListOf,
    fields,
    texts,
)
from .gateway import BEHAVIORS, KEYS, LEGACY_KEYS, PERIODS
from .vendors import external_model_shape

_SIZING: dict[str, Kind] = {
    **texts("name", "instance_profile_arn", "workload_size", "workload_type"),
    "environment_vars": TEXT_MAP,
    "scale_to_zero_enabled": FLAG,
    "min_provisioned_concurrency": WHOLE,
    "max_provisioned_concurrency": WHOLE,
    "min_provisioned_throughput": WHOLE,
    "max_provisioned_throughput": WHOLE,
    "provisioned_model_units": WHOLE,
    "burst_scaling_enabled": FLAG,
}

SERVED_ENTITY = fields(
    _SIZING, **texts("entity_name", "entity_version"), external_model=external_model_shape()
)
SERVED_MODEL = fields(_SIZING, **texts("model_name", "model_version"))
ROUTE = fields(texts("served_entity_name", "served_model_name"), traffic_percentage=WHOLE)
TABLE = fields(texts("catalog_name", "schema_name", "table_name_prefix"), enabled=FLAG)

CONFIG = fields(
    # The documented PUT body carries the endpoint's name once more: accepted, without effect.
    name=TEXT,
    served_entities=ListOf(SERVED_ENTITY),
    served_models=ListOf(SERVED_MODEL),
    traffic_config=fields(routes=ListOf(ROUTE)),
    auto_capture_config=TABLE,
)

_GUARDS: Fields = fields(
    safety=FLAG,
    pii=fields(behavior=TEXT.among(*BEHAVIORS)),
    invalid_keywords=TEXTS,
    valid_topics=TEXTS,
)

AI_GATEWAY = fields(
    fallback_config=fields(enabled=FLAG),
    guardrails=fields(input=_GUARDS, output=_GUARDS),
    inference_table_config=TABLE,
    rate_limits=ListOf(
        fields(
            renewal_period=TEXT.among(*PERIODS),
            key=TEXT.among(*KEYS),
            principal=TEXT,
            calls=WHOLE,
            tokens=WHOLE,
        )
    ),
    usage_tracking_config=fields(enabled=FLAG),
)

TAGS = ListOf(fields(texts("key", "value")))

MAILS = fields(on_update_failure=TEXTS, on_update_success=TEXTS)
LEGACY_LIMITS = ListOf(
    fields(renewal_period=TEXT.among(*PERIODS), key=TEXT.among(*LEGACY_KEYS), calls=WHOLE)
)

TELEMETRY = fields(
    table_names=fields(texts("logs_table", "metrics_table", "traces_table", "annotations_table")),
    telemetry_profile_id=TEXT,
    # The name is only ever answered: what is sent for it is accepted and has no effect.
    inference_table_config=fields(sampling_fraction=NUMBER, name=TEXT),
    enabled_telemetry_features=TEXTS,
)

CREATE = fields(
    texts("name", "description", "budget_policy_id"),
    config=CONFIG,
    ai_gateway=AI_GATEWAY,
    tags=TAGS,
    email_notifications=MAILS,
    route_optimized=FLAG,
    telemetry_config=TELEMETRY,
    rate_limits=LEGACY_LIMITS,
)

_UNITS_CONFIG = fields(
    served_entities=ListOf(
        fields(
            texts("name", "entity_name", "entity_version"),
            provisioned_model_units=WHOLE,
            burst_scaling_enabled=FLAG,
        )
    ),
    traffic_config=fields(routes=ListOf(ROUTE)),
)

CREATE_THROUGHPUT = fields(
    texts("name", "budget_policy_id"),
    config=_UNITS_CONFIG,
    ai_gateway=AI_GATEWAY,
    tags=TAGS,
    email_notifications=MAILS,
)

PUT_THROUGHPUT = fields(config=_UNITS_CONFIG)
PATCH_TAGS = fields(add_tags=TAGS, delete_tags=TEXTS)
PUT_RATE_LIMITS = fields(rate_limits=LEGACY_LIMITS)
PATCH_NOTIFICATIONS = fields(email_notifications=MAILS)
PATCH_TELEMETRY = fields(telemetry_config=TELEMETRY)
