"""How a run ends: the exit code of an error, and its paragraph on the standard error.

Light: every command imports it, `--help` included.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

#: The exit codes are listed in `report/model.py`, which is not light; two are needed before it.
USAGE = 64
ERROR = 1


class UsageMistake(Exception):
    """Arguments, configuration or files that a person has to mend: exit code 64."""


def fail(message: str, code: int = ERROR) -> NoReturn:
    """End the run with one paragraph on the standard error."""
    print(f"Error: {message}", file=sys.stderr)  # noqa: T201 - the terminal is this module's job
    raise typer.Exit(int(code))


def code_of(error: Exception) -> int:
    """The exit code that an error of ours ends a run with."""
    from databricks_serving.errors import (  # noqa: PLC0415 - only where something failed
        Interrupted,
        NoCredentials,
        PermissionDenied,
        StillUpdating,
        Unauthenticated,
    )
    from databricks_serving.report.model import ExitCode  # noqa: PLC0415 - only where it failed
    from databricks_serving.state.deployment import NoState  # noqa: PLC0415 - the same

    known: tuple[tuple[type[Exception], ExitCode], ...] = (
        (UsageMistake, ExitCode.USAGE),
        (NoState, ExitCode.NO_STATE),
        (NoCredentials, ExitCode.NOT_AUTHORIZED),
        (Unauthenticated, ExitCode.NOT_AUTHORIZED),
        (PermissionDenied, ExitCode.NOT_AUTHORIZED),
        (StillUpdating, ExitCode.TIMED_OUT),
        (Interrupted, ExitCode.INTERRUPTED),
    )
    return next((code for kind, code in known if isinstance(error, kind)), ExitCode.ERROR)
