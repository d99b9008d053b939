"""What every review has in common: the looking, signals, the report's end, the exit code.

`drift` and `plan` differ in what they look for; they give `review` a function that puts what it
finds into `Found`, piece by piece: whatever ends a run early, what was found until then is
reported.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from databricks_serving.cli.configuration import ReviewSettings
from databricks_serving.cli.connections import Connections, where, where_said
from databricks_serving.cli.exits import TRACEBACK, code_of, complain, described, id_of
from databricks_serving.cli.net import mask, net_of
from databricks_serving.clock import CalledOff
from databricks_serving.errors import (
    Interrupted,
    NoCredentials,
    PermissionDenied,
    Unauthenticated,
)
from databricks_serving.report.assemble import assemble
from databricks_serving.report.gate import Gate
from databricks_serving.report.ignore_file import day_of
from databricks_serving.report.model import Classification, ErrorEntry, Run

from . import ci
from .asked import Asked, asked_for, output_alone
from .found import Found
from .output import TEXT, Output, WouldOverwrite, emit
from .progress import Progress, progress
from .project import project_file, project_name
from .selecting import Selection
from .stack import Engine
from .watch import Watch

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.apply.subjects import Seen
    from databricks_serving.report.model import Report
    from databricks_serving.state.bag import Bag
    from databricks_serving.state.settings import StackSettings

Settings = TypeVar("Settings", bound=ReviewSettings)
_NOT_AUTHORIZED = (NoCredentials, Unauthenticated, PermissionDenied)


@dataclass
class Session(Generic[Settings]):
    """One run of a command that looks at a stack. `say`: on the standard error, where asked for."""

    settings: Settings
    watch: Watch
    engine: Engine
    progress: Progress
    connections: Connections
    say: Callable[[str], None]
    selection: Selection

    def api_of(self, stack: StackSettings) -> Callable[[Bag], WorkspaceApi]:
        """The client for each resource's workspace."""
        return lambda bag: self.connections.of(bag, stack)

    def name_of(self, stack: StackSettings) -> Callable[[Bag], str | None]:
        """How reports name each resource's workspace: the profile, where one was chosen."""
        chosen = where_said(self.settings.workspace)
        return lambda bag: (chosen or where(bag, stack)).profile

    def wants(self, kind: str, *names: str | None) -> bool:
        """Whether a resource is among those that `--select` and `--exclude` leave.

        names: in the workspace, and in the program
        """
        return self.selection.wants(kind, *names)

    def counted(self, one: Seen) -> None:
        """One more was looked at, for the progress; in whichever thread."""
        differs = one.comparison is not None and bool(one.comparison.differences)
        self.progress.seen(drifted=differs)


def review(
    kind: type[Settings],
    given: Mapping[str, object],
    look: Callable[[Session[Settings], Found], None],
    *,
    quiet: int = 0,
    verbose: bool = False,
) -> int:
    """Run a review from its options to its exit code; `given`: the command line's, by name."""
    begun, found = _Begun(kind.COMMAND), Found()
    mask(net_of(os.environ), os.environ)
    try:
        asked = asked_for(kind, given, quiet)
    except Exception as wrong:  # noqa: BLE001 - told, and reported where a report is asked for
        code = _told(wrong, found)
        if isinstance(wrong, WouldOverwrite):
            return code
        report = assemble(
            begun.run(found, None), (), gate=Gate(), today=begun.day, errors=found.errors
        )
        return _emitted(_with_code(report, code), _but_text(output_alone(given, quiet)), found)
    with Watch(asked.settings.timeout) as watch:
        ended = _looked(asked, watch, found, look, verbose=verbose)
        report = assemble(
            begun.run(
                found,
                asked.settings,
                complete=ended is None and not watch.ended and found.whole,
            ),
            found.findings,
            gate=_ended(asked.gate, watch, found),
            today=begun.day,
            in_sync=found.in_sync,
            ignoring=asked.ignoring,
            coverage=found.coverage,
            resources_total=found.total,
            errors=found.errors,
            notices=found.notices,
            others=found.others,
        )
        output = asked.output
        if ended is not None and not watch.ended:
            report = _with_code(report, ended)
            # Where nothing was looked at, the paragraph on the standard error has said it all.
            output = output if found.findings or found.in_sync else _but_text(output)
        _warn(report, found)
        return watch.leave(_emitted(report, output, found))


def _warn(report: Report, found: Found) -> None:
    """What is not known is told where no format and no gate can hide it."""
    if not found.whole:
        complain(
            "Warning: not all of the stack was looked at; the report says of what, and why.",
            "not-whole",
        )
    unread = [e for e in report.findings if e.classification is Classification.ERROR]
    if unread:
        first = unread[0]
        complain(
            f"Warning: {len(unread)} of {report.coverage.resources_total} resources could not be "
            f"checked, so how they stand is not known. {first.kind}/{first.name}: {first.reason}",
            first.error_id,
        )


def _emitted(report: Report, output: Output, found: Found) -> int:
    """Write the report; the exit code of the run."""
    try:
        emit(report, output)
    except Exception as wrong:  # noqa: BLE001 - told, with exit code 1
        return _told(wrong, found)
    return report.summary.exit_code


@dataclass(frozen=True)
class _Begun:
    """When a run began, and what it is."""

    mode: str
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    clock: float = field(default_factory=time.monotonic)

    @property
    def day(self) -> date:
        return day_of(self.now)

    def run(self, found: Found, settings: ReviewSettings | None, *, complete: bool = False) -> Run:
        """The run, as its report tells it."""
        said = settings or ReviewSettings.model_construct()
        return Run.model_validate(
            {
                "id": ci.run_id(os.environ, self.now),
                "mode": self.mode,
                "started": self.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "duration_ms": round((time.monotonic() - self.clock) * 1000),
                "complete": complete,
                "selected": bool(said.select or said.exclude),
                "stack": found.stack or (said.stack or "").rpartition("/")[2],
                "project": found.project or _project(said),
                "commit": ci.commit(os.environ),
                "url": said.run_url or ci.page(os.environ),
            }
        )


def _project(settings: ReviewSettings) -> str:
    """The project where the state could not be read: reports of one stack are told apart by it."""
    parts = (settings.stack or "").split("/")
    if len(parts) > 2:  # <organization>/<project>/<stack>
        return parts[-2]
    file = project_file(Path.cwd())
    return "" if file is None else project_name(file)


def _looked(
    asked: Asked[Settings],
    watch: Watch,
    found: Found,
    look: Callable[[Session[Settings], Found], None],
    *,
    verbose: bool,
) -> int | None:
    """Look, and note what is found; the exit code of what ended that, None where nothing did."""

    def say(line: str) -> None:
        if verbose:
            complain(line)

    settings, quiet = asked.settings, bool(asked.output.quiet)
    connections = Connections(
        watch.clock,
        chosen=where_said(settings.workspace),
        waiting=None if quiet else complain,
    )
    bar = progress(os.environ, quiet=quiet, color=settings.color)
    engine = Engine(clock=watch.clock, say=say)
    selection = Selection(tuple(settings.select), tuple(settings.exclude))
    try:
        look(Session(settings, watch, engine, bar, connections, say, selection), found)
        _once_for_all(found)
    except Exception as wrong:  # noqa: BLE001 - what was found until then is reported
        bar.end()
        if not (watch.ended and isinstance(wrong, (CalledOff, Interrupted))):
            return _told(wrong, found)
    finally:
        bar.end()
        watch.done()
        if not watch.left_behind:
            connections.close()
    return None


def _once_for_all(found: Found) -> None:
    """Raise what every resource failed with, the same for all: it is told once."""
    failed = found.failures
    looked_at = len(found.findings) + len(found.in_sync)
    alike = len({str(one) for one in failed}) == 1 and len(failed) == looked_at
    if alike and len(failed) > 1:
        found.findings.clear()
        raise failed[0]


def _told(wrong: Exception, found: Found) -> int:
    """Say what went wrong, note it for the report; the exit code."""
    if os.environ.get(TRACEBACK):
        raise wrong
    complain(f"Error: {described(wrong)}", id_of(wrong))
    found.errors.append(ErrorEntry(message=described(wrong), id=id_of(wrong)))
    return code_of(wrong)


def _but_text(output: Output) -> Output:
    kept = tuple(t for t in output.targets if t.path is not None or t.format != TEXT)
    return replace(output, targets=kept)


def _ended(gate: Gate, watch: Watch, found: Found) -> Gate:
    """The gate, with how the run ended."""
    return replace(
        gate,
        interrupted=watch.interrupted,
        timed_out=watch.timed_out,
        not_authorized=bool(found.failures)
        and all(isinstance(failed, _NOT_AUTHORIZED) for failed in found.failures),
    )


def _with_code(report: Report, code: int) -> Report:
    """The report of a run that an error ended."""
    summary = report.summary.model_copy(update={"exit_code": code, "outcome": "error"})
    return report.model_copy(update={"summary": summary})
