"""Rate limits in force: which of them are about a query, and whether it is one too many.

Who is limited by what is the documentation's (ai-gateway/rate-limits): the limit of the endpoint
holds for everybody; a limit of one's own replaces those of one's groups, and either replaces the
default per user; a group shares its limit; somebody in several groups is refused when all their
limits of one kind are used up; of calls and tokens, the stricter counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..auth import Caller
from ..clock import Clock, StillClock
from ..errors import ApiError
from ..serving.model import Endpoint
from ..wire import JsonObject

#: The one renewal period that there is, `minute`.
PERIOD_SECONDS = 60.0

_AMOUNTS = ("calls", "tokens")

#: Whose calls and tokens are counted together: the key of a limit, and a name.
Subject: TypeAlias = "tuple[str, str]"
_EVERYBODY: Subject = ("endpoint", "")


@dataclass
class _Window:
    """What was used since a time, in seconds, until a period later."""

    since: float
    calls: int = 0
    tokens: int = 0


class RateWindows:
    """How much of their limits callers have used. A period begins with its first query."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, Subject], _Window] = {}

    def clear(self) -> None:
        """Nobody has used anything."""
        self._windows.clear()

    def current(self, endpoint_id: str, subject: Subject, now: float) -> _Window:
        """What was used in the period under way; a new one where there is none."""
        found = self._windows.get((endpoint_id, subject))
        if found is None or not found.since <= now < found.since + PERIOD_SECONDS:
            return _Window(now)
        return found

    def count(self, endpoint_id: str, subjects: Iterable[Subject], now: float, **used: int) -> None:
        """So many calls and tokens more were used."""
        for subject in subjects:
            window = self.current(endpoint_id, subject, now)
            window.calls += used.get("calls", 0)
            window.tokens += used.get("tokens", 0)
            self._windows[endpoint_id, subject] = window


def limits_of(endpoint: Endpoint) -> Sequence[JsonObject]:
    """The limits of an endpoint, in whichever form; it never has both (contract §6.6)."""
    limits: Sequence[JsonObject] = endpoint.ai_gateway.get("rate_limits", ())
    return limits or endpoint.legacy_limits


def subjects_of(limits: Sequence[JsonObject], caller: Caller) -> list[Subject]:
    """As whom a caller's use is counted.

    Groups that have no limit are among them: one that is set within the minute finds what was used.
    Whoever has a limit of their own uses up none of a group's.
    """
    groups = () if any(_is_own(limit, caller) for limit in limits) else caller.groups
    return [_EVERYBODY, ("user", caller.user), *(("user_group", name) for name in sorted(groups))]


def check_limits(
    windows: RateWindows, endpoint: Endpoint, caller: Caller, tokens: int, clock: Clock
) -> None:
    """Raise `ApiError` 429 when a query of that many tokens is one too many; counts nothing.

    It says when the period ends, but where the clock stands still: there, clients that heed it
    would wait for minutes, and in vain.
    """
    now = clock.now()
    limits = limits_of(endpoint)

    def is_used_up(limit: JsonObject, amount: str) -> bool:
        window = windows.current(endpoint.id, _subject(limit, caller), now)
        if amount == "calls":
            return bool(window.calls >= limit["calls"])
        return bool(window.tokens + max(tokens, 1) > limit["tokens"])

    for rule in (_broken_for_all, _broken_for_one):
        broken = rule(limits, caller, is_used_up)
        if broken is not None:
            limit, amount = broken
            window = windows.current(endpoint.id, _subject(limit, caller), now)
            seconds = max(1, math.ceil(window.since + PERIOD_SECONDS - now))
            after = {} if isinstance(clock, StillClock) else {"Retry-After": str(seconds)}
            raise _too_many(endpoint, limit, amount, after)


_IsUsedUp: TypeAlias = "Callable[[JsonObject, str], bool]"
_Broken: TypeAlias = "tuple[JsonObject, str] | None"


def _broken_for_all(
    limits: Sequence[JsonObject], _caller: Caller, is_used_up: _IsUsedUp
) -> _Broken:
    """A limit of the whole endpoint that is used up."""
    return _any([limit for limit in limits if _key(limit) == "endpoint"], is_used_up)


def _broken_for_one(limits: Sequence[JsonObject], caller: Caller, is_used_up: _IsUsedUp) -> _Broken:
    """A limit that holds for this caller and is used up: its own, its groups', or the default."""
    own = [limit for limit in limits if _is_own(limit, caller)]
    if own:
        return _any(own, is_used_up)
    of_groups = [limit for limit in limits if _is_group_of(limit, caller)]
    if of_groups:
        return _all(of_groups, is_used_up)
    return _any([limit for limit in limits if _is_default(limit)], is_used_up)


def _any(limits: Sequence[JsonObject], is_used_up: _IsUsedUp) -> _Broken:
    found = ((limit, amount) for limit in limits for amount in _AMOUNTS if amount in limit)
    return next((pair for pair in found if is_used_up(*pair)), None)


def _all(limits: Sequence[JsonObject], is_used_up: _IsUsedUp) -> _Broken:
    for amount in _AMOUNTS:
        holding = [limit for limit in limits if amount in limit]
        if holding and all(is_used_up(limit, amount) for limit in holding):
            return holding[0], amount
    return None


def _key(limit: JsonObject) -> str:
    return str(limit.get("key", "endpoint"))


def _is_own(limit: JsonObject, caller: Caller) -> bool:
    return _key(limit) in {"user", "service_principal"} and limit.get("principal") == caller.user


def _is_group_of(limit: JsonObject, caller: Caller) -> bool:
    return _key(limit) == "user_group" and limit.get("principal") in caller.groups


def _is_default(limit: JsonObject) -> bool:
    return _key(limit) == "user" and not limit.get("principal")


def _subject(limit: JsonObject, caller: Caller) -> Subject:
    key = _key(limit)
    if key == "endpoint":
        return _EVERYBODY
    return (key, limit["principal"]) if key == "user_group" else ("user", caller.user)


def _too_many(
    endpoint: Endpoint, limit: JsonObject, amount: str, after: Mapping[str, str]
) -> ApiError:
    key = _key(limit)
    of_whom = {"user_group": f"user group {limit.get('principal')}", "endpoint": "endpoint"}
    text = (
        f"REQUEST_LIMIT_EXCEEDED: Exceeded the {of_whom.get(key, 'user')} rate limit of "
        f"{limit[amount]} {amount} per minute for endpoint {endpoint.name}."
    )
    return ApiError(429, "REQUEST_LIMIT_EXCEEDED", text, headers=after)
