"""Who may do what: grants on endpoints, access to secret scopes.

Source: REST reference, servingendpoints/setpermissions and secrets/putacl.
"""

from __future__ import annotations

from typing import Annotated

from .limits import NAME, Choices, OneOf
from .policy import KeyedBy, OnChange, Part, Policy, Readback, Severity
from .secrets import SCOPE_NAME
from .values import Each, Said, Value


def _granted(because: str, *, required: bool = False) -> Policy:
    return Policy(
        OnChange.UPDATE,
        Readback.ECHOED,
        because=because,
        severity=Severity.HIGH,
        source="REST reference, servingendpoints/setpermissions",
        required=required,
    )


def _address(because: str) -> Policy:
    return Policy(
        OnChange.REPLACE,
        Readback.ECHOED,
        because=because,
        severity=Severity.HIGH,
        source="this project's design",
        required=True,
    )


PRINCIPAL = _granted("a grant is found by whom it is for; each has one")
GRANTS = _granted(
    "PUT replaces the direct grants, PATCH adds to them; inherited ones stay", required=True
)


class Grant(Value):
    """One level for one user, group or service principal."""

    user_name: Annotated[Said[str], PRINCIPAL, OneOf("principal")] = None
    """The user's e-mail."""
    group_name: Annotated[Said[str], PRINCIPAL, OneOf("principal")] = None
    """The group's name."""
    service_principal_name: Annotated[Said[str], PRINCIPAL, OneOf("principal")] = None
    """The service principal's application id."""
    permission_level: Annotated[
        Said[str],
        _granted("PATCH and PUT permissions change it in place", required=True),
        Choices(("CAN_VIEW", "CAN_QUERY", "CAN_MANAGE")),
    ] = None
    """CAN_VIEW reads, CAN_QUERY queries, CAN_MANAGE changes and deletes."""


class EndpointPermissions(Value):
    """Who may do what with an endpoint."""

    endpoint_name: Annotated[
        Said[str], _address("the endpoint is what grants are found by"), NAME
    ] = None
    """The endpoint's name."""
    access_control: Annotated[
        Said[tuple[Each[Grant], ...]],
        GRANTS,
        Part(),
        KeyedBy(("user_name", "group_name", "service_principal_name"), one_of=True),
    ] = None
    """The grants; inherited ones are nobody's here."""


class SecretAcl(Value):
    """What one user, group or service principal may do with a secret scope."""

    scope: Annotated[
        Said[str], _address("scope and principal are what access is found by"), SCOPE_NAME
    ] = None
    """The scope's name."""
    principal: Annotated[Said[str], _address("scope and principal are what access is found by")] = (
        None
    )
    """The user's e-mail, the group's name, the service principal's application id."""
    permission: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="a put overwrites the principal's permission",
            severity=Severity.HIGH,
            source="REST reference, secrets/putacl",
            required=True,
        ),
        Choices(("READ", "WRITE", "MANAGE")),
    ] = None
    """READ reads secrets, WRITE puts and deletes them, MANAGE also gives access to others."""
