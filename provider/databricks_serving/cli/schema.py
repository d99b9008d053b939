"""`dbserving schema`: JSON Schemas of what the command writes and reads."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer


class Of(str, Enum):
    """What there is a schema of."""

    REPORT = "report"
    IGNORE = "ignore"
    CONFIG = "config"
    USAGE = "usage"


def schema(
    of: Annotated[
        Of,
        typer.Argument(
            help="report: what `-f json` writes; ignore: .dbserving-ignore.toml; config: "
            "dbserving.toml; usage: what `usage -f json` writes."
        ),
    ],
) -> None:
    """Print a JSON Schema, for editors and for whoever reads reports."""
    from .jobs.schema import json_schema_of  # noqa: PLC0415 - `--help` stays quick

    typer.echo(json_schema_of(of.value))
