"""What is asked: the requests that the emulator's own tests make, heard at its door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

#: A JSON value: the border beyond which types are unknown.
Json: TypeAlias = Any

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "unit" / "emulator"

#: Those of the tests that say what the service does. The others are about the emulator itself: its
#: controls, faults, files, queries and tables.
MODULES = (
    "access_lists",
    "checks",
    "deployments",
    "externals",
    "fixtures",
    "gateway",
    "normalising",
    "permissions",
    "references",
    "running",
    "secret_scopes",
    "side_settings",
    "state",
    "throughput",
    "workspace",
)


@dataclass(frozen=True)
class Step:
    """A request, and what came of it in the test.

    path: percent-encoded; an endpoint's id stands there as `{id of NAME}`
    outcome: the same for two requests that teach the same
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Json = None
    status: int = 200
    outcome: str = ""

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.method in ("GET", "HEAD")


@dataclass(frozen=True)
class Conversation:
    """One test's requests, in order. unusual: why they alone do not repeat the test, if so."""

    case: str
    steps: tuple[Step, ...]
    unusual: str = ""


class SuiteFailedError(RuntimeError):
    """The emulator's own tests do not pass; the text is pytest's."""


def heard(modules: Iterable[str] = MODULES) -> list[Conversation]:
    """The conversations of those tests, which are run for it. Raises `SuiteFailedError`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "conversations.json")
        plugin = ["-p", "support.conversations", "--conversations", str(file)]
        usual = ["-p", "no:cacheprovider", "-q", "-n", "0", "-m", "not over_http"]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", *plugin, *usual),
                *(str(TESTS / f"test_{module}.py") for module in modules),
            ],
            cwd=ROOT,
            env=_environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise SuiteFailedError(f"{done.stdout[-4000:]}{done.stderr[-1000:]}")
        return [_parsed(found) for found in json.loads(file.read_text(encoding="utf-8"))]


def _environment() -> dict[str, str]:
    # This may be called by a test, and those of pytest's variables are about that one.
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONPATH": "tests"}


def _parsed(found: dict[str, Json]) -> Conversation:
    steps = tuple(Step(**step) for step in found["steps"])
    return Conversation(found["case"], steps, found["unusual"])


def distinct(conversations: Iterable[Conversation]) -> list[Conversation]:
    """Those of which each teaches something that none before it did."""
    learnt: set[str] = set()
    chosen = []
    for conversation in conversations:
        outcomes = {step.outcome for step in conversation.steps}
        if not outcomes <= learnt:
            learnt |= outcomes
            chosen.append(conversation)
    return chosen
