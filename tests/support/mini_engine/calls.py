"""The provider, as the engine calls it: what is sent, what is read from the answers, what is kept.

Source: the engine's provider_plugin.go (which bags go where; marks of secrets are taken off before
a call and put on again by path after it, for a dynamic provider takes no secrets).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from .values import Json, annotated, from_wire, revealed, secret, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi.runtime.proto import provider_pb2_grpc

_RICH_STATUS = "grpc-status-details-bin"


class CallFailedError(Exception):
    """The provider answered with an error, or died; nothing is known of the resource."""


class PartlyFailedError(Exception):
    """The provider answered with an error and with what is there all the same."""

    def __init__(self, message: str, left: Left) -> None:
        super().__init__(message)
        self.left = left


@dataclass(frozen=True)
class Left:
    """What a failed call left: `inputs` only where a read said them."""

    id: str
    outputs: Json
    inputs: Json | None
    reasons: list[str]


@dataclass(frozen=True)
class Difference:
    """The answer of `Diff`; `changes`: DIFF_NONE, DIFF_SOME, or DIFF_UNKNOWN: see the inputs."""

    changes: str
    replaces: tuple[str, ...]
    delete_first: bool


@dataclass
class Calls:
    """One plugin process, configured; `made`: every call with its answer, as JSON without marks."""

    stub: provider_pb2_grpc.ResourceProviderStub
    made: list[Json] = field(default_factory=list)

    def configure(self, config: dict[str, str], secret_keys: tuple[str, ...]) -> None:
        """Hand over the whole stack configuration."""
        args = {k: secret(v) if k in secret_keys else v for k, v in config.items()}
        self.stub.Configure(provider_pb2.ConfigureRequest(args=to_wire(args)))

    def cancel(self) -> None:
        """What a plugin hears at every shutdown; no matter if nobody is there any more."""
        try:
            self.stub.Cancel(empty_pb2.Empty(), timeout=5)
        except grpc.RpcError:
            return

    def check(self, urn: str, olds: Json, news: Json) -> tuple[Json, list[str]]:
        """The checked inputs with the marks of the program, and what is wrong with them."""
        answer = self._call("Check", urn, olds=olds, news=news)
        failures = [
            f"{f.property}: {f.reason}" if f.property else f.reason for f in answer.failures
        ]
        return annotated(from_wire(answer.inputs), news), failures

    def diff(
        self,
        urn: str,
        id_: str,
        outputs: Json,
        inputs: Json,
        news: Json,
        ignored: tuple[str, ...] = (),
    ) -> Difference:
        """Whether what is recorded differs from what is wanted."""
        bags = {"olds": outputs, "old_inputs": inputs, "news": news}
        answer = self._call("Diff", urn, id=id_, ignoreChanges=list(ignored), **bags)
        name = provider_pb2.DiffResponse.DiffChanges.Name(answer.changes)
        return Difference(name, tuple(answer.replaces), answer.deleteBeforeReplace)

    def create(self, urn: str, inputs: Json, timeout: float) -> tuple[str, Json]:
        """The id and the outputs of what was created."""
        answer = self._call("Create", urn, properties=inputs, timeout=timeout, marks=inputs)
        return answer.id, annotated(from_wire(answer.properties), inputs)

    def read(
        self, urn: str, id_: str, outputs: Json, inputs: Json
    ) -> tuple[str, Json, Json | None]:
        """The id (none where it is gone), the outputs, and the inputs if it says any."""
        answer = self._call("Read", urn, id=id_, properties=outputs, inputs=inputs, marks=outputs)
        said = from_wire(answer.inputs) if answer.HasField("inputs") else None
        read = annotated(from_wire(answer.properties), outputs)
        return answer.id, read, None if said is None else annotated(said, inputs)

    def update(
        self, urn: str, id_: str, outputs: Json, inputs: Json, news: Json, timeout: float
    ) -> Json:
        """The outputs afterwards."""
        bags = {"olds": outputs, "old_inputs": inputs, "news": news}
        answer = self._call("Update", urn, id=id_, timeout=timeout, marks=news, **bags)
        return annotated(from_wire(answer.properties), news)

    def delete(self, urn: str, id_: str, outputs: Json, inputs: Json, timeout: float) -> None:
        """Delete it."""
        bags = {"properties": outputs, "old_inputs": inputs}
        self._call("Delete", urn, id=id_, timeout=timeout, **bags)

    def _call(self, method: str, urn: str, marks: Json | None = None, **fields: Any) -> Any:
        """The answer; `marks`: the bag whose marks go to what a failure leaves."""
        bags = {name: revealed(value) for name, value in fields.items() if isinstance(value, dict)}
        said = {**{name: value for name, value in fields.items() if name not in bags}, **bags}
        self.made.append({"method": method, "urn": urn, **{k: v for k, v in said.items() if v}})
        wired = {name: to_wire(value) for name, value in bags.items()}
        request = getattr(provider_pb2, f"{method}Request")(**{**said, **wired, "urn": urn})
        send: Callable[..., Any] = getattr(self.stub, method)
        try:
            answer = send(request)
        except grpc.RpcError as error:
            left = _left(error, marks or {}, fields.get("inputs") or {})
            self.made[-1]["error"] = error.details()
            if left is None:
                raise CallFailedError(error.details()) from None
            self.made[-1]["left"] = {"id": left.id, "properties": revealed(left.outputs)}
            raise PartlyFailedError(error.details(), left) from None
        self.made[-1]["answer"] = _shown(answer)
        return answer


def _shown(answer: Any) -> Json:
    """The fields of an answer that say something, bags without marks."""
    shown = {}
    for known, value in answer.ListFields():
        bag = known.message_type is not None and known.message_type.name == "Struct"
        repeated = not bag and not isinstance(value, (str, int, float, bool))
        text = [str(each) for each in value] if repeated else value
        shown[known.name] = revealed(from_wire(value)) if bag else text
    return shown


def _left(error: grpc.RpcError, marks: Json, inputs: Json) -> Left | None:
    """What the trailer says is there; only where its code is the call's does the engine heed it."""
    trailer = dict(error.trailing_metadata() or ()).get(_RICH_STATUS)
    if trailer is None:
        return None
    status = status_pb2.Status.FromString(trailer)
    failed = provider_pb2.ErrorResourceInitFailed()
    if status.code != error.code().value[0] or not status.details[0].Unpack(failed):
        return None
    said = annotated(from_wire(failed.inputs), inputs) if failed.HasField("inputs") else None
    outputs = annotated(from_wire(failed.properties), marks)
    return Left(failed.id, outputs, said, list(failed.reasons))
