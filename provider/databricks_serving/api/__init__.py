"""How to talk to a workspace: one method per call, authentication, retries.

The only httpx import.
"""

from __future__ import annotations

from .auth import Credentials, Where, resolve_credentials, with_scheme
from .client import WorkspaceApi
from .identity import WorkspaceIdentity

__all__ = [
    "Credentials",
    "Where",
    "WorkspaceApi",
    "WorkspaceIdentity",
    "resolve_credentials",
    "with_scheme",
]
