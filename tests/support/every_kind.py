"""One program with all seven kinds, for the real engine: each of its values can be another."""

from __future__ import annotations

#: What Databricks brings along, and nobody here created.
FOUNDATION_MODEL = "databricks-claude"

_PROGRAM = """
scope = SecretScope("keys", name="llm-keys", force_destroy={force_destroy})
key = Secret(
    "openai",
    scope=scope.name,
    key="openai",
    value=config.require_secret("key"),
    version="{version}",
)
SecretAcl("readers", scope=scope.name, principal="users", permission="{permission}")
chat = ServingEndpoint(
    "chat",
    name="chat",
    config={{
        "served_entities": [
            {{
                "name": "gpt",
                "external_model": {{
                    "name": "{model}",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {{"openai_api_key": key.reference}},
                }},
            }}
        ]
    }},
    tags={{"team": "{team}"}},
)
AiGateway(
    "gateway",
    endpoint_name=chat.name,
    usage_tracking_config={{"enabled": {tracked}}},
    guardrails={{"input": {{"invalid_keywords": ["zebra", "apple"]}}}},
)
EndpointPermissions(
    "callers",
    endpoint_name=chat.name,
    access_control=[{{"group_name": "users", "permission_level": "{level}"}}],
)
AiGateway(
    "claude",
    endpoint_name="databricks-claude",
    usage_tracking_config={{"enabled": {tracked}}},
)
RateLimits(
    "limits",
    endpoint_name="databricks-claude",
    rate_limits=[{{"calls": {calls}, "key": "user", "renewal_period": "minute"}}],
)
"""


def every_kind(
    *,
    force_destroy: bool = False,
    version: str = "1",
    permission: str = "READ",
    model: str = "gpt-4",
    team: str = "gen-ai",
    tracked: bool = True,
    level: str = "CAN_QUERY",
    calls: int = 100,
) -> str:
    """The program with these values."""
    return _PROGRAM.format(**locals())


#: The same resources, each with something else: what changes it, but for the scope, is one write.
CHANGED = {
    "force_destroy": True,
    "version": "2",
    "permission": "WRITE",
    "model": "gpt-4o",
    "team": "crm",
    "tracked": False,
    "level": "CAN_MANAGE",
    "calls": 0,
}

_LINKED = """
churn = ServingEndpoint(
    "churn",
    name="{name}",
    config={{
        "served_entities": [
            {{
                "name": "churn",
                "entity_name": "ml.prod.churn",
                "entity_version": "1",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
            }}
        ]
    }},
    route_optimized={route_optimized},
)
after = pulumi.ResourceOptions(depends_on=[churn])
AiGateway(
    "gateway", after, endpoint_name={endpoint_name}, usage_tracking_config={{"enabled": True}}
)
RateLimits(
    "limits",
    after,
    endpoint_name={endpoint_name},
    rate_limits=[{{"calls": 5, "key": "user", "renewal_period": "minute"}}],
)
EndpointPermissions(
    "callers",
    after,
    endpoint_name={endpoint_name},
    access_control=[{{"group_name": "users", "permission_level": "CAN_QUERY"}}],
)
"""


def linked(
    *, name: str = "churn", route_optimized: bool = False, endpoint_name: str = "churn.name"
) -> str:
    """An endpoint, its gateway in two resources, and its grants; `endpoint_name`: their link."""
    return _LINKED.format(**locals())
