"""`dbserving cancel`: what can honestly be done about an update that hangs."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Stack, State, Workspace

_WHICH = "Which strategy"


def cancel(  # noqa: PLR0913 - one for each option
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The endpoint's name.", show_default=False)
    ],
    *,
    supersede: Annotated[
        bool,
        typer.Option(
            "--supersede",
            help="Wait until the update has ended, then send the configuration that is wanted: "
            "what the stack applied, where --stack or --state is given, else what serves now.",
            rich_help_panel=_WHICH,
        ),
    ] = False,
    abandon: Annotated[
        bool,
        typer.Option(
            "--abandon",
            help="Delete a first deployment that never became ready; refused for any other.",
            rich_help_panel=_WHICH,
        ),
    ] = False,
    stack: Stack = None,
    state: State = None,
    workspace: Workspace = None,
    timeout: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="Wait no longer than that (45m, 2h): exit 9; else by kind of workload.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before --abandon deletes.")
    ] = False,
) -> None:
    """Say what is under way at an endpoint, and end it by a strategy.

    No call of Databricks' API cancels an update of an endpoint: only a button in the UI does.
    Without a strategy nothing is sent: this says what is under way, and where the button is.

    Ctrl-C stops waiting: the update goes on, and what served before keeps serving.
    """
    from .jobs.cancel import Asked, run_cancel  # noqa: PLC0415 - loads what `--help` needs not

    asked = Asked(name=name, supersede=supersede, abandon=abandon, timeout=timeout, yes=yes)
    raise typer.Exit(run_cancel(asked, {"stack": stack, "state": state, "workspace": workspace}))
