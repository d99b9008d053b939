"""How many create and update calls of endpoints there is room for (contract §11)."""

from __future__ import annotations

import math

from .errors import ApiError

_WINDOW_SECONDS = 300.0


class WriteBudget:
    """The calls that were counted lately. Whoever calls holds the workspace's lock."""

    def __init__(self) -> None:
        self._spent: list[float] = []

    def clear(self) -> None:
        """There is room for all again."""
        self._spent.clear()

    def spend(self, budget: int | None, now: float) -> None:
        """Count one more call; `ApiError` 429 when the budget has no room for it.

        The answer says when there will be room again. A call that is refused for want of room is
        not counted; one that is refused for something else is. None: there is no budget.
        """
        if budget is None:
            return
        self._spent = [at for at in self._spent if at > now - _WINDOW_SECONDS]
        if len(self._spent) < budget:
            self._spent.append(now)
            return
        oldest = self._spent[-budget] if budget else now
        wait = max(1, math.ceil(oldest + _WINDOW_SECONDS - now))
        text = f"At most {budget} create and update calls are allowed in five minutes."
        raise ApiError(429, "REQUEST_LIMIT_EXCEEDED", text, headers={"Retry-After": str(wait)})
