"""A Gemini model on Google Cloud Vertex AI, by a service account."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("vertex-keys", name="vertex-keys")
key = Secret(
    "vertex",
    scope=scope.name,
    key="service_account_key",
    value=config.require_secret("serviceAccountKey"),
)

endpoint = ServingEndpoint(
    "gemini-chat",
    name="gemini-chat",
    config={
        "served_entities": [
            {
                "name": "gemini",
                "external_model": {
                    "name": "gemini-2.0-flash",
                    "provider": "google-cloud-vertex-ai",
                    "task": "llm/v1/chat",
                    "google_cloud_vertex_ai_config": {
                        "project_id": config.require("project"),
                        "region": config.require("region"),
                        "private_key": key.reference,
                    },
                },
            }
        ]
    },
)

pulumi.export("url", endpoint.invocation_url)
