"""A Databricks workspace on loopback: Model Serving, AI Gateway and secrets.

`Workspace` is the core; `Workspace.transport()` its in-process door for httpx, `RunningServer` and
`serve` its door over HTTP (these two need the extra `emulator`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .behaviour import Behaviour
from .clock import Clock, SystemClock
from .deployments import Deployments
from .errors import ConnectionLostError, StoreError
from .faults import Fault, Faults
from .identities import Identities
from .journal import Call
from .queries.records import Query
from .seed import Seed, SeedError, read_seed
from .serving.registry import RegisteredModel
from .wire import Request, Response
from .workspace import Workspace

if TYPE_CHECKING:
    from .server import RunningServer, serve

__all__ = [
    "Behaviour",
    "Call",
    "Clock",
    "ConnectionLostError",
    "Deployments",
    "Fault",
    "Faults",
    "Identities",
    "Query",
    "RegisteredModel",
    "Request",
    "Response",
    "RunningServer",
    "Seed",
    "SeedError",
    "StoreError",
    "SystemClock",
    "Workspace",
    "read_seed",
    "serve",
]


def __getattr__(name: str) -> object:
    # The server's libraries are an extra: whoever uses the in-process door needs none of them.
    if name in {"RunningServer", "serve"}:
        return getattr(importlib.import_module(".server", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
