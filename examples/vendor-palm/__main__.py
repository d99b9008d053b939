"""A model of Google PaLM, the predecessor of Vertex AI's: for endpoints that are there already."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("palm-keys", name="palm-keys")
key = Secret("palm", scope=scope.name, key="palm_api_key", value=config.require_secret("palmKey"))

endpoint = ServingEndpoint(
    "palm-completions",
    name="palm-completions",
    config={
        "served_entities": [
            {
                "name": "bison",
                "external_model": {
                    "name": "text-bison-001",
                    "provider": "palm",
                    "task": "llm/v1/completions",
                    "palm_config": {"palm_api_key": key.reference},
                },
            }
        ]
    },
)

pulumi.export("url", endpoint.invocation_url)
