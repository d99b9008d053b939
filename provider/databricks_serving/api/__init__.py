"""How to talk to a workspace: one method per call, authentication, retries.

The only httpx import.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .auth import Credentials, Where, resolve_credentials, with_scheme
from .identity import WorkspaceIdentity
from .listed import UpdatesUnderWay

if TYPE_CHECKING:
    from .client import WorkspaceApi
    from .transport import WriteRefused

__all__ = [
    "Credentials",
    "UpdatesUnderWay",
    "Where",
    "WorkspaceApi",
    "WorkspaceIdentity",
    "WriteRefused",
    "resolve_credentials",
    "with_scheme",
]


if not TYPE_CHECKING:  # a type checker would take it that every name is there

    def __getattr__(name: str) -> object:
        """What talks is imported at first use; check and diff only say which workspace is meant."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Not httpx's own command line, which nobody here calls: it takes 80 ms to import with it,
        # and 50 without. To Python None is a module that there is not, which httpx minds nothing.
        sys.modules.setdefault("httpx._main", None)
        from . import client, transport  # noqa: PLC0415 - they load httpx

        return getattr(client if name == "WorkspaceApi" else transport, name)
