"""The property bags of gateways, and of rate limits alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from databricks_serving_schema import (
    Allowances,
    EndpointAiGateway,
    EndpointRateLimits,
    GatewaySettings,
    InvalidResource,
    Problem,
    RateLimitsSettings,
)

from .bag import said
from .resource import resource_inputs

GatewayModel: TypeAlias = EndpointAiGateway | EndpointRateLimits
GatewayHow: TypeAlias = GatewaySettings | RateLimitsSettings


def gateway_inputs(
    model: type[GatewayModel],
    settings: type[GatewayHow],
    bag: Mapping[str, Any],
    allowances: Allowances,
) -> tuple[GatewayModel, bool]:
    """The sections that a program says, and whether it removes the others.

    Raises `InvalidResource` with every problem. A gateway without a section manages nothing, and
    whoever wrote it expects that it does: it is one of them, unless it is authoritative.
    """
    value, how = resource_inputs(model, settings, bag, allowances)
    mode = how.mode if isinstance(how, GatewaySettings) else None
    if mode in (None, "additive") and set(said(value)) <= {"endpoint_name"}:
        message = (
            "no section is declared, so there is nothing to manage; declare one (an empty one is "
            'cleared), or say mode="authoritative" to clear all of them'
        )
        raise InvalidResource((Problem((), "no-section", message),))
    return value, mode == "authoritative"
