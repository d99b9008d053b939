"""External models: what each provider takes."""

from __future__ import annotations

from support.endpoints import REFERENCE, config, openai, program
from support.refused.vendors import ONE_KEY
from support.valid_programs import AZURE, vendor

from .case import MODEL, Refusal, model

OPENAI = f"{MODEL}.openai_config"
BEDROCK = f"{MODEL}.amazon_bedrock_config"
CUSTOM = f"{MODEL}.custom_provider_config"


def openai_config(**fields):
    return program(config=config(openai(model={"openai_config": fields})))


def azure(**fields):
    said = {**AZURE, "openai_api_type": "azure", "openai_api_key": REFERENCE, **fields}
    return openai_config(**{name: value for name, value in said.items() if value is not None})


def azuread(**fields):
    entra = {
        "openai_api_type": "azuread",
        "openai_api_key": None,
        "microsoft_entra_client_id": "client",
        "microsoft_entra_tenant_id": "tenant",
        "microsoft_entra_client_secret": REFERENCE,
    }
    return azure(**{**entra, **fields})


def bedrock(**fields):
    said = {"aws_region": "us-east-1", "bedrock_provider": "anthropic", **fields}
    return vendor("amazon-bedrock", amazon_bedrock_config=said)


def custom(**fields):
    said = {"custom_provider_url": "https://llm.example.com", **fields}
    return vendor("custom", custom_provider_config=said)


REFUSALS = {
    # External models.
    **{
        f"no {name} of a model": Refusal(
            model(**{name: None}), rf"field: .*\.{name}$", "required", f"{MODEL}.{name}"
        )
        for name in ("provider", "name", "task")
    },
    **{
        f"an empty {name} of a model": Refusal(
            model(**{name: ""}), rf"field: .*\.{name}$", "required", f"{MODEL}.{name}"
        )
        for name in ("provider", "name", "task")
    },
    "a task that is none": Refusal(
        model(task="chat"), r"task must be one of", "known-value", f"{MODEL}.task"
    ),
    "a provider that is none": Refusal(
        model(provider="initech"), r"provider must be one of", "known-value", f"{MODEL}.provider"
    ),
    "no config of the provider": Refusal(
        model(openai_config=None), r"found none", "selected-object", OPENAI
    ),
    "another provider's config": Refusal(
        model(cohere_config={"cohere_api_key": REFERENCE}),
        r"found openai_config, cohere_config",
        "selected-object",
        f"{MODEL}.cohere_config",
    ),
    **{
        f"{provider} without a credential": Refusal(
            vendor(provider, **{name: said}),
            rf"exactly one of {credential} and",
            "one-credential",
            f"{MODEL}.{name}.{credential}",
        )
        for provider, name, said, credential in ONE_KEY
    },
    **{
        f"{provider} without {missing}": Refusal(
            vendor(provider, **{name: said}),
            rf"field: .*\.{missing}$",
            "required",
            f"{MODEL}.{name}.{missing}",
        )
        for provider, name, said, missing in (
            (
                "google-cloud-vertex-ai",
                "google_cloud_vertex_ai_config",
                {"region": "r", "private_key": REFERENCE},
                "project_id",
            ),
            (
                "google-cloud-vertex-ai",
                "google_cloud_vertex_ai_config",
                {"project_id": "p", "region": "", "private_key": REFERENCE},
                "region",
            ),
            (
                "databricks-model-serving",
                "databricks_model_serving_config",
                {"databricks_api_token": REFERENCE},
                "databricks_workspace_url",
            ),
        )
    },
    "a credential in both forms": Refusal(
        openai_config(openai_api_key=REFERENCE, openai_api_key_plaintext="sk-1"),
        r"exactly one of openai_api_key and",
        "one-credential",
        f"{OPENAI}.openai_api_key",
    ),
    "an empty credential": Refusal(
        openai_config(openai_api_key_plaintext=""),
        r"exactly one of openai_api_key and",
        "one-credential",
        f"{OPENAI}.openai_api_key_plaintext",
    ),
    "a key where a reference is wanted": Refusal(
        openai_config(openai_api_key="sk-1"),
        r"is not a secret reference of the form",
        "secret-reference",
        f"{OPENAI}.openai_api_key",
    ),
    # OpenAI.
    "openai without a key": Refusal(
        openai_config(),
        r"exactly one of openai_api_key and",
        "openai-type",
        f"{OPENAI}.openai_api_key",
    ),
    "openai with a deployment": Refusal(
        openai_config(openai_api_key=REFERENCE, openai_deployment_name="gpt"),
        r"only for azure and azuread",
        "openai-type",
        f"{OPENAI}.openai_deployment_name",
    ),
    "a type of openai that is none": Refusal(
        openai_config(openai_api_key=REFERENCE, openai_api_type="gcp"),
        r"openai_api_type must be one of",
        "known-value",
        f"{OPENAI}.openai_api_type",
    ),
    "azure with an organization": Refusal(
        azure(openai_organization="acme"),
        r"can only specify a value for 'openai_organization'",
        "openai-type",
        f"{OPENAI}.openai_organization",
    ),
    "azure without a key": Refusal(
        azure(openai_api_key=None),
        r"exactly one of openai_api_key and",
        "openai-type",
        f"{OPENAI}.openai_api_key",
    ),
    **{
        f"{kind} {how} {name}": Refusal(
            said(**{name: value}), rf"field: .*\.{name}$", "openai-type", f"{OPENAI}.{name}"
        )
        for kind, said in (("azure", azure), ("azuread", azuread))
        for how, value in (("without", None), ("with an empty", ""))
        for name in (*AZURE,)
    },
    **{
        f"azuread without {name}": Refusal(
            azuread(**{name: None}), rf"field: .*\.{name}$", "openai-type", f"{OPENAI}.{name}"
        )
        for name in ("microsoft_entra_client_id", "microsoft_entra_tenant_id")
    },
    "azuread without a client secret": Refusal(
        azuread(microsoft_entra_client_secret=None),
        r"exactly one of microsoft_entra_client_secret and",
        "openai-type",
        f"{OPENAI}.microsoft_entra_client_secret",
    ),
    "azuread with a key": Refusal(
        azuread(openai_api_key=REFERENCE),
        r"not allowed with azuread",
        "openai-type",
        f"{OPENAI}.openai_api_key",
    ),
    # Bedrock.
    "bedrock without a region": Refusal(
        bedrock(aws_region=None, instance_profile_arn="arn:x"),
        r"field: .*\.aws_region$",
        "required",
        f"{BEDROCK}.aws_region",
    ),
    "bedrock without a provider": Refusal(
        bedrock(bedrock_provider=None, instance_profile_arn="arn:x"),
        r"field: .*\.bedrock_provider$",
        "required",
        f"{BEDROCK}.bedrock_provider",
    ),
    "bedrock's provider is none": Refusal(
        bedrock(bedrock_provider="initech", instance_profile_arn="arn:x"),
        r"bedrock_provider must be one of",
        "known-value",
        f"{BEDROCK}.bedrock_provider",
    ),
    "no way into bedrock": Refusal(
        bedrock(), r"exactly one of an access key pair", "bedrock-access", BEDROCK
    ),
    "two ways into bedrock": Refusal(
        bedrock(instance_profile_arn="arn:x", uc_service_credential_name="x"),
        r"exactly one of an access key pair",
        "bedrock-access",
        BEDROCK,
    ),
    "half a pair of keys, and another way": Refusal(
        bedrock(instance_profile_arn="arn:x", aws_access_key_id=REFERENCE),
        r"exactly one of an access key pair",
        "bedrock-access",
        BEDROCK,
    ),
    "bedrock without the secret half": Refusal(
        bedrock(aws_access_key_id=REFERENCE),
        r"exactly one of aws_secret_access_key and",
        "bedrock-access",
        f"{BEDROCK}.aws_secret_access_key",
    ),
    "bedrock without the key's id": Refusal(
        bedrock(aws_secret_access_key_plaintext="s3cret"),
        r"exactly one of aws_access_key_id and",
        "bedrock-access",
        f"{BEDROCK}.aws_access_key_id",
    ),
    # Custom providers.
    "a custom provider nowhere": Refusal(
        custom(custom_provider_url=None, bearer_token_auth={"token": REFERENCE}),
        r"field: .*\.custom_provider_url$",
        "required",
        f"{CUSTOM}.custom_provider_url",
    ),
    "a custom provider without auth": Refusal(
        custom(), r"exactly one of api_key_auth and bearer_token_auth", "one-of", CUSTOM
    ),
    "a custom provider with two": Refusal(
        custom(
            api_key_auth={"key": "X", "value": REFERENCE}, bearer_token_auth={"token": REFERENCE}
        ),
        r"exactly one of api_key_auth and bearer_token_auth",
        "one-of",
        CUSTOM,
    ),
    "a header without a name": Refusal(
        custom(api_key_auth={"value": REFERENCE}),
        r"field: .*\.api_key_auth\.key$",
        "required",
        f"{CUSTOM}.api_key_auth.key",
    ),
    "a header without a value": Refusal(
        custom(api_key_auth={"key": "X"}),
        r"exactly one of value and",
        "one-credential",
        f"{CUSTOM}.api_key_auth.value",
    ),
    "an auth without a token": Refusal(
        custom(bearer_token_auth={}),
        r"exactly one of token and",
        "one-credential",
        f"{CUSTOM}.bearer_token_auth.token",
    ),
}
