"""`dbserving usage`: who used what, and what it cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options as o

_WHAT = "What to look at"
_SAY = "What to say"
_HOW = "How"


def usage(  # noqa: PLR0913 - the command line
    *,
    stack: Annotated[
        str | None,
        typer.Option(
            "--stack", "-s", help="Only the endpoints of that stack.", rich_help_panel=_WHAT
        ),
    ] = None,
    state: o.State = None,
    workspace: o.Workspace = None,
    warehouse: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The SQL warehouse that reads the tables; else DATABRICKS_WAREHOUSE_ID.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION|TIME",
            help="From so long ago (24h, 7d: the default), or from a date or time on (UTC, unless "
            "it says where).",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DURATION|TIME", help="The same; else now.", rich_help_panel=_WHAT),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT,…",
            help="A row for each endpoint, requester, or value of a KEY of usage_context "
            "(endpoint,requester).",
            rich_help_panel=_SAY,
        ),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A TOML file of what tokens cost; without it nothing is said of costs.",
            rich_help_panel=_SAY,
        ),
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT[=PATH]",
            help="text, json or csv; again for more. Without a PATH it goes to the standard "
            "output.",
            rich_help_panel=_SAY,
        ),
    ] = None,
    color: o.Color = None,
    timeout: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="How long to wait for the warehouse, which may have to start (10m): then exit 9.",
            rich_help_panel=_HOW,
        ),
    ] = None,
) -> None:
    """Calls, errors, tokens and costs by endpoint, requester and usage_context.

    From the system tables of Model Serving, which have the calls of endpoints with usage tracking.
    It sends one SELECT to a SQL warehouse, and writes nothing:

    `dbserving usage --stack prod --since 30d --by endpoint,team --prices prices.toml -f csv`
    """
    from .jobs.usage import run_usage  # noqa: PLC0415 - `--help` stays quick

    given = {
        "stack": stack,
        "state": state,
        "workspace": workspace,
        "warehouse": warehouse,
        "since": since,
        "until": until,
        "by": by,
        "prices": prices,
        "format": format_,
        "color": color,
        "timeout": timeout,
    }
    raise typer.Exit(run_usage(given))
