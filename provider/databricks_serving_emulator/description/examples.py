"""Bodies that a workspace takes, as the documentation writes them."""

from __future__ import annotations

from collections.abc import Mapping

from ..wire import JsonObject

_EXTERNAL: JsonObject = {
    "name": "gpt",
    "external_model": {
        "name": "gpt-4o",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key_plaintext": "sk-made-up"},
    },
}
_CUSTOM: JsonObject = {
    "name": "churn-1",
    "entity_name": "ml.prod.churn",
    "entity_version": "1",
    "workload_size": "Small",
    "scale_to_zero_enabled": True,
    "environment_vars": {"LOG_LEVEL": "info"},
}
_UNITS: JsonObject = {
    "name": "llama",
    "entity_name": "system.ai.llama_4_maverick",
    "entity_version": "1",
    "provisioned_model_units": 50,
}
_GATEWAY: JsonObject = {
    "usage_tracking_config": {"enabled": True},
    "guardrails": {
        "input": {"pii": {"behavior": "MASK"}, "safety": True, "invalid_keywords": ["password"]}
    },
    "inference_table_config": {"enabled": True, "catalog_name": "main", "schema_name": "ml"},
    "rate_limits": [{"key": "user", "calls": 100, "renewal_period": "minute"}],
}


def _served(entity: JsonObject) -> JsonObject:
    route = {"served_entity_name": entity["name"], "traffic_percentage": 100}
    return {"served_entities": [entity], "traffic_config": {"routes": [route]}}


#: By what they are for, each under a name of its own.
BODIES: Mapping[str, Mapping[str, JsonObject]] = {
    "endpoint": {
        "external": {
            "name": "chat",
            "config": _served(_EXTERNAL),
            "tags": [{"key": "team", "value": "gen-ai"}],
            "ai_gateway": _GATEWAY,
        },
        "custom": {
            "name": "churn",
            "config": {
                **_served(_CUSTOM),
                "auto_capture_config": {"catalog_name": "main", "schema_name": "ml"},
            },
            "description": "Who leaves next.",
            "email_notifications": {"on_update_failure": ["ann@example.com"]},
            "route_optimized": True,
        },
        "empty": {"name": "later"},
    },
    "throughput": {"units": {"name": "llama", "config": _served(_UNITS)}},
    "throughput_config": {"units": {"config": _served({**_UNITS, "provisioned_model_units": 100})}},
    "config": {
        "external": _served(_EXTERNAL),
        "custom": _served({**_CUSTOM, "entity_version": "2"}),
    },
    "tags": {"both": {"add_tags": [{"key": "team", "value": "ml"}], "delete_tags": ["owner"]}},
    "rate_limits": {
        "older": {"rate_limits": [{"key": "user", "calls": 100, "renewal_period": "minute"}]}
    },
    "ai_gateway": {"all": _GATEWAY, "none": {}},
    "notifications": {"mail": {"email_notifications": {"on_update_success": ["ann@example.com"]}}},
    "telemetry": {
        "logs": {
            "telemetry_config": {
                "table_names": {"logs_table": "main.ml.logs"},
                "inference_table_config": {"sampling_fraction": 0.5},
                "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"],
            }
        }
    },
    "grants": {
        "group": {"access_control_list": [{"group_name": "users", "permission_level": "CAN_QUERY"}]}
    },
    "scope": {"scope": {"scope": "llm-keys"}},
    "secret": {
        "text": {"scope": "llm-keys", "key": "openai", "string_value": "sk-made-up"},
        "bytes": {"scope": "llm-keys", "key": "openai", "bytes_value": "c2stbWFkZS11cA=="},
    },
    "acl": {"read": {"scope": "llm-keys", "principal": "users", "permission": "READ"}},
    "statement": {
        "usage": {
            "warehouse_id": "0123456789abcdef",
            "statement": "SELECT * FROM system.serving.endpoint_usage WHERE requester = :who",
            "parameters": [{"name": "who", "value": "ann@example.com"}],
        }
    },
    "query": {
        "chat": {"model": "chat", "messages": [{"role": "user", "content": "hello"}]},
        "stream": {
            "model": "chat",
            "messages": [{"role": "user", "content": "hello"}],
            "stream": True,
        },
        "completion": {"model": "complete", "prompt": "Once upon a time", "max_tokens": 16},
        "embedding": {"model": "embed", "input": ["hello"]},
        "rows": {"model": "churn", "dataframe_records": [{"age": 41}]},
    },
}
