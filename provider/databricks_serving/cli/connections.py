"""The workspaces that a run of the command talks to: one client each, made at first use."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from databricks_serving.api import Where, WorkspaceApi, resolve_credentials
from databricks_serving.errors import ServingError, UnknownWorkspace
from databricks_serving_schema import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from databricks_serving.clock import Clock
    from databricks_serving.state.settings import StackSettings


class Connections:
    """Clients by workspace; they only read unless `read_only` is False.

    chosen: what the command line says, which wins over stack and resource
    waiting: told, in the thread that waits, that the workspace asks to slow down
    """

    def __init__(
        self,
        clock: Clock,
        *,
        chosen: Where | None = None,
        read_only: bool = True,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._chosen = chosen
        self._read_only = read_only
        self._waiting = waiting
        self._apis: dict[Where, WorkspaceApi] = {}
        #: Or each of a thousand resources would look for credentials: with `az`, a process each.
        self._failed: dict[Where, ServingError] = {}
        self._lock = threading.Lock()

    def of(self, bag: Mapping[str, Any], settings: StackSettings) -> WorkspaceApi:
        """The client for a resource with these inputs or outputs. Raises `NoCredentials`."""
        return self.at(self._chosen or where(bag, settings))

    def at(self, chosen: Where) -> WorkspaceApi:
        """The client of that workspace. Raises `NoCredentials`, for a whole run once it has."""
        with self._lock:
            if chosen in self._failed:
                # Without the way that it came before, which would grow with each.
                raise self._failed[chosen].with_traceback(None)
            if chosen not in self._apis:
                self._apis[chosen] = self._made(chosen)
            return self._apis[chosen]

    def _made(self, chosen: Where) -> WorkspaceApi:
        try:
            credentials = resolve_credentials(chosen, os.environ)
        except ServingError as failed:
            self._failed[chosen] = failed
            raise
        return WorkspaceApi(
            credentials, self._clock, waiting=self._waiting, read_only=self._read_only
        )

    def close(self) -> None:
        """Close all connections; no thread may be asking any more."""
        for api in self._apis.values():
            api.close()


def where(bag: Mapping[str, Any], settings: StackSettings) -> Where:
    """Which workspace: the resource's `workspace`, else the stack's, else the environment's.

    Raises `UnknownWorkspace` where the resource's is not yet known, or secret.
    """
    own = bag.get("workspace")
    if isinstance(own, Unknown) or (
        isinstance(own, Mapping) and any(isinstance(part, Unknown) for part in own.values())
    ):
        raise UnknownWorkspace(
            "Which workspace this resource is in is not yet known, or secret, so nobody looked at "
            "what is there. --workspace names it.",
            id="unknown-workspace",
        )
    parts = list(own.values()) if isinstance(own, Mapping) else [own]
    is_odd = own is not None and not isinstance(own, Mapping)
    if is_odd or not all(isinstance(part, str | None) for part in parts):
        raise UnknownWorkspace(
            "The `workspace` of this resource is no object of texts, so nobody knows where it is.",
            id="bad-workspace",
        )
    if isinstance(own, Mapping) and (own.get("profile") or own.get("host")):
        return Where(profile=own.get("profile"), host=own.get("host"))
    return Where(profile=settings.profile, host=settings.host)


def where_said(workspace: str | None) -> Where | None:
    """`--workspace PROFILE|HOST`: an address has a dot, a colon or a slash, a profile has none."""
    if not workspace:
        return None
    is_host = any(sign in workspace for sign in ".:/")
    return Where(host=workspace) if is_host else Where(profile=workspace)
