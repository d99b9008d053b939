"""What GET tells of an endpoint beside its settings.

Source: REST reference, ServingEndpointDetailed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from .config import Config
from .endpoint import Endpoint
from .parse import parse_answer

T = TypeVar("T")


def _or(default: object) -> WrapValidator:
    """Take what this release cannot read as `default`: a stamp is no reason to fail."""

    def validated(value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except ValidationError:
            return default

    return WrapValidator(validated)


Stamp: TypeAlias = Annotated[T | None, _or(None)]


class _Answer(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True
    )


class DeploymentState(_Answer):
    """How far one entity is: `deployment` such as DEPLOYMENT_CREATING, and the service's words."""

    deployment: Stamp[str] = None
    deployment_state_message: Stamp[str] = None


class EntityStatus(_Answer):
    """One entity of a configuration, with its deployment."""

    name: Stamp[str] = None
    state: Stamp[DeploymentState] = None


class ConfigStatus(_Answer):
    """A configuration's stamps: its number and, while pending, its start (Unix milliseconds)."""

    config_version: Stamp[int] = None
    start_time: Stamp[int] = None
    served_entities: Annotated[tuple[EntityStatus, ...], _or(())] = ()


class EndpointState(_Answer):
    """`ready`: READY, NOT_READY.

    `config_update`: NOT_UPDATING, IN_PROGRESS, UPDATE_FAILED, UPDATE_CANCELED.
    """

    ready: Stamp[str] = None
    config_update: Stamp[str] = None


class EndpointStamps(_Answer):
    """What the service says of an endpoint beside its settings.

    Timestamps are Unix milliseconds; `id` has 32 hexadecimal digits.
    """

    name: str
    id: Stamp[str] = None
    creator: Stamp[str] = None
    creation_timestamp: Stamp[int] = None
    last_updated_timestamp: Stamp[int] = None
    state: Annotated[EndpointState, _or(EndpointState())] = EndpointState()
    config: Stamp[ConfigStatus] = None
    pending_config: Stamp[ConfigStatus] = None
    permission_level: Stamp[str] = None
    task: Stamp[str] = None
    endpoint_url: Stamp[str] = None

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

    `settings` has the configuration that a running update will bring, else the one that serves;
    `serving` the one that serves, None where none ever did.
    """

    stamps: EndpointStamps
    settings: Endpoint
    serving: Config | None


def parse_endpoint_answer(answered: Mapping[str, Any]) -> EndpointAnswer:
    """The answer as a fact. Raises pydantic's ValidationError where it names no endpoint."""
    stamps = EndpointStamps.model_validate(answered)
    settings = parse_answer(Endpoint, answered)
    serving = settings.config if isinstance(settings.config, Config) else None
    if stamps.updating and answered.get("pending_config") is not None:
        settings = parse_answer(Endpoint, {**answered, "config": answered["pending_config"]})
    return EndpointAnswer(stamps, settings, serving)
