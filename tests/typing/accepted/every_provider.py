"""A model of each provider, its credential as a reference, as an output, in plain text."""

import pulumi

from databricks_serving import ExternalModelArgs, Secret, ServingEndpoint

reference = Secret("key", scope="llm", key="key", value_from_env="KEY").reference
key = pulumi.Config().require_secret("key")

models: list[ExternalModelArgs] = [
    {
        "provider": "openai",
        "name": "gpt-4o",
        "task": "llm/v1/chat",
        "openai_config": {
            "openai_api_type": "azuread",
            "openai_api_base": "https://example.openai.azure.com",
            "microsoft_entra_client_secret": reference,
        },
    },
    {
        "provider": "anthropic",
        "name": "claude",
        "task": "llm/v1/chat",
        "anthropic_config": {"anthropic_api_key_plaintext": key},
    },
    {
        "provider": "cohere",
        "name": "command",
        "task": "llm/v1/completions",
        "cohere_config": {"cohere_api_key": "{{secrets/llm/cohere}}"},
    },
    {
        "provider": "ai21labs",
        "name": "j2-mid",
        "task": "llm/v1/completions",
        "ai21labs_config": {"ai21labs_api_key": reference},
    },
    {
        "provider": "palm",
        "name": "text-bison",
        "task": "llm/v1/completions",
        "palm_config": {"palm_api_key": reference},
    },
    {
        "provider": "amazon-bedrock",
        "name": "claude",
        "task": "llm/v1/chat",
        "amazon_bedrock_config": {
            "aws_region": "us-east-1",
            "bedrock_provider": "anthropic",
            "uc_service_credential_name": "bedrock",
        },
    },
    {
        "provider": "google-cloud-vertex-ai",
        "name": "gemini",
        "task": "llm/v1/chat",
        "google_cloud_vertex_ai_config": {
            "project_id": "p",
            "region": "europe-west1",
            "private_key": reference,
        },
    },
    {
        "provider": "databricks-model-serving",
        "name": "chat",
        "task": "llm/v1/chat",
        "databricks_model_serving_config": {
            "databricks_workspace_url": "https://other.example.com",
            "databricks_api_token": reference,
        },
    },
    {
        "provider": "custom",
        "name": "own",
        "task": "llm/v1/embeddings",
        "custom_provider_config": {
            "custom_provider_url": "https://llm.example.com",
            "api_key_auth": {"key": "X-Key", "value_plaintext": key},
        },
    },
]
for model in models:
    ServingEndpoint(
        f"by-{model['provider']}", config={"served_entities": [{"external_model": model}]}
    )
