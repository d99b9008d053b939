"""How a run ends: the exit code of an error, and its paragraph on the standard error.

Light: every command imports it, `--help` included.
"""

from __future__ import annotations

import contextlib
import os
import sys

from databricks_serving.report.shown import printable, unheard

from .main import of_an_extra
from .net import net_of

#: The exit codes are listed in `report/model.py`, which is not light; two are needed before it.
USAGE = 64
ERROR = 1
#: Set to anything, it shows where an error was raised.
TRACEBACK = "DBSERVING_TRACEBACK"


class UsageMistake(Exception):
    """Arguments, configuration or files that a person has to mend: exit code 64.

    id: its entry in the catalogue of errors
    """

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - as every raise says it
        super().__init__(text)
        self.id = id


def complain(message: str, id_: str = "") -> None:
    """Say something on the standard error, without the secrets of this run's environment.

    One paragraph of printable characters, whatever an answer of the API brought into it: a line of
    its own could be a command to GitHub's log. id_: of what is an error, its entry in the catalogue
    """
    said = " ".join(net_of(os.environ).over(message).split())
    if id_:
        # Only where something failed: it loads the schema.
        from databricks_serving_schema import identified  # noqa: PLC0415 - see above

        said = identified(said, id_)
    said = unheard(printable(said))
    with contextlib.suppress(OSError):  # nobody can be told that nobody can be told
        print(said, file=sys.stderr, flush=True)  # noqa: T201 - the terminal


def id_of(error: Exception) -> str:
    """The error's entry in the catalogue: its own, or that of what the system raised."""
    known = getattr(error, "id", None)
    if isinstance(known, str) and type(error).__module__.startswith("databricks_serving"):
        return known
    if isinstance(error, ModuleNotFoundError) and of_an_extra(error):
        return "extra-missing"
    return "system-error" if isinstance(error, OSError) and error.strerror else "defect"


def described(error: Exception) -> str:
    """One paragraph for a person: the error's own, or that it is a defect of ours."""
    if type(error).__module__.startswith("databricks_serving"):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and (remedy := of_an_extra(error)):
        return f"{remedy[:1].upper()}{remedy[1:]}"
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f"{error.filename}: "
        return f"{place}{error.strerror}."
    return (
        f"{type(error).__name__}: {error} This is a defect; {TRACEBACK}=1 shows where it happened."
    )


def code_of(error: Exception) -> int:
    """The exit code that an error of ours ends a run with."""
    from databricks_serving.errors import (  # noqa: PLC0415 - only where something failed
        Interrupted,
        NoCredentials,
        PermissionDenied,
        StatementNotAllowed,
        StillUpdating,
        Unauthenticated,
        UpdateCanceled,
    )
    from databricks_serving.report.mistakes import ReportMistake  # noqa: PLC0415 - the same
    from databricks_serving.report.model import ExitCode  # noqa: PLC0415 - only where it failed
    from databricks_serving.state.deployment import NoState  # noqa: PLC0415 - the same

    known: tuple[tuple[type[Exception], ExitCode], ...] = (
        (UsageMistake, ExitCode.USAGE),
        (ReportMistake, ExitCode.USAGE),
        (NoState, ExitCode.NO_STATE),
        (NoCredentials, ExitCode.NOT_AUTHORIZED),
        (Unauthenticated, ExitCode.NOT_AUTHORIZED),
        (PermissionDenied, ExitCode.NOT_AUTHORIZED),
        (StatementNotAllowed, ExitCode.NOT_AUTHORIZED),
        (UpdateCanceled, ExitCode.CANCELLED),
        (StillUpdating, ExitCode.TIMED_OUT),
        (Interrupted, ExitCode.INTERRUPTED),
    )
    return next((code for kind, code in known if isinstance(error, kind)), ExitCode.ERROR)
