"""Time, memory and requests of drift as stacks grow, the engine's own refresh beside it.

What each endpoint adds to a run with one tells whether growth is linear: then it is level.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from .drift import counted_drift, imported, refreshed
from .measuring import Ran, Row, best_of
from .workspace import KEPT, served

OWN, ENGINE = "growth of dbserving drift", "growth of pulumi refresh --preview-only"
SIZES = (1, 10, 100, 1_000, 10_000)
#: Beyond, the engine alone would take the rest of the morning.
MOST_FOR_THE_ENGINE = 1_000


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as every module of the bench
    """Seconds, memory and requests of each size, of both."""
    sizes = SIZES[: 3 if quick else None]
    own = {size: _drift(size) for size in sizes}
    engine = {size: _refresh(size) for size in sizes if size <= MOST_FOR_THE_ENGINE}
    return [*_table(OWN, own), *_table(ENGINE, engine)]


def chart(table: list[Row]) -> str:
    """The growth of drift as a chart in Markdown (Mermaid); nothing where it was not measured."""
    points = [
        (row.what.split()[0], row.note.split()[0]) for row in table if row.group == OWN and row.note
    ]
    if not points:
        return ""
    sizes = ", ".join(f'"{size}"' for size, _ in points)
    each = [one for _, one in points]
    return (
        "```mermaid\nxychart-beta\n"
        '    title "Milliseconds that each endpoint adds to a run of dbserving drift"\n'
        f'    x-axis "endpoints" [{sizes}]\n'
        f'    y-axis "ms" 0 --> {max(2, *(1 + round(float(one)) for one in each))}\n'
        f"    line [{', '.join(each)}]\n```\n"
    )


def _drift(endpoints: int) -> tuple[Ran, int]:
    with served(KEPT, endpoints) as workspace:
        runs = 1 if endpoints > MOST_FOR_THE_ENGINE else 3
        drift = partial(counted_drift, workspace, endpoints)
        return best_of(runs, drift, lambda one: one[0].seconds)


def _refresh(endpoints: int) -> tuple[Ran, int]:
    with tempfile.TemporaryDirectory() as kept, served(KEPT, endpoints) as workspace:
        engine = imported(Path(kept), workspace, endpoints)
        workspace.clear()
        return refreshed(engine), len(workspace.calls())


def _table(group: str, runs: dict[int, tuple[Ran, int]]) -> list[Row]:
    one, _ = runs[1]
    table: list[Row] = []
    for endpoints, (run, gets) in runs.items():
        more = max(1, endpoints - 1)
        seconds, held = (run.seconds - one.seconds) / more, (run.peak - one.peak) / more
        note = f"{1000 * seconds:.2f} ms and {held / 1000:.0f} kB each" if endpoints > 1 else ""
        table.append(
            Row(group, f"{endpoints:,} endpoints", run.seconds, None, gets, run.peak, note)
        )
    return table
