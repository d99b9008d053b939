"""What `dbserving doctor` does: many small questions, each with its remedy. It only reads."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

from databricks_serving.cli.configuration import CommonSettings, settings_of
from databricks_serving.cli.connections import Connections, where_said
from databricks_serving.cli.jobs.stack import Engine, recorded_state
from databricks_serving.cli.jobs.watch import Watch
from databricks_serving.cli.net import mask, net_of
from databricks_serving.cli.terminal import looks
from databricks_serving.errors import ServingError
from databricks_serving.report.model import ExitCode

from . import access, project, records, run, versions
from .check import Check, Checked, Finding, Skip, Surroundings, Verdict, failed, skipped
from .telling import as_json, told

CHECKS = (
    *versions.CHECKS,
    *access.CHECKS,
    *records.CHECKS,
    *project.CHECKS,
    *run.CHECKS,
)
#: However slow the workspace: what was not looked at by then is told so.
_LONGEST_SECONDS = 120.0


def run_doctor(given: Mapping[str, object], *, as_document: bool) -> int:
    """Ask everything and tell it; the exit code: 0, or 1 where a check failed."""
    settings = settings_of(CommonSettings, given)
    net = net_of(os.environ)
    mask(net, os.environ)
    with Watch(_LONGEST_SECONDS) as watch:
        connections = Connections(watch.clock, read_only=True)
        engine = Engine(clock=watch.clock)
        named = settings.stack is not None or settings.state is not None
        around = Surroundings(
            environment=os.environ,
            directory=Path.cwd(),
            now=lambda: datetime.now(timezone.utc),
            stdout=sys.stdout,
            connections=connections,
            installed=_installed,
            read_state=(lambda: recorded_state(settings.stack, settings.state, engine))
            if named
            else None,
            state_file=settings.state is not None,
            chosen=where_said(settings.workspace),
        )
        checked = list(examine(around, CHECKS, watch))
        connections.close()
    bad = any(one.finding.verdict is Verdict.FAILED for one in checked)
    code = watch.interrupted or (ExitCode.ERROR if bad else ExitCode.NOTHING_TO_REPORT)
    if as_document:
        sys.stdout.write(as_json(checked, code, str(_installed("databricks-serving")), net))
    else:
        sys.stdout.write(told(checked, looks(sys.stdout, os.environ, settings.color), net))
    return code


def examine(
    around: Surroundings, checks: tuple[Check, ...], watch: Watch | None = None
) -> Iterator[Checked]:
    """The checks, one after the other. None of them raises: that is its own failed line."""
    for check in checks:
        if watch is not None and watch.ended:
            yield Checked(check, skipped("the run was ended before"))
        else:
            yield Checked(check, _asked(check, around))


def _asked(check: Check, around: Surroundings) -> Finding:
    try:
        return check.ask(around)
    except Skip as why:
        return skipped(str(why))
    except ServingError as error:
        return failed("could not be looked at", str(error))
    except Exception as error:  # noqa: BLE001 - the other checks still count
        return failed(
            f"could not be looked at: {type(error).__name__}: {error}",
            "This is a defect of dbserving: please report it with this line.",
        )


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


__all__ = ["CHECKS", "examine", "run_doctor"]
