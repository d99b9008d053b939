"""The resources that a program declares."""

from __future__ import annotations

from .access import EndpointPermissions, SecretAcl
from .endpoint import ServingEndpoint
from .gateway import AiGateway, RateLimits
from .secrets import Secret, SecretScope

__all__ = [
    "AiGateway",
    "EndpointPermissions",
    "RateLimits",
    "Secret",
    "SecretAcl",
    "SecretScope",
    "ServingEndpoint",
]
