"""Plugin processes: started cheaply, watched, killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

if TYPE_CHECKING:
    from typing_extensions import Self

_PATIENCE = 30.0
# Python's client limits metadata to 8 KB, Go's, the engine's, to 16 MB.
_OPTIONS = [("grpc.max_metadata_size", 1 << 24)]


@dataclass
class Plugin:
    """One `python -m pulumi.dynamic`, from its start to its end."""

    pid: int
    watched: int
    directory: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def address(self) -> str:
        """Where it listens: the first line that it prints."""
        deadline = time.monotonic() + _PATIENCE
        while "\n" not in self.printed:
            assert time.monotonic() < deadline, f"no port was printed: {self.errors}"
            assert not self.ended(0.002), f"the provider ended at once: {self.errors}"
        return f"127.0.0.1:{int(self.printed.partition(chr(10))[0])}"

    def connect(self) -> tuple[grpc.Channel, provider_pb2_grpc.ResourceProviderStub]:
        """A channel of one's own, to be closed, and what is called on it."""
        channel = grpc.insecure_channel(self.address(), options=_OPTIONS)
        return channel, provider_pb2_grpc.ResourceProviderStub(channel)

    @property
    def printed(self) -> str:
        """Its stdout so far."""
        return self._read("stdout")

    @property
    def errors(self) -> str:
        """Its stderr so far."""
        return self._read("stderr")

    def _read(self, name: str) -> str:
        kept = self.directory / name
        return kept.read_text() if kept.exists() else ""

    def ended(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        return bool(select.select([self.watched], [], [], seconds)[0])

    def kill(self) -> None:
        """SIGKILL, and return once it is dead; no harm where it is already."""
        with self._lock:
            # By the handle of the process, not its number: that may be another's by now.
            if not self.ended(0):
                signal.pidfd_send_signal(self.watched, signal.SIGKILL)
                assert self.ended(_PATIENCE), "it survives SIGKILL"

    def close(self) -> None:
        """Kill it and let go of it."""
        self.kill()
        with self._lock:
            os.close(self.watched)


class Nursery:
    """Where plugin processes come from; see `nursery.py`. One serves any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        script = Path(__file__).with_name("nursery.py")
        self._forking = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._kept = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_: object) -> None:
        self._forking.communicate(timeout=_PATIENCE)
        self._kept.cleanup()

    def start(self, engine: str, environment: dict[str, str]) -> Plugin:
        """A plugin process that logs to that engine."""
        directory = Path(tempfile.mkdtemp(dir=self._kept.name))
        order = {"engine": engine, "directory": str(directory), "environment": environment}
        with self._lock:
            assert self._forking.stdin is not None
            assert self._forking.stdout is not None
            self._forking.stdin.write(json.dumps(order).encode() + b"\n")
            self._forking.stdin.flush()
            pid = int(self._forking.stdout.readline())
        return Plugin(pid, os.pidfd_open(pid), directory)
