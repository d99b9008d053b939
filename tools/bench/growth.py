"""Time, memory and requests of drift as stacks grow; per endpoint, so that linear is level."""

from __future__ import annotations

from functools import partial

from .drift import counted_drift
from .measuring import Ran, Row, best_of
from .workspace import KEPT, served

GROUP = "growth of drift"
SIZES = (10, 100, 1_000, 10_000)


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as every module of the bench
    """Seconds of each size; beside them, how much each endpoint adds to a run with one."""
    one, gets = _measured(1)
    table = [_row(1, one, gets, "the run itself")]
    for endpoints in SIZES[: 2 if quick else None]:
        found, gets = _measured(endpoints)
        seconds = (found.seconds - one.seconds) / (endpoints - 1)
        held = (found.peak - one.peak) / (endpoints - 1)
        note = f"{1000 * seconds:.2f} ms and {held / 1000:.0f} kB each"
        table.append(_row(endpoints, found, gets, note))
    return table


def _measured(endpoints: int) -> tuple[Ran, int]:
    with served(KEPT, endpoints) as workspace:
        runs = 1 if endpoints > 1_000 else 3
        return best_of(
            runs, partial(counted_drift, workspace, endpoints), lambda one: one[0].seconds
        )


def _row(endpoints: int, run: Ran, gets: int, note: str) -> Row:
    return Row(GROUP, f"{endpoints:,} endpoints", run.seconds, None, gets, run.peak, note)
