"""What was used, as text, CSV and JSON."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING

from .shown import counted, name, printable, unheard
from .usage import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .usage import Figures, Usage

USAGE_FORMATS = ("text", "json", "csv")
_FIGURES = ("calls", "errors", "input_tokens", "output_tokens")
_UNBOUNDED = 1_000_000
_NARROWEST = 40
#: Where a call said nothing, or nobody knows.
_NOBODY = "-"
#: Of CSV (RFC 4180).
_UNQUOTED = re.compile(r'[^",\r\n]+')
#: The least that a text shows of a cost, and the most lines: beyond, drawing them takes seconds.
_LEAST_SHOWN = Decimal("0.0001")
_MOST_LINES = 1000


def render_usage(
    usage: Usage,
    format: str,  # noqa: A002 - what `-f` calls it
    *,
    width: int | None = None,
    color: bool = False,
    ascii_only: bool = False,
    logged: bool = False,
) -> str:
    """What was used, in a format, ending with a line break.

    width, color, ascii_only: of text; width None: as wide as it is. logged: of JSON and CSV; it
    may become lines of a log, to which nothing in there is a command
    """
    if format == "json":
        text = json.dumps(usage.model_dump(mode="json", by_alias=True), indent=2) + "\n"
        return unheard(text) if logged else text
    if format == "csv":
        return _csv(usage, logged=logged)
    return _text(usage, width, color=color, ascii_only=ascii_only)


def _csv(usage: Usage, *, logged: bool) -> str:
    """A line for each row, without a total; empty: nobody knows, or there is no price."""
    priced = usage.currency is not None
    lines: list[list[str | None]] = [
        [*usage.by, *_FIGURES, *(("cost", "currency") if priced else ())]
    ]
    for row in usage.rows:
        named = [row.named(dimension) for dimension in usage.by]
        figures = [str(getattr(row, figure)) for figure in _FIGURES]
        cost = (None if row.cost is None else f"{row.cost:f}", usage.currency) if priced else ()
        lines.append([*named, *figures, *cost])
    if logged:
        lines = [[None if one is None else printable(one) for one in line] for line in lines]
    text = "".join(f"{','.join(map(_field, line))}\n" for line in lines)
    return unheard(text) if logged else text


def _field(text: str | None) -> str:
    """As RFC 4180 has it; an empty text is in quotes, and nothing is not, as databases read it."""
    if text is None:
        return ""
    return text if _UNQUOTED.fullmatch(text) else '"' + text.replace('"', '""') + '"'


def _text(usage: Usage, width: int | None, *, color: bool, ascii_only: bool) -> str:
    from rich import box  # noqa: PLC0415 - of this format alone
    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    console = Console(
        file=StringIO(),
        width=max(width, _NARROWEST) if width else _UNBOUNDED,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        _environ={},
    )
    table = Table(
        box=box.ASCII2 if ascii_only else box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True
    )
    for dimension in usage.by:
        table.add_column(Text(printable(_heading(dimension))), overflow="fold")
    for heading in ("calls", "errors", "tokens in", "tokens out"):
        table.add_column(heading, justify="right", overflow="fold")
    if usage.currency is not None:
        table.add_column(Text(printable(usage.currency)), justify="right", no_wrap=True)
    for row in usage.rows[:_MOST_LINES]:
        names = (row.named(dimension) for dimension in usage.by)
        table.add_row(*(Text(_called(one)) for one in names), *_cells(row, usage))
    if len(usage.rows) != 1:
        blank = [""] * (len(usage.by) - 1)
        table.add_section()
        table.add_row("total", *blank, *_cells(usage.total, usage), style="bold")
    with console.capture() as captured:
        if usage.rows:
            console.print(table)
        for line in _lines(usage):
            console.print(Text(line), soft_wrap=width is None)
    written = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()).lstrip("\n")
    written = unheard(written)
    return written.encode("ascii", "backslashreplace").decode() if ascii_only else written


def _cells(figures: Figures, usage: Usage) -> list[str]:
    numbers = [f"{getattr(figures, figure):,}" for figure in _FIGURES]
    return [*numbers, _money(figures.cost)] if usage.currency is not None else numbers


def _money(cost: Decimal | None) -> str:
    if cost is None:
        return "?"
    return f"<{_LEAST_SHOWN}" if 0 < cost < _LEAST_SHOWN else f"{cost:,.4f}"


def _called(text: str | None) -> str:
    """A name, told apart from where there is none: one that looks so is in quotes."""
    if text is None:
        return _NOBODY
    return f'"{name(text)}"' if text in ("", _NOBODY) or text.startswith('"') else name(text)


def _lines(usage: Usage) -> Iterator[str]:
    """What stands below the table."""
    more = len(usage.rows) - _MOST_LINES
    if more > 0:
        yield f"{counted(more, 'more row')}, which -f csv and -f json have."
    until = f"until {usage.until}" if usage.until else "until now"
    found = "" if usage.rows else "No calls in "
    yield printable(f"{found}{usage.workspace}, since {usage.since}, {until}")
    if usage.unpriced:
        yield f"No price for: {', '.join(name(one) for one in usage.unpriced)}"
    for notice in usage.notices:
        yield printable(notice)


def _heading(dimension: str) -> str:
    return dimension.removeprefix(CONTEXT)
