"""One run: the conversations, the cleaning after them, and the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from databricks_serving.errors import NoCredentials

from . import cleaning, report
from .cleaning import Thing
from .findings import Findings
from .guard import Bounds, Guarded
from .naming import People
from .playing import NotAllowedError, Planned, play
from .reaching import Place, say
from .sides import LostError, Pace, Side

SAME, ERROR, DIFFERENT, INTERRUPTED = 0, 1, 2, 130
_SETTLES_SECONDS = 180.0
_MODEL_SETTLES_SECONDS = 2700.0
_MADE_LATE_SECONDS = 5.0


def removed(place: Place, things: Sequence[Thing]) -> list[Thing]:
    """Delete them, each within its own run's bounds, and answer which are still there."""
    clock = place.around.clock
    with ExitStack() as opened:

        @cache
        def side_for(prefix: str) -> Side:
            client = opened.enter_context(place.client(Bounds(prefix, place.caller)))
            return Side(client, clock)

        return cleaning.removed(side_for, things, clock)


@dataclass
class Run:
    """The conversations of one run, and the cleaning after them.

    folder: for the report; writes: of endpoints in five minutes
    made: what the conversation that is being played may have made
    """

    place: Place
    bounds: Bounds
    people: People
    findings: Findings
    folder: Path
    writes: int
    made: set[Thing] = field(default_factory=set)

    def of(self, plans: list[Planned]) -> int:
        """Play them, clean up, write the report, and return the exit code."""
        interrupted = False
        try:
            with self.place.client(self.bounds) as client:
                self._play(client, plans)
        except (LostError, NotAllowedError, NoCredentials) as ended:
            self.findings.ended = str(ended)
        except KeyboardInterrupt:
            interrupted, self.findings.ended = True, "It was interrupted."
        except Exception as broken:
            self.findings.ended = f"The check itself failed ({type(broken).__name__})."
            raise
        finally:
            try:
                interrupted |= self._clean()
            finally:
                is_written = self._report()
        if interrupted:
            return INTERRUPTED
        if self.findings.ended or self.findings.left or not is_written:
            return ERROR
        return DIFFERENT if self.findings.differs else SAME

    def _play(self, client: Guarded, plans: list[Planned]) -> None:
        clock = self.place.around.clock
        patience = _SETTLES_SECONDS if self.bounds.model is None else _MODEL_SETTLES_SECONDS
        pace = Pace(clock, self.writes)
        private = self.place.private
        for number, plan in enumerate(plans, 1):
            before = len(self.findings.met)
            self.made = set(_things(plan))
            workspace = Side(client, clock, pace, patience)
            play(plan, workspace, self.findings, self.people, private)
            # What is still there at the end is asked for again, and waited for.
            cleaning.ask_to_remove(workspace, self.made)
            new = len(self.findings.met) - before
            say(f"{number}/{len(plans)} {plan.case}" + (f": {new} new" if new else ""))

    def _clean(self) -> bool:
        """Remove what is there; whether that was interrupted."""
        prefix = self.bounds.prefix
        self.findings.left = None
        how = f"make check-workspace {self.place.which} CLEAN=1"
        try:
            left = removed(self.place, [*self._found(), *self.made])
            if self.findings.ended:
                # What was asked for last may have been made since.
                self.place.around.clock.wait(_MADE_LATE_SECONDS)
                left = removed(self.place, [*self._found(), *left])
        except KeyboardInterrupt:
            self.findings.ended = self.findings.ended or "It was interrupted while it cleaned up."
            say(f"interrupted while it cleaned up; remove what is left with: {how}")
            return True
        except (LostError, NoCredentials) as lost:
            self.findings.ended = self.findings.ended or str(lost)
            say(f"could not clean up ({lost}); remove what {prefix} begins with: {how}")
            return False
        self.findings.left = len(left)
        for thing in left:
            say(f"left: {thing.kind} {thing.name}")
        say(f"remove it with: {how}" if left else "nothing is left in the workspace")
        return False

    def _found(self) -> list[Thing]:
        with self.place.client(self.bounds) as client:
            return cleaning.found(Side(client, self.place.around.clock), self.bounds.prefix)

    def _report(self) -> bool:
        """Write the report; whether it could be written."""
        day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        about = report.About(day, report.cloud_of(self.place.host))
        private = (*self.place.private, self.bounds.prefix)
        try:
            for file in report.write(self.folder, self.findings, about, private):
                print(file)
        except OSError as refused:
            say(f"the report cannot be written to {self.folder}: {refused.strerror}")
            return False
        finally:
            say(report.headline(self.findings))
        return True


def _things(plan: Planned) -> Iterator[Thing]:
    """What a conversation may make."""
    for step in plan.steps:
        if step.is_read or not isinstance(step.body, dict):
            continue
        for kind, member in (("endpoint", "name"), ("scope", "scope")):
            if str(step.body.get(member)).startswith(plan.head):
                yield Thing(kind, step.body[member])
