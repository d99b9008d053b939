"""Print the table; `--write docs/performance.md` puts it there, with what it was made on."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .growth import chart
from .measuring import Failed, Row
from .workspace import KEPT

MODULES = ("drift", "growth", "up", "unchanged", "startup", "emulator")
MARKS = ("<!-- bench -->", "<!-- end of bench -->")
HEADINGS = ("", "seconds", "ratio", "requests", "memory", "")


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what", nargs="*", metavar="WHAT", help=f"which parts: {', '.join(MODULES)} (all)"
    )
    parser.add_argument("--quick", action="store_true", help="fewer endpoints and runs")
    parser.add_argument("--write", type=Path, metavar="FILE", help="a Markdown file with its marks")
    chosen = parser.parse_args()
    unheard = set(chosen.what) - set(MODULES)
    if unheard:
        parser.error(f"there is no part {', '.join(sorted(unheard))}: {', '.join(MODULES)}")
    table: list[Row] = []
    try:
        for name in chosen.what or MODULES:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            table += importlib.import_module(f"bench.{name}").rows(chosen.quick)
    except Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(KEPT, ignore_errors=True)
    console = Console(width=None if sys.stdout.isatty() else 120)
    print(_made_on())
    for group, rows in _grouped(table):
        console.print(_for_terminal(group, rows))
    if chosen.write:
        _write(chosen.write, _markdown(table))
    return 0


def _made_on() -> str:
    when = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    return (
        f"{when}, {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    )


def _grouped(table: list[Row]) -> Iterable[tuple[str, list[Row]]]:
    return [(group, list(rows)) for group, rows in groupby(table, key=lambda row: row.group)]


def _for_terminal(group: str, rows: list[Row]) -> Table:
    shown = Table(title=group, title_justify="left", box=None, pad_edge=False)
    for number, heading in enumerate(HEADINGS):
        shown.add_column(heading, justify="left" if number in (0, 5) else "right")
    for row in rows:
        shown.add_row(*_cells(row))
    return shown


def _markdown(table: list[Row]) -> str:
    lines = [f"`make bench`, {_made_on()}.", ""]
    for group, rows in _grouped(table):
        lines += [
            f"| {group} | seconds | ratio | requests | memory | |",
            "|---|--:|--:|--:|--:|---|",
        ]
        lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
        lines.append("")
    return "\n".join([*lines, chart(table)])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.what,
        _seconds(row.seconds),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.count is None else f"{row.count:,}",
        "" if row.peak is None else f"{row.peak / 1e6:.0f} MB",
        row.note,
    )


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.6f}".rstrip("0")


def _write(file: Path, table: str) -> None:
    begin, end = MARKS
    text = file.read_text()
    pattern = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"bench: {file} has no {begin} … {end}")
    file.write_text(pattern.sub(lambda _: f"{begin}\n{table}\n{end}", text))


if __name__ == "__main__":
    sys.exit(main())
