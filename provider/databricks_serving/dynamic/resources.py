"""The resources that a program declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pulumi
from typing_extensions import Never

from databricks_serving.state.keys import KEY, PROVIDER
from databricks_serving.state.tokens import PROVIDER_OF, type_token

from .arguments import endpoint_arguments, with_secret_leaves
from .inputs import (
    AzureKeyVaultArgs,
    ConfigArgs,
    DeployArgs,
    EmailNotificationsArgs,
    RateLimitArgs,
    ServingEndpointAiGatewayArgs,
    TagArgs,
    TelemetryConfigArgs,
    WorkspaceArgs,
)

_WORKSPACE_OUTPUTS = ("workspace_host", "workspace_id")


class _Resource(pulumi.CustomResource):
    """What all kinds share: the token and the provider, both constants; a subclass keeps them."""

    _kind: ClassVar[str]
    _computed: ClassVar[tuple[str, ...]] = ()

    #: The workspace's address.
    workspace_host: pulumi.Output[str]
    #: The workspace's id.
    workspace_id: pulumi.Output[str]

    def __init__(
        self, resource_name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        _no_import(resource_name, opts)
        own = pulumi.ResourceOptions(additional_secret_outputs=[KEY])
        said = {name: value for name, value in args.items() if value is not None}
        computed = dict.fromkeys((*self._computed, *_WORKSPACE_OUTPUTS))
        super().__init__(
            type_token(self._kind),
            resource_name,
            {**computed, **said, PROVIDER: PROVIDER_OF[self._kind]},
            pulumi.ResourceOptions.merge(own, opts),
        )


def _no_import(resource_name: str, opts: pulumi.ResourceOptions | None) -> None:
    if opts is not None and (opts.import_ is not None or opts.id is not None):
        raise pulumi.RunError(
            f"{resource_name}: Pulumi cannot import or get resources of a dynamic provider "
            f"(pulumi issue 16175). Say adopt=True instead: an existing thing of that name is then "
            f"taken over and brought to what the program says."
        )


class ServingEndpoint(_Resource):
    """A Databricks Model Serving endpoint.

    Field names and nesting are the REST API's own, so that JSON from the Databricks documentation
    can be pasted: `ServingEndpoint("x", **post_body)`. Inputs may be outputs of other resources, at
    any depth. Plaintext credentials are kept in a secret input of their own, `credentials`.
    """

    _kind = "ServingEndpoint"
    _computed = (
        "name",
        "endpoint_id",
        "invocation_url",
        "endpoint_url",
        "state",
        "config_version",
        "creator",
        "creation_timestamp",
        "last_updated_timestamp",
        "permission_level",
        "task",
        "inference_table",
    )

    name: pulumi.Output[str]
    #: 32 hexadecimal digits.
    endpoint_id: pulumi.Output[str]
    #: Where the endpoint is queried.
    invocation_url: pulumi.Output[str]
    #: Where a route-optimized endpoint is queried.
    endpoint_url: pulumi.Output[str | None]
    #: `{"ready": "READY", "config_update": "NOT_UPDATING"}`
    state: pulumi.Output[dict[str, str]]
    config_version: pulumi.Output[int]
    creator: pulumi.Output[str]
    #: Unix milliseconds.
    creation_timestamp: pulumi.Output[int]
    #: Unix milliseconds.
    last_updated_timestamp: pulumi.Output[int]
    permission_level: pulumi.Output[str]
    task: pulumi.Output[str | None]
    #: The full name of the inference table; none where there is none, or it cannot be told.
    inference_table: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
        config: pulumi.Input[ConfigArgs] | None = None,
        ai_gateway: pulumi.Input[ServingEndpointAiGatewayArgs] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]] | Sequence[pulumi.Input[TagArgs]]]
        | None = None,
        description: pulumi.Input[str] | None = None,
        email_notifications: pulumi.Input[EmailNotificationsArgs] | None = None,
        route_optimized: pulumi.Input[bool] | None = None,
        budget_policy_id: pulumi.Input[str] | None = None,
        telemetry_config: pulumi.Input[TelemetryConfigArgs] | None = None,
        rate_limits: pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]] | None = None,
        allow_multiple_external_models: bool | None = None,
        deploy: pulumi.Input[DeployArgs] | None = None,
        adopt: bool | None = None,
        workspace: pulumi.Input[WorkspaceArgs] | None = None,
        **newer: Never,  # a type checker knows of none; the parser judges what comes all the same
    ) -> None:
        said = {
            "name": name,
            "config": config,
            "ai_gateway": ai_gateway,
            "tags": tags,
            "description": description,
            "email_notifications": email_notifications,
            "route_optimized": route_optimized,
            "budget_policy_id": budget_policy_id,
            "telemetry_config": telemetry_config,
            "rate_limits": rate_limits,
            "allow_multiple_external_models": allow_multiple_external_models,
            "deploy": deploy,
            "adopt": adopt,
            "workspace": workspace,
            **newer,
        }
        super().__init__(resource_name, endpoint_arguments(said), opts)


class SecretScope(_Resource):
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


class Secret(_Resource):
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
        args = {name: argument for name, argument in said.items() if argument is not None}
        own = with_secret_leaves(args, but=("value", "value_base64"))
        super().__init__(resource_name, own, opts)
