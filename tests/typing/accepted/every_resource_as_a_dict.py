"""The dict of each resource, with outputs in it, unpacked into its constructor."""

from typing import Literal

import pulumi

from databricks_serving import (
    AiGateway,
    AiGatewayArgs,
    EndpointPermissions,
    EndpointPermissionsArgs,
    GrantArgs,
    RateLimitArgs,
    RateLimits,
    RateLimitsArgs,
    Secret,
    SecretAcl,
    SecretAclArgs,
    SecretArgs,
    SecretScope,
    SecretScopeArgs,
    ServingEndpoint,
    ServingEndpointArgs,
    TelemetryConfigArgs,
)

elsewhere = pulumi.StackReference("acme/models/prod")
text: pulumi.Output[str] = elsewhere.require_output("text")
number = text.apply(int)
switch = text.apply(bool)


def level(name: str) -> Literal["CAN_VIEW", "CAN_QUERY"]:
    return "CAN_QUERY" if name == "prod" else "CAN_VIEW"


def limits(calls: int) -> list[RateLimitArgs]:
    return [{"calls": calls, "key": "user", "renewal_period": "minute"}]


def grant(name: str) -> GrantArgs:
    return {"group_name": name, "permission_level": "CAN_VIEW"}


def telemetry(profile: str) -> TelemetryConfigArgs:
    return {"telemetry_profile_id": profile}


scope: SecretScopeArgs = {
    "name": text,
    "initial_manage_principal": "users",
    "scope_backend_type": "AZURE_KEYVAULT",
    "backend_azure_keyvault": {"resource_id": text, "dns_name": "https://vault.example.com"},
    "force_destroy": True,
    "adopt": True,
    "workspace": {"host": text},
}
secret: SecretArgs = {"scope": "llm", "key": text, "value": text, "version": "1", "adopt": False}
endpoint: ServingEndpointArgs = {
    "name": "chat",
    "config": {
        "served_entities": [
            {
                "name": text,
                "entity_name": "system.ai.llama",
                "entity_version": text,
                "provisioned_model_units": number,
                "burst_scaling_enabled": switch,
            },
        ],
        "auto_capture_config": {"catalog_name": text, "schema_name": "logs", "enabled": switch},
    },
    "ai_gateway": {
        "rate_limits": number.apply(limits),
        "guardrails": {
            "input": {"safety": switch, "pii": {"behavior": "BLOCK"}, "valid_topics": [text]},
            "output": {"invalid_keywords": text.apply(lambda word: [word])},
        },
        "usage_tracking_config": {"enabled": True},
        "inference_table_config": {"enabled": switch, "catalog_name": text, "schema_name": "logs"},
        "fallback_config": {"enabled": switch},
    },
    "description": text,
    "email_notifications": {"on_update_failure": [text, "ops@example.com"]},
    "budget_policy_id": text,
    "telemetry_config": text.apply(telemetry),
    "deploy": {"on_update_in_progress": "abandon", "replace_on": ["description"]},
    "allow_multiple_external_models": True,
}
SecretScope("scope", **scope)
Secret("secret", pulumi.ResourceOptions(protect=True), **secret)
chat = ServingEndpoint("endpoint", **endpoint)
ServingEndpoint(
    "logged",
    telemetry_config={
        "table_names": {"logs_table": text, "traces_table": "main.logs.traces"},
        "inference_table_config": {"sampling_fraction": text.apply(float)},
        "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS", "TELEMETRY_FEATURE_TRACES"],
    },
    email_notifications={"on_update_success": text.apply(lambda address: [address])},
    budget_policy_id=text,
)

gateway: AiGatewayArgs = {
    "endpoint_name": chat.name,
    "guardrails": {"input": {"pii": {"behavior": "MASK"}}},
    "mode": "authoritative",
    "on_delete": "keep",
    "workspace": {"profile": text},
}
all_limits: RateLimitsArgs = {
    "endpoint_name": "databricks-llama",
    "rate_limits": [{"tokens": number, "principal": text, "renewal_period": "minute"}],
    "on_delete": "clear",
}
acl: SecretAclArgs = {"scope": text, "principal": "analysts", "permission": "READ"}
permissions: EndpointPermissionsArgs = {
    "endpoint_name": chat.name,
    "access_control": [
        {"user_name": text, "permission_level": "CAN_MANAGE"},
        {"service_principal_name": "bot", "permission_level": text.apply(level)},
        text.apply(grant),
    ],
    "mode": "additive",
}
AiGateway("gateway", **gateway)
RateLimits("limits", pulumi.ResourceOptions(protect=True), **all_limits)
SecretAcl("acl", **acl)
EndpointPermissions("permissions", **permissions)
