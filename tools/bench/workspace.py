"""The emulator in a process of its own, with any number of endpoints."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .recording import ENDPOINTS, TOKEN, Recording, empty_workspace, record

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where what was made of each size is found again by the same run of the bench.
KEPT = Path(__file__).resolve().parents[2] / ".bench" / str(os.getpid())


@dataclass(frozen=True)
class Served:
    """A workspace at `url`; `stack`: the file with the stack whose endpoints it holds."""

    url: str
    stack: Path
    token: str = TOKEN

    def calls(self) -> list[tuple[str, str]]:
        """The API calls since `clear`, as (method, path)."""
        return [(one["method"], one["path"]) for one in self.control("GET", "calls")["calls"]]

    def clear(self) -> None:
        """Forget the calls."""
        self.control("DELETE", "calls")

    def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call a control route."""
        return self.ask(method, f"/_emulator/{path}", body)

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call any route."""
        request = urllib.request.Request(  # noqa: S310 - loopback, started here
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
            return json.loads(answer.read() or b"{}")


@contextmanager
def served(directory: Path, endpoints: int, *, latency: float = 0.0) -> Iterator[Served]:
    """A workspace with that many endpoints; each answer takes `latency` seconds more.

    directory: where the workspace and the stack of that size are kept, and found again
    """
    db, stack = directory / f"{endpoints}.db", directory / f"{endpoints}.json"
    if not stack.exists():
        directory.mkdir(parents=True, exist_ok=True)
        # In a process of its own: see `measuring.ran`.
        command = [sys.executable, "-m", "bench.workspace", str(directory), str(endpoints)]
        subprocess.run(command, check=True)
    held_back = ["--latency", f"{round(1000 * latency)}ms"]
    with running(["--db", str(db), *held_back]) as url:
        ready = directory / f"{endpoints}.at-address.json"
        ready.write_text(stack.read_text().replace("@address@", url))
        yield Served(url, ready)


@contextmanager
def running(options: list[str]) -> Iterator[str]:
    """`dbserving emulator` on a free port, with these options more; its address."""
    command = [sys.executable, "-m", "databricks_serving.cli.main", "emulator", "--port", "0"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.send_signal(signal.SIGTERM)


def _populate(directory: Path, endpoints: int) -> None:
    """Write a workspace and its stack into the directory."""
    from databricks_serving_emulator.wire import Request  # noqa: PLC0415 - see `record`

    recording = _recorded(directory / "recording.json")
    unfinished = directory / f"{endpoints}.unfinished"
    unfinished.unlink(missing_ok=True)
    workspace = empty_workspace(unfinished)
    headers = {"authorization": f"Bearer {TOKEN}"}

    def ask(method: str, path: str, body: object = None) -> dict[str, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        answer = workspace.answer(Request(method, path, headers=headers, body=sent))
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.body.decode()}")
        return answer.json()

    for method, path, body in recording.repeated(endpoints):
        ask(method, path, body)
    shown = ask("GET", ENDPOINTS).get("endpoints", [])
    stack = recording.stack_of(shown, "@address@")
    workspace.close()
    unfinished.rename(directory / f"{endpoints}.db")
    (directory / f"{endpoints}.json").write_text(json.dumps(stack))


def _recorded(kept: Path) -> Recording:
    if kept.exists():
        return Recording(**json.loads(kept.read_text()))
    recording = record()
    kept.write_text(json.dumps({"calls": recording.calls, "stack": recording.stack}))
    return recording


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=_populate.__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("endpoints", type=int)
    chosen = parser.parse_args()
    _populate(chosen.directory, chosen.endpoints)
