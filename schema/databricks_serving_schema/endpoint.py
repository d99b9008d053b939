"""A serving endpoint. Field names and nesting are the REST API's own.

Source: REST reference, servingendpoints/create and servingendpoints/updateconfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from .ai_gateway import AiGateway, RateLimit
from .config import Config
from .external_models import BY_PUT_CONFIG
from .limits import NAME, AlsoAs, AtMost, Kind, NamedAfterResource, NotFor, OlderForm
from .policy import BY_VALUE, OnChange, Part, Policy, Readback, Severity
from .tags import Tag, TagMap, tagged
from .telemetry import TelemetryConfig
from .values import Boolean, Each, Said, Value

NOTIFIED = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PATCH notifications sends both lists whole",
    severity=Severity.LOW,
    source="REST reference, servingendpoints/updatenotifications",
)


class EmailNotifications(Value):
    """Whom an update's end is told to."""

    on_update_failure: Annotated[Said[tuple[Each[str], ...]], NOTIFIED, BY_VALUE] = None
    """E-mail addresses that learn of failed updates."""
    on_update_success: Annotated[Said[tuple[Each[str], ...]], NOTIFIED, BY_VALUE] = None
    """E-mail addresses that learn of successful updates."""


ANSWERED_OF_ENDPOINT = frozenset(
    {
        "id",
        "creator",
        "creation_timestamp",
        "last_updated_timestamp",
        "state",
        "pending_config",
        "task",
        "permission_level",
        "endpoint_url",
        "data_plane_info",
        "creator_display_name",
        "creator_kind",
        "resource_credential_strategy",
        "effective_budget_policy_id",
        "endpoint_type",
        "tile_endpoint_metadata",
        "capabilities",
    }
)


#: Source: SDK, CreatePtEndpointRequest, has neither.
_NOT_IN_PT = NotFor(
    (Kind.MODEL_UNITS,),
    "POST serving-endpoints/pt does not take it",
    source="SDK, CreatePtEndpointRequest",
)


class Endpoint(Value):
    """A Databricks Model Serving endpoint."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = ANSWERED_OF_ENDPOINT

    OLDER_FORMS: ClassVar[Mapping[str, OlderForm]] = {
        "rate_limits": OlderForm(
            tuple[Each[RateLimit], ...], "The older place of `ai_gateway.rate_limits`."
        )
    }

    name: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.ECHOED,
            because="no call renames an endpoint",
            severity=Severity.HIGH,
            source="REST reference, serving-endpoint",
            required=True,
        ),
        NamedAfterResource(),
        NAME,
    ] = None
    """The endpoint's name in its workspace."""
    config: Annotated[Said[Config], BY_PUT_CONFIG, Part()] = None
    """What is served, and how the traffic is split."""
    ai_gateway: Annotated[
        Said[AiGateway],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PUT ai-gateway replaces the whole gateway",
            severity=Severity.CRITICAL,
            source="REST reference, servingendpoints/putaigateway",
        ),
    ] = None
    """Limits, guardrails, usage tracking, inference table, fallback."""
    tags: Annotated[
        Said[TagMap],
        tagged(required=False),
        Part(),
        AlsoAs(tuple[Each[Tag], ...]),
    ] = None
    """Tags; they reach the bill."""
    description: Annotated[
        Said[str],
        Policy(
            OnChange.REFUSE,
            Readback.DEFAULTED,
            because="no public call changes the description; replacing a live endpoint for a text "
            "would be an outage",
            severity=Severity.LOW,
            source="databricks/cli, bundle/direct/dresources/resources.yml",
            default="",
        ),
        AtMost(1000),
        _NOT_IN_PT,
    ] = None
    """What the endpoint is for."""
    email_notifications: Annotated[Said[EmailNotifications], NOTIFIED, Part()] = None
    """Whom an update's end is told to."""
    route_optimized: Annotated[
        Said[Boolean],
        Policy(
            OnChange.REPLACE,
            Readback.DEFAULTED,
            because="no call changes it after creation",
            severity=Severity.HIGH,
            source="REST reference, servingendpoints/create",
            default=False,
        ),
        NotFor(
            (Kind.EXTERNAL, Kind.THROUGHPUT, Kind.MODEL_UNITS),
            "only custom models and feature serving have it",
            source="Databricks page on route optimisation",
        ),
    ] = None
    """Whether queries take a shorter way, at `endpoint_url` and with OAuth tokens only."""
    budget_policy_id: Annotated[
        Said[str],
        Policy(
            OnChange.REFUSE,
            Readback.NEVER,
            because="no public call changes the budget policy, and GET does not show it",
            severity=Severity.LOW,
            source="databricks/cli, bundle/direct/dresources/resources.yml",
        ),
    ] = None
    """Id of the budget policy that the endpoint's usage is booked under."""
    telemetry_config: Annotated[
        Said[TelemetryConfig],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PATCH telemetry-config, between updates only",
            severity=Severity.MEDIUM,
            source="databricks/cli, bundle/direct/dresources/model_serving_endpoint.go",
        ),
        Part(),
        NotFor(
            (Kind.EXTERNAL,),
            "the service drops it in silence there",
            source="databricks/cli, libs/testserver",
        ),
        _NOT_IN_PT,
    ] = None
    """Where logs, metrics and traces of a registered model go."""
