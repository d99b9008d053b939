"""A completion model of AI21 Labs."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("ai21labs-keys", name="ai21labs-keys")
key = Secret(
    "ai21labs", scope=scope.name, key="ai21labs_api_key", value=config.require_secret("ai21labsKey")
)

endpoint = ServingEndpoint(
    "ai21labs-completions",
    name="ai21labs-completions",
    config={
        "served_entities": [
            {
                "name": "jurassic",
                "external_model": {
                    "name": "j2-mid",
                    "provider": "ai21labs",
                    "task": "llm/v1/completions",
                    "ai21labs_config": {"ai21labs_api_key": key.reference},
                },
            }
        ]
    },
)

pulumi.export("url", endpoint.invocation_url)
