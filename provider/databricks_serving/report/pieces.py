"""What a page of Markdown is put together from: pieces that stand, or are left out, whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from . import rows, shown
from .escaping import cell, line, prose
from .model import Classification, Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Cause, Finding, Report

#: The most fields that one detail lists, and the most letters of one error or notice.
_FIELDS, _LETTERS = 50, 1_000
_SHAPES = {"critical": "✖", "high": "▲", "medium": "●", "low": "○"}
_EFFECTS = {Effect.NONE: "", Effect.REFUSE: "refused"}
#: Where the reason says all that there is to say.
_REASON_ALONE = (
    Classification.MISSING,
    Classification.DRIFTED,
    Classification.PENDING,
    Classification.IN_FLUX,
)


class Kind(Enum):
    """The kinds of pieces, in the order in which they stand on the page."""

    ERROR = "error"
    ROW = "row"
    CAUSE = "cause"
    NOTICE = "notice"
    DETAIL = "detail"


@dataclass(frozen=True)
class Piece:
    """Some Markdown that is of no use in part."""

    kind: Kind
    text: str


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("databricks_serving.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"cell": cell, "prose": prose, "line": line}
    return environment


def filled(template: str, **values: object) -> str:
    """One of the templates, without white space around it."""
    return _environment().get_template(f"{template}.md.j2").render(**values).strip()


def pieces_of(report: Report) -> tuple[Piece, ...]:
    """Everything to be said, what matters most first."""
    several = len({finding.workspace for finding in report.findings}) > 1
    table = [
        Piece(Kind.ROW, row)
        for finding in report.findings
        for row in _rows(finding, report.run.mode, several=several)
    ]
    errors = [Piece(Kind.ERROR, text) for text in _alarms(report)]
    causes = [Piece(Kind.CAUSE, _cause(cause)) for cause in report.causes]
    notices = [
        Piece(Kind.NOTICE, f"- {line(shown.cut(notice, _LETTERS))}") for notice in report.notices
    ]
    details = [
        Piece(Kind.DETAIL, text)
        for finding in report.findings
        if (text := _detail(report, finding))
    ]
    return (*table[:1], *errors, *causes, *table[1:], *notices, *details)


def _alarms(report: Report) -> Iterator[str]:
    for error in report.errors:
        where = f"{cell(shown.name(error.resource))}: " if error.resource else ""
        yield f"> **Error:** {where}{_said(error.told)}"
    for unsafe in report.summary.unsafe:
        yield f"> **Unsafe:** {_said(unsafe)}"


def _said(text: str) -> str:
    return str(prose(shown.cut(text, _LETTERS)))


def _cause(cause: Cause) -> str:
    where = shown.counted(len(cause.workspaces), "workspace")
    return (
        f"- {cause.count} times {prose(cause.kind)} in {where}: {cell(shown.name(cause.path))} is "
        f"{cell(shown.value(cause.actual))}"
    )


def _rows(finding: Finding, mode: str, *, several: bool) -> Iterator[str]:
    """The rows of one resource; one for all of it where single fields would say no more.

    several: there are several workspaces, so each row names its own.
    """
    said = {
        "resource": shown.name(finding.name),
        "kind": finding.kind,
        "workspace": shown.name(finding.workspace) if several else "",
        "place": rows.place(finding),
    }
    fields = [] if _is_created(finding, mode) else [*rows.rows_of(finding, mode)]
    beside = [rows.row_of(change, mode) for change in finding.not_in_code]
    if not fields and not (beside and finding.classification is Classification.IN_SYNC):
        why = _why(finding, mode)
        first = _first(finding, mode)
        yield filled("row", **said, first=first, path="", before="", after="", why=why)
        said["place"] = ""
    for row in (*fields, *beside):
        yield filled(
            "row",
            **said,
            first=_first(finding, mode, row),
            path=row.path,
            before="" if row.label == rows.BESIDE and mode == "drift" else row.before,
            after="" if row.label == rows.BESIDE and mode == "plan" else row.after,
            why=row.why,
        )
        said["place"] = ""


def _is_created(finding: Finding, mode: str) -> bool:
    return mode == "plan" and finding.effect is Effect.CREATE and not finding.overwritten


def _why(finding: Finding, mode: str) -> str:
    """What is said of a resource that has no field to tell."""
    reason = next(iter(rows.remarks(finding)), "")
    if _is_created(finding, mode):
        return f"{rows.YOURS}; {shown.counted(len(finding.changes), 'field')}"
    if mode == "plan" and finding.effect is not Effect.NONE:
        return reason or rows.YOURS
    if reason and finding.classification in _REASON_ALONE:
        return reason
    return "; ".join(part for part in (rows.verdict(finding, mode), reason) if part)


def _first(finding: Finding, mode: str, row: rows.Row | None = None) -> str:
    """The first cell: in a plan what happens to the resource, else how grave it is."""
    if mode == "plan":
        effect = _EFFECTS.get(finding.effect, finding.effect.value)
        return f"⚠️ {effect}" if row is not None and row.overwrites else effect
    severity = finding.severity if row is None else row.severity
    return "" if severity is None else f"{_SHAPES[severity.value]} {severity.value}"


def _detail(report: Report, finding: Finding) -> str:
    """What does not stand in the table: more remarks, and the fields of what is created."""
    mode = report.run.mode
    fields = rows.rows_of(finding, mode) if _is_created(finding, mode) else ()
    remarks = rows.remarks(finding)
    if not finding.changes and not fields:
        remarks = remarks[1:]  # the first stands in the table
    if not (fields or remarks):
        return ""
    return filled(
        "detail",
        resource=shown.name(finding.name),
        kind=finding.kind,
        verdict=rows.verdict(finding, mode),
        remarks=remarks,
        fields=fields[:_FIELDS],
        more=max(len(fields) - _FIELDS, 0),
    )
