"""From findings to the report that every output and exit code is read from. Pure."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from typing import TYPE_CHECKING

from databricks_serving.plan.coverage import Coverage

from .build import address
from .digest import digest_of
from .gate import Gate, judged
from .model import (
    Classification,
    Effect,
    ErrorEntry,
    Report,
    Summary,
    Tool,
    Totals,
    gravest,
)
from .order import sorted_findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from .ignoring import IgnoreFile
    from .model import Finding, RuleUse, Run

__all__ = ["Gate", "assemble", "summarized"]


def assemble(  # noqa: PLR0913 - each is known to another part of a run
    run: Run,
    findings: Iterable[Finding],
    *,
    gate: Gate,
    today: date,
    in_sync: Iterable[str] = (),
    ignoring: IgnoreFile | None = None,
    coverage: Coverage = Coverage(),  # noqa: B008 - frozen
    resources_total: int | None = None,
    errors: Iterable[ErrorEntry] = (),
    notices: Iterable[str] = (),
    others: int = 0,
) -> Report:
    """The report of a run, with its verdict.

    findings: one for each resource that was looked at, in sync or not, and the unmanaged ones.
    in_sync: the addresses of those in sync for which there is none. today: in UTC
    (`ignore_file.day_of`); ignore rules end with a day. coverage: the sum over all comparisons.
    resources_total: how many there were to look at; None: all were. others: resources of the stack
    that are not of this provider.
    """
    found = tuple(findings)
    clean = [*in_sync]
    managed = [each for each in found if each.classification is not Classification.UNMANAGED]
    digest = (
        digest_of(found, f"{run.project}/{run.stack}")
        if run.mode == "plan" and run.complete
        else None
    )
    rules: tuple[RuleUse, ...] = ()
    said = [*notices]
    if ignoring is not None:
        found, rules = ignoring.applied_to(found, mode=run.mode, today=today)
        said += ignoring.notices(rules, whole=is_whole(run))
    failed = tuple(errors)
    blind = failed or any(each.classification is Classification.ERROR for each in found)
    # What is not in code was never among the fields that were compared.
    ignored = sum(change.origin is not None for each in found for change in each.ignored)
    report = Report(
        tool=Tool(version=importlib.metadata.version("databricks-serving")),
        run=run,
        coverage=Totals(
            resources_total=(
                len(managed) + len(clean) if resources_total is None else resources_total
            ),
            resources_checked=len(clean)
            + sum(e.classification is not Classification.ERROR for e in managed),
            fields_total=coverage.compared + coverage.write_only,
            fields_compared=max(coverage.compared - ignored, 0),
            fields_write_only=coverage.write_only,
            fields_ignored=min(ignored, coverage.compared),
        ),
        findings=sorted_findings((each for each in found if not is_in_sync(each)), run.mode),
        in_sync=tuple(sorted([*clean, *(address_of(each) for each in found if is_in_sync(each))])),
        rules=rules,
        errors=failed,
        notices=tuple(dict.fromkeys(said)),
        others=others,
        digest=None if blind or _is_refused(found) else digest,
    )
    return summarized(report, gate)


def address_of(finding: Finding) -> str:
    """What the resource of a finding is called."""
    return address(finding.workspace, finding.kind, finding.name)


def is_whole(run: Run) -> bool:
    """Whether a run saw all that an ignore rule can be about: a plan sees nothing unmanaged."""
    return run.mode == "drift" and run.complete and not run.selected


def _is_refused(findings: Iterable[Finding]) -> bool:
    return any(each.effect is Effect.REFUSE for each in findings)


def is_in_sync(finding: Finding) -> bool:
    """Whether there is nothing to say of a resource but that it is as it should be."""
    if finding.classification is not Classification.IN_SYNC or finding.effect is not Effect.NONE:
        return False
    return not (finding.changes or finding.not_in_code or finding.ignored)


def summarized(report: Report, gate: Gate) -> Report:
    """A report with its counts, and with the exit code that the gate gives it."""
    findings = report.findings
    by_class = Counter(each.classification.value for each in findings)
    if report.in_sync:
        by_class[Classification.IN_SYNC.value] += len(report.in_sync)
    severities = [e.severity for e in findings if e.classification is not Classification.IGNORED]
    summary = Summary(
        by_class=dict(sorted(by_class.items())),
        by_severity=dict(sorted(Counter(s.value for s in severities if s is not None).items())),
        by_effect=dict(
            sorted(Counter(e.effect.value for e in findings if e.effect is not Effect.NONE).items())
        ),
        max_severity=gravest(tuple(severities)),
        overwrites=(
            sum(len(each.overwritten) for each in findings) if report.run.mode == "plan" else 0
        ),
        not_in_code=sum(
            len(e.not_in_code) + (e.classification is Classification.UNMANAGED) for e in findings
        ),
    )
    counted = report.model_copy(update={"summary": summary})
    code, outcome, unsafe = judged(counted, gate)
    verdict = {
        "exit_code": int(code),
        "outcome": outcome,
        "unsafe": unsafe,
        "fail_on": None if gate.fail_on is None else tuple(sorted(gate.fail_on)),
        "min_severity": gate.min_severity,
    }
    summary = summary.model_copy(update=verdict)
    return counted.model_copy(update={"summary": summary})
