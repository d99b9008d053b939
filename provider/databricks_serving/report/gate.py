"""When a report fails a run: the exit code, from the findings alone and what was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import Self

from databricks_serving_schema import Severity

from .digest import agrees
from .mistakes import ReportMistake
from .model import SEVERITIES, Classification, Effect, ExitCode

if TYPE_CHECKING:
    from .model import Finding, Outcome, Report, Summary

#: What a run of `drift` fails on where nobody says otherwise.
DRIFT_FAILS_ON = frozenset(
    {Classification.DRIFTED.value, Classification.MISSING.value, Classification.ERROR.value}
)
#: What a run of `plan` may be asked to fail on, beside the classes.
CHANGES, OVERWRITES = "changes", "overwrites"
#: All that `--fail-on` takes.
CAUSES_TO_FAIL = (*(each.value for each in Classification), CHANGES, OVERWRITES)
ACTS = (Effect.CREATE, Effect.UPDATE, Effect.REPLACE, Effect.DELETE)
_DELETES = (Effect.DELETE, Effect.REPLACE)
_THRESHOLD = re.compile(r"(?P<number>[0-9]{1,9})(?P<percent>%?)")


@dataclass(frozen=True)
class Threshold:
    """At most so many, or so many in a hundred of all the stack's resources."""

    number: int
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """`10` or `25%`. Raises ReportMistake."""
        found = _THRESHOLD.fullmatch(text.strip())
        if found is None:
            raise ReportMistake(
                f"{text!r} is no threshold: write a number of resources (10) or a share of all of "
                "them (25%).",
                id="bad-threshold",
            )
        return cls(int(found["number"]), percent=bool(found["percent"]))

    def allows(self, count: int, total: int) -> bool:
        """Whether `count` of `total` resources are no more than it says."""
        return count * 100 <= self.number * total if self.percent else count <= self.number

    def __str__(self) -> str:
        return f"{self.number}%" if self.percent else str(self.number)


@dataclass(frozen=True)
class Gate:
    """What was asked of a run, and how it ended.

    `fail_on`: of `CAUSES_TO_FAIL`; None is the default of the mode (`DRIFT_FAILS_ON`, nothing for a
    plan). `min_severity`: what is less grave fails no run. `strict`: neither does a run that could
    not judge everything. `expect_digest`: of the plan that was reviewed. `interrupted`: 130 or 143.
    `not_authorized`: all that failed did so for want of a right or a credential.
    """

    fail_on: frozenset[str] | None = None
    min_severity: Severity | None = None
    strict: bool = False
    drift_exit_code: int = ExitCode.DRIFT
    max_changes: Threshold | None = None
    max_deletes: Threshold | None = None
    expect_digest: str | None = None
    timed_out: bool = False
    interrupted: int | None = None
    not_authorized: bool = False

    def __post_init__(self) -> None:
        """Refuse a cause to fail on that there is not."""
        unknown = sorted((self.fail_on or frozenset()) - set(CAUSES_TO_FAIL))
        if unknown:
            raise ReportMistake(
                f"--fail-on does not know {', '.join(map(repr, unknown))}; it takes "
                f"{', '.join(CAUSES_TO_FAIL)}.",
                id="unknown-fail-on",
            )

    def causes(self, mode: str) -> frozenset[str]:
        """What fails a run of this mode."""
        if mode == "plan":
            # Of a plan that could not look at everything nobody knows whether it overwrites.
            return (self.fail_on or frozenset()) | {Classification.ERROR.value}
        return DRIFT_FAILS_ON if self.fail_on is None else self.fail_on


def judged(report: Report, gate: Gate) -> tuple[int, Outcome, tuple[str, ...]]:
    """The exit code of a report with its counts, the word for it, and the thresholds it breaks."""
    causes, unsafe, mode = gate.causes(report.run.mode), _unsafe(report, gate), report.run.mode
    unknown = _unknown(report, gate, causes)
    if unknown is not None:
        return *unknown, unsafe
    if mode == "plan" and report.summary.by_effect.get(Effect.REFUSE.value):
        return ExitCode.ERROR, "refused", unsafe
    if unsafe:
        return ExitCode.UNSAFE, "unsafe", unsafe
    failing = any(fails(finding, causes, gate.min_severity) for finding in report.findings)
    outcome = _outcome(report.summary, mode, failing=failing)
    if failing:
        return gate.drift_exit_code if mode == "drift" else ExitCode.DRIFT, outcome, ()
    unread = bool(report.summary.by_class.get(Classification.ERROR.value))
    if not report.run.complete or unread or (gate.strict and is_incomplete(report)):
        code = ExitCode.INCOMPLETE if gate.strict else ExitCode.NOTHING_TO_REPORT
        # What would be overwritten is known, whatever else is not.
        return code, "overwrites" if outcome == "overwrites" else "incomplete", ()
    return ExitCode.NOTHING_TO_REPORT, outcome, ()


def _unknown(report: Report, gate: Gate, causes: frozenset[str]) -> tuple[int, Outcome] | None:
    """The exit code and word where the run cannot say how things are."""
    if gate.interrupted is not None:
        return gate.interrupted, "interrupted"
    if gate.timed_out:
        return ExitCode.TIMED_OUT, "timed_out"
    counts = Classification.ERROR.value in causes
    if not report.errors and not (counts and report.summary.by_class.get("error")):
        return None
    if gate.not_authorized and not report.coverage.resources_checked:
        return ExitCode.NOT_AUTHORIZED, "not_authorized"
    return ExitCode.ERROR, "error"


def _outcome(summary: Summary, mode: str, *, failing: bool) -> Outcome:
    if mode == "drift":
        return "drift" if failing else "clean"
    if summary.overwrites:
        return "overwrites"
    return "changes" if any(summary.by_effect.get(effect.value) for effect in ACTS) else "clean"


def fails(finding: Finding, causes: frozenset[str], least: Severity | None) -> bool:
    """Whether a finding fails a run. What has no severity counts whatever is asked for."""
    if finding.classification.value in causes and _is_grave(finding.severity, least):
        return True
    if Classification.UNMANAGED.value in causes and any(
        _is_grave(found.severity, least) for found in finding.not_in_code
    ):
        return True
    if CHANGES in causes and finding.effect in ACTS:
        return True
    return OVERWRITES in causes and any(_is_grave(c.severity, least) for c in finding.overwritten)


def _is_grave(severity: Severity | None, least: Severity | None) -> bool:
    if severity is None or least is None:
        return True
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)


def is_incomplete(report: Report) -> bool:
    """Whether something was not judged that another run may be able to judge, or nobody can."""
    open_ = (Classification.ERROR, Classification.IN_FLUX, Classification.UNVERIFIABLE)
    coverage = report.coverage
    return coverage.resources_checked < coverage.resources_total or any(
        report.summary.by_class.get(each.value) for each in open_
    )


def _unsafe(report: Report, gate: Gate) -> tuple[str, ...]:
    if report.run.mode != "plan":
        return ()
    total, by_effect = report.coverage.resources_total, report.summary.by_effect
    counted = (
        (gate.max_changes, "changed", sum(by_effect.get(each.value, 0) for each in ACTS)),
        (gate.max_deletes, "deleted or replaced", sum(by_effect.get(e.value, 0) for e in _DELETES)),
    )
    broken = [
        f"{count} of {total} resources would be {what}; at most {threshold} may be."
        for threshold, what, count in counted
        if threshold is not None and not threshold.allows(count, total)
    ]
    if gate.expect_digest is not None and not agrees(gate.expect_digest, report.digest):
        broken.append(
            "The plan is not the one that was reviewed: its digest is "
            f"{report.digest or '(none)'}, expected was {gate.expect_digest}. Review it anew."
        )
    return tuple(broken)
