"""What GET tells of an endpoint beside its settings.

Source: REST reference, ServingEndpointDetailed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from .endpoint import Endpoint
from .parse import parse_answer


class _Answer(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="ignore", frozen=True, protected_namespaces=()
    )


class DeploymentState(_Answer):
    """How far one entity is: `deployment` such as DEPLOYMENT_CREATING, and the service's words."""

    deployment: str | None = None
    deployment_state_message: str | None = None


class EntityStatus(_Answer):
    """One entity of a configuration, with its deployment."""

    name: str | None = None
    state: DeploymentState | None = None


class ConfigStatus(_Answer):
    """A configuration's stamps: its number and, while pending, its start (Unix milliseconds)."""

    config_version: int | None = None
    start_time: int | None = None
    served_entities: tuple[EntityStatus, ...] = ()


class EndpointState(_Answer):
    """`ready`: READY, NOT_READY.

    `config_update`: NOT_UPDATING, IN_PROGRESS, UPDATE_FAILED, UPDATE_CANCELED.
    """

    ready: str | None = None
    config_update: str | None = None


class EndpointStamps(_Answer):
    """What the service says of an endpoint beside its settings.

    Timestamps are Unix milliseconds; `id` has 32 hexadecimal digits.
    """

    name: str
    id: str | None = None
    creator: str | None = None
    creation_timestamp: int | None = None
    last_updated_timestamp: int | None = None
    state: EndpointState = EndpointState()
    config: ConfigStatus | None = None
    pending_config: ConfigStatus | None = None
    permission_level: str | None = None
    task: str | None = None
    endpoint_url: str | None = None

    @property
    def updating(self) -> bool:
        """Whether a deployment runs."""
        return self.state.config_update == "IN_PROGRESS"

    @property
    def settled(self) -> bool:
        """Whether the endpoint serves, and nothing is under way or has failed."""
        return self.state.ready == "READY" and self.state.config_update in (None, "NOT_UPDATING")


@dataclass(frozen=True)
class EndpointAnswer:
    """A whole answer of GET, POST or PUT config.

    `settings` has the configuration that a running update will bring, else the one that serves.
    """

    stamps: EndpointStamps
    settings: Endpoint


def parse_endpoint_answer(answered: Mapping[str, Any]) -> EndpointAnswer:
    """The answer as a fact. Raises pydantic's ValidationError where it is no endpoint at all."""
    stamps = EndpointStamps.model_validate(answered)
    settings = dict(answered)
    if stamps.updating and "pending_config" in answered:
        settings["config"] = answered["pending_config"]
    return EndpointAnswer(stamps, parse_answer(Endpoint, settings))
