"""How the next deployments go: how long they take, and how they end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from threading import RLock
from typing import Annotated, Literal

from pydantic import Field

from .errors import RefusedError
from .values import AnySeconds, Times, check
from .wire import JsonObject

Outcome = Literal["ready", "failed", "aborted", "timed_out"]

# After about half an hour, the service gives up (contract §11).
TIMEOUT_SECONDS = 1800.0
_TIMED_OUT = (
    "Served model creation aborted because the endpoint update timed out. "
    "Please see service logs for more information."
)

# The texts of real answers; the one for `failed` is modelled on them.
MESSAGES: dict[Outcome, str] = {
    "ready": "",
    "failed": "Failed to build the model container. Please see build logs for more information.",
    "aborted": _TIMED_OUT,
    "timed_out": _TIMED_OUT,
}


@dataclass(frozen=True)
class Plan:
    """How a deployment goes.

    polls: how many GETs by API clients see it in progress
    seconds: how long it takes by the clock; wins over `polls`
    """

    polls: int | None = None
    seconds: float | None = None
    outcome: Outcome = "ready"
    message: str = ""


_Name = Annotated[
    Annotated[str, Field(min_length=1)] | None,
    Field(description="an endpoint's name, or null for any endpoint"),
]
_Polls = Annotated[
    Annotated[int, Field(ge=0)] | None,
    Field(description="a whole number, 0 or more, or null for as many as usual"),
]
_Seconds = Annotated[
    AnySeconds | None,
    Field(description="a number, 0 or more and at most 1000000000, or null"),
]
_Outcome = Annotated[Outcome, Field(description='"ready", "failed", "aborted" or "timed_out"')]
_Message = Annotated[
    str | None, Field(description="a string, or null for a text of the real service")
]


@dataclass(frozen=True)
class PlannedDeployment:
    """How deployments shall go, as `Deployments.plan` takes it; ValueError for the impossible."""

    name: _Name = None
    polls: _Polls = None
    seconds: _Seconds = None
    outcome: _Outcome = "ready"
    message: _Message = None
    times: Times = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        check(self)
        if self.polls is not None and self.seconds is not None:
            raise RefusedError('give "polls" or "seconds", not both')

    @property
    def plan(self) -> Plan:
        """What it means for one deployment."""
        seconds = self.seconds
        if self.outcome == "timed_out" and self.polls is None and seconds is None:
            seconds = TIMEOUT_SECONDS
        text = MESSAGES[self.outcome] if self.message is None else self.message
        return Plan(polls=self.polls, seconds=seconds, outcome=self.outcome, message=text)


@dataclass
class _Standing:
    planned: PlannedDeployment
    left: int | None


class Deployments:
    """The plans for deployments to come. The newest that fits is used."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._standing: list[_Standing] = []

    def plan(
        self,
        name: str | None = None,
        *,
        polls: int | None = None,
        seconds: float | None = None,
        outcome: Outcome = "ready",
        message: str | None = None,
        times: int | None = None,
    ) -> None:
        """Say how the next deployments of that endpoint go, or of any endpoint.

        polls: how many GETs of it or of the list by API clients see it in progress; 0: it ends at
            once
        seconds: how long it takes by the clock; without either, as long as usual for its kind
        outcome: `timed_out` is what `aborted` is, after half an hour if nothing else is said
        message: what the failed entities say; None: a text of the real service
        times: for how many deployments; None: for all to come

        Raises ValueError for what cannot be.
        """
        planned = PlannedDeployment(name, polls, seconds, outcome, message, times)
        with self._lock:
            self._standing.append(_Standing(planned, times))

    def listed(self) -> list[JsonObject]:
        """The plans that stand, oldest first; `left`: for how many more, None: for all to come."""
        with self._lock:
            return [{**asdict(one.planned), "left": one.left} for one in self._standing]

    def clear(self) -> None:
        """Forget all plans."""
        with self._lock:
            self._standing.clear()

    def take(self, name: str) -> Plan:
        """The plan for a deployment of that endpoint that begins now."""
        with self._lock:
            for one in reversed(self._standing):
                if one.planned.name not in {None, name}:
                    continue
                if one.left is not None:
                    one.left -= 1
                    if not one.left:
                        self._standing.remove(one)
                return one.planned.plan
            return Plan()
