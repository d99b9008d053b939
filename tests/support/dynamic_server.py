"""The dynamic server over gRPC: what the engine asks of it, and how its answers are read."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from databricks_serving.state.tokens import PROVIDER_OF

if TYPE_CHECKING:
    from databricks_serving_emulator import Workspace

TOKEN = "dapi-dynamic-tests"
URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/databricks_serving:{kind}::{name}"


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """Hears what a provider logs."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bool]] = []

    def Log(self, request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802 - gRPC's name
        self.heard.append((request.urn.rsplit("::", 1)[-1], request.message, request.ephemeral))
        return empty_pb2.Empty()


def struct(bag: dict[str, Any]) -> struct_pb2.Struct:
    """A property bag on the wire; `rpc.UNKNOWN` where nothing is known yet."""
    made = struct_pb2.Struct()
    json_format.ParseDict(bag, made)
    return made


@dataclass
class Server:
    """The dynamic server of one plugin process."""

    stub: provider_pb2_grpc.ResourceProviderStub
    engine: FakeEngine
    workspace: Workspace
    process: subprocess.Popen[bytes] = field(repr=False)

    def bag(self, kind: str, inputs: dict[str, Any]) -> struct_pb2.Struct:
        """Inputs as the engine sends them, with the provider."""
        return struct({**inputs, "__provider": PROVIDER_OF[kind]})

    def check(
        self, kind: str, news: dict[str, Any], olds: dict[str, Any] | None = None, name: str = "x"
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The checked inputs, and the failures as (property, reason)."""
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=URN.format(kind=kind, name=name),
                olds=self.bag(kind, olds) if olds is not None else struct({}),
                news=self.bag(kind, news),
            )
        )
        inputs = rpc.deserialize_properties(answer.inputs, keep_unknowns=True)
        return inputs, [(failure.property, failure.reason) for failure in answer.failures]

    def create(
        self, kind: str, inputs: dict[str, Any], name: str = "x", timeout: float = 0.0
    ) -> Any:
        """The id and the outputs."""
        answer = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=URN.format(kind=kind, name=name),
                properties=self.bag(kind, inputs),
                timeout=timeout,
            )
        )
        return answer.id, unwrapped(
            rpc.deserialize_properties(answer.properties, keep_internal=True)
        )

    def diff(
        self,
        kind: str,
        outputs: dict[str, Any],
        news: dict[str, Any],
        old_inputs: dict[str, Any] | None = None,
    ) -> tuple[str, list[str], bool]:
        """The answer as its enum's name, the replaced properties, and whether it deletes first."""
        answer = self.stub.Diff(
            provider_pb2.DiffRequest(
                id="x",
                urn=URN.format(kind=kind, name="x"),
                olds=struct(outputs),
                news=self.bag(kind, news),
                old_inputs=None if old_inputs is None else self.bag(kind, old_inputs),
            )
        )
        changes = provider_pb2.DiffResponse.DiffChanges.Name(answer.changes)
        return changes, list(answer.replaces), answer.deleteBeforeReplace

    def read(
        self, kind: str, id_: str, outputs: dict[str, Any], inputs: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The outputs and the inputs as the workspace has them; None where it is gone."""
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                id=id_,
                urn=URN.format(kind=kind, name="x"),
                properties=self.bag(kind, outputs),
                inputs=self.bag(kind, inputs),
            )
        )
        if not answer.id:
            return None
        outputs = rpc.deserialize_properties(answer.properties, keep_internal=True)
        return unwrapped(outputs), rpc.deserialize_properties(answer.inputs)

    def update(
        self, kind: str, id_: str, outputs: dict[str, Any], news: dict[str, Any]
    ) -> dict[str, Any]:
        """The outputs."""
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=id_,
                urn=URN.format(kind=kind, name="x"),
                olds=self.bag(kind, outputs),
                news=self.bag(kind, news),
            )
        )
        return unwrapped(rpc.deserialize_properties(answer.properties, keep_internal=True))

    def delete(self, kind: str, id_: str, outputs: dict[str, Any]) -> None:
        """Delete it."""
        urn = URN.format(kind=kind, name="x")
        bag = self.bag(kind, outputs)
        self.stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=urn, properties=bag))


def unwrapped(bag: dict[str, Any]) -> dict[str, Any]:
    """Outputs as they come back later: secrets in clear."""
    return {name: rpc.unwrap_rpc_secret(value) for name, value in bag.items()}


def partial_failure(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    """What the trailer of a failed call says of the resource that is there all the same."""
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failed)
    return failed
