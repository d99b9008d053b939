"""The resources: what each one is, and what a program says of it beside that."""

from __future__ import annotations

from dataclasses import dataclass

from . import settings
from .ai_gateway import EndpointAiGateway, EndpointRateLimits
from .endpoint import Endpoint
from .permissions import EndpointPermissions, SecretAcl
from .secrets import Secret, SecretScope
from .values import Value


@dataclass(frozen=True)
class Resource:
    """One kind of resource: its name, what is planned and sent, what is only recorded."""

    name: str
    model: type[Value]
    settings: type[Value]


RESOURCES = (
    Resource("ServingEndpoint", Endpoint, settings.EndpointSettings),
    Resource("AiGateway", EndpointAiGateway, settings.GatewaySettings),
    Resource("RateLimits", EndpointRateLimits, settings.RateLimitsSettings),
    Resource("SecretScope", SecretScope, settings.ScopeSettings),
    Resource("Secret", Secret, settings.SecretSettings),
    Resource("SecretAcl", SecretAcl, settings.AclSettings),
    Resource("EndpointPermissions", EndpointPermissions, settings.PermissionsSettings),
)
