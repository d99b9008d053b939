"""Who may do what: with a secret scope, with an endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pulumi
from typing_extensions import Never

from ..arguments import with_secret_leaves
from ..inputs import GrantArgs, WorkspaceArgs
from .base import WORKS_ON_WHAT_IS_THERE, ServingResource


class SecretAcl(ServingResource):
    """What one user, group or service principal may do with a secret scope.

    A permission that the principal has already is overwritten.
    """

    _kind = "SecretAcl"
    _instead_of_import = WORKS_ON_WHAT_IS_THERE

    scope: pulumi.Output[str]
    principal: pulumi.Output[str]
    #: READ, WRITE or MANAGE.
    permission: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        scope: pulumi.Input[str],
        principal: pulumi.Input[str],
        permission: pulumi.Input[Literal["READ", "WRITE", "MANAGE"]],
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a misspelt one is named by check
    ) -> None:
        said = {
            "scope": scope,
            "principal": principal,
            "permission": permission,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, with_secret_leaves(said), opts)


class EndpointPermissions(ServingResource):
    """Who may do what with an endpoint: direct grants, never inherited ones.

    Grants of others stay, unless `mode` is `"authoritative"`. Where the endpoint is declared in the
    same program, say `endpoint_name=endpoint.name`: a new endpoint of that name then gets the
    grants too.
    """

    _kind = "EndpointPermissions"
    _computed = ("endpoint_id",)
    _instead_of_import = WORKS_ON_WHAT_IS_THERE

    endpoint_name: pulumi.Output[str]
    #: 32 hexadecimal digits.
    endpoint_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        endpoint_name: pulumi.Input[str],
        access_control: pulumi.Input[Sequence[pulumi.Input[GrantArgs]]],
        mode: pulumi.Input[Literal["additive", "authoritative"]] | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a misspelt one is named by check
    ) -> None:
        said = {
            "endpoint_name": endpoint_name,
            "access_control": access_control,
            "mode": mode,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, with_secret_leaves(said), opts)
