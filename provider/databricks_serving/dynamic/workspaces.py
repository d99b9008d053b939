"""The workspaces that this process talks to: one client each, made at first use.

And what resources of one process share beside that: the clock, turns, who declares what.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from databricks_serving.api import Where, resolve_credentials, with_scheme
from databricks_serving.apply.declarations import Declarations
from databricks_serving.apply.turns import Turns
from databricks_serving.apply.watch import Watch
from databricks_serving.clock import SystemClock
from databricks_serving_schema import Unknown

from . import server

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.state.settings import StackSettings

CLOCK = SystemClock(server.called_off)
TURNS = Turns()
DECLARATIONS = Declarations()
#: Set, the environment's workspace is the only one, whatever programs and stacks name: so that a
#: test on the emulator touches no other (`databricks_serving_emulator/program.py`).
_ONE_WORKSPACE = "DATABRICKS_SERVING_ONE_WORKSPACE"

_apis: dict[Where, WorkspaceApi] = {}
_watches: dict[Where, Watch] = {}
_lock = threading.Lock()


def where(bag: Mapping[str, Any], settings: StackSettings) -> Where:
    """Which workspace: the resource's `workspace`, else the stack's, else the environment's."""
    if os.environ.get(_ONE_WORKSPACE):
        return Where()
    chosen = bag.get("workspace")
    if isinstance(chosen, Mapping) and (chosen.get("profile") or chosen.get("host")):
        return Where(profile=chosen.get("profile"), host=chosen.get("host"))
    return Where(profile=settings.profile, host=settings.host)


def workspace(
    bag: Mapping[str, Any], settings: StackSettings, waiting: Callable[[str], None]
) -> WorkspaceApi:
    """The client of that workspace. Raises `NoCredentials`.

    waiting: told, in the thread that waits, that the workspace asks to slow down
    """
    from databricks_serving.api import WorkspaceApi  # noqa: PLC0415 - a preview needs no httpx

    chosen = where(bag, settings)
    with _lock:
        if chosen not in _apis:
            found = resolve_credentials(chosen, os.environ)
            _apis[chosen] = WorkspaceApi(found, CLOCK, waiting=waiting)
        return _apis[chosen]


def watch(bag: Mapping[str, Any], settings: StackSettings) -> Watch:
    """What the waits for endpoints of that workspace share."""
    with _lock:
        return _watches.setdefault(where(bag, settings), Watch())


def known_host(bag: Mapping[str, Any], settings: StackSettings) -> str | None:
    """The workspace's address where it can be told without any call or file."""
    if _is_unknown(bag):
        return None
    chosen = where(bag, settings)
    if chosen.profile is not None:
        return None
    host = chosen.host or os.environ.get("DATABRICKS_HOST")
    return with_scheme(host) if host else None


def told_apart(bag: Mapping[str, Any], settings: StackSettings) -> str | None:
    """A text that is the same for resources of one workspace; None where that is not yet known.

    As far as it can be told without any call or file: a profile and a host count as two.
    """
    if _is_unknown(bag):
        return None
    host = known_host(bag, settings)
    if host is not None:
        return host.casefold()
    profile = where(bag, settings).profile or os.environ.get("DATABRICKS_CONFIG_PROFILE")
    return f"profile {profile or 'DEFAULT'}"


def _is_unknown(bag: Mapping[str, Any]) -> bool:
    chosen = bag.get("workspace")
    leaves = chosen.values() if isinstance(chosen, Mapping) else (chosen,)
    return any(isinstance(leaf, Unknown) for leaf in leaves)
