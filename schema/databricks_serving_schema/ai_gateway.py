"""AI Gateway: its sections, each a part of its own.

Source: REST reference, servingendpoints/putaigateway.
"""

from __future__ import annotations

from typing import Annotated

from .limits import NAME, NOT_EMPTY, AtMost, Bounds, Choices, Deprecated, Doubtful, Kind, NotFor
from .policy import BY_VALUE, KeyedBy, OnChange, Part, Policy, Readback, Severity
from .values import Boolean, Each, Integer, Said, Value

_REFERENCE = "REST reference, servingendpoints/putaigateway"


def _by_put(
    because: str, severity: Severity, *, required: bool = False, while_on: str | None = None
) -> Policy:
    return Policy(
        OnChange.UPDATE,
        Readback.ECHOED,
        because=f"PUT ai-gateway replaces the whole gateway; {because}",
        severity=severity,
        source=_REFERENCE,
        required=required,
        while_on=while_on,
    )


def _filled(
    because: str,
    severity: Severity,
    *,
    default: str | bool | None = None,
    filled_with: str = "",
    while_on: str | None = None,
) -> Policy:
    return Policy(
        OnChange.UPDATE,
        Readback.DEFAULTED,
        because=f"PUT ai-gateway replaces the whole gateway; {because}",
        severity=severity,
        source=_REFERENCE,
        default=default,
        filled_with=filled_with,
        while_on=while_on,
    )


_LIFTED = "a limit that is lifted lets costs run"
LIMIT = _by_put(_LIFTED, Severity.CRITICAL)
LIMIT_KEY = KeyedBy(("key", "principal", "renewal_period"), defaults=("endpoint", "", "minute"))
#: Source: Databricks page on rate limits.
_LIMITS = AtMost(20)
GUARDRAIL = _by_put("a guardrail that is weakened lets through what it kept out", Severity.CRITICAL)
#: Source: Databricks page on AI Gateway, as of 2024.
_WORDS = AtMost(50, of_each=100)
_WORDS_DEPRECATED = Deprecated(
    "pii and safety have taken its place",
    source="terraform-provider-databricks, docs/resources/model_serving.md",
)
_PLACE = "while the table is on, its place cannot change: it is switched off first, then on anew"
PLACE = _by_put(_PLACE, Severity.HIGH, while_on="enabled")


class RateLimit(Value):
    """So many calls or tokens a minute for everybody, each user, a group, a service principal."""

    calls: Annotated[Said[Integer], LIMIT, Bounds()] = None
    """Calls a minute; 0 blocks everything."""
    tokens: Annotated[Said[Integer], LIMIT, Bounds()] = None
    """Tokens a minute; 0 blocks everything."""
    key: Annotated[
        Said[str],
        _filled("left out, the limit is the endpoint's", Severity.CRITICAL, default="endpoint"),
        Choices(("user", "user_group", "service_principal", "endpoint")),
    ] = None
    """Whose calls are counted."""
    principal: Annotated[Said[str], LIMIT] = None
    """The user's e-mail, the group's name, the service principal's application id."""
    renewal_period: Annotated[
        Said[str],
        _by_put("the service knows minutes only", Severity.CRITICAL, required=True),
        Choices(("minute",)),
    ] = None
    """How long until the count begins anew."""


class Pii(Value):
    """What is done about personal data."""

    behavior: Annotated[
        Said[str],
        _filled("left out, personal data passes", Severity.CRITICAL, default="NONE"),
        Choices(("NONE", "BLOCK", "MASK")),
    ] = None
    """NONE lets personal data pass, BLOCK refuses the text, MASK makes it unreadable."""


class GuardrailParameters(Value):
    """What is kept out, of prompts or of answers."""

    safety: Annotated[
        Said[Boolean],
        _filled("left out, unsafe content passes", Severity.CRITICAL, default=False),
    ] = None
    """Whether unsafe content is kept out."""
    pii: Annotated[
        Said[Pii],
        _filled(
            "left out, GET may show the behavior NONE",
            Severity.CRITICAL,
            filled_with='{"behavior": "NONE"}',
        ),
    ] = None
    """What is done about personal data."""
    invalid_keywords: Annotated[
        Said[tuple[Each[str], ...]], GUARDRAIL, BY_VALUE, _WORDS, _WORDS_DEPRECATED
    ] = None
    """Words that are kept out."""
    valid_topics: Annotated[
        Said[tuple[Each[str], ...]], GUARDRAIL, BY_VALUE, _WORDS, _WORDS_DEPRECATED
    ] = None
    """Topics outside of which nothing is let through."""


class Guardrails(Value):
    """Guardrails of prompts (`input`) and of answers (`output`)."""

    input: Annotated[Said[GuardrailParameters], GUARDRAIL] = None
    """What is kept out of prompts."""
    output: Annotated[Said[GuardrailParameters], GUARDRAIL] = None
    """What is kept out of answers; not for embeddings."""


class UsageTracking(Value):
    """Whether usage is written to the system tables."""

    enabled: Annotated[
        Said[Boolean],
        _filled(
            "left out, GET may show whether it is on",
            Severity.HIGH,
            filled_with="on for Databricks' own pay-per-token endpoints, else off",
        ),
    ] = None
    """Whether usage is written to `system.serving.endpoint_usage`."""


class InferenceTable(Value):
    """The Unity Catalog table that requests and answers are written to."""

    enabled: Annotated[
        Said[Boolean],
        _by_put("an audit trail that is switched off has a hole for good", Severity.HIGH),
    ] = None
    """Whether requests and answers are written down."""
    catalog_name: Annotated[Said[str], PLACE] = None
    """The table's catalog."""
    schema_name: Annotated[Said[str], PLACE] = None
    """The table's schema."""
    table_name_prefix: Annotated[
        Said[str],
        _filled(
            _PLACE,
            Severity.HIGH,
            filled_with="the endpoint's name",
            while_on="enabled",
        ),
        NOT_EMPTY,
    ] = None
    """What the table's name begins with; `_payload` is added."""


class Fallback(Value):
    """Whether the other entities are tried where one fails."""

    enabled: Annotated[
        Said[Boolean],
        _by_put(
            "without it, a failing model is the caller's problem", Severity.HIGH, required=True
        ),
    ] = None
    """Whether the other entities are tried, in their order, after a 429 or a 5xx."""


_FALLBACK_ELSEWHERE = "fallback is for external models"
_GATEWAY_PAGE = "Databricks page on AI Gateway"


class AiGateway(Value):
    """The gateway of one endpoint. What is not declared here is carried along as it is."""

    rate_limits: Annotated[
        Said[tuple[Each[RateLimit], ...]],
        LIMIT,
        Part(),
        LIMIT_KEY,
        _LIMITS,
    ] = None
    """How much may be asked of the endpoint; at most 20, of which 5 for groups."""
    guardrails: Annotated[
        Said[Guardrails],
        GUARDRAIL,
        Part(),
        Doubtful(
            (Kind.MODEL, Kind.FEATURE_SPEC),
            "guardrails are for external and foundation models",
            source=_GATEWAY_PAGE,
        ),
    ] = None
    """What is kept out of prompts and answers."""
    usage_tracking_config: Annotated[
        Said[UsageTracking],
        _by_put("without it, nobody can tell what was used", Severity.HIGH),
        Part(),
    ] = None
    """Whether usage is written to the system tables."""
    inference_table_config: Annotated[
        Said[InferenceTable],
        _by_put("without it, nobody can tell what was asked and answered", Severity.HIGH),
        Part(),
    ] = None
    """Where requests and answers are written down."""
    fallback_config: Annotated[
        Said[Fallback],
        _by_put("without it, a failing model is the caller's problem", Severity.HIGH),
        Part(),
        NotFor((Kind.FEATURE_SPEC,), _FALLBACK_ELSEWHERE, source=_GATEWAY_PAGE),
        Doubtful(
            (Kind.MODEL, Kind.THROUGHPUT, Kind.MODEL_UNITS),
            _FALLBACK_ELSEWHERE,
            source=_GATEWAY_PAGE,
        ),
    ] = None
    """Whether the other entities are tried where one fails."""


_ADDRESS = Policy(
    OnChange.REPLACE,
    Readback.ECHOED,
    because="the endpoint is what these settings are found by",
    severity=Severity.HIGH,
    source="this project's design",
    required=True,
)


class EndpointAiGateway(AiGateway):
    """The gateway of an endpoint that somebody else may have made."""

    endpoint_name: Annotated[Said[str], _ADDRESS, NAME] = None
    """The endpoint's name; Databricks' own (`databricks-…`) ones too."""


class EndpointRateLimits(Value):
    """All rate limits of an endpoint that somebody else may have made."""

    endpoint_name: Annotated[Said[str], _ADDRESS, NAME] = None
    """The endpoint's name; Databricks' own (`databricks-…`) ones too."""
    rate_limits: Annotated[
        Said[tuple[Each[RateLimit], ...]],
        _by_put(_LIFTED, Severity.CRITICAL, required=True),
        Part(),
        LIMIT_KEY,
        _LIMITS,
    ] = None
    """How much may be asked of the endpoint: the whole list."""
