"""`dbserving explain`: what the id behind a message stands for."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from .terminal import looks


def explain(
    id_: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="What stands in brackets behind a message, such as endpoint-taken.",
            show_default="all of them, a line each",
        ),
    ] = None,
) -> None:
    """Say what a message of the provider or of this command means, and what to do about it.

    Every error, and every warning in preview, ends with its id in brackets.
    """
    from .jobs.explain import explained, listed  # noqa: PLC0415 - loads what `--help` needs not

    width = looks(sys.stdout, os.environ).width
    typer.echo(listed(width) if id_ is None else explained(id_, width))
