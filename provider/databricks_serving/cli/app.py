"""`dbserving` and its commands. A command is a function in a module of its own, listed below."""

from __future__ import annotations

import importlib.metadata
from typing import Annotated

import typer

from .emulator import emulator

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
