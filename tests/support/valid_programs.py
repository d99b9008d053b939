"""Valid programs that between them say every field of an endpoint."""

from __future__ import annotations

from .endpoints import REFERENCE, Json, config, limit, openai, program, registered


def model(provider: str, **fields: object) -> Json:
    """A program with an external model of `provider`."""
    return program(config=config(openai(model={"provider": provider, **fields})))


def _without_openai(said: Json) -> Json:
    del said["config"]["served_entities"][0]["external_model"]["openai_config"]
    return said


def vendor(provider: str, **configs: Json) -> Json:
    """A program with an external model of `provider` and only that provider's config object."""
    return _without_openai(model(provider, **configs))


AZURE = {
    "openai_api_base": "https://example.openai.azure.com",
    "openai_api_version": "2024-02-01",
    "openai_deployment_name": "gpt",
}

VALID: dict[str, Json] = {
    "everything around a registered model": program(
        config=config(
            registered(
                "a",
                workload_type="CPU",
                environment_vars={"MODE": "fast", "EMPTY": ""},
                instance_profile_arn="arn:aws:iam::1:instance-profile/x",
            ),
            {
                "name": "b",
                "entity_name": "main.ml.churn",
                "entity_version": "2",
                "scale_to_zero_enabled": True,
                "min_provisioned_concurrency": 4,
                "max_provisioned_concurrency": 8,
            },
            routes={"a": 100, "b": 0},
        ),
        ai_gateway={
            "rate_limits": [
                limit(0),
                limit(5, tokens=100, key="user_group", principal="analysts"),
                {"tokens": 10, "renewal_period": "minute"},
            ]
        },
        tags={"team": "gen-ai", "empty": ""},
        description="",
        route_optimized=False,
    ),
    "a registered model with an optimised route": program(
        config=config(registered()), route_optimized=True
    ),
    "tags as the API's list": program(tags=[{"key": "team", "value": "ml"}, {"key": "flag"}]),
    "no config": program(config=None),
    "openai": program(
        config=config(
            openai(
                model={
                    "openai_config": {
                        "openai_api_key": REFERENCE,
                        "openai_api_type": "openai",
                        "openai_organization": "acme",
                    }
                }
            )
        )
    ),
    "openai with the key itself": program(
        config=config(openai(model={"openai_config": {"openai_api_key_plaintext": "sk-1"}}))
    ),
    "azure": model(
        "openai",
        openai_config={**AZURE, "openai_api_type": "azure", "openai_api_key": REFERENCE},
    ),
    "azuread": model(
        "openai",
        openai_config={
            **AZURE,
            "openai_api_type": "azuread",
            "microsoft_entra_client_id": "id",
            "microsoft_entra_tenant_id": "tenant",
            "microsoft_entra_client_secret": REFERENCE,
        },
    ),
    "azuread with the secret itself": model(
        "openai",
        openai_config={
            **AZURE,
            "openai_api_type": "azuread",
            "microsoft_entra_client_id": "id",
            "microsoft_entra_tenant_id": "tenant",
            "microsoft_entra_client_secret_plaintext": "s3cret",
        },
    ),
    "anthropic": vendor("anthropic", anthropic_config={"anthropic_api_key": REFERENCE}),
    "anthropic with the key itself": vendor(
        "anthropic", anthropic_config={"anthropic_api_key_plaintext": "sk-ant"}
    ),
    "cohere": vendor(
        "cohere",
        cohere_config={"cohere_api_key": REFERENCE, "cohere_api_base": "https://cohere.example"},
    ),
    "ai21labs": vendor("ai21labs", ai21labs_config={"ai21labs_api_key": REFERENCE}),
    "palm": vendor("palm", palm_config={"palm_api_key": REFERENCE}),
    "bedrock with keys": vendor(
        "amazon-bedrock",
        amazon_bedrock_config={
            "aws_region": "us-east-1",
            "bedrock_provider": "anthropic",
            "aws_access_key_id": REFERENCE,
            "aws_secret_access_key": REFERENCE,
        },
    ),
    "bedrock with the keys themselves": vendor(
        "amazon-bedrock",
        amazon_bedrock_config={
            "aws_region": "us-east-1",
            "bedrock_provider": "anthropic",
            "aws_access_key_id_plaintext": "AKIA1",
            "aws_secret_access_key_plaintext": "s3cret",
        },
    ),
    "bedrock with a profile": vendor(
        "amazon-bedrock",
        amazon_bedrock_config={
            "aws_region": "us-east-1",
            "bedrock_provider": "anthropic",
            "instance_profile_arn": "arn:aws:iam::1:instance-profile/x",
        },
    ),
    "bedrock's provider in capitals, a pair of keys in two forms": vendor(
        "amazon-bedrock",
        amazon_bedrock_config={
            "aws_region": "us-east-1",
            "bedrock_provider": "Amazon",
            "aws_access_key_id_plaintext": "AKIA1",
            "aws_secret_access_key": REFERENCE,
        },
    ),
    "bedrock with a service credential": vendor(
        "amazon-bedrock",
        amazon_bedrock_config={
            "aws_region": "us-east-1",
            "bedrock_provider": "anthropic",
            "uc_service_credential_name": "bedrock",
        },
    ),
    "vertex": vendor(
        "google-cloud-vertex-ai",
        google_cloud_vertex_ai_config={
            "project_id": "p",
            "region": "europe-west1",
            "private_key": REFERENCE,
        },
    ),
    "databricks": vendor(
        "databricks-model-serving",
        databricks_model_serving_config={
            "databricks_workspace_url": "https://other.example.com",
            "databricks_api_token": REFERENCE,
        },
    ),
    "a custom provider with a header": vendor(
        "custom",
        custom_provider_config={
            "custom_provider_url": "https://llm.example.com",
            "api_key_auth": {"key": "X-Key", "value": REFERENCE},
        },
    ),
    "a custom provider with a token": vendor(
        "custom",
        custom_provider_config={
            "custom_provider_url": "https://llm.example.com",
            "bearer_token_auth": {"token_plaintext": "t0ken"},
        },
    ),
}
