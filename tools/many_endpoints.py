"""How long the emulator takes for thousands of endpoints, and how much memory.

Creates them one after the other, then lists them; first over HTTP, where `dbserving emulator` is a
process of its own, then in this process through `Workspace.transport()`. The limit of 1000 that a
real workspace has is switched off for it. Memory is the peak of the process that holds the
workspace.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from databricks_serving_emulator import Behaviour, Workspace

_SUMMARY, _, _HOW = (__doc__ or "").partition("\n\n")
ENDPOINTS = "/api/2.0/serving-endpoints"
HEADERS = {"Authorization": "Bearer dapi-emulator"}


@dataclass(frozen=True)
class Taken:
    """What it took. Seconds; the size of the list in bytes."""

    creating: float
    listing: float
    listed: int
    size: int


def main() -> int:
    """Measure, print a line for each door, and return the exit code."""
    parser = argparse.ArgumentParser(description=_SUMMARY, epilog=_HOW)
    parser.add_argument(
        "--endpoints", type=int, default=5000, metavar="N", help="how many (default: 5000)"
    )
    wanted: int = parser.parse_args().endpoints
    print(f"{wanted} endpoints; {os.cpu_count()} cores, Python {platform.python_version()}")
    # The server first: a child's peak is at least what its parent had when it started it.
    with _server() as (url, stop), httpx.Client(base_url=url, headers=HEADERS) as http:
        http.patch("/_emulator/behaviour", json={"endpoints_limit": None}).raise_for_status()
        over_http = _measure(http, wanted)
        stop()
    _report("over HTTP", over_http, wanted, resource.RUSAGE_CHILDREN)

    workspace = Workspace(behaviour=Behaviour(endpoints_limit=None))
    with httpx.Client(
        transport=workspace.transport(), base_url="http://emulator", headers=HEADERS
    ) as http:
        in_process = _measure(http, wanted)
    _report("in process", in_process, wanted, resource.RUSAGE_SELF)
    return 0 if over_http.listed == in_process.listed == wanted else 1


@contextlib.contextmanager
def _server() -> Iterator[tuple[str, Callable[[], None]]]:
    command = [sys.executable, "-m", "databricks_serving.cli.main", "emulator", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def stop() -> None:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    try:
        yield process.stdout.readline().strip() if process.stdout else "", stop
    finally:
        process.kill()
        process.communicate()


def _measure(http: httpx.Client, wanted: int) -> Taken:
    begun = time.perf_counter()
    for number in range(wanted):
        http.post(ENDPOINTS, json=_body(number)).raise_for_status()
    created = time.perf_counter()
    answer = http.get(ENDPOINTS, timeout=60).raise_for_status()
    listed = time.perf_counter()
    endpoints = answer.json().get("endpoints", [])
    return Taken(created - begun, listed - created, len(endpoints), len(answer.content))


def _body(number: int) -> dict[str, object]:
    model = {
        "name": "gpt-4o",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key_plaintext": "sk-made-up"},
    }
    return {
        "name": f"chat-{number}",
        "config": {"served_entities": [{"name": "main", "external_model": model}]},
        "tags": [{"key": "team", "value": f"team-{number % 20}"}],
    }


def _report(door: str, taken: Taken, wanted: int, whose: int) -> None:
    each = 1000 * taken.creating / max(wanted, 1)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    peak = resource.getrusage(whose).ru_maxrss * unit / 1e6
    print(
        f"{door:10}  created in {taken.creating:.1f} s ({each:.1f} ms each), "
        f"{taken.listed} listed in {taken.listing:.2f} s ({taken.size / 1e6:.1f} MB), "
        f"peak memory {peak:.0f} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
