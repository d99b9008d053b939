"""`dbserving report`: saved reports, rendered again or merged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options as o

report = typer.Typer(
    help="Saved reports (`-f json=FILE`): rendered again, or several merged.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="Reports in JSON; - is the standard input.")
]


@report.command()
def render(
    file: Annotated[Path, typer.Argument(help="A report in JSON; - is the standard input.")],
    *,
    format_: o.Format = None,
    output_dir: o.OutputDir = None,
    quiet: o.Quiet = 0,
    color: o.Color = None,
) -> None:
    """Say a saved report in other formats. The exit code is 0: what it found was told before."""
    from .jobs.report import run_render  # noqa: PLC0415 - `--help` stays quick

    given = {"format": format_, "output_dir": output_dir, "color": color}
    raise typer.Exit(run_render(file, given, quiet=quiet))


@report.command()
def merge(
    files: Files,
    *,
    format_: o.Format = None,
    output_dir: o.OutputDir = None,
    quiet: o.Quiet = 0,
    color: o.Color = None,
    expect_shards: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many reports there are, if none is missing."),
    ] = None,
    allow_mixed: Annotated[
        bool, typer.Option("--allow-mixed", help="Also reports of different runs.")
    ] = False,
) -> None:
    """Make one report of several, with what they have in common told once.

    The exit code is that of the gravest; an error counts for more than drift.
    """
    from .jobs.report import run_merge  # noqa: PLC0415 - `--help` stays quick

    given = {"format": format_, "output_dir": output_dir, "color": color}
    code = run_merge(files, given, quiet=quiet, expect=expect_shards, allow_mixed=allow_mixed)
    raise typer.Exit(code)
