"""Databricks Model Serving as code: endpoints, secrets, rate limits, AI Gateway settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .dynamic.resources import Secret, SecretScope, ServingEndpoint

__all__ = ["Secret", "SecretScope", "ServingEndpoint"]


def __getattr__(name: str) -> object:
    """The resources, imported at first use: the command line does not need Pulumi to start."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .dynamic import resources  # noqa: PLC0415 - see above

    return getattr(resources, name)
