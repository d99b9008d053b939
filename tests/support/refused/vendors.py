"""Breaches of external models: the provider, its config object, what one vendor asks for."""

from __future__ import annotations

from typing import Any

from databricks_serving_schema import UNKNOWN

from ..endpoints import LENIENT, REFERENCE, Json
from .breach import MODEL, Breach, external, one

AZURE = {
    "openai_api_type": "azure",
    "openai_api_base": "https://x.openai.azure.com",
    "openai_api_version": "2024-02-01",
    "openai_deployment_name": "gpt",
    "openai_api_key": REFERENCE,
}
ENTRA = {
    **{name: said for name, said in AZURE.items() if name != "openai_api_key"},
    "openai_api_type": "azuread",
    "microsoft_entra_client_id": "client",
    "microsoft_entra_tenant_id": "tenant",
    "microsoft_entra_client_secret": REFERENCE,
}
KEY_PAIR = {"aws_access_key_id": REFERENCE, "aws_secret_access_key_plaintext": "s3cret"}
PROFILE = {"instance_profile_arn": "arn:aws:iam::1:instance-profile/x"}
TOKEN = {"bearer_token_auth": {"token": REFERENCE}}

_OPENAI = f"{MODEL}.openai_config"
_BEDROCK = f"{MODEL}.amazon_bedrock_config"
_CUSTOM = f"{MODEL}.custom_provider_config"
_ONE_WAY = (
    "say exactly one way in: aws_access_key_id with aws_secret_access_key, "
    "instance_profile_arn, or uc_service_credential_name"
)
_AZURE_FIELDS = ("openai_api_base", "openai_api_version", "openai_deployment_name")

#: Providers with one credential: the provider, its config object, what else that needs, its key.
ONE_KEY = (
    ("anthropic", "anthropic_config", {}, "anthropic_api_key"),
    ("cohere", "cohere_config", {}, "cohere_api_key"),
    ("ai21labs", "ai21labs_config", {}, "ai21labs_api_key"),
    ("palm", "palm_config", {}, "palm_api_key"),
    (
        "google-cloud-vertex-ai",
        "google_cloud_vertex_ai_config",
        {"project_id": "p", "region": "r"},
        "private_key",
    ),
    (
        "databricks-model-serving",
        "databricks_model_serving_config",
        {"databricks_workspace_url": "https://x.example.com"},
        "databricks_api_token",
    ),
)


def vendor(provider: str, **configs: Any) -> Json:
    """A program with a model of `provider`, and these config objects instead of OpenAI's."""
    return external({"provider": provider, "openai_config": None, **configs})


def openai_config(**fields: Any) -> Json:
    """A program with an OpenAI model that is reached in this way."""
    return external({"openai_config": fields})


def bedrock(**fields: Any) -> Json:
    """A program with a model on Bedrock; None takes a field out."""
    said = {"aws_region": "us-east-1", "bedrock_provider": "anthropic", **fields}
    kept = {name: value for name, value in said.items() if value is not None}
    return vendor("amazon-bedrock", amazon_bedrock_config=kept)


def custom(**fields: Any) -> Json:
    """A program with a model of a provider of one's own; None takes a field out."""
    said = {"custom_provider_url": "https://llm.example.com", **fields}
    kept = {name: value for name, value in said.items() if value is not None}
    return vendor("custom", custom_provider_config=kept)


def _required(path: str) -> tuple[str, str, str]:
    return path, "required", "required"


def _for_type(name: str, kind: str) -> tuple[str, str, str]:
    return f"{_OPENAI}.{name}", "openai-type", f"required for openai_api_type {kind}"


def _reference(path: str, name: str, rule: str) -> tuple[str, str, str]:
    return f"{path}.{name}", rule, f"required: a secret reference here, or {name}_plaintext"


KEPT = {
    "azure": Breach(openai_config(**AZURE)),
    "azure with what is not yet known": Breach(
        openai_config(**{**AZURE, "openai_api_base": UNKNOWN, "openai_api_key": UNKNOWN})
    ),
    "azuread": Breach(openai_config(**ENTRA)),
    "a type of openai not yet known": Breach(openai_config(openai_api_type=UNKNOWN)),
    "openai at an address of one's own": Breach(
        openai_config(
            openai_api_key=REFERENCE,
            openai_api_base="https://proxy.example.com",
            openai_api_version="v1",
        )
    ),
    "a reference with blanks": Breach(openai_config(openai_api_key="{{ secrets/llm/openai }}")),
    **{
        f"{provider}, a credential that is not yet known": Breach(
            vendor(provider, **{config: {**said, key: UNKNOWN}})
        )
        for provider, config, said, key in ONE_KEY
    },
    "bedrock with a profile": Breach(bedrock(**PROFILE)),
    "bedrock with a pair of keys, one of each form": Breach(bedrock(**KEY_PAIR)),
    "bedrock with a service credential": Breach(bedrock(uc_service_credential_name="bedrock")),
    "bedrock with a way in that is not yet known": Breach(bedrock(instance_profile_arn=UNKNOWN)),
    "bedrock's provider in capitals": Breach(bedrock(bedrock_provider="Anthropic", **PROFILE)),
    "bedrock's provider not yet known": Breach(bedrock(bedrock_provider=UNKNOWN, **PROFILE)),
    "a custom provider": Breach(custom(**TOKEN)),
    "a custom provider with an auth not yet known": Breach(custom(api_key_auth=UNKNOWN)),
    "a config not yet known": Breach(vendor("custom", custom_provider_config=UNKNOWN)),
    "a provider not yet known": Breach(external({"provider": UNKNOWN})),
    "a provider of a newer API where that is allowed": Breach(
        vendor("initech", initech_config={"a": 1}), allowances=LENIENT
    ),
}

BROKEN = {
    "known-value, a provider and a task": Breach(
        external({"provider": "opnai", "task": "chat"}),
        (
            (f"{MODEL}.provider", "known-value", "not known here; did you mean 'openai'?"),
            (
                f"{MODEL}.task",
                "known-value",
                "not known here; known are llm/v1/chat, llm/v1/completions, llm/v1/embeddings",
            ),
        ),
    ),
    "known-value, capitals": one(
        external({"provider": "OpenAI"}),
        f"{MODEL}.provider",
        "known-value",
        "not known here; did you mean 'openai'?",
    ),
    "known-value, nothing near": one(
        vendor("initech"),
        f"{MODEL}.provider",
        "known-value",
        "not known here; known are openai, anthropic, cohere, ai21labs, palm, amazon-bedrock, "
        "google-cloud-vertex-ai, databricks-model-serving, custom",
    ),
    "known-value, misspelt where newer ones are allowed": one(
        external({"provider": "OpenAI"}),
        f"{MODEL}.provider",
        "known-value",
        "not known here; did you mean 'openai'?",
        allowances=LENIENT,
    ),
    "known-value, bedrock's provider": one(
        bedrock(bedrock_provider="Antropic", **PROFILE),
        f"{_BEDROCK}.bedrock_provider",
        "known-value",
        "not known here; did you mean 'anthropic'?",
    ),
    "known-value, a type of openai": one(
        openai_config(openai_api_type="azur", openai_api_key=REFERENCE),
        f"{_OPENAI}.openai_api_type",
        "known-value",
        "not known here; did you mean 'azure'?",
    ),
    "selected-object, another one": Breach(
        external({"provider": "cohere"}),
        (
            (f"{MODEL}.cohere_config", "selected-object", "required for provider 'cohere'"),
            (
                f"{MODEL}.openai_config",
                "selected-object",
                "belongs to another provider than 'cohere'",
            ),
        ),
    ),
    "selected-object, one too many": one(
        external({"cohere_config": {"cohere_api_key": REFERENCE}}),
        f"{MODEL}.cohere_config",
        "selected-object",
        "belongs to another provider than 'openai'",
    ),
    **{
        f"one-credential, none of {provider}": Breach(
            vendor(provider, **{config: said}),
            (_reference(f"{MODEL}.{config}", key, "one-credential"),),
        )
        for provider, config, said, key in ONE_KEY
    },
    **{
        f"one-credential, both of {provider}": one(
            vendor(provider, **{config: {**said, key: REFERENCE, f"{key}_plaintext": "k"}}),
            f"{MODEL}.{config}.{key}",
            "one-credential",
            f"give either {key} or {key}_plaintext, not both",
        )
        for provider, config, said, key in ONE_KEY
    },
    **{
        f"required, {missing} of {provider}": Breach(
            vendor(provider, **{config: {**said, missing: None, key: REFERENCE}}),
            (_required(f"{MODEL}.{config}.{missing}"),),
        )
        for provider, config, said, key in ONE_KEY
        for missing in said
    },
    "one-credential, of a header": Breach(
        custom(api_key_auth={"key": "X-Key"}),
        (_reference(f"{_CUSTOM}.api_key_auth", "value", "one-credential"),),
    ),
    "one-credential, of a token": Breach(
        custom(bearer_token_auth={}),
        (_reference(f"{_CUSTOM}.bearer_token_auth", "token", "one-credential"),),
    ),
    "required, a header's name": Breach(
        custom(api_key_auth={"value": REFERENCE}), (_required(f"{_CUSTOM}.api_key_auth.key"),)
    ),
    "required, a custom provider's address": Breach(
        custom(custom_provider_url=None, **TOKEN), (_required(f"{_CUSTOM}.custom_provider_url"),)
    ),
    "one-of, no auth": one(
        custom(),
        _CUSTOM,
        "one-of",
        "say exactly one of api_key_auth and bearer_token_auth; here is none",
    ),
    "one-of, two auths": one(
        custom(api_key_auth={"key": "X-Key", "value": REFERENCE}, **TOKEN),
        _CUSTOM,
        "one-of",
        "say exactly one of api_key_auth and bearer_token_auth; here are api_key_auth and "
        "bearer_token_auth",
    ),
    "openai-type, no key": Breach(
        openai_config(), (_reference(_OPENAI, "openai_api_key", "openai-type"),)
    ),
    "openai-type, a deployment": one(
        openai_config(openai_api_key=REFERENCE, openai_deployment_name="gpt"),
        f"{_OPENAI}.openai_deployment_name",
        "openai-type",
        "does not go with openai_api_type openai",
    ),
    "openai-type, azure without its fields": Breach(
        openai_config(openai_api_type="azure", openai_api_base=""),
        (
            *(_for_type(name, "azure") for name in _AZURE_FIELDS),
            _reference(_OPENAI, "openai_api_key", "openai-type"),
        ),
    ),
    "openai-type, azuread without its fields": Breach(
        openai_config(openai_api_type="azuread"),
        (
            *(_for_type(name, "azuread") for name in _AZURE_FIELDS),
            _for_type("microsoft_entra_client_id", "azuread"),
            _for_type("microsoft_entra_tenant_id", "azuread"),
            _reference(_OPENAI, "microsoft_entra_client_secret", "openai-type"),
        ),
    ),
    "openai-type, azuread with what is another's": Breach(
        openai_config(**{**ENTRA, "openai_api_key": REFERENCE, "openai_organization": "x"}),
        (
            (
                f"{_OPENAI}.openai_api_key",
                "openai-type",
                "does not go with openai_api_type azuread",
            ),
            (
                f"{_OPENAI}.openai_organization",
                "openai-type",
                "does not go with openai_api_type azuread",
            ),
        ),
    ),
    "openai-type, azure with an organization": one(
        openai_config(**AZURE, openai_organization="acme"),
        f"{_OPENAI}.openai_organization",
        "openai-type",
        "does not go with openai_api_type azure",
    ),
    "required, of bedrock": Breach(
        bedrock(aws_region=None, bedrock_provider=None, **PROFILE),
        (_required(f"{_BEDROCK}.aws_region"), _required(f"{_BEDROCK}.bedrock_provider")),
    ),
    "bedrock-access, none": one(bedrock(), _BEDROCK, "bedrock-access", _ONE_WAY),
    "bedrock-access, an empty one": one(
        bedrock(instance_profile_arn=""), _BEDROCK, "bedrock-access", _ONE_WAY
    ),
    "one-credential, an empty plaintext": one(
        openai_config(openai_api_key_plaintext=""),
        f"{_OPENAI}.openai_api_key_plaintext",
        "one-credential",
        "cannot be empty",
    ),
    "one-credential, an empty plaintext as the only way in": one(
        vendor("anthropic", anthropic_config={"anthropic_api_key_plaintext": ""}),
        f"{MODEL}.anthropic_config.anthropic_api_key_plaintext",
        "one-credential",
        "cannot be empty",
    ),
    "bedrock-access, two": one(
        bedrock(**PROFILE, aws_access_key_id=REFERENCE), _BEDROCK, "bedrock-access", _ONE_WAY
    ),
    "bedrock-access, no secret key": Breach(
        bedrock(aws_access_key_id_plaintext="AKIA1"),
        (_reference(_BEDROCK, "aws_secret_access_key", "bedrock-access"),),
    ),
    "bedrock-access, no key's id": Breach(
        bedrock(aws_secret_access_key=REFERENCE),
        (_reference(_BEDROCK, "aws_access_key_id", "bedrock-access"),),
    ),
}
