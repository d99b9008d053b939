"""How a change is rolled out, and where to: never sent."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from .values import Each, Said, Value

_DURATION = re.compile(r"^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$")


def seconds(duration: str) -> int:
    """`"2h"`, `"45m"`, `"1h30m"`, `"90s"` in seconds. Raises ValueError for anything else."""
    match = _DURATION.fullmatch(duration.strip())
    if not match or not any(match.groups()):
        raise ValueError(f"{duration!r} is no duration such as 2h, 45m, 1h30m or 90s")
    hours, minutes, rest = (int(group or 0) for group in match.groups())
    return hours * 3600 + minutes * 60 + rest


def _duration(value: str) -> str:
    try:
        seconds(value)
    except ValueError:
        raise PydanticCustomError("duration", "takes a duration such as 2h, 45m or 1h30m") from None
    return value


Duration: TypeAlias = Annotated[str, AfterValidator(_duration)]


class Deploy(Value):
    """How an endpoint's changes are rolled out.

    `wait`: until the endpoint is ready (default), or only until the service accepted the change.
    `redeploy_on`: any values; a change of one sends the same configuration again.
    """

    wait: Said[Literal["ready", "accepted"]] = None
    timeout: Said[Duration] = None
    on_update_in_progress: Said[Literal["wait", "fail", "abandon"]] = None
    replace_on: Said[tuple[Each[Literal["description"]], ...]] = None
    redeploy_on: Said[tuple[Any, ...]] = None


class WorkspaceChoice(Value):
    """Which workspace: a profile of the Databricks configuration file, or a host. No credential."""

    profile: Said[str] = None
    host: Said[str] = None
