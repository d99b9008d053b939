"""`dbserving notify`: a saved report as a comment or an issue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import among

_WHERE = "Where to"
_HOW = "How"


def notify(  # noqa: PLR0913 - an option each
    *,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Reports that `drift` or `plan` saved with -f json=FILE; several are one post.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="github-pr|github-issue",
            help="A comment on the pull request, or an issue that is open while there is drift.",
            show_default=False,
            autocompletion=among("github-pr", "github-issue"),
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="Which comment, or issue, this is: one for each key. Else the mode, project and "
            "stack of the reports.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="update|recreate|new",
            help="Of comments: change the one there is (the default); post another and fold the "
            "one before; post another.",
            rich_help_panel=_HOW,
            autocompletion=among("update", "recreate", "new"),
        ),
    ] = None,
    always: Annotated[
        bool | None,
        typer.Option(
            "--always",
            help="Post a first comment even where there is nothing to report.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    expect_shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="How many reports there are, if none is missing: fewer are told as an error. "
            "Needs --key.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print what would be posted; nothing is called.", rich_help_panel=_HOW
        ),
    ] = False,
    repo: Annotated[
        str | None,
        typer.Option(metavar="OWNER/NAME", help="Else GITHUB_REPOSITORY.", rich_help_panel=_WHERE),
    ] = None,
    pr: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            min=1,
            help="The pull request; else what the workflow's event says.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    token_env: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The environment variable that holds the token; else GITHUB_TOKEN or GH_TOKEN.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    api_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Of GitHub Enterprise; else GITHUB_API_URL.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
) -> None:
    """Post a saved report to GitHub: one comment on a pull request, or one issue.

    dbserving plan -f json=plan.json && dbserving notify plan.json --to github-pr

    Later runs find their comment and change it. Where posting is forbidden, as on a pull request
    from a fork, the report goes to the step's summary, and the exit code is 0.
    """
    from .jobs.notify import run_notify  # noqa: PLC0415 - only when it runs

    given = {
        "to": to,
        "key": key,
        "mode": mode,
        "always": always,
        "repo": repo,
        "pr": pr,
        "token_env": token_env,
        "api_url": api_url,
    }
    code = run_notify(tuple(files or ()), given, dry_run=dry_run, expect=expect_shards)
    raise typer.Exit(code)
