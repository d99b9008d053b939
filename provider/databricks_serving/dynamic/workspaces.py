"""The workspaces that this process talks to: one client each, made at first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from databricks_serving.api import Where, WorkspaceApi, resolve_credentials, with_scheme
from databricks_serving.clock import SystemClock

from . import server

if TYPE_CHECKING:
    from databricks_serving.state.settings import StackSettings

CLOCK = SystemClock(server.called_off)

_apis: dict[Where, WorkspaceApi] = {}
_lock = threading.Lock()


def where(bag: Mapping[str, Any], settings: StackSettings) -> Where:
    """Which workspace: the resource's `workspace`, else the stack's, else the environment's."""
    chosen = bag.get("workspace")
    if isinstance(chosen, Mapping) and (chosen.get("profile") or chosen.get("host")):
        return Where(profile=chosen.get("profile"), host=chosen.get("host"))
    return Where(profile=settings.profile, host=settings.host)


def workspace(bag: Mapping[str, Any], settings: StackSettings) -> WorkspaceApi:
    """The client of that workspace. Raises `NoCredentials`."""
    chosen = where(bag, settings)
    with _lock:
        if chosen not in _apis:
            _apis[chosen] = WorkspaceApi(resolve_credentials(chosen, os.environ), CLOCK)
        return _apis[chosen]


def known_host(bag: Mapping[str, Any], settings: StackSettings) -> str | None:
    """The workspace's address where it can be told without any call or file."""
    chosen = where(bag, settings)
    if chosen.profile is not None:
        return None
    host = chosen.host or os.environ.get("DATABRICKS_HOST")
    return with_scheme(host) if host else None
