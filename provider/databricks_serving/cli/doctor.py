"""`dbserving doctor`: whether everything is in place, and what to do where it is not."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Color, Stack, State, Workspace


def doctor(
    *,
    stack: Stack = None,
    state: State = None,
    workspace: Workspace = None,
    color: Color = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID,…",
            help="Make these checks alone, by the ids that --json has; again for more.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 where a check warns, too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document, for a machine.")
    ] = False,
) -> None:
    """Check versions, credentials, rights, state, project and CI; say what to do.

    It only reads, and prints no secret: the output can be pasted into an issue. With --stack or
    --state it also looks at the state, and at what the caller may read of it.

    Exit code 1 where a check failed, else 0. What only looks at files of the project needs no
    network, so a hook before each commit can make it:

    dbserving doctor --only ignore-file,configuration --strict
    """
    from .jobs.doctor import run_doctor  # noqa: PLC0415 - loads what `--help` needs not

    given = {"stack": stack, "state": state, "workspace": workspace, "color": color}
    raise typer.Exit(run_doctor(given, only=only or (), strict=strict, as_document=as_json))
