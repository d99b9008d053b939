"""The AI Gateway of an endpoint, and its rate limits alone: on anybody's endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pulumi
from typing_extensions import Never

from databricks_serving.state.keys import BEFORE, KEY

from ..arguments import with_secret_leaves
from ..inputs import (
    FallbackArgs,
    GuardrailsArgs,
    InferenceTableArgs,
    RateLimitArgs,
    UsageTrackingArgs,
    WorkspaceArgs,
)
from .base import WORKS_ON_WHAT_IS_THERE, ServingResource


class AiGateway(ServingResource):
    """AI Gateway sections of an endpoint that somebody else may have made.

    Databricks' own pay-per-token endpoints (`databricks-…`) too. The endpoint itself is never
    created, deleted or reconfigured. Sections that are not declared stay as they are, unless `mode`
    is `"authoritative"`. Where the endpoint is declared in the same program, say
    `endpoint_name=endpoint.name`: a new endpoint of that name then gets the sections too.
    """

    _kind = "AiGateway"
    _computed = ("endpoint_id", "inference_table")
    _secret = (KEY, BEFORE)
    _instead_of_import = WORKS_ON_WHAT_IS_THERE

    endpoint_name: pulumi.Output[str]
    #: 32 hexadecimal digits.
    endpoint_id: pulumi.Output[str]
    #: The full name of the inference table; none where there is none, or it cannot be told.
    inference_table: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        endpoint_name: pulumi.Input[str],
        rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]] | None = None,
        guardrails: pulumi.Input[GuardrailsArgs] | None = None,
        usage_tracking_config: pulumi.Input[UsageTrackingArgs] | None = None,
        inference_table_config: pulumi.Input[InferenceTableArgs] | None = None,
        fallback_config: pulumi.Input[FallbackArgs] | None = None,
        mode: pulumi.Input[Literal["additive", "authoritative"]] | None = None,
        on_delete: pulumi.Input[Literal["restore", "clear", "keep"]] | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a type checker knows of none; the parser judges what comes all the same
    ) -> None:
        said = {
            "endpoint_name": endpoint_name,
            "rate_limits": rate_limits,
            "guardrails": guardrails,
            "usage_tracking_config": usage_tracking_config,
            "inference_table_config": inference_table_config,
            "fallback_config": fallback_config,
            "mode": mode,
            "on_delete": on_delete,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, with_secret_leaves(said), opts)


class RateLimits(ServingResource):
    """All rate limits of an endpoint that somebody else may have made.

    The list is the whole list: a limit that somebody adds in the UI is removed by the next update.
    The other sections of the gateway stay as they are.
    """

    _kind = "RateLimits"
    _computed = ("endpoint_id",)
    _secret = (KEY, BEFORE)
    _instead_of_import = WORKS_ON_WHAT_IS_THERE

    endpoint_name: pulumi.Output[str]
    #: 32 hexadecimal digits.
    endpoint_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        endpoint_name: pulumi.Input[str],
        rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]],
        on_delete: pulumi.Input[Literal["restore", "clear", "keep"]] | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a misspelt one is named by check
    ) -> None:
        said = {
            "endpoint_name": endpoint_name,
            "rate_limits": rate_limits,
            "on_delete": on_delete,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, with_secret_leaves(said), opts)
