"""Serving endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from typing_extensions import Never

from ..arguments import endpoint_arguments
from ..inputs import (
    ConfigArgs,
    DeployArgs,
    EmailNotificationsArgs,
    RateLimitArgs,
    ServingEndpointAiGatewayArgs,
    TagArgs,
    TelemetryConfigArgs,
    WorkspaceArgs,
)
from .base import ServingResource


class ServingEndpoint(ServingResource):
    """A Databricks Model Serving endpoint.

    Field names and nesting are the REST API's own, so that JSON from the Databricks documentation
    can be pasted: `ServingEndpoint("x", **post_body)`. Inputs may be outputs of other resources, at
    any depth. Plaintext credentials are kept in a secret input of their own, `credentials`.
    """

    _kind = "ServingEndpoint"
    _computed = (
        "name",
        "endpoint_id",
        "invocation_url",
        "endpoint_url",
        "state",
        "config_version",
        "creator",
        "creation_timestamp",
        "last_updated_timestamp",
        "permission_level",
        "task",
        "inference_table",
    )

    name: pulumi.Output[str]
    #: 32 hexadecimal digits.
    endpoint_id: pulumi.Output[str]
    #: Where the endpoint is queried.
    invocation_url: pulumi.Output[str]
    #: Where a route-optimized endpoint is queried.
    endpoint_url: pulumi.Output[str | None]
    #: `{"ready": "READY", "config_update": "NOT_UPDATING"}`
    state: pulumi.Output[dict[str, str]]
    config_version: pulumi.Output[int]
    creator: pulumi.Output[str]
    #: Unix milliseconds.
    creation_timestamp: pulumi.Output[int]
    #: Unix milliseconds.
    last_updated_timestamp: pulumi.Output[int]
    permission_level: pulumi.Output[str]
    task: pulumi.Output[str | None]
    #: The full name of the inference table; none where there is none, or it cannot be told.
    inference_table: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
        config: pulumi.Input[ConfigArgs] | None = None,
        ai_gateway: pulumi.Input[ServingEndpointAiGatewayArgs] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | Sequence[pulumi.Input[TagArgs]]]
        | None = None,
        description: pulumi.Input[str] | None = None,
        email_notifications: pulumi.Input[EmailNotificationsArgs] | None = None,
        route_optimized: pulumi.Input[bool] | None = None,
        budget_policy_id: pulumi.Input[str] | None = None,
        telemetry_config: pulumi.Input[TelemetryConfigArgs] | None = None,
        rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]] | None = None,
        allow_multiple_external_models: bool | None = None,
        deploy: pulumi.Input[DeployArgs] | None = None,
        adopt: bool | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a type checker knows of none; the parser judges what comes all the same
    ) -> None:
        said = {
            "name": name,
            "config": config,
            "ai_gateway": ai_gateway,
            "tags": tags,
            "description": description,
            "email_notifications": email_notifications,
            "route_optimized": route_optimized,
            "budget_policy_id": budget_policy_id,
            "telemetry_config": telemetry_config,
            "rate_limits": rate_limits,
            "allow_multiple_external_models": allow_multiple_external_models,
            "deploy": deploy,
            "adopt": adopt,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, endpoint_arguments(said), opts)
