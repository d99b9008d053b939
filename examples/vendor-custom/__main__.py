"""A service of your own that speaks OpenAI's protocol, by bearer token and by a header."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("proxy-keys", name="proxy-keys")
token = Secret("token", scope=scope.name, key="token", value=config.require_secret("proxyToken"))

by_bearer_token = ServingEndpoint(
    "vllm",
    name="vllm-chat",
    config={
        "served_entities": [
            {
                "name": "mixtral",
                "external_model": {
                    "name": "mixtral-8x7b-instruct",
                    "provider": "custom",
                    "task": "llm/v1/chat",
                    "custom_provider_config": {
                        "custom_provider_url": config.require("proxyUrl"),
                        "bearer_token_auth": {"token": token.reference},
                    },
                },
            }
        ]
    },
)

by_header = ServingEndpoint(
    "vllm-by-header",
    name="vllm-chat-by-header",
    config={
        "served_entities": [
            {
                "name": "mixtral",
                "external_model": {
                    "name": "mixtral-8x7b-instruct",
                    "provider": "custom",
                    "task": "llm/v1/chat",
                    "custom_provider_config": {
                        "custom_provider_url": config.require("proxyUrl"),
                        "api_key_auth": {"key": "X-Api-Key", "value": token.reference},
                    },
                },
            }
        ]
    },
)

pulumi.export("byBearerToken", by_bearer_token.invocation_url)
pulumi.export("byHeader", by_header.invocation_url)
