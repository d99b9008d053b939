"""`python -m pulumi.dynamic` as a subprocess, driven over gRPC as the engine does."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent import futures
from typing import TYPE_CHECKING

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from databricks_serving_emulator import RunningServer, Workspace
from support.dynamic_server import TOKEN, FakeEngine, Server, struct

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    """A plugin process with an engine that listens and a workspace that answers."""
    engine = FakeEngine()
    listening = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, listening)
    port = listening.add_insecure_port("127.0.0.1:0")
    listening.start()
    workspace = Workspace(token=TOKEN, strict=True)
    with RunningServer(workspace) as emulator:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DATABRICKS_")},
            "DATABRICKS_HOST": emulator.url,
            "DATABRICKS_TOKEN": TOKEN,
        }
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.dynamic", f"127.0.0.1:{port}"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            address = f"127.0.0.1:{int(process.stdout.readline())}"
            # Python's client limits metadata to 8 KB, Go's, the engine's, to 16 MB.
            options = [("grpc.max_metadata_size", 1 << 24)]
            with grpc.insecure_channel(address, options=options) as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.Configure(provider_pb2.ConfigureRequest(args=struct({})))
                yield Server(stub, engine, workspace, process)
        finally:
            process.terminate()
            process.communicate(timeout=30)
            listening.stop(0).wait()
