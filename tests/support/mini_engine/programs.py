"""A Pulumi program run in this process, with the SDK of the real one, against a monitor of ours.

What the engine is told is therefore exactly what the constructors of the resources make of their
arguments. Source of the steps: `pulumi.automation._server.LanguageServer.Run`.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import Settings, configure, run_in_stack, set_all_config
from pulumi.runtime.proto import engine_pb2, resource_pb2

from .values import Json, from_wire, to_wire

Program = Callable[[], None]

HEADER = """\
import pulumi
from databricks_serving import *
config = pulumi.Config()
"""
_STACK = "pulumi:pulumi:Stack"
_FEATURES = ("secrets", "resourceReferences", "aliasSpecs", "deletedWith")


def program(text: str, header: str = HEADER) -> Program:
    """A program from its text, as the engine's tests write it; `header`: what stands above it."""
    code = compile(header + text, "__main__.py", "exec")
    return lambda: exec(code, {"__name__": "__main__"})


class NotOfferedError(grpc.RpcError):
    """What a monitor answers to a call that it does not know."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNIMPLEMENTED


@dataclass(frozen=True)
class Registration:
    """A resource as the program declares it; `inputs` with marks, `aliases`: URNs of before."""

    urn: str
    inputs: Json
    dependencies: tuple[str, ...]
    by_property: Mapping[str, tuple[str, ...]]
    secret_outputs: tuple[str, ...]
    protect: bool = False
    retain: bool = False
    delete_first: bool | None = None
    ignored: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    timeouts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """What the engine answers the program: no id while there is none."""

    id: str
    outputs: Json


@dataclass
class Monitor:
    """Takes registrations one at a time, and says what the engine's `register` answers."""

    project: str
    stack: str
    register: Callable[[Registration], Registered]
    lines: list[str]

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        urn = self._urn(request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        made = self.register(self._registration(urn, request))
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=made.id, object=to_wire(made.outputs)
        )

    def RegisterResourceOutputs(self, _request: Any) -> Any:  # noqa: N802 - gRPC's name
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _request: Any) -> Any:  # noqa: N802 - gRPC's name
        return empty_pb2.Empty()

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def GetDeploymentInfo(self, _request: Any) -> Any:  # noqa: N802 - gRPC's name
        raise NotOfferedError  # as older engines: every SDK then asks feature by feature

    def Log(self, request: engine_pb2.LogRequest) -> Any:  # noqa: N802 - the engine's, of the SDK
        if request.severity > engine_pb2.DEBUG:
            self.lines.append(request.message)
        return empty_pb2.Empty()

    def _urn(self, type_: str, name: str) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{type_}::{name}"

    def _registration(self, urn: str, request: Any) -> Registration:
        said = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
        return Registration(
            urn=urn,
            inputs=from_wire(request.object),
            dependencies=tuple(request.dependencies),
            by_property={
                name: tuple(dependent.urns)
                for name, dependent in request.propertyDependencies.items()
            },
            secret_outputs=tuple(request.additionalSecretOutputs),
            protect=request.protect,
            retain=request.retainOnDelete,
            delete_first=request.deleteBeforeReplace if said else None,
            ignored=tuple(request.ignoreChanges),
            aliases=tuple(self._alias(urn, alias) for alias in request.aliases),
            timeouts={
                verb: _seconds(getattr(request.customTimeouts, verb))
                for verb in ("create", "update", "delete")
            },
        )

    def _alias(self, urn: str, alias: Any) -> str:
        if alias.urn:
            return str(alias.urn)
        type_ = alias.spec.type or urn.split("::")[2]
        return self._urn(type_, alias.spec.name or urn.split("::")[3])


def _seconds(duration: str) -> float:
    """`1h30m` as the engine sends it; 0.0 where the program sets none."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(n) * units[unit] for n, unit in re.findall(r"([\d.]+)([hms])", duration))


def run(
    wanted: Program,
    monitor: Monitor,
    config: dict[str, str],
    secret_keys: tuple[str, ...],
    *,
    dry: bool,
) -> None:
    """Run a program to its end. Raises what `register` raised, or the program itself."""

    def within() -> None:
        configure(
            Settings(
                monitor.project,
                monitor.stack,
                monitor=monitor,
                engine=monitor,
                dry_run=dry,
                organization="organization",
            )
        )
        set_all_config(config, list(secret_keys))
        loop = asyncio.new_event_loop()
        # One thread: registrations come in the order of the program, the same in every run.
        loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
        loop.set_exception_handler(lambda *_: None)
        try:
            loop.run_until_complete(run_in_stack(wanted))
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    loop.run_until_complete(task)
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    # An empty context: whatever ran before in this process has left its own stack in the usual one.
    contextvars.Context().run(within)
