"""External models: one class per vendor, each field with what is known of it.

Source: REST reference "servingendpoints/create", ExternalModel; Databricks page "External models".
A vendor is one class here and one line in `ExternalModel`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

from .policy import OnChange, Policy, Readback, Severity
from .values import Said, Value

#: `{{secrets/<scope>/<key>}}`; source: Databricks page "Configure access to resources from model
#: serving".
SECRET_REFERENCE = re.compile(r"^\{\{\s*secrets/([^/{}]+)/([^{}]+?)\s*\}\}$")


def _reference(value: str) -> str:
    if SECRET_REFERENCE.fullmatch(value):
        return value
    # The value may be the key itself: it is not repeated.
    raise PydanticCustomError(
        "secret_reference",
        "takes a reference such as {{secrets/my_scope/my_key}}, and what stands here is none. "
        "It is not repeated, for it may be the credential itself. Put that into a `Secret` and "
        "write `secret.reference` here, or move it to the field of the same name with "
        "`_plaintext` added",
    )


Reference: TypeAlias = Annotated[str, AfterValidator(_reference)]

BY_PUT_CONFIG = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PUT config replaces the whole configuration, external models included",
    severity=Severity.HIGH,
    source="REST reference, servingendpoints/updateconfig",
)
REQUIRED = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PUT config replaces the whole configuration; the service refuses a model without it",
    severity=Severity.HIGH,
    source="REST reference, ExternalModel",
    required=True,
)
PLAINTEXT = Policy(
    OnChange.UPDATE,
    Readback.NEVER,
    because="a plaintext credential is stored by the service and never shown again",
    severity=Severity.HIGH,
    source="terraform-provider-databricks issue 5074",
)


@dataclass(frozen=True)
class ForProvider:
    """Marks a config object of `ExternalModel` with the `provider` that it belongs to."""

    provider: str


@dataclass(frozen=True)
class OnlyCredential:
    """Marks the credential without which its vendor cannot be used: reference or plaintext."""


class OpenAiConfig(Value):
    """OpenAI, and OpenAI on Azure (`openai_api_type` azure or azuread)."""

    openai_api_key: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    openai_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    openai_api_type: Annotated[Said[str], BY_PUT_CONFIG] = None
    openai_api_base: Annotated[Said[str], BY_PUT_CONFIG] = None
    openai_api_version: Annotated[Said[str], BY_PUT_CONFIG] = None
    openai_deployment_name: Annotated[Said[str], BY_PUT_CONFIG] = None
    openai_organization: Annotated[Said[str], BY_PUT_CONFIG] = None
    microsoft_entra_client_id: Annotated[Said[str], BY_PUT_CONFIG] = None
    microsoft_entra_tenant_id: Annotated[Said[str], BY_PUT_CONFIG] = None
    microsoft_entra_client_secret: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    microsoft_entra_client_secret_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class AnthropicConfig(Value):
    """Anthropic."""

    anthropic_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    anthropic_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class CohereConfig(Value):
    """Cohere."""

    cohere_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    cohere_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    cohere_api_base: Annotated[Said[str], BY_PUT_CONFIG] = None


class Ai21LabsConfig(Value):
    """AI21 Labs."""

    ai21labs_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    ai21labs_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class PalmConfig(Value):
    """PaLM (legacy)."""

    palm_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    palm_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class AmazonBedrockConfig(Value):
    """Amazon Bedrock: two keys, an instance profile, or a Unity Catalog service credential."""

    aws_region: Annotated[Said[str], REQUIRED] = None
    bedrock_provider: Annotated[Said[str], REQUIRED] = None
    aws_access_key_id: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    aws_access_key_id_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    aws_secret_access_key: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    aws_secret_access_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    instance_profile_arn: Annotated[Said[str], BY_PUT_CONFIG] = None
    uc_service_credential_name: Annotated[Said[str], BY_PUT_CONFIG] = None


class VertexAiConfig(Value):
    """Google Cloud Vertex AI."""

    project_id: Annotated[Said[str], REQUIRED] = None
    region: Annotated[Said[str], REQUIRED] = None
    private_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    private_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class DatabricksConfig(Value):
    """A model served by another Databricks workspace."""

    databricks_workspace_url: Annotated[Said[str], REQUIRED] = None
    databricks_api_token: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    databricks_api_token_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class ApiKeyAuth(Value):
    """A header of your own naming."""

    key: Annotated[Said[str], REQUIRED] = None
    value: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    value_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class BearerTokenAuth(Value):
    """An `Authorization: Bearer` header."""

    token: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyCredential()] = None
    token_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None


class CustomProviderConfig(Value):
    """Any service that speaks OpenAI's protocol."""

    custom_provider_url: Annotated[Said[str], REQUIRED] = None
    api_key_auth: Annotated[Said[ApiKeyAuth], BY_PUT_CONFIG] = None
    bearer_token_auth: Annotated[Said[BearerTokenAuth], BY_PUT_CONFIG] = None


class ExternalModel(Value):
    """A model that somebody else hosts: provider, name, task, and that provider's config."""

    provider: Annotated[Said[str], REQUIRED] = None
    name: Annotated[Said[str], REQUIRED] = None
    task: Annotated[Said[str], REQUIRED] = None
    openai_config: Annotated[Said[OpenAiConfig], BY_PUT_CONFIG, ForProvider("openai")] = None
    anthropic_config: Annotated[Said[AnthropicConfig], BY_PUT_CONFIG, ForProvider("anthropic")] = (
        None
    )
    cohere_config: Annotated[Said[CohereConfig], BY_PUT_CONFIG, ForProvider("cohere")] = None
    ai21labs_config: Annotated[Said[Ai21LabsConfig], BY_PUT_CONFIG, ForProvider("ai21labs")] = None
    palm_config: Annotated[Said[PalmConfig], BY_PUT_CONFIG, ForProvider("palm")] = None
    amazon_bedrock_config: Annotated[
        Said[AmazonBedrockConfig], BY_PUT_CONFIG, ForProvider("amazon-bedrock")
    ] = None
    google_cloud_vertex_ai_config: Annotated[
        Said[VertexAiConfig], BY_PUT_CONFIG, ForProvider("google-cloud-vertex-ai")
    ] = None
    databricks_model_serving_config: Annotated[
        Said[DatabricksConfig], BY_PUT_CONFIG, ForProvider("databricks-model-serving")
    ] = None
    custom_provider_config: Annotated[
        Said[CustomProviderConfig], BY_PUT_CONFIG, ForProvider("custom")
    ] = None


#: What a program may name as `provider`, and the config object that goes with it.
CONFIG_OF_PROVIDER = {
    mark.provider: name
    for name, field in ExternalModel.model_fields.items()
    for mark in field.metadata
    if isinstance(mark, ForProvider)
}
TASKS = ("llm/v1/chat", "llm/v1/completions", "llm/v1/embeddings")
OPENAI_TYPES = ("openai", "azure", "azuread")
BEDROCK_PROVIDERS = ("anthropic", "cohere", "ai21labs", "amazon")
