"""Valid programs that between them say every field of every resource."""

from __future__ import annotations

from .endpoints import REFERENCE, Json, config, limit, openai, program, registered, units


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

SPLIT = {"a": 100, "b": 0}
GUARDED = {"safety": True, "pii": {"behavior": "MASK"}}

VALID: dict[str, Json] = {
    "everything around a registered model": program(
        config={
            **config(
                registered(
                    "a",
                    workload_type="CPU",
                    environment_vars={"MODE": "fast", "EMPTY": "", "TOKEN": REFERENCE},
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
                routes=SPLIT,
            ),
            "auto_capture_config": {
                "catalog_name": "main",
                "schema_name": "ml",
                "table_name_prefix": "churn",
                "enabled": True,
            },
        },
        ai_gateway={
            "rate_limits": [
                limit(0),
                limit(5, tokens=100, key="user_group", principal="analysts"),
                {"tokens": 10, "renewal_period": "minute"},
            ]
        },
        tags={"team": "gen-ai", "empty": ""},
        description="",
        email_notifications={
            "on_update_failure": ["ops@example.com"],
            "on_update_success": ["ops@example.com", "ada@example.com"],
        },
        route_optimized=False,
        budget_policy_id="policy-1",
    ),
    "a feature spec": program(
        config=config(
            {
                "name": "features",
                "entity_name": "main.ml.features",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
            }
        ),
        ai_gateway={"fallback_config": {"enabled": False}},
        route_optimized=True,
    ),
    "provisioned throughput by tokens": program(
        config=config(
            {
                "name": "llama",
                "entity_name": "system.ai.llama",
                "entity_version": "1",
                "min_provisioned_throughput": 0,
                "max_provisioned_throughput": 9500,
            }
        ),
        ai_gateway={"guardrails": {"input": GUARDED}},
    ),
    "provisioned throughput by model units": program(
        config=config(units(name="a", burst_scaling_enabled=False), units(name="b"), routes=SPLIT),
        ai_gateway={"rate_limits": [limit()]},
        email_notifications={"on_update_failure": []},
        budget_policy_id="policy-1",
        tags={},
    ),
    "every section of a gateway": program(
        ai_gateway={
            "rate_limits": [],
            "guardrails": {
                "input": {**GUARDED, "invalid_keywords": ["war"], "valid_topics": ["peace"]},
                "output": {
                    "safety": False,
                    "pii": {"behavior": "BLOCK"},
                    "invalid_keywords": [],
                    "valid_topics": [],
                },
            },
            "usage_tracking_config": {"enabled": True},
            "inference_table_config": {
                "enabled": True,
                "catalog_name": "main",
                "schema_name": "ml",
                "table_name_prefix": "chat",
            },
            "fallback_config": {"enabled": True},
        }
    ),
    "a gateway whose sections are off": program(
        ai_gateway={
            "guardrails": {"input": {"pii": {"behavior": "NONE"}}, "output": {}},
            "usage_tracking_config": {"enabled": False},
            "inference_table_config": {"enabled": False},
            "fallback_config": {"enabled": False},
        }
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
    "cohere with the key itself": vendor(
        "cohere", cohere_config={"cohere_api_key_plaintext": "co-1"}
    ),
    "cohere": vendor(
        "cohere",
        cohere_config={"cohere_api_key": REFERENCE, "cohere_api_base": "https://cohere.example"},
    ),
    "ai21labs": vendor("ai21labs", ai21labs_config={"ai21labs_api_key": REFERENCE}),
    "ai21labs with the key itself": vendor(
        "ai21labs", ai21labs_config={"ai21labs_api_key_plaintext": "ai21"}
    ),
    "palm with the key itself": vendor("palm", palm_config={"palm_api_key_plaintext": "palm"}),
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
    "vertex with the key itself": vendor(
        "google-cloud-vertex-ai",
        google_cloud_vertex_ai_config={
            "project_id": "p",
            "region": "europe-west1",
            "private_key_plaintext": "{}",
        },
    ),
    "databricks with the token itself": vendor(
        "databricks-model-serving",
        databricks_model_serving_config={
            "databricks_workspace_url": "https://other.example.com",
            "databricks_api_token_plaintext": "dapi",
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
    "a custom provider with the header itself": vendor(
        "custom",
        custom_provider_config={
            "custom_provider_url": "https://llm.example.com",
            "api_key_auth": {"key": "X-Key", "value_plaintext": "v"},
        },
    ),
    "a custom provider with a reference to a token": vendor(
        "custom",
        custom_provider_config={
            "custom_provider_url": "https://llm.example.com",
            "bearer_token_auth": {"token": REFERENCE},
        },
    ),
    "a custom provider with a token": vendor(
        "custom",
        custom_provider_config={
            "custom_provider_url": "https://llm.example.com",
            "bearer_token_auth": {"token_plaintext": "t0ken"},
        },
    ),
    "telemetry in tables": program(
        config=config(registered()),
        telemetry_config={
            "table_names": {
                "logs_table": "main.ml.logs",
                "metrics_table": "main.ml.metrics",
                "traces_table": "main.ml.traces",
                "annotations_table": "main.ml.annotations",
            },
            "inference_table_config": {"sampling_fraction": 0.5},
            "enabled_telemetry_features": [
                "TELEMETRY_FEATURE_INFERENCE_TABLE",
                "TELEMETRY_FEATURE_LOGS",
            ],
        },
    ),
    "telemetry by a profile": program(
        config=config(registered()),
        telemetry_config={"telemetry_profile_id": "profile-1"},
    ),
}

PROFILE = {"profile": "dev"}
HOST = {"host": "https://example.com"}

#: What programs say of resources, settings included; the first of each pair is the class.
PROGRAMS: dict[str, tuple[str, Json]] = {
    **{f"endpoint, {name}": ("ServingEndpoint", said) for name, said in VALID.items()},
    "endpoint, every setting": (
        "ServingEndpoint",
        program(
            deploy={
                "wait": "accepted",
                "timeout": "1h30m",
                "on_update_in_progress": "abandon",
                "replace_on": ["description", "budget_policy_id"],
                "redeploy_on": ["1", 2.0, {"a": [None]}],
            },
            adopt=True,
            allow_multiple_external_models=False,
            workspace=PROFILE,
        ),
    ),
    "endpoint, the host and one word": (
        "ServingEndpoint",
        program(deploy={"wait": "ready"}, adopt="false", workspace=HOST),
    ),
    "gateway, every section": (
        "AiGateway",
        {
            "endpoint_name": "databricks-claude",
            **VALID["every section of a gateway"]["ai_gateway"],
            "mode": "authoritative",
            "on_delete": "restore",
            "workspace": PROFILE,
        },
    ),
    "gateway, one section": (
        "AiGateway",
        {
            "endpoint_name": "chat",
            "rate_limits": [limit(1, tokens=2, principal="ada@example.com")],
            "mode": "additive",
            "on_delete": "clear",
            "workspace": HOST,
        },
    ),
    "limits": (
        "RateLimits",
        {
            "endpoint_name": "databricks-claude",
            "rate_limits": [
                limit(),
                limit(5, key="service_principal", principal="0123"),
                {"calls": 7, "tokens": 0, "key": "endpoint", "renewal_period": "minute"},
            ],
            "on_delete": "keep",
            "workspace": PROFILE,
        },
    ),
    "limits, none": (
        "RateLimits",
        {"endpoint_name": "chat", "rate_limits": [], "on_delete": "restore", "workspace": HOST},
    ),
    "scope": (
        "SecretScope",
        {
            "name": "llm.keys-1@x_y",
            "initial_manage_principal": "users",
            "scope_backend_type": "DATABRICKS",
            "force_destroy": True,
            "adopt": False,
            "workspace": PROFILE,
        },
    ),
    "scope, a vault in Azure": (
        "SecretScope",
        {
            "name": "vault",
            "scope_backend_type": "AZURE_KEYVAULT",
            "backend_azure_keyvault": {
                "resource_id": "/subscriptions/1/vaults/llm",
                "dns_name": "https://llm.vault.azure.net/",
            },
        },
    ),
    "scope, elsewhere": ("SecretScope", {"name": "llm", "workspace": HOST}),
    "secret, as text": (
        "Secret",
        {
            "scope": "llm",
            "key": "openai",
            "value": "sk-1",
            "version": "2",
            "adopt": True,
            "workspace": PROFILE,
        },
    ),
    "secret, as bytes": ("Secret", {"scope": "llm", "key": "openai", "value_base64": "AAE="}),
    "secret, from the environment": (
        "Secret",
        {
            "scope": "llm",
            "key": "openai",
            "value_from_env": "OPENAI_KEY",
            "workspace": HOST,
        },
    ),
    "access": (
        "SecretAcl",
        {"scope": "llm", "principal": "analysts", "permission": "READ", "workspace": HOST},
    ),
    "access, elsewhere": (
        "SecretAcl",
        {"scope": "llm", "principal": "0123", "permission": "MANAGE", "workspace": PROFILE},
    ),
    "permissions, none": (
        "EndpointPermissions",
        {"endpoint_name": "chat", "access_control": [], "mode": "additive", "workspace": HOST},
    ),
    "permissions": (
        "EndpointPermissions",
        {
            "endpoint_name": "chat",
            "access_control": [
                {"user_name": "ada@example.com", "permission_level": "CAN_MANAGE"},
                {"group_name": "analysts", "permission_level": "CAN_QUERY"},
                {"service_principal_name": "0123", "permission_level": "CAN_VIEW"},
            ],
            "mode": "authoritative",
            "workspace": PROFILE,
        },
    ),
}
