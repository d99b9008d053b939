"""What `dbserving usage` is asked for: times, groups, prices, and which endpoints of a stack."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from databricks_serving.api import Where
from databricks_serving.cli.connections import where, where_said
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.report.usage import CONTEXT, ENDPOINT, REQUESTER, Prices

from .stack import Engine, recorded_state
from .usage_tables import MOST_KEYS

if TYPE_CHECKING:
    from databricks_serving.cli.configuration import UsageSettings
    from databricks_serving.state.deployment import Recorded

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: The kinds whose id is an endpoint's name, and that say how it is used.
_OF_ENDPOINTS = ("ServingEndpoint", "AiGateway", "RateLimits")
_AGO = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WAREHOUSE_VARIABLE = "DATABRICKS_WAREHOUSE_ID"


@dataclass(frozen=True)
class Scope:
    """Which workspace, and which of its endpoints (None: all). `recorded`: those of a stack."""

    where: Where
    endpoints: tuple[str, ...] | None = None
    recorded: tuple[Recorded, ...] = ()


def scope_of(settings: UsageSettings, engine: Engine | None = None) -> Scope:
    """Where to look. Raises as `recorded_state`, and `UsageMistake` for several workspaces."""
    chosen = where_said(settings.workspace)
    if settings.stack is None and settings.state is None:
        return Scope(chosen or Where())
    deployment, stack = recorded_state(settings.stack, settings.state, engine)
    ours = tuple(one for one in deployment.resources if one.kind in _OF_ENDPOINTS)
    places = {where(one.inputs, stack) for one in ours}
    if chosen is None and len(places) > 1:
        raise UsageMistake(
            "The endpoints of this stack are in several workspaces: name one with --workspace.",
            id="several-workspaces",
        )
    place = chosen or next(iter(places), Where(profile=stack.profile, host=stack.host))
    return Scope(place, tuple(sorted({one.id for one in ours})), ours)


def warehouse_of(settings: UsageSettings, environment: Mapping[str, str]) -> str:
    """The warehouse to ask. Raises `UsageMistake` saying what to set."""
    said = settings.warehouse or environment.get(_WAREHOUSE_VARIABLE, "").strip()
    if not said:
        raise UsageMistake(
            "No SQL warehouse is named, and one has to read the tables: set --warehouse, "
            f"DBSERVING_WAREHOUSE or {_WAREHOUSE_VARIABLE} to its id (the end of its address in "
            "SQL Warehouses). On the emulator any 16 hex digits will do.",
            id="no-warehouse",
        )
    return said


def dimensions_of(settings: UsageSettings) -> tuple[str, ...]:
    """What to group by: contexts as `usage_context.KEY`. Raises `UsageMistake`."""
    by = tuple(
        one if one in (ENDPOINT, REQUESTER) or one.startswith(CONTEXT) else f"{CONTEXT}{one}"
        for one in dict.fromkeys(settings.by)
    )
    if not by:
        raise UsageMistake("--by: say what to group by, such as endpoint.", id="bad-grouping")
    if CONTEXT in by:
        raise UsageMistake(
            f"--by {CONTEXT}: a key of usage_context follows the dot.", id="bad-grouping"
        )
    if len(keys_of(by)) > MOST_KEYS:
        raise UsageMistake(
            f"--by: at most {MOST_KEYS} keys of usage_context at a time.", id="bad-grouping"
        )
    return tuple(dict.fromkeys(by))


def keys_of(by: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of the context among the dimensions."""
    return tuple(one.removeprefix(CONTEXT) for one in by if one.startswith(CONTEXT))


def times_of(settings: UsageSettings, now: datetime) -> tuple[datetime, datetime | None]:
    """From when until when. Raises `UsageMistake` for what is no time, or nothing between."""
    since = _moment("--since", settings.since, now)
    until = None if settings.until is None else _moment("--until", settings.until, now)
    if until is not None and until <= since:
        raise UsageMistake(
            f"--until {settings.until} is not after --since {settings.since}.",
            id="until-before-since",
        )
    return since, until


def prices_of(path: Path | None) -> Prices | None:
    """The prices in a file. Raises `UsageMistake` naming what is wrong there."""
    if path is None:
        return None
    try:
        # Money is decimal: 0.15 has to stay what it is.
        said = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return Prices.model_validate(said)
    except OSError as wrong:
        raise UsageMistake(
            f"{path} cannot be read: {wrong.strerror or wrong}.", id="bad-prices"
        ) from None
    except ValidationError as invalid:
        first = invalid.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageMistake(f"{path}: {place}: {first['msg']}.", id="bad-prices") from None
    except ValueError as wrong:
        raise UsageMistake(f"{path} is no TOML: {wrong}.", id="bad-prices") from None


def _moment(option: str, said: str, now: datetime) -> datetime:
    ago = _AGO.fullmatch(said)
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        # Python 3.10 reads no Z.
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", said))
        # What says no zone is UTC, as in the tables.
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise UsageMistake(
            f"{option} {said}: say how long ago (90m, 24h, 7d), or a time such as 2026-11-01 or "
            "2026-11-01T08:00:00Z.",
            id="bad-time",
        ) from None
