"""A report as JUnit XML: GitLab, Jenkins, Azure and others keep its history."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from . import headline, rows, shown
from .model import Classification, Effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Finding, Report

_ADDRESS = re.compile(r"(.*?):(\w+)/(.*)", re.DOTALL)
_PASSED = (Classification.IN_SYNC,)
_FAILED = (Classification.DRIFTED, Classification.MISSING)


def junit(reports: Sequence[Report]) -> str:
    """One suite for each workspace, one case for each resource, those in sync included.

    Drift fails; in flux, unmanaged, unverifiable and ignored are skipped; what could not be checked
    is an error, and so is a run that was ended early. Of a plan, what is refused fails, and what
    would be overwritten is skipped.
    """
    cases: dict[str, list[TestCase]] = defaultdict(list)
    for report in reports:
        for finding in report.findings:
            cases[finding.workspace].append(_case(finding, report.run.mode))
        for said in report.in_sync:
            workspace, kind, name = _parts(said)
            cases[workspace].append(_named(kind, name))
        for number, error in enumerate(report.errors, 1):
            case = _named("dbserving", error.resource or f"error {number}")
            case.result = [Error(shown.printable(error.told), "error")]
            cases[report.run.stack or "dbserving"].append(case)
        if not (report.run.complete or report.errors):
            case = _named("dbserving", "run")
            case.result = [Error(shown.printable(headline.headline(report)), "incomplete")]
            cases[report.run.stack or "dbserving"].append(case)
    file = JUnitXml("dbserving")
    for name in sorted(cases):
        suite = TestSuite(shown.name(name))
        suite.add_testcases(cases[name])  # one by one, each would count all before it again
        file.add_testsuite(suite)
    file.update_statistics()  # type: ignore[no-untyped-call]  # junitparser has no types there
    return _text(file)


def _text(file: JUnitXml) -> str:
    written = file.tostring()  # type: ignore[no-untyped-call]  # the same
    text = written.decode("utf-8") if isinstance(written, bytes) else str(written)
    declared = (
        text if text.startswith("<?xml") else f'<?xml version="1.0" encoding="utf-8"?>\n{text}'
    )
    return declared.rstrip("\n") + "\n"


def _parts(said: str) -> tuple[str, str, str]:
    """`workspace:Kind/name`; a workspace may have a port, a kind has no colon."""
    found = _ADDRESS.fullmatch(said)
    return (found[1], found[2], found[3]) if found is not None else ("", "", said)


def _named(kind: str, name: str) -> TestCase:
    return TestCase(shown.name(name), classname=f"dbserving.{shown.name(kind)}")


def _case(finding: Finding, mode: str) -> TestCase:
    case = _named(finding.kind, finding.name)
    verdict = rows.verdict(finding, mode)
    lines = [
        f"{row.path}: {row.before} -> {row.after} ({row.why})"
        for row in rows.rows_of(finding, mode)
    ]
    body = "\n".join([*lines, *rows.remarks(finding)])
    result = _result(finding, mode, verdict)
    if result is not None:
        result.text = body
        case.result = [result]
    elif body:
        case.system_out = body
    return case


def _result(finding: Finding, mode: str, verdict: str) -> Error | Failure | Skipped | None:
    kind = finding.classification.value
    if finding.classification is Classification.ERROR:
        return Error(verdict, kind)
    if mode == "plan":
        if finding.effect is Effect.REFUSE:
            return Failure(verdict, "refused")
        return Skipped(rows.SET_BACK, "overwrites") if finding.overwritten else None
    if finding.classification in _FAILED:
        return Failure(verdict, kind)
    return None if finding.classification in _PASSED else Skipped(verdict, kind)
