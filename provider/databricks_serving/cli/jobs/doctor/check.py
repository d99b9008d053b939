"""What a check is: a question about the surroundings, a verdict, and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from databricks_serving.api import Where, resolve_credentials
from databricks_serving.cli.connections import where
from databricks_serving.errors import ServingError
from databricks_serving.state.settings import StackSettings

if TYPE_CHECKING:
    from databricks_serving.api import Credentials, WorkspaceApi
    from databricks_serving.api.identity import Caller
    from databricks_serving.cli.connections import Connections
    from databricks_serving.state.deployment import Deployment, Recorded


class Verdict(str, Enum):
    """How a check ended. Only `failed` makes the exit code 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it. Never a secret."""

    verdict: Verdict
    found: str
    remedy: str = ""


class Skip(Exception):
    """A check cannot be made here; the message says why."""


@dataclass(frozen=True)
class Check:
    """One check: `id` is stable, for machines; `ask` may raise, which is its own failed line.

    here: it needs neither workspace nor state, and is made however the run ends
    """

    id: str
    group: str
    title: str
    ask: Callable[[Surroundings], Finding]
    here: bool = False

    @property
    def error_id(self) -> str:
        """What the catalogue of errors calls what it may find."""
        return f"doctor-{self.id}"


@dataclass(frozen=True)
class Checked:
    """A check and how it ended."""

    check: Check
    finding: Finding

    @property
    def error_id(self) -> str:
        """Its entry in the catalogue of errors; empty where there is nothing to look up."""
        told = self.finding.verdict in (Verdict.WARNING, Verdict.FAILED)
        return self.check.error_id if told else ""


@dataclass
class Surroundings:
    """All that a check may look at. Nothing of it writes anywhere.

    `read_state`: reads the state that the command line names, None where it names none.
    `state_file`: whether that is a file, so that no engine is needed. `stdout`: where the answer
    goes. `installed`: a distribution's version. `chosen`: the workspace on the command line.
    """

    environment: Mapping[str, str] = field(repr=False)
    directory: Path
    now: Callable[[], datetime]
    stdout: TextIO
    connections: Connections
    installed: Callable[[str], str | None]
    read_state: Callable[[], tuple[Deployment, StackSettings]] | None = None
    state_file: bool = False
    chosen: Where | None = None

    @cached_property
    def _state(self) -> tuple[Deployment, StackSettings] | ServingError:
        if self.read_state is None:
            raise Skip("no state is named; --stack or --state names one")
        try:
            return self.read_state()
        except ServingError as failed:
            return failed

    def state_or_error(self) -> tuple[Deployment, StackSettings] | ServingError:
        """The state, or why it cannot be read. Raises `Skip` where none is named."""
        return self._state

    @property
    def deployment(self) -> Deployment:
        """The stack's state. Raises `Skip` where there is none to look at."""
        if isinstance(self._state, ServingError):
            raise Skip("the state could not be read")
        return self._state[0]

    @property
    def settings(self) -> StackSettings:
        """What the stack's configuration says; the defaults where no state is named or read."""
        if self.read_state is None or isinstance(self._state, ServingError):
            return StackSettings()
        return self._state[1]

    @property
    def where(self) -> Where:
        """Which workspace is meant, for what names none itself."""
        return self.chosen or where({}, self.settings)

    @cached_property
    def credentials(self) -> Credentials:
        """Who we are and where. Raises `NoCredentials`."""
        return resolve_credentials(self.where, self.environment)

    @cached_property
    def _caller(self) -> Caller | ServingError:
        try:
            return self.connections.at(self.where).me()
        except ServingError as failed:
            return failed

    def caller_or_error(self) -> Caller | ServingError:
        """Whoever the credentials belong to, or why nobody can be told; asked once."""
        return self._caller

    @property
    def api(self) -> WorkspaceApi:
        """The workspace. Raises `Skip` where it does not answer us."""
        self._answers_us()
        return self.connections.at(self.where)

    def _answers_us(self) -> None:
        if isinstance(self._caller, ServingError):
            raise Skip("the workspace does not answer these credentials")

    def api_of(self, recorded: Recorded) -> WorkspaceApi:
        """The workspace that a resource of the state is in. Raises `Skip` as `api` does."""
        self._answers_us()
        return self.connections.of(recorded.inputs, self.settings)


def ok(found: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, found)


def warning(found: str, remedy: str) -> Finding:
    """It works, and somebody should know."""
    return Finding(Verdict.WARNING, found, remedy)


def failed(found: str, remedy: str) -> Finding:
    """Something will not work."""
    return Finding(Verdict.FAILED, found, remedy)


def skipped(why: str) -> Finding:
    """It could not be looked at, or does not matter here."""
    return Finding(Verdict.SKIPPED, why)


def unfinished() -> Finding:
    """The run ended before an answer was there: nobody knows how it is."""
    return failed(
        "not finished: the run was ended before", "See which line above did not answer; run again."
    )


def some(names: list[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
