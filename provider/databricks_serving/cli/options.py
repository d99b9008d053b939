"""The options that several commands have: their types and help.

What they come to, defaults included, stands in `configuration.py`, which is not light.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

_WHAT = "What to look at"
_SAY = "What to say"
_JUDGE = "What counts"
_HOW = "How"

#: Said at the end of each command's help.
ELSEWHERE = (
    "Every option but -q and -v can also be set as DBSERVING_… in the environment, or in "
    "dbserving.toml or [tool.dbserving] of pyproject.toml; the command line wins."
)


def among(*words: str) -> Callable[[str], list[str]]:
    """Completes a value: those of the words that begin so, after what stands before a comma."""

    def completed(said: str) -> list[str]:
        before, comma, last = said.rpartition(",")
        return [f"{before}{comma}{word}" for word in words if word.startswith(last)]

    return completed


def formats(said: str) -> list[str]:
    """Completes `-f`; after `=` a path follows, which no list has."""
    from databricks_serving.report.formats import FORMATS  # noqa: PLC0415 - when a shell asks

    return among(*FORMATS)(said)


def causes(said: str) -> list[str]:
    """Completes `--fail-on`."""
    from databricks_serving.report.gate import CAUSES_TO_FAIL  # noqa: PLC0415 - when a shell asks

    return among(*CAUSES_TO_FAIL)(said)


def severities(said: str) -> list[str]:
    """Completes `--min-severity`."""
    from databricks_serving.report.model import SEVERITIES  # noqa: PLC0415 - when a shell asks

    return among(*(severity.value for severity in SEVERITIES))(said)


Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", help="The stack; else the one selected.", rich_help_panel=_WHAT),
]
State = Annotated[
    Path | None,
    typer.Option(
        help="A state instead of running `pulumi`: what `pulumi stack export` prints, or a "
        "checkpoint of the file backend (.gz too); - reads the standard input.",
        rich_help_panel=_WHAT,
    ),
]
Workspace = Annotated[
    str | None,
    typer.Option(
        metavar="PROFILE|HOST",
        help="The workspace to look in; else what resources, stack and environment say.",
        rich_help_panel=_WHAT,
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB",
        help="Only resources of such a name (`chat-*`), or kind and name (`Secret/llm-*`).",
        rich_help_panel=_WHAT,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="GLOB", help="All but such resources.", rich_help_panel=_WHAT),
]
IncludeUnmanaged = Annotated[
    bool | None,
    typer.Option(
        "--include-unmanaged/--no-include-unmanaged",
        help="Also name the endpoints that the stack does not declare (the default).",
        show_default=False,
        rich_help_panel=_WHAT,
    ),
]
Format = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT[=PATH]",
        help="text, json, markdown, github, junit or ignore-snippet; again for more. Without a "
        "PATH it goes to the standard output.",
        rich_help_panel=_SAY,
        autocompletion=formats,
    ),
]
OutputDir = Annotated[
    Path | None,
    typer.Option(
        help="Where PATHs begin; a second format without one gets a name of its own there.",
        rich_help_panel=_SAY,
    ),
]
RunUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The page of this run, for reports to link; in CI it is known.",
        rich_help_panel=_SAY,
    ),
]
Quiet = Annotated[
    int,
    typer.Option(
        "--quiet",
        "-q",
        count=True,
        metavar="",
        show_default=False,
        help="Only the verdict; -qq: nothing where there is nothing to report.",
        rich_help_panel=_SAY,
    ),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say what is done.", rich_help_panel=_SAY)
]
Color = Annotated[
    str | None,
    typer.Option(
        metavar="auto|always|never",
        help="Colours.",
        rich_help_panel=_SAY,
        autocompletion=among("auto", "always", "never"),
    ),
]
MinSeverity = Annotated[
    str | None,
    typer.Option(
        metavar="SEVERITY",
        help="low, medium, high or critical: what is less grave is told, and does not count.",
        rich_help_panel=_JUDGE,
        autocompletion=severities,
    ),
]
Strict = Annotated[
    bool | None,
    typer.Option(
        "--strict/--no-strict",
        help="Exit 10 where something could not be read or compared.",
        show_default=False,
        rich_help_panel=_JUDGE,
    ),
]
IgnoreFile = Annotated[
    Path | None,
    typer.Option(
        help="What is known and no alarm; else .dbserving-ignore.toml, if there is one.",
        rich_help_panel=_JUDGE,
    ),
]
NoIgnore = Annotated[
    bool | None,
    typer.Option("--no-ignore", help="Judge what is ignored, too.", rich_help_panel=_JUDGE),
]
Parallel = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="How many resources at a time, at most (64); as many as keep one core busy.",
        rich_help_panel=_HOW,
    ),
]
Timeout = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="End after so long (90s, 10m) with what is known by then: exit 9.",
        rich_help_panel=_HOW,
    ),
]
ConfirmDelay = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="How long after a first look what differs is looked at again (20s); 0s: not at all.",
        rich_help_panel=_HOW,
    ),
]
