"""`python -m pulumi.dynamic` as a subprocess, driven over gRPC as the engine does."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
from collections import Counter
from concurrent import futures
from typing import TYPE_CHECKING

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from databricks_serving_emulator import RunningServer, Workspace
from support.dynamic_server import TOKEN, FakeEngine, Server, struct
from support.mini_engine.processes import Nursery
from support.mini_engine.stand import Stand
from support.mini_engine.stand import stand as stand_of

if TYPE_CHECKING:
    from collections.abc import Iterator

#: More than there are processors: an interrupted call is often one that waits before another try.
STANDS = 4


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the mini engine's plugin processes come from."""
    with Nursery() as made:
        yield made


@pytest.fixture(scope="session")
def stands(nursery) -> Iterator[queue.Queue[Stand]]:
    """Stands for several threads; whoever takes one puts it back."""
    free: queue.Queue[Stand] = queue.Queue()
    with contextlib.ExitStack() as kept:
        for _ in range(STANDS):
            free.put(kept.enter_context(stand_of(nursery)))
        yield free


@pytest.fixture
def stand(stands) -> Iterator[Stand]:
    """An empty stack of the mini engine on an empty workspace."""
    taken = stands.get()
    taken.begin()
    yield taken
    stands.put(taken)


def pytest_terminal_summary(terminalreporter) -> None:
    """What the crash matrix came to, over all workers; see `make crash`."""
    counted: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            counted.update(dict(getattr(report, "user_properties", ())).get("crashes", {}))
    if counted:
        named = sorted(name for name in counted if name not in ("converged", "failed"))
        adopt = ", ".join(f"{name} ({counted[name]})" for name in named) or "none"
        terminalreporter.write_line(
            f"crash matrix: {sum(counted.values())} kill points, {counted['converged']} converged, "
            f"{sum(counted[name] for name in named)} adopt errors: {adopt}; "
            f"{counted['failed']} failed"
        )


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
