"""`dbserving plan`: what a change does, and which manual changes it would overwrite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options as o
from .collector import seldom

_COUNTS = "What counts"


def plan(  # noqa: PLR0913 - the command line
    *,
    stack: o.Stack = None,
    preview: Annotated[
        Path | None,
        typer.Option(
            help="A preview instead of running one: what `pulumi preview --json --refresh=false "
            "--show-sames` printed; with it goes --stack or --state.",
            rich_help_panel="What to look at",
        ),
    ] = None,
    state: o.State = None,
    workspace: o.Workspace = None,
    select: o.Select = None,
    exclude: o.Exclude = None,
    format_: o.Format = None,
    output_dir: o.OutputDir = None,
    run_url: o.RunUrl = None,
    quiet: o.Quiet = 0,
    verbose: o.Verbose = False,
    color: o.Color = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="changes|overwrites",
            help="Exit 2 where anything would change, or manual changes would be overwritten. "
            "Without it, changes are no failure: a pull request has some.",
            autocompletion=o.causes,
            rich_help_panel=_COUNTS,
        ),
    ] = None,
    expect_digest: Annotated[
        str | None,
        typer.Option(
            metavar="DIGEST",
            help="Exit 5 unless the plan is the one that was reviewed, by its digest.",
            rich_help_panel=_COUNTS,
        ),
    ] = None,
    max_changes: Annotated[
        str | None,
        typer.Option(
            metavar="N|P%",
            help="Exit 5 where more resources would change.",
            rich_help_panel=_COUNTS,
        ),
    ] = None,
    max_deletes: Annotated[
        str | None,
        typer.Option(
            metavar="N|P%",
            help="Exit 5 where more would be deleted or replaced.",
            rich_help_panel=_COUNTS,
        ),
    ] = None,
    min_severity: o.MinSeverity = None,
    strict: o.Strict = None,
    ignore_file: o.IgnoreFile = None,
    no_ignore: o.NoIgnore = None,
    parallel: o.Parallel = None,
    timeout: o.Timeout = None,
    confirm_delay: o.ConfirmDelay = None,
) -> None:
    """What the next `pulumi up` does, and which manual changes it would overwrite.

    It previews the program, then looks at each resource in its workspace: of each field that
    differs it says whether the program changes it, somebody did by hand, both did, or it is so
    already. GET requests alone; for them it needs the right to view what the stack declares.

    `dbserving plan --stack prod -f text -f markdown=plan.md`
    """
    seldom()
    from .jobs.plan import run_plan  # noqa: PLC0415 - `--help` stays quick

    given = {
        "stack": stack,
        "preview": preview,
        "state": state,
        "workspace": workspace,
        "select": select,
        "exclude": exclude,
        "format": format_,
        "output_dir": output_dir,
        "run_url": run_url,
        "color": color,
        "fail_on": fail_on,
        "expect_digest": expect_digest,
        "max_changes": max_changes,
        "max_deletes": max_deletes,
        "min_severity": min_severity,
        "strict": strict,
        "ignore_file": ignore_file,
        "no_ignore": no_ignore,
        "parallel": parallel,
        "timeout": timeout,
        "confirm_delay": confirm_delay,
    }
    raise typer.Exit(run_plan(given, quiet=quiet, verbose=verbose))
