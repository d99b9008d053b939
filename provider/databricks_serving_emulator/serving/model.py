"""A serving endpoint as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ..deployments import Outcome
from ..wire import JsonObject


class EntityKind(Enum):
    """What is served; the values are the `type` that GET answers (contract §5.8)."""

    EXTERNAL = "EXTERNAL_MODEL"
    CUSTOM = "UC_MODEL"
    FEATURE_SPEC = "FEATURE_SPEC"
    FOUNDATION = "FOUNDATION_MODEL"


class EndpointKind(Enum):
    """What an endpoint is; it follows from what it serves (contract §3)."""

    EXTERNAL = "external models"
    THROUGHPUT = "provisioned throughput"
    FOUNDATION = "pay-per-token models"
    AGENT = "agents"
    CUSTOM = "custom models"
    FEATURE_SPEC = "feature specs"
    NOTHING = "no config"


_ENDPOINT_KINDS = {
    EntityKind.EXTERNAL: EndpointKind.EXTERNAL,
    EntityKind.CUSTOM: EndpointKind.CUSTOM,
    EntityKind.FEATURE_SPEC: EndpointKind.FEATURE_SPEC,
    EntityKind.FOUNDATION: EndpointKind.FOUNDATION,
}


@dataclass(frozen=True)
class Entity:
    """A served entity.

    definition: the request's fields with defaults filled and secrets dropped
    environment: how many characters each variable got at the last deployment; None: it refers to
        a secret that was not there any more
    """

    kind: EntityKind
    definition: JsonObject
    creator: str
    creation_timestamp: int
    deployment: str = "DEPLOYMENT_CREATING"
    message: str = "Creating resources for served entity."
    environment: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Unique within its endpoint."""
        return str(self.definition["name"])

    @property
    def is_throughput(self) -> bool:
        """Whether it is a foundation model with provisioned throughput, by tokens or by units."""
        return not THROUGHPUT_FIELDS.isdisjoint(self.definition)


THROUGHPUT_FIELDS = frozenset(
    {"min_provisioned_throughput", "max_provisioned_throughput", "provisioned_model_units"}
)


@dataclass(frozen=True)
class Config:
    """One version of what an endpoint serves. `start_time`: milliseconds, of a pending one."""

    version: int
    entities: tuple[Entity, ...]
    routes: tuple[JsonObject, ...]
    task: str | None = None
    auto_capture: JsonObject | None = None
    start_time: int | None = None

    @property
    def is_external(self) -> bool:
        """Whether it serves external models (kinds are never mixed)."""
        return self.entities[0].kind is EntityKind.EXTERNAL

    @property
    def kind(self) -> EndpointKind:
        """What an endpoint is that serves it."""
        if self.entities[0].is_throughput:
            return EndpointKind.THROUGHPUT
        if self.entities[0].kind is EntityKind.CUSTOM and (self.task or "").startswith("agent/"):
            return EndpointKind.AGENT
        return _ENDPOINT_KINDS[self.entities[0].kind]


@dataclass(frozen=True)
class Rollout:
    """A deployment under way: polls left, or when it ends, in seconds since the epoch."""

    polls_left: int
    until: float | None
    outcome: Outcome
    message: str


@dataclass(frozen=True)
class Endpoint:
    """An endpoint. `active` serves; `pending` is being deployed, or did not make it.

    legacy_limits: rate limits in the older form, which no answer shows
    telemetry: as answered, so without the names of its tables
    stopped: since `config:stop`, until a deployment succeeds
    """

    name: str
    id: str
    creator: str
    creator_display_name: str
    creation_timestamp: int
    last_updated_timestamp: int
    creator_kind: str = "User"
    description: str = ""
    route_optimized: bool = False
    budget_policy_id: str | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)
    ai_gateway: JsonObject = field(default_factory=dict)
    email_notifications: JsonObject | None = None
    legacy_limits: Sequence[JsonObject] = ()
    telemetry: JsonObject | None = None
    stopped: bool = False
    active: Config | None = None
    pending: Config | None = None
    rollout: Rollout | None = None
    update_state: str = "NOT_UPDATING"

    @property
    def config(self) -> Config | None:
        """What tells the kind of endpoint: what it serves, else what it is about to serve."""
        return self.active or self.pending

    @property
    def task(self) -> str | None:
        """The task of what it serves; None for plain models."""
        return self.config.task if self.config else None

    @cached_property
    def kind(self) -> EndpointKind:
        """What it is, by what it serves or is about to serve."""
        return self.config.kind if self.config else EndpointKind.NOTHING

    @property
    def is_foundation(self) -> bool:
        """Whether it is one of the pay-per-token endpoints that belong to Databricks."""
        return self.kind is EndpointKind.FOUNDATION

    @property
    def is_ready(self) -> bool:
        """Whether it answers queries."""
        return self.active is not None and not self.stopped
