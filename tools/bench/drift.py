"""Drift of many endpoints: the command, the engine's own refresh, loops, and the floor.

All ask the same workspace in the same run, with answers that come at once and such that take
50 ms. The floor is the same number of GETs by bare httpx in as many threads as are best, without
the start of its process; all others are measured from their start to their end.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .measuring import Failed, Ran, Row, ran
from .recording import ENDPOINTS, done, project
from .workspace import KEPT, served

if TYPE_CHECKING:
    from offline import Pulumi

    from .workspace import Served

LATENCIES = (0.0, 0.05)
WORKERS = (8, 16, 32, 64)
DBSERVING = (sys.executable, "-m", "databricks_serving.cli.main")


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as every module of the bench
    """Seconds of each, with GETs and memory."""
    endpoints = 100 if quick else 1000
    table: list[Row] = []
    for latency in LATENCIES:
        with (
            tempfile.TemporaryDirectory() as kept,
            served(KEPT, endpoints, latency=latency) as workspace,
        ):
            table += _compared(workspace, Path(kept), endpoints, latency, runs=1 if quick else 3)
    return table


def drift(workspace: Served) -> Ran:
    """One `dbserving drift` of the workspace's stack, which is in step, from its state file."""
    own = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": workspace.token}
    return ran([*DBSERVING, "drift", "--state", str(workspace.stack)], env={**os.environ, **own})


def imported(directory: Path, workspace: Served, endpoints: int) -> Pulumi:
    """A project whose stack is the workspace's."""
    engine = project(directory, workspace.url, endpoints=endpoints)
    done(engine, "stack", "import", "--file", str(workspace.stack))
    return engine


def counted_drift(workspace: Served, endpoints: int) -> tuple[Ran, int]:
    """The same, and how many GETs there were."""
    done = drift(workspace)
    return done, asked(workspace, endpoints)


def asked(workspace: Served, endpoints: int) -> int:
    """How many GETs there were. Raises `Failed` unless each endpoint was asked for once."""
    calls = Counter(workspace.calls())
    workspace.clear()
    of_endpoints = {path: n for (_, path), n in calls.items() if path.startswith(f"{ENDPOINTS}/")}
    if set(of_endpoints.values()) != {1} or len(of_endpoints) != endpoints:
        raise Failed(f"each of {endpoints} endpoints was to be asked for once: {of_endpoints}")
    return sum(calls.values())


def _compared(
    workspace: Served, kept: Path, endpoints: int, latency: float, *, runs: int
) -> list[Row]:
    group = f"drift, {endpoints:,} endpoints, answers in {1000 * latency:g} ms"
    row = partial(Row, group)
    floors, drifts = _in_turns(workspace, endpoints, rounds=runs)
    floor, best = min(floors)
    table = [row("the floor: bare httpx", floor, count=endpoints, note=f"best with {best} threads")]
    own, gets = min(drifts, key=lambda one: one[0].seconds)
    table.append(
        row("dbserving drift --state", own.seconds, floor, gets, own.peak, "times the floor")
    )
    engine = imported(kept, workspace, endpoints)
    by_stack = ran(
        [*DBSERVING, "drift", "--stack", "dev"], env=engine.environment(), cwd=engine.project
    )
    workspace.clear()
    table.append(
        row(
            "dbserving drift --stack",
            by_stack.seconds,
            floor,
            gets,
            by_stack.peak,
            "times the floor",
        )
    )
    by_engine = refreshed(engine)
    count = len(workspace.calls())
    table.append(
        row(
            "pulumi refresh --preview-only",
            by_engine.seconds,
            own.seconds,
            count,
            by_engine.peak,
            "times dbserving drift; memory of the engine alone",
        )
    )
    loop = float(
        ran([sys.executable, "-m", "bench.floor", "sdk", workspace.url, str(endpoints), "1"]).stdout
    )
    table.append(
        row(
            "a loop with databricks-sdk", loop, own.seconds, endpoints, note="times dbserving drift"
        )
    )
    return table


def _in_turns(
    workspace: Served, endpoints: int, *, rounds: int
) -> tuple[list[tuple[float, int]], list[tuple[Ran, int]]]:
    """Seconds of floors with their threads, and runs of drift with their GETs.

    After each floor a drift: a machine is faster at one time than at another, and what is measured
    more often has the better best.
    """
    floors: list[tuple[float, int]] = []
    drifts: list[tuple[Ran, int]] = []
    for _ in range(rounds):
        for workers in WORKERS:
            floors.append((_floor(workspace, endpoints, workers), workers))
            workspace.clear()
            drifts.append(counted_drift(workspace, endpoints))
    return floors, drifts


def _floor(workspace: Served, endpoints: int, workers: int) -> float:
    command = ["-m", "bench.floor", "httpx", workspace.url, str(endpoints), str(workers)]
    return float(ran([sys.executable, *command]).stdout)


def refreshed(engine: Pulumi) -> Ran:
    """One `pulumi refresh` that only looks; there is nothing to see."""
    command = ["pulumi", "refresh", "--preview-only", "--non-interactive", "--expect-no-changes"]
    return ran(command, env=engine.environment(), cwd=engine.project)
