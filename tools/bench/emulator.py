"""What an answer costs the emulator: it must never be what the other parts measure.

Seconds are of CPU, of the process that serves, for one answer: they say the same on a machine that
has other work. The ratio is to the CPU that httpx takes for one GET of an endpoint.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .asking import ENDPOINTS as COUNT
from .measuring import Failed, Row, best_of
from .recording import ENDPOINTS, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP = f"The emulator, CPU for one answer ({COUNT:,} endpoints)"
ONE = f"{ENDPOINTS}/chat-#"
LATENCY = 0.05


def rows(quick: bool) -> list[Row]:  # noqa: FBT001 - as `__main__` calls every part
    """GETs by many clients at a time, and what a run of drift asks besides."""
    times, count = (1, 640) if quick else (3, 6400)
    with _served() as emulator:
        against = min(emulator.taken(ONE, "httpx", count // 4) for _ in range(times))

        def row(emulator: _Emulator, what: str, path: str, clients: int, share: int = 1) -> Row:
            best = best_of(
                times, lambda: emulator.asked(path, clients, count // share), lambda took: took.cpu
            )
            note = f"{1 / best.cpu:,.0f}/s of CPU, {1 / best.wall:,.0f}/s by the clock"
            return Row(GROUP, what, best.cpu, against, count=count // share, note=note)

        found = [
            row(emulator, "an endpoint, 16 clients", ONE, 16),
            row(emulator, "an endpoint, 64 clients", ONE, 64),
            row(emulator, "list of all endpoints", ENDPOINTS, 2, 160),
            row(emulator, "list of secrets", "/api/2.0/secrets/list?scope=llm-keys", 16),
            row(emulator, "who is calling (Me)", "/api/2.0/preview/scim/v2/Me", 16),
        ]
        emulator.hold_back(LATENCY)
        held_back = f"an endpoint, 64 clients, held back {1000 * LATENCY:.0f} ms"
        found.append(row(emulator, held_back, ONE, 64))
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder, "bench.db")) as kept:
        found.append(row(kept, "an endpoint, 64 clients, kept in a file", ONE, 64))
    return found


@dataclass(frozen=True)
class _Took:
    """Seconds for one answer: of the server's CPU, and of wall clock."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class _Emulator:
    """A server that tells its CPU time, and takes a latency, by its standard streams."""

    url: str
    asks: IO[str]
    answers: IO[str]

    def asked(self, path: str, clients: int, count: int) -> _Took:
        """What so many GETs took."""
        begun = self._says("cpu")
        wall = self.taken(path, str(clients), count)
        return _Took((self._says("cpu") - begun) / count, wall)

    def taken(self, path: str, clients: str, count: int) -> float:
        """What `bench.asking` prints, for one GET."""
        command = [sys.executable, "-m", "bench.asking", self.url, path, clients, str(count)]
        printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        return float(printed) / count

    def hold_back(self, seconds: float) -> None:
        """Hold each answer back."""
        self._says(str(seconds))

    def _says(self, word: str) -> float:
        self.asks.write(f"{word}\n")
        self.asks.flush()
        return float(self.answers.readline())


@contextmanager
def _served(db: Path | None = None) -> Iterator[_Emulator]:
    command = [sys.executable, "-m", "bench.emulator", *([str(db)] if db else [])]
    pipe = subprocess.PIPE
    # It ends with its input.
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise Failed("The emulator has no standard streams.")
        yield _Emulator(process.stdout.readline().strip(), process.stdin, process.stdout)


def _serve(db: Path | None) -> None:
    """Serve until the input ends; each line of it is answered with the CPU time so far."""
    from databricks_serving_emulator import (  # noqa: PLC0415 - who measures memory stays small
        Behaviour,
        Request,
        RunningServer,
        Workspace,
    )

    workspace = Workspace(token=TOKEN, db=db)
    headers = {"authorization": f"Bearer {TOKEN}"}
    for path, body in _bodies():
        asked = Request("POST", path, headers=headers, body=json.dumps(body).encode())
        answer = workspace.answer(asked)
        if answer.status != 200:
            raise SystemExit(f"POST {path}: {answer.body.decode()}")
    with RunningServer(workspace) as server:
        print(server.url, flush=True)
        for line in sys.stdin:
            if line != "cpu\n":
                workspace.behaviour = Behaviour(latency=float(line))
            print(time.process_time(), flush=True)
    workspace.close()


def _bodies() -> Iterator[tuple[str, object]]:
    secrets = "/api/2.0/secrets"
    yield f"{secrets}/scopes/create", {"scope": "llm-keys"}
    yield f"{secrets}/put", {"scope": "llm-keys", "key": "openai", "string_value": "sk-made-up"}
    for number in range(COUNT):
        yield ENDPOINTS, _endpoint(number)


def _endpoint(number: int) -> object:
    model = {
        "name": "gpt-4o",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key": "{{secrets/llm-keys/openai}}"},
    }
    guards = {"safety": True, "pii": {"behavior": "BLOCK"}}
    return {
        "name": f"chat-{number}",
        "description": "Answers the questions of whoever works here.",
        "config": {"served_entities": [{"name": "main", "external_model": model}]},
        "tags": [{"key": key, "value": "gen-ai"} for key in ("team", "cost-center", "stage")],
        "ai_gateway": {
            "usage_tracking_config": {"enabled": True},
            "rate_limits": [
                {"calls": 100, "key": key, "renewal_period": "minute"}
                for key in ("user", "endpoint")
            ],
            "guardrails": {"input": {**guards, "invalid_keywords": ["zebra"]}, "output": guards},
        },
    }


if __name__ == "__main__":
    _serve(Path(sys.argv[1]) if sys.argv[1:] else None)
