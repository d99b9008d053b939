"""A chat model of Anthropic."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("anthropic-keys", name="anthropic-keys")
key = Secret(
    "anthropic",
    scope=scope.name,
    key="anthropic_api_key",
    value=config.require_secret("anthropicKey"),
)

endpoint = ServingEndpoint(
    "claude-chat",
    name="claude-chat",
    config={
        "served_entities": [
            {
                "name": "claude",
                "external_model": {
                    "name": "claude-sonnet-4-5",
                    "provider": "anthropic",
                    "task": "llm/v1/chat",
                    "anthropic_config": {"anthropic_api_key": key.reference},
                },
            }
        ]
    },
)

pulumi.export("url", endpoint.invocation_url)
