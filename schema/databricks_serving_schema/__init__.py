"""What serving endpoints, scopes and secrets are: models, field policy, rules.

Imports pydantic only.
"""

from __future__ import annotations

from .answers import EndpointAnswer, EndpointStamps, parse_endpoint_answer
from .deploy import Deploy, WorkspaceChoice, seconds
from .endpoint import AiGateway, Config, Endpoint, RateLimit, Route, ServedEntity, TrafficConfig
from .external_models import CONFIG_OF_PROVIDER, SECRET_REFERENCE, ExternalModel
from .fields import Field, Shape, fields_of
from .names import default_name, external_default_name, with_default_names
from .parse import parse_answer, parse_endpoint, read_program, unknown_fields
from .policy import KeyedBy, OnChange, Part, Policy, Readback, Severity
from .problems import InvalidResource, Path, Problem, dotted
from .rules import RULES, Allowances, judge
from .rules.basics import OWNERSHIP_TAG
from .secrets import Secret, SecretScope
from .suggest import among
from .values import UNKNOWN, Unknown, Value

__all__ = [
    "CONFIG_OF_PROVIDER",
    "OWNERSHIP_TAG",
    "RULES",
    "SECRET_REFERENCE",
    "UNKNOWN",
    "AiGateway",
    "Allowances",
    "Config",
    "Deploy",
    "Endpoint",
    "EndpointAnswer",
    "EndpointStamps",
    "ExternalModel",
    "Field",
    "InvalidResource",
    "KeyedBy",
    "OnChange",
    "Part",
    "Path",
    "Policy",
    "Problem",
    "RateLimit",
    "Readback",
    "Route",
    "Secret",
    "SecretScope",
    "ServedEntity",
    "Severity",
    "Shape",
    "TrafficConfig",
    "Unknown",
    "Value",
    "WorkspaceChoice",
    "among",
    "default_name",
    "dotted",
    "external_default_name",
    "fields_of",
    "judge",
    "parse_answer",
    "parse_endpoint",
    "parse_endpoint_answer",
    "read_program",
    "seconds",
    "unknown_fields",
    "with_default_names",
]
