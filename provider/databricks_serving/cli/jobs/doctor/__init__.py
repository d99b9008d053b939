"""What `dbserving doctor` does: many small questions, each with its remedy. It only reads."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from databricks_serving.cli.configuration import COLORS, CommonSettings, settings_of
from databricks_serving.cli.connections import Connections, where_said
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.stack import Engine, recorded_state
from databricks_serving.cli.jobs.watch import Watch
from databricks_serving.cli.net import mask, net_of
from databricks_serving.cli.terminal import looks
from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted, ServingError
from databricks_serving.report.model import ExitCode
from databricks_serving_schema.suggest import among

from . import access, project, records, run, versions
from .check import Check, Checked, Finding, Skip, Surroundings, Verdict, failed, skipped, unfinished
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


def run_doctor(
    given: Mapping[str, object],
    *,
    only: Sequence[str] = (),
    strict: bool = False,
    as_document: bool = False,
) -> int:
    """Ask everything and tell it; the exit code: 0, or 1 where a check failed.

    only: the ids of the checks to make, none for all; strict: a warning counts as a failure.
    Raises `UsageMistake`.
    """
    checks = _chosen(only)
    settings = _settings(given)
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
        checked = list(examine(around, checks, watch))
        if not watch.left_behind:
            connections.close()
    counts = (Verdict.FAILED, Verdict.WARNING) if strict else (Verdict.FAILED,)
    bad = any(one.finding.verdict in counts for one in checked)
    code = watch.interrupted or (ExitCode.ERROR if bad else ExitCode.NOTHING_TO_REPORT)
    if as_document:
        sys.stdout.write(as_json(checked, code, str(_installed("databricks-serving")), net))
    else:
        sys.stdout.write(told(checked, looks(sys.stdout, os.environ, settings.color), net))
    return watch.leave(code)


def _chosen(only: Sequence[str]) -> tuple[Check, ...]:
    """The checks of these ids, all where there are none. Raises `UsageMistake` for no such id."""
    wanted = [id_.strip() for said in only for id_ in said.split(",") if id_.strip()]
    known = {check.id: check for check in CHECKS}
    for id_ in wanted:
        if id_ not in known:
            near = among(id_, tuple(known))
            hint = f"did you mean {near}?" if near else "`dbserving doctor --json` has the ids."
            raise UsageMistake(f"--only {id_}: there is no such check; {hint}", id="unknown-choice")
    return tuple(check for check in CHECKS if not wanted or check.id in wanted)


def _settings(given: Mapping[str, object]) -> CommonSettings:
    """What is asked for; where the configuration cannot be used, what the command line says.

    A check tells what is wrong with the configuration. Raises `UsageMistake` for the command line.
    """
    try:
        return settings_of(CommonSettings, given)
    except UsageMistake:
        said = {name: value for name, value in given.items() if value is not None}
        if said.get("color", "auto") not in COLORS:
            raise
        # Any: pydantic is what gives these a type, and typer has.
        taken: dict[str, Any] = said
        return CommonSettings.model_construct(**taken)


def examine(
    around: Surroundings, checks: tuple[Check, ...], watch: Watch | None = None
) -> Iterator[Checked]:
    """The checks in their order. None of them raises: that is its own failed line.

    watch: where it ends the run, what has no answer by then is failed as not finished
    """
    # What needs nobody's answer comes first: a workspace that hangs holds none of it up.
    in_turn = sorted(checks, key=lambda check: not check.here)
    asked = (Checked(check, _asked(check, around)) for check in in_turn)
    answers = asked if watch is None else watch.each(lambda: asked, lambda: None)
    found = {one.check.id: one for one in answers}
    for check in checks:
        if check.id in found:
            yield found[check.id]
        elif check.here and (watch is None or watch.interrupted is None):
            yield Checked(check, _asked(check, around))
        else:
            yield Checked(check, unfinished())


def _asked(check: Check, around: Surroundings) -> Finding:
    try:
        return check.ask(around)
    except Skip as why:
        return skipped(str(why))
    except (CalledOff, Interrupted):
        return unfinished()
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
