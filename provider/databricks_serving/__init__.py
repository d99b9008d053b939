"""Databricks Model Serving as code: endpoints, secrets, rate limits, AI Gateway settings.

The classes are the resources; the names that end in `Args` are what their dicts may say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .dynamic.inputs import (
        Ai21LabsConfigArgs,
        AiGatewayArgs,
        AmazonBedrockConfigArgs,
        AnthropicConfigArgs,
        ApiKeyAuthArgs,
        AutoCaptureConfigArgs,
        AzureKeyVaultArgs,
        BearerTokenAuthArgs,
        CohereConfigArgs,
        ConfigArgs,
        CustomProviderConfigArgs,
        DatabricksConfigArgs,
        DeployArgs,
        EmailNotificationsArgs,
        EndpointPermissionsArgs,
        ExternalModelArgs,
        FallbackArgs,
        GrantArgs,
        GuardrailParametersArgs,
        GuardrailsArgs,
        InferenceTableArgs,
        OpenAiConfigArgs,
        PalmConfigArgs,
        PiiArgs,
        RateLimitArgs,
        RateLimitsArgs,
        RouteArgs,
        SecretAclArgs,
        SecretArgs,
        SecretScopeArgs,
        ServedEntityArgs,
        ServingEndpointAiGatewayArgs,
        ServingEndpointArgs,
        TagArgs,
        TelemetryConfigArgs,
        TelemetryInferenceTableArgs,
        TelemetryTablesArgs,
        TrafficConfigArgs,
        UsageTrackingArgs,
        VertexAiConfigArgs,
        WorkspaceArgs,
    )
    from .dynamic.resources import (
        AiGateway,
        EndpointPermissions,
        RateLimits,
        Secret,
        SecretAcl,
        SecretScope,
        ServingEndpoint,
    )

__all__ = [
    "Ai21LabsConfigArgs",
    "AiGateway",
    "AiGatewayArgs",
    "AmazonBedrockConfigArgs",
    "AnthropicConfigArgs",
    "ApiKeyAuthArgs",
    "AutoCaptureConfigArgs",
    "AzureKeyVaultArgs",
    "BearerTokenAuthArgs",
    "CohereConfigArgs",
    "ConfigArgs",
    "CustomProviderConfigArgs",
    "DatabricksConfigArgs",
    "DeployArgs",
    "EmailNotificationsArgs",
    "EndpointPermissions",
    "EndpointPermissionsArgs",
    "ExternalModelArgs",
    "FallbackArgs",
    "GrantArgs",
    "GuardrailParametersArgs",
    "GuardrailsArgs",
    "InferenceTableArgs",
    "OpenAiConfigArgs",
    "PalmConfigArgs",
    "PiiArgs",
    "RateLimitArgs",
    "RateLimits",
    "RateLimitsArgs",
    "RouteArgs",
    "Secret",
    "SecretAcl",
    "SecretAclArgs",
    "SecretArgs",
    "SecretScope",
    "SecretScopeArgs",
    "ServedEntityArgs",
    "ServingEndpoint",
    "ServingEndpointAiGatewayArgs",
    "ServingEndpointArgs",
    "TagArgs",
    "TelemetryConfigArgs",
    "TelemetryInferenceTableArgs",
    "TelemetryTablesArgs",
    "TrafficConfigArgs",
    "UsageTrackingArgs",
    "VertexAiConfigArgs",
    "WorkspaceArgs",
]


if not TYPE_CHECKING:  # a type checker would take it that every name is there

    def __getattr__(name: str) -> object:
        """What is imported at first use: the command line does not need Pulumi to start."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .dynamic import inputs, resources  # noqa: PLC0415 - see above

        return getattr(inputs if name.endswith("Args") else resources, name)
