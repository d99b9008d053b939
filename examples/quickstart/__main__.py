"""An OpenAI model behind a Databricks serving endpoint: secret, endpoint, tag, rate limit."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("llm-keys", name="llm-keys")
key = Secret(
    "openai", scope=scope.name, key="openai_api_key", value=config.require_secret("openaiKey")
)

endpoint = ServingEndpoint(
    "chat",
    name="openai_endpoint",
    config={
        "served_entities": [
            {
                "name": "openai_embeddings",
                "external_model": {
                    "name": "text-embedding-ada-002",
                    "provider": "openai",
                    "task": "llm/v1/embeddings",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
    },
    tags={"team": "gen-ai"},
    ai_gateway={"rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}]},
)

pulumi.export("url", endpoint.invocation_url)
