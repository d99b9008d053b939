"""One class for each write that the API knows: exactly what will be sent.

Decided here, obeyed in apply.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

Body: TypeAlias = "dict[str, object]"


class CancelStrategy(Enum):
    """What can honestly be done about a running update: no public call cancels one."""

    SUPERSEDE = "wait"
    ABANDON = "abandon"
    FAIL = "fail"


@dataclass(frozen=True)
class CreateEndpoint:
    """POST serving-endpoints; POST serving-endpoints/pt where model units size it."""

    name: str
    body: Body = field(repr=False)
    by_model_units: bool = False


@dataclass(frozen=True)
class CancelUpdate:
    """Make way for a configuration while another one is being rolled out, by `strategy`."""

    name: str
    strategy: CancelStrategy


@dataclass(frozen=True)
class PutConfig:
    """PUT serving-endpoints/{name}/config: the whole configuration."""

    name: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class PutProvisionedThroughput:
    """PUT serving-endpoints/pt/{name}/config: the whole configuration of what model units size."""

    name: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class PatchTags:
    """PATCH serving-endpoints/{name}/tags: what is added or changed, and the keys that go."""

    name: str
    add: tuple[tuple[str, str], ...] = field(repr=False)
    delete: tuple[str, ...]


@dataclass(frozen=True)
class PatchNotifications:
    """PATCH serving-endpoints/{name}/notifications: both lists whole."""

    name: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class PatchTelemetry:
    """PATCH serving-endpoints/{name}/telemetry-config: refused while an update runs."""

    name: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class PutAiGateway:
    """PUT serving-endpoints/{name}/ai-gateway: the whole gateway, undeclared sections included."""

    name: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class DeleteEndpoint:
    """DELETE serving-endpoints/{name}."""

    name: str


@dataclass(frozen=True)
class CreateScope:
    """POST secrets/scopes/create."""

    body: Body = field(repr=False)


@dataclass(frozen=True)
class DeleteScope:
    """POST secrets/scopes/delete."""

    name: str


@dataclass(frozen=True)
class PutSecret:
    """POST secrets/put: create or overwrite, in place."""

    scope: str
    key: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class DeleteSecret:
    """POST secrets/delete."""

    scope: str
    key: str


@dataclass(frozen=True)
class PutAcl:
    """POST secrets/acls/put: create or overwrite one principal's permission, in place."""

    scope: str
    principal: str
    permission: str


@dataclass(frozen=True)
class DeleteAcl:
    """POST secrets/acls/delete."""

    scope: str
    principal: str


@dataclass(frozen=True)
class PatchPermissions:
    """PATCH permissions/serving-endpoints/{id}: grants that are added, or raised."""

    endpoint_id: str
    body: Body = field(repr=False)


@dataclass(frozen=True)
class PutPermissions:
    """PUT permissions/serving-endpoints/{id}: all direct grants; inherited ones stay."""

    endpoint_id: str
    body: Body = field(repr=False)


Operation: TypeAlias = (
    CreateEndpoint
    | CancelUpdate
    | PutConfig
    | PutProvisionedThroughput
    | PatchTags
    | PatchNotifications
    | PatchTelemetry
    | PutAiGateway
    | DeleteEndpoint
    | CreateScope
    | DeleteScope
    | PutSecret
    | DeleteSecret
    | PutAcl
    | DeleteAcl
    | PatchPermissions
    | PutPermissions
)
