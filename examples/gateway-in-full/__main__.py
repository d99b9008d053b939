"""Every section of AI Gateway on one endpoint."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("gateway-keys", name="gateway-keys")
openai = Secret("openai", scope=scope.name, key="openai", value=config.require_secret("openaiKey"))
anthropic = Secret(
    "anthropic", scope=scope.name, key="anthropic", value=config.require_secret("anthropicKey")
)

endpoint = ServingEndpoint(
    "assistant",
    name="assistant",
    # Where a workspace allows one external model only, take out Claude, its route and the fallback.
    allow_multiple_external_models=True,
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": openai.reference},
                },
            },
            {
                "name": "claude",
                "external_model": {
                    "name": "claude-sonnet-4-5",
                    "provider": "anthropic",
                    "task": "llm/v1/chat",
                    "anthropic_config": {"anthropic_api_key": anthropic.reference},
                },
            },
        ],
        "traffic_config": {
            "routes": [
                {"served_entity_name": "gpt", "traffic_percentage": 100},
                # Asked only where GPT fails.
                {"served_entity_name": "claude", "traffic_percentage": 0},
            ]
        },
    },
    ai_gateway={
        "rate_limits": [
            {"calls": 1000, "key": "endpoint", "renewal_period": "minute"},
            {"calls": 30, "tokens": 20_000, "key": "user", "renewal_period": "minute"},
            {
                "calls": 100,
                "key": "user",
                "principal": "ann@example.com",
                "renewal_period": "minute",
            },
            {
                "tokens": 100_000,
                "key": "user_group",
                "principal": "data-science",
                "renewal_period": "minute",
            },
            {
                "calls": 300,
                "key": "service_principal",
                "principal": "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77",
                "renewal_period": "minute",
            },
        ],
        "guardrails": {
            "input": {"safety": True, "pii": {"behavior": "BLOCK"}},
            "output": {"safety": True, "pii": {"behavior": "MASK"}},
        },
        "usage_tracking_config": {"enabled": True},
        "inference_table_config": {
            "enabled": True,
            "catalog_name": "ml",
            "schema_name": "gateway_logs",
            "table_name_prefix": "assistant",
        },
        "fallback_config": {"enabled": True},
    },
)

pulumi.export("url", endpoint.invocation_url)
pulumi.export("inferenceTable", endpoint.inference_table)
