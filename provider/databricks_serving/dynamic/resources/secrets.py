"""Secret scopes and secrets."""

from __future__ import annotations

from typing import Literal

import pulumi
from typing_extensions import Never

from ..arguments import with_secret_leaves
from ..inputs import AzureKeyVaultArgs, WorkspaceArgs
from .base import ServingResource


class SecretScope(ServingResource):
    """A secret scope.

    Deleting one that holds secrets of others is refused, unless `force_destroy`.
    """

    _kind = "SecretScope"
    _computed = ("name", "backend_type")

    name: pulumi.Output[str]
    #: DATABRICKS or AZURE_KEYVAULT.
    backend_type: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
        initial_manage_principal: pulumi.Input[Literal["users"]] | None = None,
        scope_backend_type: pulumi.Input[Literal["DATABRICKS", "AZURE_KEYVAULT"]] | None = None,
        backend_azure_keyvault: pulumi.Input[AzureKeyVaultArgs] | None = None,
        force_destroy: bool | None = None,
        adopt: bool | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a misspelt one is named by check
    ) -> None:
        said = {
            "name": name,
            "initial_manage_principal": initial_manage_principal,
            "scope_backend_type": scope_backend_type,
            "backend_azure_keyvault": backend_azure_keyvault,
            "force_destroy": force_destroy,
            "adopt": adopt,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, said, opts)


class Secret(ServingResource):
    """A secret: exactly one of `value`, `value_base64` and `value_from_env`.

    `value_from_env` names an environment variable that is read when the secret is put: the value is
    then in no state at all. A changed `version` puts the value again.
    """

    _kind = "Secret"
    _computed = ("reference", "last_updated_timestamp", "value_fingerprint")

    scope: pulumi.Output[str]
    key: pulumi.Output[str]
    #: `{{secrets/scope/key}}`: how a configuration names the secret.
    reference: pulumi.Output[str]
    #: Unix milliseconds.
    last_updated_timestamp: pulumi.Output[int]
    #: Changes when the value does; tells nothing of it.
    value_fingerprint: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        scope: pulumi.Input[str],
        key: pulumi.Input[str],
        value: pulumi.Input[str] | None = None,
        value_base64: pulumi.Input[str] | None = None,
        value_from_env: pulumi.Input[str] | None = None,
        version: pulumi.Input[str] | None = None,
        adopt: bool | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a misspelt one is named by check
    ) -> None:
        said = {
            "scope": scope,
            "key": key,
            "value": None if value is None else pulumi.Output.secret(value),
            "value_base64": None if value_base64 is None else pulumi.Output.secret(value_base64),
            "value_from_env": value_from_env,
            "version": version,
            "adopt": adopt,
            "workspace": workspace,
            **newer,
        }
        own = with_secret_leaves(said, but=("value", "value_base64"))
        super().__init__(resource_name, own, opts)
