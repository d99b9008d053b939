"""What the emulated workspace holds, and what a route is given to answer from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .auth import Caller
from .clock import Clock, milliseconds
from .deployments import Deployments
from .errors import invalid
from .fields import Fields
from .scopes_model import Scope
from .serving.model import Endpoint
from .wire import JsonObject, Response


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Who is who, and the switches for what is not known of the real service (contract §17, §18).

    token, user: the one personal access token that is accepted, and whose it is
    workspace_id: 16 digits, as in X-Databricks-Org-Id
    strict: refuse unknown request fields with 400, in place of ignoring and recording them
    single_external_entity: the older rule of one external model per endpoint
    duplicate_status: 400 or 409 for the creation of an endpoint whose name is taken
    missing_secret_status: 400 or 404 for a reference to a secret that does not exist
    plaintext_becomes_reference: answer a made-up reference in place of a `*_plaintext` value
    model_tasks: task by entity name, for agents (`{"ml.agents.support": "agent/v1/chat"}`)
    foundation_models: names of the pay-per-token endpoints (`databricks-…`) that it comes with
    """

    token: str = "dapi-emulator"  # noqa: S105 - the emulator's public default, no secret
    user: str = "serving.admin@example.com"
    workspace_id: str = "1234567890123456"
    strict: bool = False
    single_external_entity: bool = False
    duplicate_status: int = 400
    missing_secret_status: int = 400
    plaintext_becomes_reference: bool = False
    model_tasks: Mapping[str, str] = field(default_factory=dict)
    foundation_models: tuple[str, ...] = ()


@dataclass
class World:
    """Everything that changes. Values inside are frozen; routes put new ones in their place."""

    settings: Settings
    clock: Clock
    deployments: Deployments
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)

    def now(self) -> int:
        """The time in milliseconds since the epoch."""
        return milliseconds(self.clock)


@dataclass(frozen=True)
class Ask:
    """One authenticated request, parsed. `path`: the values of the route's placeholders."""

    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject

    def parameter(self, name: str) -> str:
        """A query parameter that must be there; `ApiError` 400 otherwise."""
        if not self.query.get(name):
            raise invalid(f"Missing required field: {name}")
        return self.query[name]

    def text(self, name: str) -> str:
        """A body field that must be a non-empty string; `ApiError` 400 otherwise."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise invalid(f"Missing required field: {name}")
        return value


Answer: TypeAlias = "Callable[[World, Ask], Response]"


@dataclass(frozen=True)
class Route:
    """One call of the API.

    pattern: a path with `{name}` for one segment
    body: what the request body may hold; None: it has none, and what is sent is not looked at
    """

    method: str
    pattern: str
    answer: Answer
    body: Fields | None = None
