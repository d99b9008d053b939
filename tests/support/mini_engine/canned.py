"""A provider that says what was recorded, if it is asked what was recorded.

It stands where the plugin process of a `MiniEngine` stands, so that a replay proves the engine
whatever the product has become since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from .values import Json, from_wire, secret, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


@dataclass
class Canned:
    """Answers from the calls of one recorded step; `differing`: the first call that was another.

    `secret_outputs`: outputs that the provider itself marks, by name.
    """

    calls: list[Json]
    secret_outputs: tuple[str, ...] = ("__key",)
    differing: tuple[Json, Json] | None = None
    printed: str = ""
    errors: str = ""
    left: list[Json] = field(init=False)

    def __post_init__(self) -> None:
        self.left = list(self.calls)

    # As a plugin process

    def connect(self) -> tuple[Self, Self]:
        """The channel and the stub: this."""
        return self, self

    def kill(self) -> None:
        """There is nothing to kill."""

    def close(self) -> None:
        """There is nothing to close."""

    # As a stub

    def Configure(self, _request: Any) -> None:  # noqa: N802 - gRPC's names
        return

    def Cancel(self, _request: Any, timeout: float) -> None:  # noqa: N802, ARG002 - gRPC's own
        return

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        if not hasattr(provider_pb2, f"{method}Request"):
            raise AttributeError(method)
        return partial(self._answer, method)

    def _answer(self, method: str, request: Any) -> Any:
        asked = {"method": method, **_fields(request)}
        recorded = self.left.pop(0) if self.left else {}
        expected = {k: v for k, v in recorded.items() if k not in ("answer", "error", "left")}
        if asked != expected:
            self.differing = self.differing or (asked, expected)
            raise FailedError("not what was recorded", None)
        if "error" in recorded:
            raise FailedError(recorded["error"], recorded.get("left"))
        return self._as_recorded(method, recorded["answer"])

    def _as_recorded(self, method: str, answer: Json) -> Any:
        if method == "Delete":
            return empty_pb2.Empty()
        said = dict(answer)
        for name in ("inputs", "properties"):
            if name in said:
                said[name] = to_wire(_marked(said[name], self.secret_outputs))
        if "failures" in said:
            said["failures"] = [provider_pb2.CheckFailure(**each) for each in said["failures"]]
        return getattr(provider_pb2, f"{method}Response")(**said)


class FailedError(grpc.RpcError):
    """A failed call, with what it left, if anything."""

    def __init__(self, message: str, left: Json | None) -> None:
        super().__init__(message)
        self._message, self._left = message, left

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._message

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        if self._left is None:
            return ()
        bags = {
            name: to_wire(self._left[name])
            for name in ("properties", "inputs")
            if name in self._left
        }
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=self._message)
        failed = provider_pb2.ErrorResourceInitFailed(
            id=self._left["id"], reasons=self._left["reasons"], **bags
        )
        status.details.add().Pack(failed)
        return (("grpc-status-details-bin", status.SerializeToString()),)


def _fields(request: Any) -> Json:
    """What a request says, as a recording has it."""
    said = {}
    for known, value in request.ListFields():
        is_bag = known.message_type is not None and known.message_type.name == "Struct"
        shown = from_wire(value) if is_bag else value
        if shown:
            said[known.name] = shown
    return said


def _marked(bag: Json, names: tuple[str, ...]) -> Json:
    return {name: secret(value) if name in names else value for name, value in bag.items()}
