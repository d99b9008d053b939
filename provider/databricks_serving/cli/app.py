"""`dbserving` and its commands. A command is a function in a module of its own, listed below.

These modules hold options and help, and import typer alone; what a command does stands in
`jobs/`, which is imported when it runs: `--help` and completion stay quick.
"""

from __future__ import annotations

import importlib.metadata
import os
from typing import Annotated

import typer

from .emulator import emulator
from .exits import USAGE, code_of

app = typer.Typer(
    help="Databricks Model Serving as code: the command that goes with `pulumi up`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # joins the lines of a paragraph
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold secrets
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if wanted:
        typer.echo(f"dbserving {importlib.metadata.version('databricks-serving')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """Databricks Model Serving as code: the command that goes with `pulumi up`."""
    del version  # its callback has answered


app.command()(emulator)


def run() -> int:
    """Run `dbserving` with this process's arguments: the exit code. 2 is drift, never a typo."""
    command = typer.main.get_command(app)
    try:
        ended = command.main(prog_name="dbserving", standalone_mode=False)
    except typer.Abort:
        return 130
    except Exception as error:  # noqa: BLE001 - nobody gets a traceback
        # Of click, which newer releases of typer bring along under a name of their own.
        if callable(show := getattr(error, "show", None)):
            show()
            return USAGE
        return _told(error)
    return ended if isinstance(ended, int) else 0


def _told(error: Exception) -> int:
    """One paragraph for what went wrong; the traceback for those who ask (DBSERVING_TRACEBACK)."""
    if os.environ.get("DBSERVING_TRACEBACK"):
        raise error
    known = type(error).__module__.startswith("databricks_serving")
    words = str(error) if known else f"{type(error).__name__}: {error}"
    more = "" if known else " This is a defect; DBSERVING_TRACEBACK=1 shows where."
    typer.echo(f"Error: {words}{more}", err=True)
    return int(code_of(error))
