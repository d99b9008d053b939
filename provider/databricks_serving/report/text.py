"""A report for a terminal, at 80 columns too: Rich lays out what `rows` and `headline` say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING

from rich.text import Text

from databricks_serving.plan.comparison import Origin
from databricks_serving_schema import Severity

from . import headline, rows, shown
from .model import Classification, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from .model import Cause, Finding, Report

#: Wider than any line: no wrapping.
_UNBOUNDED = 1_000_000
_NARROWEST = 40
_ASCII = str.maketrans({"—": "-", "→": "->", "…": "...", "“": '"', "”": '"'})
_SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
}
_EFFECT_STYLES = {
    Effect.CREATE: "green",
    Effect.UPDATE: "yellow",
    Effect.REPLACE: "magenta",
    Effect.DELETE: "red",
    Effect.REFUSE: "bold red",
}
#: The most names of resources that a shared cause tells.
_NAMED = 3


@dataclass(frozen=True)
class _Marks:
    """The signs of one set of characters."""

    critical: str
    high: str
    medium: str
    low: str
    arrow: str
    replace: str

    def of(self, severity: Severity | None) -> str:
        """The mark of a severity, in a shape of its own."""
        return self.low if severity is None else str(getattr(self, severity.value))


_UNICODE = _Marks("✖", "▲", "●", "○", "→", "±")
_PLAIN = _Marks("x", "!", "*", "o", "->", "+-")


def text(
    report: Report,
    *,
    width: int | None = None,
    color: bool = False,
    ascii_only: bool = False,
    brief: bool = False,
) -> str:
    """The report as lines of text, the summary last.

    width: columns; None: nothing is wrapped. brief: the summary alone.
    """
    page = _Page(report, max(width, _NARROWEST) if width else _UNBOUNDED, ascii_only=ascii_only)
    return page.printed(page.summary() if brief else page.lines(), color=color)


def _console(width: int, *, color: bool = False) -> Console:
    from rich.console import Console  # noqa: PLC0415 - half of Rich, and often there is no need

    return Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        _environ={},
    )


def _colored(lines: Iterable[Text]) -> str:
    console = _console(_UNBOUNDED, color=True)
    with console.capture() as captured:
        for line in lines:
            line.rstrip()
            console.print(line, soft_wrap=True, markup=False, highlight=False, emoji=False)
    return captured.get()


@dataclass(frozen=True)
class _Page:
    """One report on a page of so many columns."""

    report: Report
    width: int
    ascii_only: bool

    @property
    def marks(self) -> _Marks:
        return _PLAIN if self.ascii_only else _UNICODE

    def printed(self, lines: Iterable[Text], *, color: bool) -> str:
        """The lines as they go to the terminal."""
        # Without colours Rich would do nothing more: `shown` has left no tab in any line.
        told = _colored(lines) if color else "".join(f"{line.plain.rstrip()}\n" for line in lines)
        written = shown.unheard(told)
        if not self.ascii_only:
            return written
        return written.translate(_ASCII).encode("ascii", "backslashreplace").decode()

    def lines(self) -> Iterator[Text]:
        """Everything: shared causes, findings, then the summary."""
        for cause in self.report.causes:
            yield from self.cause(cause)
        if self.report.causes:
            yield Text()
        for finding in self.report.findings:
            yield from self.finding(finding)
        if self.report.findings:
            yield Text()
        yield from self.summary()

    def finding(self, finding: Finding) -> Iterator[Text]:
        """One resource with its fields."""
        yield from self.header(finding)
        for row in rows.rows_of(finding, self.report.run.mode):
            yield from self.row(row)
        for remark in rows.remarks(finding):
            yield from self.wrapped(Text(remark, style="dim"), first=4, rest=4)
        for change in finding.not_in_code:
            yield from self.row(rows.row_of(change, self.report.run.mode))

    def header(self, finding: Finding) -> Iterator[Text]:
        """`chat  ServingEndpoint in prod — changed outside  infra/__main__.py:41`."""
        mode = self.report.run.mode
        line = Text()
        verdict_style = "bold"
        if mode == "plan" and finding.classification is not Classification.UNMANAGED:
            mark = rows.EFFECT_MARKS[finding.effect]
            verdict_style = _EFFECT_STYLES.get(finding.effect, "bold")
            line.append(self.marks.replace if mark == "+-" else mark, verdict_style).append(" ")
        elif finding.severity is not None:
            verdict_style = _SEVERITY_STYLES[finding.severity]
        line.append(shown.name(finding.name), "bold")
        where = "" if self.shared else f" in {shown.name(finding.workspace)}"
        line.append(f"  {shown.name(finding.kind)}{where} — ")
        line.append(rows.verdict(finding, mode), verdict_style)
        place = rows.place(finding)
        if place and line.cell_len + len(place) + 2 <= self.width:
            yield line.append(f"  {place}", "dim")
            return
        yield from self.wrapped(line, first=0, rest=4)
        if place:
            yield from self.wrapped(Text(place, "dim"), first=4, rest=4)

    def row(self, row: rows.Row) -> Iterator[Text]:
        """One field: on one line where there is room, else the values and the reason below."""
        head, values, note = self.mark(row), self.values(row), Text(self.why(row), "dim")
        head = Text.assemble("  ", head, " ", row.path)
        whole = Text.assemble(head, ":  ", values, "   " if note else "", note)
        if whole.cell_len <= self.width:
            yield whole
            return
        together = Text.assemble(head, ":  ", values)
        if together.cell_len <= self.width:
            yield together
        else:
            yield from self.wrapped(Text.assemble(head.plain.strip(), ":"), first=2, rest=6)
            yield from self.wrapped(values, first=6, rest=8)
        if note:
            yield from self.wrapped(note, first=6, rest=6)

    def mark(self, row: rows.Row) -> Text:
        """The sign before a field."""
        style = _SEVERITY_STYLES.get(row.severity, "") if row.severity else ""
        if row.label == rows.BESIDE:
            return Text("+", "dim")
        if self.report.run.mode == "drift" or row.origin is None:
            return Text(self.marks.of(row.severity), style)
        if row.overwrites:
            return Text("!", "bold red")
        if row.creates:
            return Text("+", "green")
        return Text({Origin.CODE: "~", Origin.CONVERGED: "="}.get(row.origin, "."))

    def values(self, row: rows.Row) -> Text:
        """`100  →  0`, or the one value that matters."""
        if row.label == rows.BESIDE:
            return Text(row.after if self.report.run.mode == "drift" else row.before)
        if row.label == rows.ALREADY:
            return Text(row.before)
        if row.creates:
            return Text(row.after)
        style = _SEVERITY_STYLES.get(row.severity, "") if row.severity else ""
        changed = style if self.report.run.mode == "drift" else ""
        return Text.assemble(row.before, f"  {self.marks.arrow}  ", (row.after, changed))

    def why(self, row: rows.Row) -> str:
        """The reason where the group's head does not say it already."""
        if row.label == rows.OUTSIDE and self.report.run.mode == "drift":
            return f"({row.note})" if row.note else ""
        return row.note if row.creates else row.why

    def cause(self, cause: Cause) -> Iterator[Text]:
        """What several resources have in common."""
        where = shown.counted(len(cause.workspaces), "workspace")
        head = Text.assemble(
            (
                self.marks.of(cause.severity),
                _SEVERITY_STYLES.get(cause.severity or Severity.LOW, ""),
            ),
            f" {cause.count} times {shown.name(cause.kind)}",
            f" in {where}: {shown.printable(cause.path)} is {shown.value(cause.actual)}",
        )
        yield from self.wrapped(head, first=0, rest=4)
        named = ", ".join(map(shown.name, cause.resources[:_NAMED]))
        more = len(cause.resources) - _NAMED
        yield from self.wrapped(
            Text(named + (f" and {more} more" if more > 0 else ""), "dim"), first=4, rest=4
        )

    def summary(self) -> Iterator[Text]:
        """The verdict with the counts, what was compared, what to do next."""
        report = self.report
        yield from self.verdict()
        for said in (headline.coverage(report), headline.others(report)):
            if said:
                yield from self.wrapped(Text(said), first=0, rest=2)
        if report.digest is not None:
            yield Text(f"Digest {shown.name(report.digest)}")
        for unsafe in report.summary.unsafe:
            yield from self.wrapped(
                Text(f"Unsafe: {shown.printable(unsafe)}", "bold red"), first=0, rest=2
            )
        for error in report.errors:
            where = f"{error.resource}: " if error.resource else ""
            said = shown.printable(f"Error: {where}{error.told}")
            yield from self.wrapped(Text(said, "red"), first=0, rest=2)
        for notice in report.notices:
            yield from self.wrapped(Text(f"Note: {shown.printable(notice)}"), first=0, rest=2)
        steps = headline.next_steps(report)
        longest = max((len(command) for command, _ in steps), default=0)
        for number, (command, does) in enumerate(steps):
            start = "Next:" if number == 0 else "     "
            line = Text.assemble(f"{start} ", (command.ljust(longest), "bold"), f"  {does}")
            yield from self.wrapped(line, first=0, rest=8)

    def verdict(self) -> Iterator[Text]:
        """`prod: 1 drifted (worst: critical), 2 in sync.`."""
        report = self.report
        counts = headline.counts(report)
        if report.run.complete and not report.errors:
            said, more = counts, ""
        else:
            said, more = headline.headline(report), counts if report.summary.by_class else ""
        yield from self.wrapped(Text(f"{self.subject()}: {said}.", "bold"), first=0, rest=2)
        if more:
            yield from self.wrapped(Text(f"{more[:1].upper()}{more[1:]}."), first=0, rest=2)

    def subject(self) -> str:
        """What the report is about: the stack, and the workspace where there is one for all."""
        run = self.report.run
        about = shown.name(run.stack) or "the state"
        said = f"Plan for {about}" if run.mode == "plan" else about
        return f"{said} in {shown.name(self.shared)}" if self.shared else said

    @cached_property
    def shared(self) -> str:
        """The workspace of all findings; nothing where there are several, or none."""
        found = {finding.workspace for finding in self.report.findings}
        return found.pop() if len(found) == 1 else ""

    def wrapped(self, line: Text, *, first: int, rest: int) -> Iterator[Text]:
        """A line in as many as it takes, the first and the others indented by so many columns."""
        if line.cell_len + first <= self.width:
            yield Text.assemble(" " * first, line)
            return
        console = _console(self.width)
        head, *more = line.wrap(console, self.width - first, no_wrap=False)
        yield Text.assemble(" " * first, head)
        if not more:
            return
        left = Text(" ").join(more)
        for part in left.wrap(console, self.width - rest, no_wrap=False):
            yield Text.assemble(" " * rest, part)
