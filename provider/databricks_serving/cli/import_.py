"""`dbserving import`: a workspace as a Pulumi program, and what brings it under a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Workspace

_WHAT = "What to look at"
_HOW = "How the program looks"


def import_(  # noqa: PLR0913 - one for each option
    *,
    workspace: Workspace = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Only endpoints and secret scopes of such a name (`chat-*`); again for more.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="All but those of such a name.", rich_help_panel=_WHAT),
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="Only resources of that kind, such as ServingEndpoint; again for more. AiGateway "
            "without ServingEndpoint writes the gateways alone, RateLimits their limits.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    include_system: Annotated[
        bool,
        typer.Option(
            "--include-system",
            help="Also the gateways of the endpoints that Databricks makes (`databricks-…`).",
            rich_help_panel=_WHAT,
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where to write; else the current directory, if it is empty.",
            show_default=False,
            rich_help_panel=_HOW,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Overwrite a program and an import file that are there.",
            rich_help_panel=_HOW,
        ),
    ] = False,
    secrets_from: Annotated[
        str,
        typer.Option(
            metavar="config|environment",
            help="Where the program has secrets' values from: secret configuration of the stack, "
            "or environment variables. Values are never exported.",
            rich_help_panel=_HOW,
        ),
    ] = "config",
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            help="Write no import file, but adopt=True: the first `pulumi up` takes over what is "
            "there. For engines before 3.254.",
            rich_help_panel=_HOW,
        ),
    ] = False,
) -> None:
    """Write a Pulumi program for what a workspace has, and the file that imports it.

    Only reads, and prints the commands that bring all of it under a stack: after them
    `pulumi preview` has nothing to do. Values of secrets are never read.
    """
    from .jobs.import_ import Asked, run_import  # noqa: PLC0415 - loads what `--help` needs not

    asked = Asked(
        workspace=workspace,
        select=tuple(select or ()),
        exclude=tuple(exclude or ()),
        kinds=tuple(kinds or ()),
        include_system=include_system,
        out=out,
        force=force,
        secrets_from=secrets_from,
        adopt=adopt,
    )
    raise typer.Exit(run_import(asked))
