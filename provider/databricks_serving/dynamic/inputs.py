"""What a program may say in its dicts.

Generated from the schema by `make generate`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from typing_extensions import Required, TypedDict


class TagArgs(TypedDict, total=False):
    """A tag in the API's own form; a map of tags says the same."""

    key: Required[pulumi.Input[str]]
    value: pulumi.Input[str]


class DeployArgs(TypedDict, total=False):
    """How an endpoint's changes are rolled out.

    `wait`: until the endpoint is ready (default), or only until the service accepted the change.
    `redeploy_on`: any values; a change of one sends the same configuration again.
    """

    wait: pulumi.Input[Literal["ready", "accepted"]]
    timeout: pulumi.Input[str]
    on_update_in_progress: pulumi.Input[Literal["wait", "fail", "abandon"]]
    replace_on: pulumi.Input[Sequence[pulumi.Input[Literal["description"]]]]
    redeploy_on: pulumi.Input[Sequence[pulumi.Input[Any]]]


class WorkspaceArgs(TypedDict, total=False):
    """Which workspace: a profile of the Databricks configuration file, or a host. No credential."""

    profile: pulumi.Input[str]
    host: pulumi.Input[str]


class OpenAiConfigArgs(TypedDict, total=False):
    """OpenAI, and OpenAI on Azure (`openai_api_type` azure or azuread)."""

    openai_api_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    openai_api_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""
    openai_api_type: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    openai_api_base: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    openai_api_version: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    openai_deployment_name: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    openai_organization: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    microsoft_entra_client_id: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    microsoft_entra_tenant_id: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    microsoft_entra_client_secret: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    microsoft_entra_client_secret_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class AnthropicConfigArgs(TypedDict, total=False):
    """Anthropic."""

    anthropic_api_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    anthropic_api_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class CohereConfigArgs(TypedDict, total=False):
    """Cohere."""

    cohere_api_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    cohere_api_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""
    cohere_api_base: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""


class Ai21LabsConfigArgs(TypedDict, total=False):
    """AI21 Labs."""

    ai21labs_api_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    ai21labs_api_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class PalmConfigArgs(TypedDict, total=False):
    """PaLM (legacy)."""

    palm_api_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    palm_api_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class AmazonBedrockConfigArgs(TypedDict, total=False):
    """Amazon Bedrock: two keys, an instance profile, or a Unity Catalog service credential."""

    aws_region: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    bedrock_provider: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    aws_access_key_id: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    aws_access_key_id_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""
    aws_secret_access_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    aws_secret_access_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""
    instance_profile_arn: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    uc_service_credential_name: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""


class VertexAiConfigArgs(TypedDict, total=False):
    """Google Cloud Vertex AI."""

    project_id: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    region: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    private_key: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    private_key_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class DatabricksConfigArgs(TypedDict, total=False):
    """A model served by another Databricks workspace."""

    databricks_workspace_url: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    databricks_api_token: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    databricks_api_token_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class ApiKeyAuthArgs(TypedDict, total=False):
    """A header of your own naming."""

    key: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    value: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    value_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class BearerTokenAuthArgs(TypedDict, total=False):
    """An `Authorization: Bearer` header."""

    token: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    token_plaintext: pulumi.Input[str]
    """A plaintext credential is stored by the service and never shown again."""


class CustomProviderConfigArgs(TypedDict, total=False):
    """Any service that speaks OpenAI's protocol."""

    custom_provider_url: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    api_key_auth: pulumi.Input[ApiKeyAuthArgs]
    """PUT config replaces the whole configuration, external models included."""
    bearer_token_auth: pulumi.Input[BearerTokenAuthArgs]
    """PUT config replaces the whole configuration, external models included."""


class ExternalModelArgs(TypedDict, total=False):
    """A model that somebody else hosts: provider, name, task, and that provider's config."""

    provider: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    name: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    task: Required[pulumi.Input[str]]
    """PUT config replaces the whole configuration; the service refuses a model without it."""
    openai_config: pulumi.Input[OpenAiConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    anthropic_config: pulumi.Input[AnthropicConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    cohere_config: pulumi.Input[CohereConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    ai21labs_config: pulumi.Input[Ai21LabsConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    palm_config: pulumi.Input[PalmConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    amazon_bedrock_config: pulumi.Input[AmazonBedrockConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    google_cloud_vertex_ai_config: pulumi.Input[VertexAiConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    databricks_model_serving_config: pulumi.Input[DatabricksConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    custom_provider_config: pulumi.Input[CustomProviderConfigArgs]
    """PUT config replaces the whole configuration, external models included."""


class ServedEntityArgs(TypedDict, total=False):
    """One model behind the endpoint: an external one, or a registered one with its compute."""

    name: pulumi.Input[str]
    """Left out, the service names the entity after its model."""
    external_model: pulumi.Input[ExternalModelArgs]
    """PUT config replaces the whole configuration, external models included."""
    entity_name: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    entity_version: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    environment_vars: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """PUT config replaces the whole configuration, external models included."""
    instance_profile_arn: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    workload_size: pulumi.Input[str]
    """Left out, GET may show Small."""
    workload_type: pulumi.Input[str]
    """Left out, GET shows CPU."""
    scale_to_zero_enabled: pulumi.Input[bool]
    """Always answered, false where it does not apply."""
    min_provisioned_concurrency: pulumi.Input[int]
    """PUT config replaces the whole configuration, external models included."""
    max_provisioned_concurrency: pulumi.Input[int]
    """PUT config replaces the whole configuration, external models included."""


class RouteArgs(TypedDict, total=False):
    """How much of the traffic goes to one entity, in per cent."""

    served_entity_name: pulumi.Input[str]
    """PUT config replaces the whole configuration, external models included."""
    traffic_percentage: Required[pulumi.Input[int]]
    """PUT config replaces the whole configuration, traffic included."""
    served_model_name: pulumi.Input[str]
    """The older name of `served_entity_name`."""


class TrafficConfigArgs(TypedDict, total=False):
    """The split of the traffic over the entities."""

    routes: pulumi.Input[Sequence[pulumi.Input[RouteArgs]]]
    """PUT config replaces the whole configuration, external models included."""


class ConfigArgs(TypedDict, total=False):
    """What is served, and how the traffic is split: one part, written whole by one PUT."""

    served_entities: pulumi.Input[Sequence[pulumi.Input[ServedEntityArgs]]]
    """PUT config replaces the whole configuration, external models included."""
    traffic_config: pulumi.Input[TrafficConfigArgs]
    """Left out, the only entity gets 100 %."""
    name: pulumi.Input[str]
    """The endpoint's own name, repeated; not sent."""


class RateLimitArgs(TypedDict, total=False):
    """So many calls or tokens a minute for everybody, each user, a group, a service principal."""

    calls: pulumi.Input[int]
    """PUT ai-gateway replaces the whole gateway; a limit that is lifted lets costs run."""
    tokens: pulumi.Input[int]
    """PUT ai-gateway replaces the whole gateway; a limit that is lifted lets costs run."""
    key: pulumi.Input[str]
    """Left out, the limit is the endpoint's."""
    principal: pulumi.Input[str]
    """PUT ai-gateway replaces the whole gateway; a limit that is lifted lets costs run."""
    renewal_period: Required[pulumi.Input[str]]
    """PUT ai-gateway replaces the whole gateway; the service knows minutes only."""


class AiGatewayArgs(TypedDict, total=False):
    """The gateway of one endpoint. What is not declared here is carried along as it is."""

    rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]
    """PUT ai-gateway replaces the whole gateway; a limit that is lifted lets costs run."""


class ServingEndpointArgs(TypedDict, total=False):
    """A serving endpoint: what `ServingEndpoint` takes, as a dict to be unpacked there."""

    name: pulumi.Input[str]
    """Left out, the endpoint is named after the resource. A change replaces the endpoint: no call
    renames an endpoint.
    """
    config: pulumi.Input[ConfigArgs]
    """PUT config replaces the whole configuration, external models included."""
    ai_gateway: pulumi.Input[AiGatewayArgs]
    """PUT ai-gateway replaces the whole gateway."""
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | Sequence[pulumi.Input[TagArgs]]]
    """PATCH tags adds and deletes by key."""
    description: pulumi.Input[str]
    """A change is refused: no public call changes the description; replacing a live endpoint for a
    text would be an outage.
    """
    route_optimized: pulumi.Input[bool]
    """A change replaces the endpoint: no call changes it after creation."""
    rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]
    """The older place of `ai_gateway.rate_limits`."""
    allow_multiple_external_models: bool
    """The workspace allows several external models behind one endpoint."""
    deploy: pulumi.Input[DeployArgs]
    """How changes are rolled out: never sent."""
    adopt: bool
    """An existing endpoint of that name is taken over, and brought to what is said here."""
    workspace: pulumi.Input[WorkspaceArgs]
    """Which workspace: never a credential."""
