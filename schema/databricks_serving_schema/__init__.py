"""What serving endpoints, gateways, scopes, secrets and permissions are: models, policy, rules.

Imports pydantic only.
"""

from __future__ import annotations

from .ai_gateway import AiGateway, EndpointAiGateway, EndpointRateLimits, RateLimit
from .answers import EndpointAnswer, EndpointStamps, parse_endpoint_answer
from .config import Config, Route, TrafficConfig
from .endpoint import EmailNotifications, Endpoint
from .external_models import SECRET_REFERENCE, ExternalModel
from .fields import Field, Shape, config_of, fields_of
from .limits import Kind, NotComparedFor
from .names import (
    default_name,
    external_default_name,
    inference_table_name,
    with_default_names,
)
from .parse import parse_answer, parse_endpoint, parse_program, read_program
from .permissions import EndpointPermissions, Grant, SecretAcl
from .policy import KeyedBy, OnChange, Part, Policy, Readback, Severity
from .problems import InvalidResource, Path, Problem, dotted, identified
from .resources import RESOURCES, Resource
from .rules import ADVICE, RULES, Allowances, advise, judge
from .rules.basics import OWNERSHIP_TAG
from .rules.newer import unknown_fields
from .secrets import AzureKeyVault, Secret, SecretScope
from .served import ServedEntity, kind_of
from .settings import (
    AclSettings,
    Deploy,
    EndpointSettings,
    GatewaySettings,
    PermissionsSettings,
    RateLimitsSettings,
    ScopeSettings,
    SecretSettings,
    WorkspaceChoice,
    seconds,
)
from .suggest import among
from .telemetry import TelemetryConfig
from .values import UNKNOWN, Unknown, Value

__all__ = [
    "ADVICE",
    "OWNERSHIP_TAG",
    "RESOURCES",
    "RULES",
    "SECRET_REFERENCE",
    "UNKNOWN",
    "AclSettings",
    "AiGateway",
    "Allowances",
    "AzureKeyVault",
    "Config",
    "Deploy",
    "EmailNotifications",
    "Endpoint",
    "EndpointAiGateway",
    "EndpointAnswer",
    "EndpointPermissions",
    "EndpointRateLimits",
    "EndpointSettings",
    "EndpointStamps",
    "ExternalModel",
    "Field",
    "GatewaySettings",
    "Grant",
    "InvalidResource",
    "KeyedBy",
    "Kind",
    "NotComparedFor",
    "OnChange",
    "Part",
    "Path",
    "PermissionsSettings",
    "Policy",
    "Problem",
    "RateLimit",
    "RateLimitsSettings",
    "Readback",
    "Resource",
    "Route",
    "ScopeSettings",
    "Secret",
    "SecretAcl",
    "SecretScope",
    "SecretSettings",
    "ServedEntity",
    "Severity",
    "Shape",
    "TelemetryConfig",
    "TrafficConfig",
    "Unknown",
    "Value",
    "WorkspaceChoice",
    "advise",
    "among",
    "config_of",
    "default_name",
    "dotted",
    "external_default_name",
    "fields_of",
    "identified",
    "inference_table_name",
    "judge",
    "kind_of",
    "parse_answer",
    "parse_endpoint",
    "parse_endpoint_answer",
    "parse_program",
    "read_program",
    "seconds",
    "unknown_fields",
    "with_default_names",
]
