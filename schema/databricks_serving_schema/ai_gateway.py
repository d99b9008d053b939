"""AI Gateway: its sections, each a part of its own.

Source: REST reference, servingendpoints/putaigateway.
"""

from __future__ import annotations

from typing import Annotated

from .policy import KeyedBy, OnChange, Part, Policy, Readback, Severity
from .values import Each, Integer, Said, Value

LIMIT = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PUT ai-gateway replaces the whole gateway; a limit that is lifted lets costs run",
    severity=Severity.CRITICAL,
    source="REST reference, servingendpoints/putaigateway",
)


class RateLimit(Value):
    """So many calls or tokens a minute for everybody, each user, a group, a service principal."""

    calls: Annotated[Said[Integer], LIMIT] = None
    tokens: Annotated[Said[Integer], LIMIT] = None
    key: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.DEFAULTED,
            because="left out, the limit is the endpoint's",
            severity=Severity.CRITICAL,
            source="REST reference, AiGatewayRateLimit",
            default="endpoint",
        ),
    ] = None
    principal: Annotated[Said[str], LIMIT] = None
    renewal_period: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PUT ai-gateway replaces the whole gateway; the service knows minutes only",
            severity=Severity.CRITICAL,
            source="REST reference, AiGatewayRateLimit",
            required=True,
        ),
    ] = None


class AiGateway(Value):
    """The gateway of one endpoint. What is not declared here is carried along as it is."""

    rate_limits: Annotated[
        Said[tuple[Each[RateLimit], ...]],
        LIMIT,
        Part(),
        KeyedBy(("key", "principal", "renewal_period"), defaults=("endpoint", "", "minute")),
    ] = None


RATE_LIMIT_KEYS = ("user", "user_group", "service_principal", "endpoint")
RENEWAL_PERIODS = ("minute",)
