"""A report for a step of GitHub Actions: annotations at the program's lines, summary, outputs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import Severity

from . import headline, rows, shown
from .digest import as_digest
from .formats import Rendered
from .markdown import markdown
from .model import SEVERITIES, Classification, Effect, gravest
from .ranking import gravest_code, gravest_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Finding, Report

#: GitHub drops what is more, without a word; and of a summary that is too large, all of it.
PER_LEVEL = 10
SUMMARY_BYTES = 1_000_000
#: The most fields of one annotation.
_FIELDS = 10
_LEVELS = ("error", "warning", "notice")
_QUIET = (Classification.IN_SYNC, Classification.IGNORED)


def github(reports: Sequence[Report]) -> Rendered:
    """The workflow commands, the step summary and the outputs of one or several reports."""
    lines: dict[str, list[str]] = {level: [] for level in _LEVELS}
    for report in reports:
        for level, line in _annotations(report):
            lines[level].append(line)
    told = [line for level in _LEVELS for line in _within(level, lines[level])]
    return Rendered(
        text="".join(f"{line}\n" for line in told),
        summary=markdown(reports, limit=SUMMARY_BYTES),
        outputs=_outputs(reports),
    )


def _within(level: str, lines: list[str]) -> list[str]:
    """As many as are shown; the last says how many more there are."""
    if len(lines) <= PER_LEVEL:
        return lines
    more = len(lines) - PER_LEVEL + 1
    return [*lines[: PER_LEVEL - 1], f"::{level}::{more} more in the summary"]


def _annotations(report: Report) -> Iterator[tuple[str, str]]:
    for error in report.errors:
        said = f"{error.resource}: {error.told}" if error.resource else error.told
        yield "error", command("error", said, title="dbserving")
    if not (report.run.complete or report.errors):
        yield "warning", command("warning", headline.headline(report), title="dbserving")
    for unsafe in report.summary.unsafe:
        yield "error", command("error", unsafe, title="Unsafe plan")
    for finding in report.findings:
        level = _level(finding, report.run.mode)
        if level is None:
            continue
        source = finding.source
        properties = {} if source is None else {"file": source.file, "line": str(source.line)}
        title = f"{_title(finding, report.run.mode)}: {shown.name(finding.name)}"
        yield level, command(level, _message(finding, report.run.mode), **properties, title=title)


def command(level: str, message: str, **properties: str) -> str:
    """A workflow command; nothing in it ends it or begins another."""
    said = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{level} {said}::{_data(message)}" if said else f"::{level}::{_data(message)}"


def _data(text: str) -> str:
    # What GitHub splits at, and what else ends a line for some reader.
    kept = "\n".join(map(shown.printable, text.split("\n")))
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _level(finding: Finding, mode: str) -> str | None:
    """How loud a finding is; None: not at all."""
    if finding.classification is Classification.ERROR or finding.effect is Effect.REFUSE:
        return "error"
    if mode == "plan":
        return "warning" if finding.overwritten else None
    if finding.classification in _QUIET:
        return None
    if finding.classification not in (Classification.DRIFTED, Classification.MISSING):
        return "notice"
    if finding.severity in (Severity.CRITICAL, Severity.HIGH):
        return "error"
    return "notice" if finding.severity is Severity.LOW else "warning"


def _title(finding: Finding, mode: str) -> str:
    if mode == "plan":
        return "Overwrites" if finding.overwritten else "Plan"
    names = {
        Classification.DRIFTED: "Drift",
        Classification.MISSING: "Missing",
        Classification.UNMANAGED: "Not in code",
        Classification.ERROR: "Not checked",
    }
    return names.get(finding.classification, "Drift")


def _message(finding: Finding, mode: str) -> str:
    told = [row for row in rows.rows_of(finding, mode) if mode == "drift" or row.overwrites]
    lines = [_line(row, mode) for row in told[:_FIELDS]]
    if len(told) > _FIELDS:
        lines.append(f"and {len(told) - _FIELDS} more in the summary")
    where = f"{finding.kind} in {shown.name(finding.workspace)}"
    head = f"{where}: {rows.verdict(finding, mode)}"
    return "\n".join([head, *lines, *rows.remarks(finding)])


def _line(row: rows.Row, mode: str) -> str:
    if mode == "plan":
        said = f"{row.path}: {row.before} in the workspace, {row.after} after the deploy"
    else:
        said = f"{row.path}: {row.before} applied, {row.after} in the workspace"
    return f"{said} ({row.note})" if row.note else said


def _outputs(reports: Sequence[Report]) -> dict[str, str]:
    """The step's outputs; of several reports the worst."""
    summaries = [each.summary for each in reports]
    severity = gravest(tuple(each.summary.max_severity for each in reports))
    by_class = [each.summary.by_class for each in reports]
    drifted = sum(each.get("drifted", 0) + each.get("missing", 0) for each in by_class)
    return {
        "outcome": gravest_outcome(summaries),
        "exit_code": str(gravest_code(summaries)),
        "drifted": str(drifted),
        "max_severity": severity.value if severity in SEVERITIES and severity else "",
        "overwrites": str(sum(each.summary.overwrites for each in reports)),
        # What a later job gives to --expect-digest; several reports are no plan that it could make.
        "digest": as_digest(reports[0].digest) if len(reports) == 1 else "",
    }
