"""How the next deployments go: how long they take, and how they end."""

from __future__ import annotations

from dataclasses import dataclass
from threading import RLock
from typing import Literal, get_args

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


@dataclass
class _Planned:
    name: str | None
    plan: Plan
    times: int | None


class Deployments:
    """The plans for deployments to come. The newest that fits is used."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._planned: list[_Planned] = []

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

        polls: how many GETs by API clients see it in progress; 0: it ends at once
        seconds: how long it takes by the clock; without either, as long as usual for its kind
        outcome: `timed_out` is what `aborted` is, after half an hour if nothing else is said
        message: what the failed entities say; None: a text of the real service
        times: for how many deployments; None: for all to come

        Raises ValueError for an impossible combination.
        """
        if polls is not None and seconds is not None:
            raise ValueError("give polls or seconds, not both")
        if (polls or 0) < 0 or (seconds or 0) < 0:
            raise ValueError("polls and seconds must be 0 or more")
        if outcome not in get_args(Outcome):
            raise ValueError(f"outcome must be one of {get_args(Outcome)}, not {outcome!r}")
        if times is not None and times < 1:
            raise ValueError("times must be 1 or more (or None: every time)")
        text = MESSAGES[outcome] if message is None else message
        if outcome == "timed_out" and polls is None and seconds is None:
            seconds = TIMEOUT_SECONDS
        with self._lock:
            plan = Plan(polls=polls, seconds=seconds, outcome=outcome, message=text)
            self._planned.append(_Planned(name, plan, times))

    def clear(self) -> None:
        """Forget all plans."""
        with self._lock:
            self._planned.clear()

    def take(self, name: str) -> Plan:
        """The plan for a deployment of that endpoint that begins now."""
        with self._lock:
            for planned in reversed(self._planned):
                if planned.name not in {None, name}:
                    continue
                if planned.times is not None:
                    planned.times -= 1
                    if not planned.times:
                        self._planned.remove(planned)
                return planned.plan
            return Plan()
