"""Entities that shall fail: what makes fallback happen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field

from ..errors import ApiError
from ..values import Name, Times, check
from ..wire import JsonObject

_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass(frozen=True, kw_only=True)
class PlannedFailure:
    """What an entity answers instead of an echo.

    times: how many queries it fails; None: all
    """

    endpoint: Name
    entity: Name
    status: Annotated[int, Field(ge=400, le=599, description="an HTTP status from 400 to 599")] = (
        500
    )
    times: Times = 1

    def __post_init__(self) -> None:
        """Refuse what could never be."""
        check(self)


@dataclass
class _Left:
    planned: PlannedFailure
    times: int | None


class Failures:
    """The failures still to come, in the order in which they were planned."""

    def __init__(self) -> None:
        self._left: list[_Left] = []

    def clear(self) -> None:
        """Nobody is to fail."""
        self._left.clear()

    def add(self, planned: PlannedFailure) -> None:
        """One more is to fail."""
        self._left.append(_Left(planned, planned.times))

    def listed(self) -> list[JsonObject]:
        """The failures still to come, each as planned; `left`: for how many queries."""
        return [{**asdict(one.planned), "left": one.times} for one in self._left]

    def next_for(self, endpoint: str, entity: str) -> ApiError | None:
        """The failure of an entity that is asked now, which is thereby used; None: it answers."""
        for one in self._left:
            if (one.planned.endpoint, one.planned.entity) != (endpoint, entity):
                continue
            if one.times is not None:
                one.times -= 1
                if not one.times:
                    self._left.remove(one)
            status = one.planned.status
            code = _CODES.get(status, "INTERNAL_ERROR" if status >= 500 else "BAD_REQUEST")
            return ApiError(status, code, f"The served entity {entity} failed, as planned.")
        return None
