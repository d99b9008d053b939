"""`dbserving demo`: the whole main job on an emulated workspace, without an account."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    *,
    emulator: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Play on this emulator, which `dbserving emulator` runs.",
            show_default="one of its own, on a free port",
        ),
    ] = None,
) -> None:
    """Show the provider at work on an emulated workspace: create, drift, repair, change, destroy.

    It runs the quickstart on the real Pulumi engine, which has to be on PATH. Everything it writes
    is in a temporary directory. It needs no account and no network, and takes about a minute.
    """
    from .jobs.demo.story import play  # noqa: PLC0415 - a quick --help

    play(emulator)
