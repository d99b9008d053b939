"""Which answers are worth asking again, and after how long."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from databricks_serving.clock import Clock

T = TypeVar("T")

#: As long as the official SDK keeps trying (databricks-sdk `_base_client.py`).
BUDGET_SECONDS = 300.0
#: The answers that the official SDK retries. What a 429 means for others is a matter of `pacing`; a
#: 503 says nothing of a budget that others share, so each request waits for itself.
THROTTLED, NOT_NOW = 429, 503
#: A proxy's answers, or a bug's, that may be gone in a moment. The SDK gives up on them at once; a
#: wait of an hour shall not be lost to one bad poll. Only where repeating does no harm.
MAY_PASS = (500, 502, 504)
MAY_PASS_ATTEMPTS = 3
_LONGEST = 10.0


class TryAgain(Exception):
    """An attempt failed in a way that may pass.

    `after`: what the service asked for, in seconds; `most`: how many attempts it is worth.
    """

    def __init__(
        self, error: Exception, after: float | None = None, most: int | None = None
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.most = most


def with_retries(attempt: Callable[[], T], clock: Clock, *, budget: float = BUDGET_SECONDS) -> T:
    """The first result of `attempt`; between two, the wait that the service asked for.

    Raises the error inside the last `TryAgain` once the next wait would not fit into the budget,
    which counts from the first failure: a wait for one's turn before it is no attempt.
    """
    begun = None
    count = 0
    while True:
        try:
            return attempt()
        except TryAgain as again:
            count += 1
            begun = clock.now() if begun is None else begun
            wait = again.after if again.after is not None else backoff(count)
            if count == again.most or clock.now() + wait - begun > budget:
                raise again.error from None
            try:
                clock.wait(wait)
            except CalledOff:
                raise Interrupted(
                    f"Stopped before another attempt. {again.error}", id="stopped-before-retry"
                ) from None


def backoff(count: int) -> float:
    """Seconds before another attempt after so many: doubling up to ten, give or take a quarter."""
    # Jitter spreads the workers of one `up`; it is no cryptography.
    return min(_LONGEST, 2.0 ** (count - 1)) * (0.75 + random.random() / 2)  # noqa: S311 - jitter


def retry_after(header: str | None) -> float | None:
    """Seconds from a Retry-After header; None where it names none, or is a date."""
    if header is None or not header.strip().isdigit():
        return None
    return float(header.strip()) or None
