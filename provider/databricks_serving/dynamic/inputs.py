"""What a program may say in its dicts.

Generated from the schema by `make generate`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from typing_extensions import Required, TypedDict


class OpenAiConfigArgs(TypedDict, total=False):
    """OpenAI, and OpenAI on Azure (`openai_api_type` azure or azuread)."""

    openai_api_key: pulumi.Input[str]
    """Reference to the API key, for the types openai and azure."""
    openai_api_key_plaintext: pulumi.Input[str]
    """The API key itself, instead of a reference."""
    openai_api_type: pulumi.Input[Literal["openai", "azure", "azuread"]]
    """Whose OpenAI: openai (also left out), azure (by key), azuread (by Microsoft Entra ID)."""
    openai_api_base: pulumi.Input[str]
    """Base address of the API; required on Azure."""
    openai_api_version: pulumi.Input[str]
    """Version of the API, a date; required on Azure."""
    openai_deployment_name: pulumi.Input[str]
    """Name of the deployment; required on Azure, and nowhere else."""
    openai_organization: pulumi.Input[str]
    """Organization at OpenAI; not on Azure."""
    microsoft_entra_client_id: pulumi.Input[str]
    """Client id in Microsoft Entra ID, for azuread."""
    microsoft_entra_tenant_id: pulumi.Input[str]
    """Tenant id in Microsoft Entra ID, for azuread."""
    microsoft_entra_client_secret: pulumi.Input[str]
    """Reference to the client's secret in Microsoft Entra ID, for azuread."""
    microsoft_entra_client_secret_plaintext: pulumi.Input[str]
    """The client's secret itself, instead of a reference."""


class AnthropicConfigArgs(TypedDict, total=False):
    """Anthropic."""

    anthropic_api_key: pulumi.Input[str]
    """Reference to the API key."""
    anthropic_api_key_plaintext: pulumi.Input[str]
    """The API key itself, instead of a reference."""


class CohereConfigArgs(TypedDict, total=False):
    """Cohere."""

    cohere_api_key: pulumi.Input[str]
    """Reference to the API key."""
    cohere_api_key_plaintext: pulumi.Input[str]
    """The API key itself, instead of a reference."""
    cohere_api_base: pulumi.Input[str]
    """Base address of the API, where it is not Cohere's own."""


class Ai21LabsConfigArgs(TypedDict, total=False):
    """AI21 Labs."""

    ai21labs_api_key: pulumi.Input[str]
    """Reference to the API key."""
    ai21labs_api_key_plaintext: pulumi.Input[str]
    """The API key itself, instead of a reference."""


class PalmConfigArgs(TypedDict, total=False):
    """PaLM (legacy)."""

    palm_api_key: pulumi.Input[str]
    """Reference to the API key."""
    palm_api_key_plaintext: pulumi.Input[str]
    """The API key itself, instead of a reference."""


class AmazonBedrockConfigArgs(TypedDict, total=False):
    """Amazon Bedrock: two keys, an instance profile, or a Unity Catalog service credential."""

    aws_region: Required[pulumi.Input[str]]
    """AWS region in which Bedrock is used."""
    bedrock_provider: Required[pulumi.Input[Literal["anthropic", "cohere", "ai21labs", "amazon"]]]
    """Whose model on Bedrock; upper and lower case are the same."""
    aws_access_key_id: pulumi.Input[str]
    """Reference to the access key's id."""
    aws_access_key_id_plaintext: pulumi.Input[str]
    """The access key's id itself, instead of a reference."""
    aws_secret_access_key: pulumi.Input[str]
    """Reference to the secret access key."""
    aws_secret_access_key_plaintext: pulumi.Input[str]
    """The secret access key itself, instead of a reference."""
    instance_profile_arn: pulumi.Input[str]
    """Instance profile that may use Bedrock, instead of access keys."""
    uc_service_credential_name: pulumi.Input[str]
    """Service credential of Unity Catalog that may use Bedrock, instead of access keys."""


class VertexAiConfigArgs(TypedDict, total=False):
    """Google Cloud Vertex AI."""

    project_id: Required[pulumi.Input[str]]
    """Google Cloud project that the service account belongs to."""
    region: Required[pulumi.Input[str]]
    """Google Cloud region in which Vertex AI is used."""
    private_key: pulumi.Input[str]
    """Reference to the service account's key, a JSON document."""
    private_key_plaintext: pulumi.Input[str]
    """The service account's key itself, instead of a reference."""


class DatabricksConfigArgs(TypedDict, total=False):
    """A model served by another Databricks workspace."""

    databricks_workspace_url: Required[pulumi.Input[str]]
    """Address of the other workspace."""
    databricks_api_token: pulumi.Input[str]
    """Reference to a token of the other workspace."""
    databricks_api_token_plaintext: pulumi.Input[str]
    """The token itself, instead of a reference."""


class ApiKeyAuthArgs(TypedDict, total=False):
    """A header of your own naming."""

    key: Required[pulumi.Input[str]]
    """Name of the header."""
    value: pulumi.Input[str]
    """Reference to what the header says."""
    value_plaintext: pulumi.Input[str]
    """What the header says, instead of a reference."""


class BearerTokenAuthArgs(TypedDict, total=False):
    """An `Authorization: Bearer` header."""

    token: pulumi.Input[str]
    """Reference to the token."""
    token_plaintext: pulumi.Input[str]
    """The token itself, instead of a reference."""


class CustomProviderConfigArgs(TypedDict, total=False):
    """Any service that speaks OpenAI's protocol."""

    custom_provider_url: Required[pulumi.Input[str]]
    """Address of the service."""
    api_key_auth: pulumi.Input[ApiKeyAuthArgs]
    """A header of your own naming."""
    bearer_token_auth: pulumi.Input[BearerTokenAuthArgs]
    """An `Authorization: Bearer` header."""


class ExternalModelArgs(TypedDict, total=False):
    """A model that somebody else hosts: provider, name, task, and that provider's config."""

    provider: Required[
        pulumi.Input[
            Literal[
                "openai",
                "anthropic",
                "cohere",
                "ai21labs",
                "palm",
                "amazon-bedrock",
                "google-cloud-vertex-ai",
                "databricks-model-serving",
                "custom",
            ]
        ]
    ]
    """Who hosts the model."""
    name: Required[pulumi.Input[str]]
    """The model's name at its provider."""
    task: Required[pulumi.Input[Literal["llm/v1/chat", "llm/v1/completions", "llm/v1/embeddings"]]]
    """What the model does; all external models of one endpoint do the same."""
    openai_config: pulumi.Input[OpenAiConfigArgs]
    """How OpenAI, or OpenAI on Azure, is reached."""
    anthropic_config: pulumi.Input[AnthropicConfigArgs]
    """How Anthropic is reached."""
    cohere_config: pulumi.Input[CohereConfigArgs]
    """How Cohere is reached."""
    ai21labs_config: pulumi.Input[Ai21LabsConfigArgs]
    """How AI21 Labs is reached."""
    palm_config: pulumi.Input[PalmConfigArgs]
    """How PaLM is reached (legacy). Deprecated: legacy; google-cloud-vertex-ai is its successor."""
    amazon_bedrock_config: pulumi.Input[AmazonBedrockConfigArgs]
    """How Amazon Bedrock is reached."""
    google_cloud_vertex_ai_config: pulumi.Input[VertexAiConfigArgs]
    """How Google Cloud Vertex AI is reached."""
    databricks_model_serving_config: pulumi.Input[DatabricksConfigArgs]
    """How another Databricks workspace is reached."""
    custom_provider_config: pulumi.Input[CustomProviderConfigArgs]
    """How any service that speaks OpenAI's protocol is reached."""


class ServedEntityArgs(TypedDict, total=False):
    """One model behind the endpoint: an external one, or a registered one with its compute."""

    name: pulumi.Input[str]
    """The entity's name in this endpoint; traffic routes name it. Filled in where left out: after
    its model.
    """
    external_model: pulumi.Input[ExternalModelArgs]
    """A model that somebody else hosts."""
    entity_name: pulumi.Input[str]
    """Registered model or feature spec, such as `catalog.schema.model`."""
    entity_version: pulumi.Input[str]
    """The model's version; a feature spec has none."""
    environment_vars: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Environment of the model: plain text, or `{{secrets/scope/key}}`."""
    instance_profile_arn: pulumi.Input[str]
    """Instance profile that the model runs under (AWS)."""
    workload_size: pulumi.Input[str]
    """Small, Medium or Large, or another size that the workspace offers. Filled in where left out:
    Small, for some kinds.
    """
    workload_type: pulumi.Input[str]
    """CPU, or a type of GPU such as GPU_SMALL. Default: `"CPU"`."""
    scale_to_zero_enabled: pulumi.Input[bool]
    """Whether nothing runs, and nothing is paid, while nobody asks. Default: `False`."""
    min_provisioned_concurrency: pulumi.Input[int]
    """Requests at once that are always ready for; a multiple of 4."""
    max_provisioned_concurrency: pulumi.Input[int]
    """Requests at once that it may grow to; a multiple of 4."""
    min_provisioned_throughput: pulumi.Input[int]
    """Tokens a second that are always ready for; a multiple of the model's chunk size."""
    max_provisioned_throughput: pulumi.Input[int]
    """Tokens a second that it may grow to; a multiple of the model's chunk size."""
    provisioned_model_units: pulumi.Input[int]
    """Model units; a multiple of the model's chunk size."""
    burst_scaling_enabled: pulumi.Input[bool]
    """Whether it may grow beyond its units for a while; left out, it may."""


class RouteArgs(TypedDict, total=False):
    """How much of the traffic goes to one entity, in per cent."""

    served_entity_name: pulumi.Input[str]
    """The entity that gets this share."""
    traffic_percentage: Required[pulumi.Input[int]]
    """Per cent of the requests; 0 marks an entity that only takes over where others fail."""
    served_model_name: pulumi.Input[str]
    """The older name of `served_entity_name`."""


class TrafficConfigArgs(TypedDict, total=False):
    """The split of the traffic over the entities."""

    routes: pulumi.Input[Sequence[pulumi.Input[RouteArgs]]]
    """The share of each entity; they sum to 100."""


class AutoCaptureConfigArgs(TypedDict, total=False):
    """The older inference table, of registered models."""

    catalog_name: pulumi.Input[str]
    """The table's catalog. A change while `enabled` is on replaces the serving endpoint: once the
    table is on, its place never changes.
    """
    schema_name: pulumi.Input[str]
    """The table's schema. A change while `enabled` is on replaces the serving endpoint: once the
    table is on, its place never changes.
    """
    table_name_prefix: pulumi.Input[str]
    """What the table's name begins with; `_payload` is added. A change while `enabled` is on
    replaces the serving endpoint: once the table is on, its place never changes. Filled in where
    left out: the endpoint's name.
    """
    enabled: pulumi.Input[bool]
    """Whether requests and answers are written down. Filled in where left out: a value of the
    service's choice.
    """


class ConfigArgs(TypedDict, total=False):
    """What is served, and how the traffic is split: one part, written whole by one PUT."""

    served_entities: pulumi.Input[Sequence[pulumi.Input[ServedEntityArgs]]]
    """The models behind the endpoint; exactly one where it is an external model."""
    traffic_config: pulumi.Input[TrafficConfigArgs]
    """How the requests are split; required where there are several entities. Filled in where left
    out: 100 % for the only entity.
    """
    auto_capture_config: pulumi.Input[AutoCaptureConfigArgs]
    """The older inference table, of registered models."""
    name: pulumi.Input[str]
    """The endpoint's own name, repeated; not sent."""


class RateLimitArgs(TypedDict, total=False):
    """So many calls or tokens a minute for everybody, each user, a group, a service principal."""

    calls: pulumi.Input[int]
    """Calls a minute; 0 blocks everything."""
    tokens: pulumi.Input[int]
    """Tokens a minute; 0 blocks everything."""
    key: pulumi.Input[Literal["user", "user_group", "service_principal", "endpoint"]]
    """Whose calls are counted. Default: `"endpoint"`."""
    principal: pulumi.Input[str]
    """The user's e-mail, the group's name, the service principal's application id."""
    renewal_period: Required[pulumi.Input[Literal["minute"]]]
    """How long until the count begins anew."""


class PiiArgs(TypedDict, total=False):
    """What is done about personal data."""

    behavior: pulumi.Input[Literal["NONE", "BLOCK", "MASK"]]
    """NONE lets personal data pass, BLOCK refuses the text, MASK makes it unreadable. Default:
    `"NONE"`.
    """


class GuardrailParametersArgs(TypedDict, total=False):
    """What is kept out, of prompts or of answers."""

    safety: pulumi.Input[bool]
    """Whether unsafe content is kept out. Default: `False`."""
    pii: pulumi.Input[PiiArgs]
    """What is done about personal data. Filled in where left out: {"behavior": "NONE"}."""
    invalid_keywords: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Words that are kept out. Deprecated: pii and safety have taken its place."""
    valid_topics: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Topics outside of which nothing is let through. Deprecated: pii and safety have taken its
    place.
    """


class GuardrailsArgs(TypedDict, total=False):
    """Guardrails of prompts (`input`) and of answers (`output`)."""

    input: pulumi.Input[GuardrailParametersArgs]
    """What is kept out of prompts."""
    output: pulumi.Input[GuardrailParametersArgs]
    """What is kept out of answers; not for embeddings."""


class UsageTrackingArgs(TypedDict, total=False):
    """Whether usage is written to the system tables."""

    enabled: pulumi.Input[bool]
    """Whether usage is written to `system.serving.endpoint_usage`. Filled in where left out: on for
    Databricks' own pay-per-token endpoints, else off.
    """


class InferenceTableArgs(TypedDict, total=False):
    """The Unity Catalog table that requests and answers are written to."""

    enabled: pulumi.Input[bool]
    """Whether requests and answers are written down."""
    catalog_name: pulumi.Input[str]
    """The table's catalog."""
    schema_name: pulumi.Input[str]
    """The table's schema."""
    table_name_prefix: pulumi.Input[str]
    """What the table's name begins with; `_payload` is added. Filled in where left out: the
    endpoint's name.
    """


class FallbackArgs(TypedDict, total=False):
    """Whether the other entities are tried where one fails."""

    enabled: Required[pulumi.Input[bool]]
    """Whether the other entities are tried, in their order, after a 429 or a 5xx."""


class ServingEndpointAiGatewayArgs(TypedDict, total=False):
    """The gateway of one endpoint. What is not declared here is carried along as it is."""

    rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]
    """How much may be asked of the endpoint; at most 20, of which 5 for groups."""
    guardrails: pulumi.Input[GuardrailsArgs]
    """What is kept out of prompts and answers."""
    usage_tracking_config: pulumi.Input[UsageTrackingArgs]
    """Whether usage is written to the system tables."""
    inference_table_config: pulumi.Input[InferenceTableArgs]
    """Where requests and answers are written down."""
    fallback_config: pulumi.Input[FallbackArgs]
    """Whether the other entities are tried where one fails."""


class EmailNotificationsArgs(TypedDict, total=False):
    """Whom an update's end is told to."""

    on_update_failure: pulumi.Input[Sequence[pulumi.Input[str]]]
    """E-mail addresses that learn of failed updates."""
    on_update_success: pulumi.Input[Sequence[pulumi.Input[str]]]
    """E-mail addresses that learn of successful updates."""


class TelemetryTablesArgs(TypedDict, total=False):
    """The tables, each by its full name."""

    logs_table: pulumi.Input[str]
    """Table of logs, such as `catalog.schema.logs`."""
    metrics_table: pulumi.Input[str]
    """Table of metrics."""
    traces_table: pulumi.Input[str]
    """Table of traces."""
    annotations_table: pulumi.Input[str]
    """Table of annotations."""


class TelemetryInferenceTableArgs(TypedDict, total=False):
    """How many of the requests are written down."""

    sampling_fraction: pulumi.Input[float]
    """Share of the requests, from 0 to 1. Filled in where left out: a value of the service's
    choice.
    """


class TelemetryConfigArgs(TypedDict, total=False):
    """Where telemetry goes: tables of its own, or an existing profile."""

    table_names: pulumi.Input[TelemetryTablesArgs]
    """The tables; they become a new profile."""
    telemetry_profile_id: pulumi.Input[str]
    """Id of an existing profile. Filled in where left out: the id of the profile that the tables
    became.
    """
    inference_table_config: pulumi.Input[TelemetryInferenceTableArgs]
    """How many of the requests are written down. Filled in where left out: a value of the service's
    choice.
    """
    enabled_telemetry_features: pulumi.Input[
        Sequence[
            pulumi.Input[
                Literal[
                    "TELEMETRY_FEATURE_INFERENCE_TABLE",
                    "TELEMETRY_FEATURE_LOGS",
                    "TELEMETRY_FEATURE_METRICS",
                    "TELEMETRY_FEATURE_TRACES",
                ]
            ]
        ]
    ]
    """What is written down; left out, all of it. Filled in where left out: all of them."""


class TagArgs(TypedDict, total=False):
    """A tag in the API's own form; a map of tags says the same."""

    key: Required[pulumi.Input[str]]
    """The tag's key."""
    value: pulumi.Input[str]
    """The tag's value."""


class DeployArgs(TypedDict, total=False):
    """How an endpoint's changes are rolled out."""

    wait: pulumi.Input[Literal["ready", "accepted"]]
    """Until the endpoint is ready, or only until the service accepted the change. Default:
    `"ready"`.
    """
    timeout: pulumi.Input[str]
    """How long to wait, such as 2h or 1h30m; left out, by kind of workload."""
    on_update_in_progress: pulumi.Input[Literal["wait", "fail", "abandon"]]
    """Wait for it, fail, or delete a first deployment that never became ready. Default: `"wait"`.
    """
    replace_on: pulumi.Input[Sequence[pulumi.Input[Literal["description", "budget_policy_id"]]]]
    """Fields that no call changes, whose change then replaces the endpoint."""
    redeploy_on: pulumi.Input[Sequence[pulumi.Input[Any]]]
    """Any values; a change of one sends the same configuration again."""


class WorkspaceArgs(TypedDict, total=False):
    """Which workspace: a profile of the Databricks configuration file, or a host. No credential."""

    profile: pulumi.Input[str]
    """Profile of the Databricks configuration file."""
    host: pulumi.Input[str]
    """Address of the workspace."""


class AzureKeyVaultArgs(TypedDict, total=False):
    """The vault whose secrets a scope shows."""

    resource_id: Required[pulumi.Input[str]]
    """Resource id of the vault in Azure. A change replaces the secret scope: no call changes a
    scope.
    """
    dns_name: Required[pulumi.Input[str]]
    """Address of the vault. A change replaces the secret scope: no call changes a scope."""


class GrantArgs(TypedDict, total=False):
    """One level for one user, group or service principal."""

    user_name: pulumi.Input[str]
    """The user's e-mail."""
    group_name: pulumi.Input[str]
    """The group's name."""
    service_principal_name: pulumi.Input[str]
    """The service principal's application id."""
    permission_level: Required[pulumi.Input[Literal["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"]]]
    """CAN_VIEW reads, CAN_QUERY queries, CAN_MANAGE changes and deletes."""


class ServingEndpointArgs(TypedDict, total=False, closed=True):
    """A Databricks Model Serving endpoint.

    What `ServingEndpoint` takes, as a dict to be unpacked there.
    """

    name: pulumi.Input[str]
    """The endpoint's name in its workspace. Left out, the serving endpoint is named after the
    resource. A change replaces the serving endpoint: no call renames an endpoint.
    """
    config: pulumi.Input[ConfigArgs]
    """What is served, and how the traffic is split."""
    ai_gateway: pulumi.Input[ServingEndpointAiGatewayArgs]
    """Limits, guardrails, usage tracking, inference table, fallback."""
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | Sequence[pulumi.Input[TagArgs]]]
    """Tags; they reach the bill."""
    description: pulumi.Input[str]
    """What the endpoint is for. A change is refused: no public call changes the description;
    replacing a live endpoint for a text would be an outage. Default: `""`.
    """
    email_notifications: pulumi.Input[EmailNotificationsArgs]
    """Whom an update's end is told to."""
    route_optimized: pulumi.Input[bool]
    """Whether queries take a shorter way, at `endpoint_url` and with OAuth tokens only. A change
    replaces the serving endpoint: no call changes it after creation. Default: `False`.
    """
    budget_policy_id: pulumi.Input[str]
    """Id of the budget policy that the endpoint's usage is booked under. A change is refused: no
    public call changes the budget policy, and GET does not show it.
    """
    telemetry_config: pulumi.Input[TelemetryConfigArgs]
    """Where logs, metrics and traces of a registered model go."""
    rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]
    """The older place of `ai_gateway.rate_limits`."""
    allow_multiple_external_models: bool
    """The workspace allows several external models behind one endpoint. Default: `False`."""
    deploy: pulumi.Input[DeployArgs]
    """How changes are rolled out."""
    adopt: bool
    """An existing endpoint of that name is taken over, and brought to what is said here. Default:
    `False`.
    """
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""


class AiGatewayArgs(TypedDict, total=False, closed=True):
    """The gateway of an endpoint that somebody else may have made.

    What `AiGateway` takes, as a dict to be unpacked there.
    """

    endpoint_name: Required[pulumi.Input[str]]
    """The endpoint's name; Databricks' own (`databricks-…`) ones too. A change replaces the AI
    gateway: the endpoint is what these settings are found by.
    """
    rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]
    """How much may be asked of the endpoint; at most 20, of which 5 for groups."""
    guardrails: pulumi.Input[GuardrailsArgs]
    """What is kept out of prompts and answers."""
    usage_tracking_config: pulumi.Input[UsageTrackingArgs]
    """Whether usage is written to the system tables."""
    inference_table_config: pulumi.Input[InferenceTableArgs]
    """Where requests and answers are written down."""
    fallback_config: pulumi.Input[FallbackArgs]
    """Whether the other entities are tried where one fails."""
    mode: pulumi.Input[Literal["additive", "authoritative"]]
    """additive: undeclared sections stay as they are; authoritative: they are removed. Default:
    `"additive"`.
    """
    on_delete: pulumi.Input[Literal["restore", "clear", "keep"]]
    """Put back what stood there before, clear the sections, or leave them. Default: `"restore"`."""
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""


class RateLimitsArgs(TypedDict, total=False, closed=True):
    """All rate limits of an endpoint that somebody else may have made.

    What `RateLimits` takes, as a dict to be unpacked there.
    """

    endpoint_name: Required[pulumi.Input[str]]
    """The endpoint's name; Databricks' own (`databricks-…`) ones too. A change replaces the rate
    limits: the endpoint is what these settings are found by.
    """
    rate_limits: Required[pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]]
    """How much may be asked of the endpoint: the whole list."""
    on_delete: pulumi.Input[Literal["restore", "clear", "keep"]]
    """Put back the limits that stood there before, clear them, or leave them. Default: `"restore"`.
    """
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""


class SecretScopeArgs(TypedDict, total=False, closed=True):
    """A scope that holds secrets.

    What `SecretScope` takes, as a dict to be unpacked there.
    """

    name: pulumi.Input[str]
    """The scope's name; upper and lower case are the same to the service. Left out, the secret
    scope is named after the resource. A change replaces the secret scope: no call renames a
    scope.
    """
    initial_manage_principal: pulumi.Input[Literal["users"]]
    """`users`: everybody may manage the scope; left out, its creator alone. A change replaces the
    secret scope: taken at creation only, and never shown.
    """
    scope_backend_type: pulumi.Input[Literal["DATABRICKS", "AZURE_KEYVAULT"]]
    """Who holds the secrets: Databricks, or a vault in Azure. A change replaces the secret scope:
    no call changes a scope; left out, Databricks holds the secrets. Default: `"DATABRICKS"`.
    """
    backend_azure_keyvault: pulumi.Input[AzureKeyVaultArgs]
    """The vault, for AZURE_KEYVAULT; its scopes are made by users of Microsoft Entra ID only. A
    change replaces the secret scope: no call changes a scope.
    """
    force_destroy: bool
    """Delete the scope even where it holds secrets of others. Default: `False`."""
    adopt: bool
    """An existing scope of that name is taken over. Default: `False`."""
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""


class SecretArgs(TypedDict, total=False, closed=True):
    """One secret: where it is, and its value in one of three forms.

    What `Secret` takes, as a dict to be unpacked there.
    """

    scope: Required[pulumi.Input[str]]
    """The scope's name. A change replaces the secret: scope and key are what a secret is found by.
    """
    key: Required[pulumi.Input[str]]
    """The secret's name in its scope. A change replaces the secret: scope and key are what a secret
    is found by.
    """
    value: pulumi.Input[str]
    """The value as text; at most 128 KB."""
    value_base64: pulumi.Input[str]
    """The value as bytes, in base64; at most 128 KB."""
    value_from_env: pulumi.Input[str]
    """Name of an environment variable that is read when the secret is put."""
    version: pulumi.Input[str]
    """Any text; a change puts the value again."""
    adopt: bool
    """An existing secret of that key is taken over, and its value overwritten. Default: `False`."""
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""


class SecretAclArgs(TypedDict, total=False, closed=True):
    """What one user, group or service principal may do with a secret scope.

    What `SecretAcl` takes, as a dict to be unpacked there.
    """

    scope: Required[pulumi.Input[str]]
    """The scope's name. A change replaces the secret ACL: scope and principal are what access is
    found by.
    """
    principal: Required[pulumi.Input[str]]
    """The user's e-mail, the group's name, the service principal's application id. A change
    replaces the secret ACL: scope and principal are what access is found by.
    """
    permission: Required[pulumi.Input[Literal["READ", "WRITE", "MANAGE"]]]
    """READ reads secrets, WRITE puts and deletes them, MANAGE also gives access to others."""
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""


class EndpointPermissionsArgs(TypedDict, total=False, closed=True):
    """Who may do what with an endpoint.

    What `EndpointPermissions` takes, as a dict to be unpacked there.
    """

    endpoint_name: Required[pulumi.Input[str]]
    """The endpoint's name. A change replaces the endpoint permissions: the endpoint is what grants
    are found by.
    """
    access_control: Required[pulumi.Input[Sequence[pulumi.Input[GrantArgs]]]]
    """The grants; inherited ones are nobody's here."""
    mode: pulumi.Input[Literal["additive", "authoritative"]]
    """additive: other grants stay as they are; authoritative: they are removed. Default:
    `"additive"`.
    """
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""
