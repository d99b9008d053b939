"""A report as Markdown, for a pull request's comment, an issue or a step's summary.

The headline is the verdict, the table has every field, details fold. Where there is less room,
pieces are left out whole, the least important first: details, then notes, then rows from the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import headline, shown
from .escaping import address, cell, prose
from .model import SEVERITIES
from .pieces import Kind, Piece, filled, pieces_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Report

_SIGNS = {
    "clean": "✅",
    "changes": "✏️",
    "error": "❌",
    "refused": "❌",
    "not_authorized": "❌",
}
_HEADS = {
    "drift": ("Severity", "Resource", "Field", "Applied", "Actual", "Why"),
    "plan": ("", "Resource", "Field", "Actual", "After deploy", "Why"),
}


def markdown(reports: Sequence[Report], *, limit: int | None = None) -> str:
    """The reports as one page of at most `limit` bytes in UTF-8, ending with a line break.

    One report is its headline, table and details. Of several, those with nothing to say share a
    line, and the others share the room that there is.
    """
    room = _UNBOUNDED if limit is None else limit
    if len(reports) == 1:
        page = _section(reports[0], room - 1, level=_ALONE)
    else:
        page = _sections(reports, room - 1)
    if page is None:
        said = shown.printable("; ".join(headline.headline(report) for report in reports))
        page = said.encode("ascii", "replace").decode()[: max(room - 1, 0)]
    return page + "\n" if room else ""


_UNBOUNDED = 1 << 40
#: The level of the heading of a report that has the page for itself.
_ALONE = 3


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _sections(reports: Sequence[Report], room: int) -> str | None:
    """Several reports: the alarming ones first, each with its share of the room."""
    quiet = [each for each in reports if each.summary.outcome == "clean" and not each.findings]
    loud = sorted((each for each in reports if each not in quiet), key=_loudness)
    named = len({each.run.project for each in reports}) > 1
    first = f"### {_sign(loud[0]) if loud else '✅'} {shown.counted(len(reports), 'stack')}: " + (
        f"{len(loud)} with something to say" if loud else "nothing to say of any"
    )
    last = [_quiet(quiet, named=named), _run_footer(reports)]
    left = room - sum(_size(part) + 2 for part in (first, *last)) - _LEFT_OUT
    said = []
    for at, report in enumerate(loud):
        share = max(left // (len(loud) - at), min(left, _LEAST))
        section = _section(report, share - 2, level=4, named=named)
        if section is not None:
            said.append(section)
            left -= _size(section) + 2
    if without := len(loud) - len(said):
        said.append(f"*{shown.counted(without, 'stack')} left out for want of room.*")
    page = "\n\n".join(part for part in (first, *said, *last) if part)
    if _size(page) <= room:
        return page
    return first if _size(first) <= room else None


#: Bytes that a stack gets at least, so that the worst have rows before the others have any; and
#: that the line takes which says how many have none.
_LEAST, _LEFT_OUT = 1_500, 100
_LOUDEST = ("❌", "⚠️", "✏️", "✅")


def _loudness(report: Report) -> tuple[int, int, str]:
    severity = report.summary.max_severity
    grave = len(SEVERITIES) if severity is None else SEVERITIES.index(severity)
    return _LOUDEST.index(_sign(report)), grave, report.run.stack


def _called(report: Report, *, named: bool) -> str:
    """What a report is about: its stack; `project/stack` where projects are told apart."""
    run = report.run
    return f"{run.project}/{run.stack}".strip("/") if named else run.stack


def _quiet(reports: Sequence[Report], *, named: bool) -> str:
    """The reports with nothing to say, in one line."""
    if not reports:
        return ""
    names = [cell(shown.name(_called(r, named=named) or "default")) for r in reports[:20]]
    more = f" and {len(reports) - 20} more" if len(reports) > 20 else ""
    return f"Nothing to report: {', '.join(names)}{more}."


def _section(report: Report, room: int, *, level: int, named: bool = False) -> str | None:
    """One report in so many bytes; None where not even its headline fits."""
    pieces = pieces_of(report)
    fewest, most = -1, len(pieces)
    best: str | None = None
    while fewest < most:
        kept = (fewest + most + 1) // 2
        page = _page(report, pieces, kept, level, named=named)
        if _size(page) <= room:
            best, fewest = page, kept
        else:
            most = kept - 1
    if best is not None:
        return best
    alone = _heading(report, level, named=named)
    return alone if _size(alone) <= room else None


def _page(report: Report, pieces: Sequence[Piece], kept: int, level: int, *, named: bool) -> str:
    """The page with the first so many pieces, in the order of their kinds."""
    by_kind: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for piece in pieces[:kept]:
        by_kind[piece.kind].append(piece.text)
    blocks = [_heading(report, level, named=named), *by_kind[Kind.ERROR]]
    if by_kind[Kind.CAUSE]:
        blocks.append("\n".join(by_kind[Kind.CAUSE]))
    if by_kind[Kind.ROW]:
        blocks.append("\n".join([*_table_head(report), *by_kind[Kind.ROW]]))
    if by_kind[Kind.NOTICE]:
        blocks.append("\n".join(by_kind[Kind.NOTICE]))
    blocks += by_kind[Kind.DETAIL]
    blocks += [_left_out(pieces[kept:]), _footer(report, alone=level == _ALONE)]
    return "\n\n".join(block for block in blocks if block)


def _left_out(pieces: Sequence[Piece]) -> str:
    counts = {kind: sum(piece.kind is kind for piece in pieces) for kind in Kind}
    said = [shown.counted(number, kind.value) for kind, number in counts.items() if number]
    if not said:
        return ""
    whole = ", ".join(said)
    return f"*Left out for want of room: {whole}. The report in JSON has everything.*"


def _heading(report: Report, level: int, *, named: bool) -> str:
    about = _called(report, named=named)
    name = f"{cell(shown.name(about))}: " if about else ""
    return f"{'#' * level} {_sign(report)} {name}{prose(headline.headline(report))}"


def _sign(report: Report) -> str:
    outcome = report.summary.outcome
    return _SIGNS.get(outcome, "⚠️")


def _table_head(report: Report) -> tuple[str, str]:
    names = _HEADS[report.run.mode]
    return f"| {' | '.join(names)} |", "|" + "--|" * len(names)


def _footer(report: Report, *, alone: bool) -> str:
    counts = report.run.mode == "drift" and report.summary.by_class
    said = [headline.classes(report)] if counts else []
    said += [headline.coverage(report), headline.others(report)]
    if report.digest is not None:
        said.append(f"digest {report.digest}")
    return _small(said, report.run.url if alone else "", report.run.commit if alone else "")


def _run_footer(reports: Sequence[Report]) -> str:
    """Where several reports are from, if they are from one run."""
    runs, commits = ({each.run.url for each in reports}, {each.run.commit for each in reports})
    run = runs.pop() if len(runs) == 1 else ""
    return _small([], run, commits.pop() if len(commits) == 1 else "")


def _small(said: Sequence[str], run: str, commit: str) -> str:
    parts = [part.rstrip(".") for part in said if part]
    if not (parts or address(run) or commit):
        return ""
    return filled("footer", said=parts, run=address(run), commit=shown.name(commit[:12]))
