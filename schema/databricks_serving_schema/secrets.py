"""Secret scopes and secrets.

Source: REST reference, secrets; Databricks page "Secret management".
"""

from __future__ import annotations

from typing import Annotated

from pydantic import SecretStr

from .limits import Choices, NamedAfterResource, OneOf, Spelled
from .policy import OnChange, Part, Policy, Readback, Severity
from .values import Said, Value

#: Source: SDK, secrets. A `/` would break the reference {{secrets/scope/key}}.
SCOPE_NAME = Spelled(r"[\w.@-]{1,128}", "1 to 128 letters, digits, -, _, @ and . are allowed")
#: Source: terraform-provider-databricks, resource_secret.go. In a key a `/` breaks nothing.
KEY_NAME = Spelled(r"[\w.@/-]{1,128}", "1 to 128 letters, digits, -, _, @, . and / are allowed")

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


def _vault(*, required: bool) -> Policy:
    return Policy(
        OnChange.REPLACE,
        Readback.ECHOED,
        because="no call changes a scope",
        severity=Severity.HIGH,
        source="REST reference, secrets/createscope",
        required=required,
    )


class AzureKeyVault(Value):
    """The vault whose secrets a scope shows."""

    resource_id: Annotated[Said[str], _vault(required=True)] = None
    """Resource id of the vault in Azure."""
    dns_name: Annotated[Said[str], _vault(required=True)] = None
    """Address of the vault."""


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
        NamedAfterResource(),
        SCOPE_NAME,
    ] = None
    """The scope's name; upper and lower case are the same to the service."""
    initial_manage_principal: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.NEVER,
            because="taken at creation only, and never shown",
            severity=Severity.MEDIUM,
            source="REST reference, secrets/createscope",
        ),
        Choices(("users",)),
    ] = None
    """`users`: everybody may manage the scope; left out, its creator alone."""
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
        Choices(("DATABRICKS", "AZURE_KEYVAULT")),
    ] = None
    """Who holds the secrets: Databricks, or a vault in Azure."""
    backend_azure_keyvault: Annotated[Said[AzureKeyVault], _vault(required=False)] = None
    """The vault, for AZURE_KEYVAULT; its scopes are made by users of Microsoft Entra ID only."""


class Secret(Value):
    """One secret: where it is, and its value in one of three forms."""

    scope: Annotated[Said[str], ADDRESS_OF_SECRET, SCOPE_NAME] = None
    """The scope's name."""
    key: Annotated[Said[str], ADDRESS_OF_SECRET, KEY_NAME] = None
    """The secret's name in its scope."""
    value: Annotated[Said[SecretStr], VALUE_OF_SECRET, Part(), OneOf("value")] = None
    """The value as text; at most 128 KB."""
    value_base64: Annotated[Said[SecretStr], VALUE_OF_SECRET, Part(), OneOf("value")] = None
    """The value as bytes, in base64; at most 128 KB."""
    value_from_env: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.NEVER,
            because="the name of the environment variable that held the value when it was put",
            severity=Severity.CRITICAL,
            source="this project's design: the value is in no state",
        ),
        Part(),
        OneOf("value"),
    ] = None
    """Name of an environment variable that is read when the secret is put."""
    version: Annotated[
        Said[str],
        Policy(
            OnChange.UPDATE,
            Readback.NEVER,
            because="any string; changing it puts the value again",
            severity=Severity.LOW,
            source="this project's design",
        ),
        Part(),
    ] = None
    """Any text; a change puts the value again."""
