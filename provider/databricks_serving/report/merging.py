"""Several reports of one run as one: nothing missing unnoticed, equal causes told once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .assemble import is_whole, summarized
from .build import address
from .digest import combined
from .gate import Gate, fails
from .ignoring import unused
from .mistakes import ReportMistake
from .model import (
    SEVERITIES,
    Cause,
    Classification,
    ErrorEntry,
    ExitCode,
    Report,
    Totals,
    gravest,
)
from .order import sorted_findings
from .ranking import gravest_code, gravest_outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .model import FieldChange, Finding, RuleUse, Run, Summary


def merged(
    reports: Sequence[Report], *, expect: int | None = None, allow_mixed: bool = False
) -> Report:
    """One report of all of them; the exit code is the gravest, an error before drift.

    expect: how many there should be; one that is missing is an error of the merged report.
    allow_mixed: take reports of several runs. Raises ReportMistake: no reports, several runs,
    reports of drift and of plans.
    """
    parts = tuple(dict.fromkeys(each.model_dump_json() for each in reports))
    whole = tuple(Report.model_validate_json(part) for part in parts)
    run = _run(whole, allow_mixed=allow_mixed)
    missing = missing_reports(len(whole), expect)
    findings, rules = _findings(whole), _rules(whole)
    report = whole[0].model_copy(
        update={
            "run": run.model_copy(update={"complete": run.complete and not missing}),
            "coverage": sum((each.coverage for each in whole), Totals()),
            "findings": sorted_findings(findings, run.mode),
            "in_sync": tuple(sorted({name for each in whole for name in each.in_sync})),
            "rules": rules,
            "causes": causes_of(findings),
            "errors": (*missing, *dict.fromkeys(e for each in whole for e in each.errors)),
            "notices": _notices(whole, rules),
            "others": sum(each.others for each in whole),
            "digest": _digest(whole),
        }
    )
    return _judged(report, whole, failed=bool(missing))


def _run(reports: Sequence[Report], *, allow_mixed: bool) -> Run:
    if not reports:
        raise ReportMistake(
            "There is no report to merge; name at least one.", id="nothing-to-merge"
        )
    runs = [each.run for each in reports]
    if len({run.mode for run in runs}) > 1:
        raise ReportMistake(
            "These are reports of drift and of plans, which say different things; merge each "
            "alone.",
            id="drift-with-plans",
        )
    ids = sorted({run.id for run in runs})
    if len(ids) > 1 and not allow_mixed:
        raise ReportMistake(
            f"These are reports of {len(ids)} runs ({', '.join(ids[:3])}, …), so some may be old: "
            "merge those of one run, or allow it (--allow-mixed).",
            id="several-runs",
        )

    def common(name: str) -> str:
        values = {str(getattr(run, name)) for run in runs}
        return values.pop() if len(values) == 1 else ""

    return runs[0].model_copy(
        update={
            **{name: common(name) for name in ("stack", "project", "commit", "url")},
            "id": common("id") or max(ids),
            "started": min(run.started for run in runs),
            "duration_ms": max(run.duration_ms for run in runs),
            "complete": all(run.complete for run in runs),
            "selected": any(run.selected for run in runs),
        }
    )


def missing_reports(count: int, expect: int | None) -> tuple[ErrorEntry, ...]:
    """The error of fewer reports than expected; none where nobody said how many there should be."""
    if expect is None or count >= expect:
        return ()
    said = f"{expect - count} of {expect} reports are missing: what they looked at is not known."
    return (ErrorEntry(message=f"{said} Look for the jobs that wrote none.", id="missing-reports"),)


def _findings(reports: Sequence[Report]) -> tuple[Finding, ...]:
    """All findings once; what one stack does not declare may be another's."""
    # Not a set: values are JSON, which has no hash.
    found = {f.model_dump_json(): f for each in reports for f in each.findings}.values()
    names = {name for each in reports for name in each.in_sync}
    unmanaged = Classification.UNMANAGED
    names |= {_address(each) for each in found if each.classification is not unmanaged}
    return tuple(
        each
        for each in found
        if each.classification is not unmanaged or _address(each) not in names
    )


def _address(finding: Finding) -> str:
    return address(finding.workspace, finding.kind, finding.name)


def causes_of(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """What at least two resources share: the same field with the same value there, widest first."""
    grouped: dict[tuple[str, str, str, str], list[tuple[Finding, FieldChange]]] = defaultdict(list)
    for finding in findings:
        for change in finding.changes:
            origin = change.origin.value if change.origin is not None else ""
            key = (finding.kind, change.path, origin, change.actual.model_dump_json())
            grouped[key].append((finding, change))
    causes = [
        Cause(
            kind=kind,
            path=path,
            origin=group[0][1].origin,
            actual=group[0][1].actual,
            severity=gravest(tuple(change.severity for _, change in group)),
            count=len(group),
            workspaces=tuple(sorted({finding.workspace for finding, _ in group})),
            resources=tuple(sorted(_address(finding) for finding, _ in group)),
        )
        for (kind, path, _, _), group in grouped.items()
        if len(group) > 1
    ]
    return tuple(sorted(causes, key=_of_cause))


def _of_cause(cause: Cause) -> tuple[int, int, str, str]:
    grave = len(SEVERITIES) if cause.severity is None else SEVERITIES.index(cause.severity)
    return -cause.count, grave, cause.kind, cause.path


def _rules(reports: Sequence[Report]) -> tuple[RuleUse, ...]:
    """Each rule once, with all that it met."""
    rules: dict[str, RuleUse] = {}
    for use in (use for each in reports for use in each.rules):
        known = rules.get(use.id)
        matched = use.matched + (known.matched if known is not None else 0)
        rules[use.id] = use.model_copy(update={"matched": matched})
    return tuple(rules.values())


def _notices(reports: Sequence[Report], rules: Sequence[RuleUse]) -> tuple[str, ...]:
    """Every notice once; that a rule met nothing is told anew, of all the reports together."""
    said_before = {unused(use) for each in reports for use in each.rules}
    said = [n for each in reports for n in each.notices if n not in said_before]
    if all(is_whole(each.run) for each in reports):
        live = (use for use in rules if use.expires_in_days is None or use.expires_in_days >= 0)
        said += [unused(use) for use in live if not use.matched]
    return tuple(dict.fromkeys(said))


def _digest(reports: Sequence[Report]) -> str | None:
    digests = [each.digest for each in reports if each.digest is not None]
    if len(digests) < len(reports):
        return None
    return digests[0] if len(digests) == 1 else combined(digests)


def _judged(report: Report, parts: Sequence[Report], *, failed: bool) -> Report:
    """The counts of the merged report; its verdict is the gravest that the parts were given."""
    counted = summarized(report, Gate())
    verdicts = [_verdict(each, report.findings) for each in parts]
    code, outcome = gravest_code(verdicts), gravest_outcome(verdicts)
    denied = [each.exit_code == ExitCode.NOT_AUTHORIZED for each in verdicts]
    if failed or (any(denied) and not all(denied)):
        code, outcome = int(ExitCode.ERROR), "error"
    said = {
        "exit_code": code,
        "outcome": outcome,
        "unsafe": tuple(dict.fromkeys(u for each in parts for u in each.summary.unsafe)),
    }
    return counted.model_copy(update={"summary": counted.summary.model_copy(update=said)})


def _verdict(part: Report, kept: Sequence[Finding]) -> Summary:
    """The verdict of a part; clean where all that it failed on is declared by another stack."""
    summary = part.summary
    still = [each for each in part.findings if each in kept]
    if summary.outcome != "drift" or len(still) == len(part.findings):
        return summary
    asked = None if summary.fail_on is None else frozenset(summary.fail_on)
    causes = Gate(fail_on=asked).causes(part.run.mode)
    if any(fails(each, causes, summary.min_severity) for each in still):
        return summary
    outcome = "clean" if part.run.complete else "incomplete"
    return summary.model_copy(
        update={"exit_code": int(ExitCode.NOTHING_TO_REPORT), "outcome": outcome}
    )
