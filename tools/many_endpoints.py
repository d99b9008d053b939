"""How long the emulator takes for thousands of endpoints, and how much memory.

Creates them one after the other, then lists them: over HTTP, where `dbserving emulator` is a
process of its own; the same with `--db`, where another such process then starts with the file; and
in this process through `Workspace.transport()`. The limit of 1000 that a real workspace has is
switched off for it. Memory is the peak of the process that holds the workspace.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from databricks_serving_emulator import Behaviour, Workspace

_SUMMARY, _, _HOW = (__doc__ or "").partition("\n\n")
ENDPOINTS = "/api/2.0/serving-endpoints"
HEADERS = {"Authorization": "Bearer dapi-emulator"}


@dataclass(frozen=True)
class Taken:
    """What it took. Seconds; the size of the list, and the peak of memory, in bytes.

    starting: from the start of the process to its first line
    """

    creating: float
    listing: float
    listed: int
    size: int
    starting: float = 0.0
    peak: int = 0


def main() -> int:
    """Measure, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(description=_SUMMARY, epilog=_HOW)
    parser.add_argument(
        "--endpoints", type=int, default=5000, metavar="N", help="how many (default: 5000)"
    )
    wanted: int = parser.parse_args().endpoints
    print(f"{wanted} endpoints; {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(f"{'':28}  started   created   (each)    listed            peak memory")
    # The servers first: a child's peak is at least what its parent had when it started it.
    with tempfile.TemporaryDirectory() as folder:
        db = ["--db", str(Path(folder, "workspace.db"))]
        found = [
            _report("over HTTP", _served([], wanted), wanted),
            _report("over HTTP, with --db", _served(db, wanted), wanted),
            _report("the same, started again", _served(db, 0), 0),
        ]
    found.append(_report("in process", _in_process(wanted), wanted))
    return 0 if all(taken.listed == wanted for taken in found) else 1


def _served(options: list[str], wanted: int) -> Taken:
    command = [sys.executable, "-m", "databricks_serving.cli.main", "emulator", "--port", "0"]
    begun = time.perf_counter()
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        started = time.perf_counter() - begun
        with httpx.Client(base_url=url, headers=HEADERS) as http:
            http.patch("/_emulator/behaviour", json={"endpoints_limit": None}).raise_for_status()
            taken = _measure(http, wanted)
        process.send_signal(signal.SIGTERM)
        # Not `wait`: only this tells the peak of this child, and not of all.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return replace(taken, starting=started, peak=_peak(used))
    finally:
        process.kill()
        process.communicate()


def _in_process(wanted: int) -> Taken:
    workspace = Workspace(behaviour=Behaviour(endpoints_limit=None))
    transport = workspace.transport()
    with httpx.Client(transport=transport, base_url="http://emulator", headers=HEADERS) as http:
        taken = _measure(http, wanted)
    return replace(taken, peak=_peak(resource.getrusage(resource.RUSAGE_SELF)))


def _peak(used: resource.struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


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


def _report(door: str, taken: Taken, wanted: int) -> Taken:
    each = 1000 * taken.creating / max(wanted, 1)
    print(
        f"{door:28}  {taken.starting:5.2f} s  {taken.creating:6.1f} s  {each:5.1f} ms  "
        f"{taken.listed} in {taken.listing:.2f} s, {taken.size / 1e6:.1f} MB  "
        f"{taken.peak / 1e6:4.0f} MB"
    )
    return taken


if __name__ == "__main__":
    sys.exit(main())
