"""A chat model of OpenAI."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("openai-keys", name="openai-keys")
key = Secret(
    "openai", scope=scope.name, key="openai_api_key", value=config.require_secret("openaiKey")
)

endpoint = ServingEndpoint(
    "openai-chat",
    name="openai-chat",
    config={
        "served_entities": [
            {
                "name": "gpt-4o",
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {
                        "openai_api_key": key.reference,
                        "openai_organization": config.require("openaiOrganization"),
                    },
                },
            }
        ]
    },
)

pulumi.export("url", endpoint.invocation_url)
