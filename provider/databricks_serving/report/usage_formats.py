"""What was used, as text, CSV and JSON."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

from .shown import name, printable
from .usage import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from .usage import Figures, Usage

USAGE_FORMATS = ("text", "json", "csv")
_FIGURES = ("calls", "errors", "input_tokens", "output_tokens")
_UNBOUNDED = 1_000_000
_NARROWEST = 40
#: Where a call said nothing, or nobody knows.
_NOBODY = "-"


def render_usage(
    usage: Usage,
    format: str,  # noqa: A002 - what `-f` calls it
    *,
    width: int | None = None,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """What was used, in a format, ending with a line break.

    width, color, ascii_only: of text; width None: as wide as it is.
    """
    if format == "json":
        return json.dumps(usage.model_dump(mode="json", by_alias=True), indent=2) + "\n"
    if format == "csv":
        return _csv(usage)
    return _text(usage, width, color=color, ascii_only=ascii_only)


def _csv(usage: Usage) -> str:
    """A line for each row, without a total; empty: nobody knows, or there is no price."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    priced = usage.currency is not None
    writer.writerow([*usage.by, *_FIGURES, *(("cost", "currency") if priced else ())])
    for row in usage.rows:
        named = [row.named(dimension) for dimension in usage.by]
        figures = [getattr(row, figure) for figure in _FIGURES]
        cost = (("" if row.cost is None else f"{row.cost:f}"), usage.currency) if priced else ()
        writer.writerow([*named, *figures, *cost])
    return written.getvalue()


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
    for row in usage.rows:
        names = (row.named(dimension) for dimension in usage.by)
        table.add_row(*(Text(name(one) if one else _NOBODY) for one in names), *_cells(row, usage))
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
    return written.encode("ascii", "backslashreplace").decode() if ascii_only else written


def _cells(figures: Figures, usage: Usage) -> list[str]:
    numbers = [f"{getattr(figures, figure):,}" for figure in _FIGURES]
    return [*numbers, _money(figures.cost)] if usage.currency is not None else numbers


def _money(cost: Decimal | None) -> str:
    return "?" if cost is None else f"{cost:,.4f}"


def _lines(usage: Usage) -> Iterator[str]:
    """What stands below the table."""
    until = f"until {usage.until}" if usage.until else "until now"
    found = "" if usage.rows else "No calls in "
    yield printable(f"{found}{usage.workspace}, since {usage.since}, {until}")
    if usage.unpriced:
        yield f"No price for: {', '.join(name(one) for one in usage.unpriced)}"
    for notice in usage.notices:
        yield printable(notice)


def _heading(dimension: str) -> str:
    return dimension.removeprefix(CONTEXT)
