"""Runs the steps of a recording on the real engine, and takes down what the provider was asked."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline import Pulumi

from databricks_serving_emulator import Fault, RunningServer

from .dynamic_server import TOKEN
from .mini_engine.programs import HEADER
from .mini_engine.stand import Door, Interruption, new_workspace
from .mini_engine.values import revealed
from .recordings import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .recordings import Step

Json = dict[str, Any]

METHODS = ("Check", "Diff", "Create", "Read", "Update", "Delete")
#: The fields of requests and answers that mean something to a provider, as the log spells them.
_REQUEST = {
    "urn": "urn",
    "id": "id",
    "olds": "olds",
    "news": "news",
    "oldInputs": "old_inputs",
    "properties": "properties",
    "inputs": "inputs",
    "timeout": "timeout",
}
_ANSWER = ("id", "inputs", "properties", "changes", "replaces", "deleteBeforeReplace", "failures")
_KEPT = ("urn", "id", "inputs", "outputs", "initErrors", "delete", "pendingReplacement")
_FLAGS = ("--yes", "--skip-preview", "--parallel", "1")


@dataclass
class Recorder:
    """A project on the real engine, and the log of its calls."""

    pulumi: Pulumi
    door: Door
    log: Path
    printed: list[str] = field(default_factory=list)

    def record(self, steps: tuple[Step, ...]) -> list[Json]:
        """The steps one after the other: calls, state, and whether each failed."""
        recorded = [self._step(step) for step in steps]
        _tell_what_was_left(recorded)
        return normal(recorded)

    def _step(self, step: Step) -> Json:
        if step.program is not None:
            (self.pulumi.project / "__main__.py").write_text(HEADER + step.program)
        self._run("config", "set", "--secret", "key", step.key)
        prepare(self.door, step)
        self.door.kill = self._kill
        self.log.unlink(missing_ok=True)
        flags = _FLAGS if step.command != "preview" else _FLAGS[2:]
        more = ("--refresh",) if step.refresh else ()
        if step.command in ("up", "preview", "destroy") and not step.refresh:
            more = ("--refresh=false",)
        code, printed = self.pulumi.run(step.command, *flags, *more)
        self.printed.append(printed)
        calls = [call for line in self.log.read_text().splitlines() for call in _call(line)]
        return {"calls": calls, "failed": code != 0, "state": self._state()}

    def _state(self) -> list[Json]:
        deployment = json.loads(self._run("stack", "export"))["deployment"]
        ours = [r for r in deployment.get("resources", []) if "pulumi-python:dynamic" in r["type"]]
        return [_covered({k: v for k, v in r.items() if k in _KEPT}) for r in ours]

    def _run(self, *arguments: str) -> str:
        code, printed = self.pulumi.run(*arguments)
        assert code == 0, printed
        return printed

    def _kill(self) -> None:
        """Kill the provider of this project, which has the address of our workspace."""
        ours = f"DATABRICKS_HOST={self.pulumi.host}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                environment = (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"pulumi.dynamic" in command and ours in environment:
                os.kill(int(process.name), signal.SIGKILL)


def prepare(door: Door, step: Step) -> None:
    """What happens in the workspace before a step, and what is to happen during it."""
    for method, path, body in step.edits:
        door.workspace.ui(method, path, body or None)
    if step.failing:
        door.workspace.deployments.plan(polls=0, outcome="failed", times=step.failing)
    if step.refused is not None:
        door.workspace.faults.add(Fault(*step.refused, status=403, error_code="PERMISSION_DENIED"))
    if step.slow:
        door.workspace.deployments.plan(seconds=3600)
    if step.later:
        door.workspace.clock.advance(3600)
    after = step.killed_after
    door.watch(Interruption(after, "killed after") if after is not None else None)


def _call(line: str) -> Iterator[Json]:
    entry = json.loads(line)
    method = entry["method"].rsplit("/", 1)[-1]
    if "ResourceProvider" not in entry["method"] or method not in METHODS:
        return
    if entry.get("progress") != "response_completed":
        return
    request, answer = entry["request"], entry.get("response") or {}
    call = {name: request[said] for said, name in _REQUEST.items() if request.get(said)}
    call["method"] = method
    if entry.get("errors"):
        call["error"] = entry["errors"][0].partition("desc = ")[2]
    else:
        call["answer"] = {name: answer[name] for name in _ANSWER if answer.get(name)}
    yield revealed(call)


def _tell_what_was_left(recorded: list[Json]) -> None:
    """Note with each partial failure what it left, which no log tells.

    The state has the id and the reasons; the outputs are what the provider is asked about next.
    """
    calls = [(number, call) for number, step in enumerate(recorded) for call in step["calls"]]
    for at, (number, call) in enumerate(calls):
        kept = next((r for r in recorded[number]["state"] if r["urn"] == call["urn"]), {})
        if "error" not in call or "initErrors" not in kept:
            continue
        later = (c for _, c in calls[at + 1 :] if c["urn"] == call["urn"])
        asked = next(c for c in later if c["method"] in ("Diff", "Read"))
        outputs = asked.get("olds") or asked["properties"]
        call["left"] = {"id": kept["id"], "reasons": kept["initErrors"], "properties": outputs}
        if call["method"] == "Read":
            call["left"]["inputs"] = asked["old_inputs"]


def _covered(value: Any) -> Any:
    if isinstance(value, dict):
        if "ciphertext" in value:
            return "[secret]"
        return {key: _covered(inner) for key, inner in value.items()}
    return [_covered(inner) for inner in value] if isinstance(value, list) else value


@contextmanager
def recorder(engine: Path, directory: Path) -> Iterator[Recorder]:
    """An empty project with the stack `dev`, on a workspace of its own."""
    project = directory / "project"
    project.mkdir(parents=True)
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    log = directory / "grpc.json"
    door = Door(new_workspace())
    with RunningServer(door) as server:  # type: ignore[arg-type]  # asks for answers and the token
        pulumi = Pulumi(
            engine, directory / "home", project, server.url, TOKEN, {"PULUMI_DEBUG_GRPC": str(log)}
        )
        made = Recorder(pulumi, door, log)
        made._run("stack", "init", "dev")
        yield made
