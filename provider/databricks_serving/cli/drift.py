"""`dbserving drift`: what was changed outside of the program."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options as o
from .collector import seldom


def drift(  # noqa: PLR0913 - the command line
    *,
    stack: o.Stack = None,
    state: o.State = None,
    workspace: o.Workspace = None,
    select: o.Select = None,
    exclude: o.Exclude = None,
    include_unmanaged: o.IncludeUnmanaged = None,
    format_: o.Format = None,
    output_dir: o.OutputDir = None,
    run_url: o.RunUrl = None,
    quiet: o.Quiet = 0,
    verbose: o.Verbose = False,
    color: o.Color = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLASS,…",
            help="What makes the exit code 2 (drifted,missing; error makes it 1): also unmanaged, "
            "pending, in_flux, unverifiable.",
            autocompletion=o.causes,
            rich_help_panel="What counts",
        ),
    ] = None,
    min_severity: o.MinSeverity = None,
    strict: o.Strict = None,
    drift_exit_code: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="In place of 2; 0 is taken, too.", rich_help_panel="What counts"
        ),
    ] = None,
    ignore_file: o.IgnoreFile = None,
    no_ignore: o.NoIgnore = None,
    parallel: o.Parallel = None,
    timeout: o.Timeout = None,
    confirm_delay: o.ConfirmDelay = None,
) -> None:
    """What was changed in the workspace outside of the program; exit code 2 if anything was.

    It reads, and writes nothing: GET requests alone, and no state. What it compares with is what
    the last `pulumi up` wrote. Run it in the project's directory, in a scheduled job for example:

    `dbserving drift --stack prod -f text -f json=drift.json`
    """
    seldom()
    from .jobs.drift import run_drift  # noqa: PLC0415 - `--help` stays quick

    given = {
        "stack": stack,
        "state": state,
        "workspace": workspace,
        "select": select,
        "exclude": exclude,
        "include_unmanaged": include_unmanaged,
        "format": format_,
        "output_dir": output_dir,
        "run_url": run_url,
        "color": color,
        "fail_on": fail_on,
        "min_severity": min_severity,
        "strict": strict,
        "drift_exit_code": drift_exit_code,
        "ignore_file": ignore_file,
        "no_ignore": no_ignore,
        "parallel": parallel,
        "timeout": timeout,
        "confirm_delay": confirm_delay,
    }
    raise typer.Exit(run_drift(given, quiet=quiet, verbose=verbose))
