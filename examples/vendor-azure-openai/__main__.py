"""OpenAI on Azure: an endpoint that signs in by key, and one by Microsoft Entra ID."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("azure-openai-keys", name="azure-openai-keys")
key = Secret("key", scope=scope.name, key="api_key", value=config.require_secret("azureKey"))
client_secret = Secret(
    "client-secret",
    scope=scope.name,
    key="entra_client_secret",
    value=config.require_secret("entraClientSecret"),
)

by_key = ServingEndpoint(
    "azure-by-key",
    name="azure-chat-by-key",
    config={
        "served_entities": [
            {
                "name": "gpt-4o",
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {
                        "openai_api_type": "azure",
                        "openai_api_base": config.require("azureBase"),
                        "openai_api_version": "2024-10-21",
                        "openai_deployment_name": config.require("azureDeployment"),
                        "openai_api_key": key.reference,
                    },
                },
            }
        ]
    },
)

by_entra_id = ServingEndpoint(
    "azure-by-entra-id",
    name="azure-chat-by-entra-id",
    config={
        "served_entities": [
            {
                "name": "gpt-4o",
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {
                        "openai_api_type": "azuread",
                        "openai_api_base": config.require("azureBase"),
                        "openai_api_version": "2024-10-21",
                        "openai_deployment_name": config.require("azureDeployment"),
                        "microsoft_entra_tenant_id": config.require("entraTenant"),
                        "microsoft_entra_client_id": config.require("entraClient"),
                        "microsoft_entra_client_secret": client_secret.reference,
                    },
                },
            }
        ]
    },
)

pulumi.export("byKey", by_key.invocation_url)
pulumi.export("byEntraId", by_entra_id.invocation_url)
