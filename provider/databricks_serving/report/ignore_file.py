"""Where ignore rules stand, and on which day they end: all that a run without any has to know."""

from __future__ import annotations

from datetime import timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

FILE_NAME = ".dbserving-ignore.toml"


def day_of(now: datetime) -> date:
    """The day that it is in UTC: rules end everywhere at once. `now` has a time zone."""
    return now.astimezone(timezone.utc).date()
