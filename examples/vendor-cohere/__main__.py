"""An embedding model of Cohere."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("cohere-keys", name="cohere-keys")
key = Secret(
    "cohere", scope=scope.name, key="cohere_api_key", value=config.require_secret("cohereKey")
)

endpoint = ServingEndpoint(
    "cohere-embeddings",
    name="cohere-embeddings",
    config={
        "served_entities": [
            {
                "name": "embed",
                "external_model": {
                    "name": "embed-multilingual-v3.0",
                    "provider": "cohere",
                    "task": "llm/v1/embeddings",
                    "cohere_config": {"cohere_api_key": key.reference},
                },
            }
        ]
    },
    ai_gateway={"rate_limits": [{"calls": 600, "key": "user", "renewal_period": "minute"}]},
)

pulumi.export("url", endpoint.invocation_url)
