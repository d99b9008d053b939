"""What the emulated workspace holds, and what a route is given to answer from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from .access_past import AccessPast
from .auth import Caller
from .behaviour import USUAL, Behaviour
from .clock import Clock, milliseconds
from .contents import Contents
from .deployments import Deployments
from .errors import ApiError, invalid
from .fields import Fields
from .queries.memory import GatewayMemory
from .queries.records import Query, QueryRecords
from .serving.past import Past
from .statements import Statements
from .tables.ledger import Ledger
from .values import Name, Switch, Text, check
from .wire import JsonObject, Response
from .write_budget import WriteBudget

_Digits = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+$"), Field(description="a string of digits")
]
_Behaviour = Annotated[Behaviour, Field(description="a Behaviour, such as Behaviour(shuffle=True)")]
_Tasks = Annotated[
    Mapping[Name, Name],
    Field(description='a mapping of strings such as {"ml.agents.support": "agent/v1/chat"}'),
]
_FoundationModels = Annotated[
    tuple[Name, ...], Field(description='a tuple of names such as ("databricks-gte-large-en",)')
]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Who is who, and what a workspace comes with.

    token, user: a personal access token that is always accepted, and whose it is: an admin's
    workspace_id: 16 digits, as in X-Databricks-Org-Id
    behaviour: how the workspace behaves at first, and after a reset
    strict: refuse unknown request fields with 400, in place of ignoring and recording them
    model_tasks: task by entity name, for agents (`{"ml.agents.support": "agent/v1/chat"}`)
    foundation_models: names of the pay-per-token endpoints (`databricks-…`) that it comes with

    Raises ValueError for what cannot be.
    """

    token: Text = "dapi-emulator"  # noqa: S105 - the emulator's public default, no secret
    user: Name = "serving.admin@example.com"
    workspace_id: _Digits = "1234567890123456"
    strict: Switch = False
    behaviour: _Behaviour = USUAL
    model_tasks: _Tasks = field(default_factory=dict)
    foundation_models: _FoundationModels = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        check(self, "Workspace")


@dataclass(kw_only=True)
class World(Contents):
    """What the workspace holds, and what decides how it answers.

    lock: the workspace's, for what goes on beside it
    behaviour: the switches; `behave` turns them
    past, access_past: what clients do not see yet of endpoints, and of access lists
    write_budget: how many writes there were lately
    statements: SQL statements that were sent lately
    queries, gateway: what endpoints were asked lately, and what their gateways remember of it
    answers: how many endpoints were shown while their order was shuffled
    """

    settings: Settings
    lock: RLock
    clock: Clock
    deployments: Deployments
    access_past: AccessPast
    behaviour: Behaviour = USUAL
    past: Past = field(default_factory=Past)
    write_budget: WriteBudget = field(default_factory=WriteBudget)
    statements: Statements = field(default_factory=Statements)
    queries: QueryRecords = field(default_factory=QueryRecords)
    gateway: GatewayMemory = field(default_factory=GatewayMemory)
    answers: int = 0
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        """Let the ledger know each query."""
        self.ledger = Ledger(self.settings.workspace_id)
        self.queries.observe(self._note_query)

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on; what was remembered for switches that are off is forgotten."""
        self.behaviour = behaviour
        self.access_past.behave(behaviour)
        if behaviour.write_budget is None:
            self.write_budget.clear()

    def forget(self) -> None:
        """All writes are seen from now on, and none is counted; there was no SQL, and no query."""
        self.past.clear()
        self.access_past.clear()
        self.write_budget.clear()
        self.statements.clear()
        self.queries.clear()
        self.gateway.clear()

    def _note_query(self, query: Query) -> None:
        endpoint = self.endpoints.get(query.endpoint_name)
        if endpoint is not None:
            self.ledger.note_query(endpoint, query)

    def now(self) -> int:
        """The time in milliseconds since the epoch."""
        return milliseconds(self.clock)


@dataclass(frozen=True)
class Ask:
    """One authenticated request, parsed.

    path: the values of the route's placeholders
    content: the body as it was sent
    origin: scheme, host and port by which the caller reached the workspace
    unread: why `body` has no real types but those that were sent: a query says so in its turn
    """

    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    content: bytes = b""
    origin: str = ""
    unread: ApiError | None = None

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
