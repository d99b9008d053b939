"""How a resource is found in its workspace: its id, as it follows from its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bag import text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = {
    "ServingEndpoint": ("name",),
    "AiGateway": ("endpoint_name",),
    "RateLimits": ("endpoint_name",),
    "EndpointPermissions": ("endpoint_name",),
    "SecretScope": ("name",),
    "Secret": ("scope", "key"),
    "SecretAcl": ("scope", "principal"),
}


def id_of(kind: str, inputs: Mapping[str, object]) -> str:
    """The id that a resource with these inputs gets; empty while it is not known."""
    parts = [text(inputs, name) for name in _PARTS[kind]]
    return "/".join(part for part in parts if part is not None) if all(parts) else ""
