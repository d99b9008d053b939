"""A registered model: its environment in clear and by secret, and a rotation that reaches it."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("churn-secrets", name="churn-secrets")
token = Secret(
    "crm-token", scope=scope.name, key="crm_token", value=config.require_secret("crmToken")
)

endpoint = ServingEndpoint(
    "churn",
    name="churn",
    config={
        "served_entities": [
            {
                "name": "churn",
                "entity_name": "main.ml.churn",
                "entity_version": "3",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
                "environment_vars": {
                    "CRM_URL": "https://crm.example.com",
                    "CRM_TOKEN": token.reference,
                },
            }
        ]
    },
    # A running model keeps the value that it was deployed with: a new one is deployed to reach it.
    deploy={"redeploy_on": [token.value_fingerprint]},
)

pulumi.export("url", endpoint.invocation_url)
