"""How to talk to a workspace: one method per call, authentication, retries.

The only httpx import.
"""

from __future__ import annotations

from .auth import Credentials, Where, resolve_credentials, with_scheme
from .client import WorkspaceApi
from .identity import WorkspaceIdentity
from .transport import WriteRefused

__all__ = [
    "Credentials",
    "Where",
    "WorkspaceApi",
    "WorkspaceIdentity",
    "WriteRefused",
    "resolve_credentials",
    "with_scheme",
]
