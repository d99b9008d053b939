import pulumi

from databricks_serving import EndpointPermissions, Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("support-keys", name="support-keys")
key = Secret(
    "openai", scope=scope.name, key="openai_api_key", value=config.require_secret("openaiKey")
)

endpoint = ServingEndpoint(
    "support",
    name="support-chat",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
    },
    ai_gateway={
        "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}],
        "guardrails": {"input": {"pii": {"behavior": "MASK"}}},
        "usage_tracking_config": {"enabled": True},
    },
)

EndpointPermissions(
    "everybody",
    endpoint_name=endpoint.name,
    access_control=[{"group_name": "users", "permission_level": "CAN_QUERY"}],
)

pulumi.export("endpoint", endpoint.name)
