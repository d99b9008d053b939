"""The property bags of access to secret scopes, and of grants on endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from databricks_serving_schema import (
    AclSettings,
    Allowances,
    EndpointPermissions,
    InvalidResource,
    PermissionsSettings,
    Problem,
    SecretAcl,
    Value,
    unknown_fields,
)

from .resource import resource_inputs


def acl_inputs(bag: Mapping[str, Any], allowances: Allowances) -> SecretAcl:
    """An access rule as a program says it. Raises `InvalidResource` with every problem."""
    acl = resource_inputs(SecretAcl, AclSettings, bag, allowances)[0]
    _only_what_is_sent(acl)
    if isinstance(acl.principal, str) and acl.principal != acl.principal.strip():
        # The service takes it, and no call takes it back (databricks/cli issue 6215).
        raise InvalidResource(
            (Problem(("principal",), "blank", "begins or ends with a blank, as no principal does"),)
        )
    return acl


def permissions_inputs(
    bag: Mapping[str, Any], allowances: Allowances
) -> tuple[EndpointPermissions, PermissionsSettings]:
    """Grants as a program says them, and how. Raises `InvalidResource` with every problem."""
    permissions, how = resource_inputs(EndpointPermissions, PermissionsSettings, bag, allowances)
    _only_what_is_sent(permissions)
    return permissions, how


def _only_what_is_sent(value: Value) -> None:
    """A newer level is sent as it is, also where a newer field would get lost: that is refused."""
    lost = tuple(
        Problem(path, "unknown-field", "no such field; nothing would send it")
        for path in unknown_fields(value)
    )
    if lost:
        raise InvalidResource(lost)
