"""External models: one class per vendor, each field with what is known of it.

Source: REST reference "servingendpoints/create", ExternalModel; Databricks page "External models".
A vendor is one class here and one line in `ExternalModel`.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

from .limits import Choices, Deprecated, OneOf, OnlyWayIn, Selects, When
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
#: Upper and lower case mean the same; source: SDK, AmazonBedrockConfig.bedrock_provider.
Folded: TypeAlias = Annotated[str, AfterValidator(str.lower)]

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
OPENAI_TYPE = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PUT config replaces the whole configuration; left out, it is openai",
    severity=Severity.HIGH,
    source="REST reference, OpenAiConfig",
)


class OpenAiConfig(Value):
    """OpenAI, and OpenAI on Azure (`openai_api_type` azure or azuread)."""

    openai_api_key: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    """Reference to the API key, for the types openai and azure."""
    openai_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The API key itself, instead of a reference."""
    openai_api_type: Annotated[Said[str], OPENAI_TYPE, Choices(("openai", "azure", "azuread"))] = (
        None
    )
    """Whose OpenAI: openai (also left out), azure (by key), azuread (by Microsoft Entra ID)."""
    openai_api_base: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Base address of the API; required on Azure."""
    openai_api_version: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Version of the API, a date; required on Azure."""
    openai_deployment_name: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Name of the deployment; required on Azure, and nowhere else."""
    openai_organization: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Organization at OpenAI; not on Azure."""
    microsoft_entra_client_id: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Client id in Microsoft Entra ID, for azuread."""
    microsoft_entra_tenant_id: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Tenant id in Microsoft Entra ID, for azuread."""
    microsoft_entra_client_secret: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    """Reference to the client's secret in Microsoft Entra ID, for azuread."""
    microsoft_entra_client_secret_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The client's secret itself, instead of a reference."""


class AnthropicConfig(Value):
    """Anthropic."""

    anthropic_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to the API key."""
    anthropic_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The API key itself, instead of a reference."""


class CohereConfig(Value):
    """Cohere."""

    cohere_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to the API key."""
    cohere_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The API key itself, instead of a reference."""
    cohere_api_base: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Base address of the API, where it is not Cohere's own."""


class Ai21LabsConfig(Value):
    """AI21 Labs."""

    ai21labs_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to the API key."""
    ai21labs_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The API key itself, instead of a reference."""


class PalmConfig(Value):
    """PaLM (legacy)."""

    palm_api_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to the API key."""
    palm_api_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The API key itself, instead of a reference."""


class AmazonBedrockConfig(Value):
    """Amazon Bedrock: two keys, an instance profile, or a Unity Catalog service credential."""

    aws_region: Annotated[Said[str], REQUIRED] = None
    """AWS region in which Bedrock is used."""
    bedrock_provider: Annotated[
        Said[Folded], REQUIRED, Choices(("anthropic", "cohere", "ai21labs", "amazon"))
    ] = None
    """Whose model on Bedrock; upper and lower case are the same."""
    aws_access_key_id: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    """Reference to the access key's id."""
    aws_access_key_id_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The access key's id itself, instead of a reference."""
    aws_secret_access_key: Annotated[Said[Reference], BY_PUT_CONFIG] = None
    """Reference to the secret access key."""
    aws_secret_access_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The secret access key itself, instead of a reference."""
    instance_profile_arn: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Instance profile that may use Bedrock, instead of access keys."""
    uc_service_credential_name: Annotated[Said[str], BY_PUT_CONFIG] = None
    """Service credential of Unity Catalog that may use Bedrock, instead of access keys."""


class VertexAiConfig(Value):
    """Google Cloud Vertex AI."""

    project_id: Annotated[Said[str], REQUIRED] = None
    """Google Cloud project that the service account belongs to."""
    region: Annotated[Said[str], REQUIRED] = None
    """Google Cloud region in which Vertex AI is used."""
    private_key: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to the service account's key, a JSON document."""
    private_key_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The service account's key itself, instead of a reference."""


class DatabricksConfig(Value):
    """A model served by another Databricks workspace."""

    databricks_workspace_url: Annotated[Said[str], REQUIRED] = None
    """Address of the other workspace."""
    databricks_api_token: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to a token of the other workspace."""
    databricks_api_token_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The token itself, instead of a reference."""


class ApiKeyAuth(Value):
    """A header of your own naming."""

    key: Annotated[Said[str], REQUIRED] = None
    """Name of the header."""
    value: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to what the header says."""
    value_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """What the header says, instead of a reference."""


class BearerTokenAuth(Value):
    """An `Authorization: Bearer` header."""

    token: Annotated[Said[Reference], BY_PUT_CONFIG, OnlyWayIn()] = None
    """Reference to the token."""
    token_plaintext: Annotated[Said[SecretStr], PLAINTEXT] = None
    """The token itself, instead of a reference."""


class CustomProviderConfig(Value):
    """Any service that speaks OpenAI's protocol."""

    custom_provider_url: Annotated[Said[str], REQUIRED] = None
    """Address of the service."""
    api_key_auth: Annotated[Said[ApiKeyAuth], BY_PUT_CONFIG, OneOf("auth")] = None
    """A header of your own naming."""
    bearer_token_auth: Annotated[Said[BearerTokenAuth], BY_PUT_CONFIG, OneOf("auth")] = None
    """An `Authorization: Bearer` header."""


class ExternalModel(Value):
    """A model that somebody else hosts: provider, name, task, and that provider's config."""

    provider: Annotated[Said[str], REQUIRED, Selects()] = None
    """Who hosts the model."""
    name: Annotated[Said[str], REQUIRED] = None
    """The model's name at its provider."""
    task: Annotated[
        Said[str],
        REQUIRED,
        Choices(("llm/v1/chat", "llm/v1/completions", "llm/v1/embeddings")),
    ] = None
    """What the model does; all external models of one endpoint do the same."""
    openai_config: Annotated[Said[OpenAiConfig], BY_PUT_CONFIG, When("openai")] = None
    """How OpenAI, or OpenAI on Azure, is reached."""
    anthropic_config: Annotated[Said[AnthropicConfig], BY_PUT_CONFIG, When("anthropic")] = None
    """How Anthropic is reached."""
    cohere_config: Annotated[Said[CohereConfig], BY_PUT_CONFIG, When("cohere")] = None
    """How Cohere is reached."""
    ai21labs_config: Annotated[Said[Ai21LabsConfig], BY_PUT_CONFIG, When("ai21labs")] = None
    """How AI21 Labs is reached."""
    palm_config: Annotated[
        Said[PalmConfig],
        BY_PUT_CONFIG,
        When("palm"),
        Deprecated(
            "legacy; google-cloud-vertex-ai is its successor",
            source="Databricks page on external models",
        ),
    ] = None
    """How PaLM is reached (legacy)."""
    amazon_bedrock_config: Annotated[
        Said[AmazonBedrockConfig], BY_PUT_CONFIG, When("amazon-bedrock")
    ] = None
    """How Amazon Bedrock is reached."""
    google_cloud_vertex_ai_config: Annotated[
        Said[VertexAiConfig], BY_PUT_CONFIG, When("google-cloud-vertex-ai")
    ] = None
    """How Google Cloud Vertex AI is reached."""
    databricks_model_serving_config: Annotated[
        Said[DatabricksConfig], BY_PUT_CONFIG, When("databricks-model-serving")
    ] = None
    """How another Databricks workspace is reached."""
    custom_provider_config: Annotated[Said[CustomProviderConfig], BY_PUT_CONFIG, When("custom")] = (
        None
    )
    """How any service that speaks OpenAI's protocol is reached."""
