"""Secret scopes and secrets.

Source: REST reference, secrets; Databricks page "Secret management".
"""

from __future__ import annotations

from typing import Annotated

from pydantic import SecretStr

from .policy import OnChange, Part, Policy, Readback, Severity
from .values import Said, Value

IMMUTABLE_SCOPE = Policy(
    OnChange.REPLACE,
    Readback.ECHOED,
    because="no call changes a scope",
    severity=Severity.HIGH,
    source="REST reference, secrets/createscope",
)
ADDRESS_OF_SECRET = Policy(
    OnChange.REPLACE,
    Readback.ECHOED,
    because="scope and key are what a secret is found by",
    severity=Severity.HIGH,
    source="REST reference, secrets/putsecret",
    required=True,
)
VALUE_OF_SECRET = Policy(
    OnChange.UPDATE,
    Readback.NEVER,
    because="lists show a timestamp only; a put overwrites in place",
    severity=Severity.CRITICAL,
    source="REST reference, secrets/listsecrets and secrets/putsecret",
)


class SecretScope(Value):
    """A scope that holds secrets."""

    name: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.ECHOED,
            because="no call renames a scope",
            severity=Severity.HIGH,
            source="REST reference, secrets/createscope",
            required=True,
        ),
    ] = None
    initial_manage_principal: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.NEVER,
            because="taken at creation only, and never shown",
            source="REST reference, secrets/createscope",
        ),
    ] = None
    scope_backend_type: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.DEFAULTED,
            because="no call changes a scope; left out, Databricks holds the secrets",
            severity=Severity.HIGH,
            source="databricks/cli issue 4834",
            default="DATABRICKS",
        ),
    ] = None


class Secret(Value):
    """One secret: where it is, and its value in one of three forms."""

    scope: Annotated[Said[str], ADDRESS_OF_SECRET] = None
    key: Annotated[Said[str], ADDRESS_OF_SECRET] = None
    value: Annotated[Said[SecretStr], VALUE_OF_SECRET, Part()] = None
    value_base64: Annotated[Said[SecretStr], VALUE_OF_SECRET, Part()] = None
    value_from_env: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.NEVER,
            because="the name of the environment variable that held the value when it was put",
            source="this project's design: the value is in no state",
        ),
        Part(),
    ] = None
    version: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.NEVER,
            because="any string; changing it puts the value again",
            source="this project's design",
        ),
        Part(),
    ] = None
