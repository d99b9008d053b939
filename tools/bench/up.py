"""`pulumi up` of many endpoints at once, each of which takes a while to deploy.

The engine has at most `--parallel` of them under way, so the floor is the time of one deployment
for each round of that many, beside what the engine itself takes: the same `up`, deployed at once.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .measuring import Row
from .recording import ENDPOINTS, done, project
from .workspace import Served, running

GROUP = "up"
#: Seconds that each deployment takes.
DEPLOYMENT = 5.0


@dataclass(frozen=True)
class Up:
    """What one `up` took: seconds; requests by kind; the checkpoint's bytes per endpoint."""

    seconds: float
    gets: int
    lists: int
    writes: int
    checkpoint: float


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as every module of the bench
    """An `up` of endpoints that deploy at once, and of ones that take `DEPLOYMENT` seconds."""
    endpoints = 20 if quick else 200
    instant = up(endpoints, parallel=64, deployment=0.0)
    table = [
        Row(
            GROUP,
            f"{endpoints} endpoints, --parallel 64, deployed at once",
            instant.seconds,
            count=instant.gets + instant.lists + instant.writes,
            note=f"{instant.checkpoint:,.0f} bytes of checkpoint each",
        )
    ]
    for parallel in (64,) if quick else (64, 256):
        slow = up(endpoints, parallel=parallel, deployment=DEPLOYMENT)
        rounds = math.ceil(endpoints / parallel)
        table.append(
            Row(
                GROUP,
                f"{endpoints} endpoints, --parallel {parallel}, deployed in {DEPLOYMENT:g} s",
                slow.seconds,
                against=instant.seconds + rounds * DEPLOYMENT,
                count=slow.gets + slow.lists + slow.writes,
                note=f"{rounds} x {DEPLOYMENT:g} s + the engine; "
                f"{slow.gets} GETs, {slow.lists} lists",
            )
        )
    return table


def up(endpoints: int, *, parallel: int, deployment: float) -> Up:
    """One `up` of so many endpoints that are not there yet, `deployment` seconds each."""
    with tempfile.TemporaryDirectory() as kept, running([]) as url:
        workspace = Served(url, Path(kept))
        workspace.control("POST", "deployments", {"seconds": deployment})
        pulumi = project(Path(kept), url, endpoints=endpoints)
        begun = time.perf_counter()
        done(pulumi, "up", "--yes", "--skip-preview", "--parallel", str(parallel))
        seconds = time.perf_counter() - begun
        calls = Counter(_kind(method, path) for method, path in workspace.calls())
        checkpoint = Path(kept, "home/backend/.pulumi/stacks/fleet/dev.json").read_text()
    resources = json.loads(checkpoint)["checkpoint"]["latest"]["resources"]
    ours = [r for r in resources if r["type"].endswith(":ServingEndpoint")]
    size = len(json.dumps(ours, separators=(",", ":"))) / len(ours)
    return Up(seconds, calls["GET"], calls["list"], calls["write"], size)


def _kind(method: str, path: str) -> str:
    if method != "GET":
        return "write"
    return "list" if path == ENDPOINTS else "GET"
