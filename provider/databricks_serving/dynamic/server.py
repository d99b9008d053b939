"""What Pulumi's dynamic server does not hand a provider, fetched from its internals.

Each with a fallback, for everything here leans on names that Pulumi does not promise: the
servicer's frame with `request` and `context`, the server's thread pool, the servicer's `Cancel`.
Where one is not as expected, the plain behaviour stays: an ordinary error, four threads, waits that
end by themselves, no progress lines. Source: `pulumi/dynamic/__main__.py` of 3.216 and 3.272.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, FunctionType, ModuleType
from typing import Any, NoReturn

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, status_pb2

from .structs import bag_of

#: As many as `--parallel` of a large stack; the server's own four would starve behind four waits. A
#: thread is started when all others are busy, so that a smaller `--parallel` pays for none.
THREADS = 256
_RICH_STATUS = "grpc-status-details-bin"
_ADDRESS = re.compile(r"[\w.-]+:\d+")
#: Where the replaced `Cancel` finds the event: a code object can bring no closure along.
_EVENT = "_databricks_serving_called_off"

called_off = threading.Event()


@dataclass(frozen=True)
class Rpc:
    """The call that the dynamic server is answering in this thread."""

    request: Any
    context: Any

    @property
    def urn(self) -> str | None:
        """The resource's URN."""
        return getattr(self.request, "urn", None) or None

    @property
    def timeout(self) -> float | None:
        """Seconds from `custom_timeouts`, None where the program sets none."""
        return getattr(self.request, "timeout", 0.0) or None

    @property
    def ignored(self) -> frozenset[str]:
        """The inputs that `ignore_changes` names, or something in them."""
        paths = getattr(self.request, "ignoreChanges", ())
        return frozenset(re.split(r"[.\[]", path, maxsplit=1)[0] for path in paths)

    def bag(self, name: str) -> dict[str, Any]:
        """A bag of the request, whole; empty where the request has none of that name.

        Some the server does not hand on (`old_inputs`), and up to some release after 3.216 it
        leaves out what begins with `__` of those that it does.
        """
        bag = getattr(self.request, name, None)
        return bag_of(bag) if isinstance(bag, struct_pb2.Struct) else {}


def current_rpc() -> Rpc | None:
    """The call under way in this thread, from the servicer's frame; None where it is not there."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - no other way to the servicer
    while frame is not None:
        found = frame.f_locals
        if "request" in found and hasattr(found.get("context"), "set_trailing_metadata"):
            return Rpc(found["request"], found["context"])
        frame = frame.f_back
    return None


class PlainError(Exception):
    """The fallback where the call cannot be reached: at least a class without our module path."""


PlainError.__module__ = "builtins"


def fail(message: str) -> NoReturn:
    """End the call with `message` as the whole error: no class name, no traceback.

    Only this call is touched: other libraries' providers in the same process keep their tracebacks.
    """
    call = current_rpc()
    if call is None:
        raise PlainError(message)
    abort = call.context.abort

    def already_aborted(_code: object, _details: str) -> NoReturn:
        raise PlainError(message)

    # The server wraps every exception into `abort(UNKNOWN, traceback)`; ours goes first.
    with suppress(AttributeError):
        call.context.abort = already_aborted
    abort(grpc.StatusCode.UNKNOWN, message)
    raise PlainError(message)


def fail_partially(
    message: str, id_: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any] | None = None
) -> NoReturn:
    """End the call with an error and keep the resource in state, to be finished by the next `up`.

    The engine takes an `ErrorResourceInitFailed` in the trailer for a resource that exists and is
    not ready (pulumi issue 18009): it records `id_` and `outputs`, and calls `update` next time.
    """
    call = current_rpc()
    if call is not None:
        details = provider_pb2.ErrorResourceInitFailed(
            id=id_,
            properties=_struct(outputs),
            reasons=[message],
            inputs=None if inputs is None else _struct(inputs),
        )
        # The code must be the one that the call fails with, else the engine drops the details.
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
        status.details.add().Pack(details)
        call.context.set_trailing_metadata(((_RICH_STATUS, status.SerializeToString()),))
    fail(message)


def _struct(bag: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    json_format.ParseDict(dict(bag), struct)
    return struct


def secret(value: Any) -> dict[str, Any]:
    """A value that the engine keeps encrypted, whatever the inputs say."""
    wrapped: dict[str, Any] = rpc.wrap_rpc_secret(value)
    return wrapped


class EngineLog:
    """Lines for the person at the terminal, on the resource's own line.

    `address`: the engine's, which the dynamic server gets as its last argument; without one,
    nothing is said.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self._said: set[tuple[str | None, str]] = set()
        self._lock = threading.Lock()

    def progress(self, urn: str | None, message: str) -> None:
        """A line that the next one replaces."""
        self._log(urn, message, engine_pb2.INFO, ephemeral=True)

    def notice(self, urn: str | None, message: str) -> None:
        """A line that stays; said once, though a preview asks for the same difference twice."""
        if (urn, message) in self._said:
            return
        self._said.add((urn, message))
        self._log(urn, message, engine_pb2.INFO, ephemeral=False)

    def warning(self, urn: str | None, message: str) -> None:
        """A warning that stays."""
        self._log(urn, message, engine_pb2.WARNING, ephemeral=False)

    def _log(
        self,
        urn: str | None,
        message: str,
        severity: engine_pb2.LogSeverity.ValueType,
        *,
        ephemeral: bool,
    ) -> None:
        stub = self._engine()
        if stub is None:
            return
        # Telling is never worth failing for: an engine that is gone hears nothing.
        with suppress(grpc.RpcError):
            stub.Log(
                engine_pb2.LogRequest(
                    severity=severity,
                    message=message,
                    urn=urn or "",
                    ephemeral=ephemeral,
                    streamId=1 if ephemeral else 0,
                ),
                timeout=5,
            )

    def _engine(self) -> engine_pb2_grpc.EngineStub | None:
        with self._lock:
            if self._stub is None and _ADDRESS.fullmatch(self._address):
                channel = grpc.insecure_channel(self._address)
                self._stub = engine_pb2_grpc.EngineStub(channel)
            return self._stub


def prepare() -> None:
    """Once in a process: more threads, and Ctrl-C that reaches a wait. Safe to call again."""
    main_thread = threading.main_thread().ident or 0
    widen(sys._current_frames().get(main_thread), THREADS)  # noqa: SLF001 - the server is a local of main()
    hear_cancel(sys.modules.get("__main__"))


def widen(frame: FrameType | None, threads: int) -> bool:
    """Let the server's pool grow: it looks at its limit at each submit. False: it stays as it is.

    `frame`: where the server's main thread is; the server is a local of a frame below.
    """
    while frame is not None:
        state = getattr(frame.f_locals.get("server"), "_state", None)
        pool = getattr(state, "thread_pool", None)
        limit = getattr(pool, "_max_workers", None)
        if isinstance(limit, int):
            setattr(pool, "_max_workers", max(limit, threads))  # noqa: B010 - not our attribute
            _start_what_waits(pool)
            return True
        frame = frame.f_back
    return False


def _start_what_waits(pool: Any) -> None:
    # The pool starts a thread at a submit only: calls that stand in the queue by now would wait for
    # the first four to end, and a scope among them for the endpoints before it.
    with suppress(AttributeError):
        for _ in range(pool._work_queue.qsize()):  # noqa: SLF001 - the pool has no other way
            with pool._shutdown_lock:  # noqa: SLF001 - its own lock, as at a submit
                pool._adjust_thread_count()  # noqa: SLF001 - what a submit calls


def hear_cancel(main: ModuleType | None) -> bool:
    """Make `Cancel` set `called_off`. False: waits end by themselves only.

    It also arrives at every normal shutdown, when nothing waits. The gRPC server holds the bound
    method: replacing the attribute would change nothing, replacing the function's code does.
    """
    servicer = getattr(main, "DynamicResourceProviderServicer", None)
    cancel = getattr(servicer, "Cancel", None)
    if main is None or not isinstance(cancel, FunctionType):
        return False
    if hasattr(main, _EVENT):
        return True
    code = cancel.__code__
    arguments = code.co_varnames[: code.co_argcount]
    if arguments != ("self", "request", "context") or not hasattr(main, "empty_pb2"):
        return False
    setattr(main, _EVENT, called_off)
    cancel.__code__ = _cancel.__code__
    return True


def _cancel(self: Any, request: Any, context: Any) -> Any:  # noqa: ARG001 - the servicer's signature
    # Runs with the globals of pulumi.dynamic.__main__, not with this module's.
    globals()["_databricks_serving_called_off"].set()
    return globals()["empty_pb2"].Empty()
