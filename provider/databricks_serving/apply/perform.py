"""Send one operation, exactly as planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import assert_never

from databricks_serving.errors import AlreadyExists, Refused, Unavailable, Unreachable
from databricks_serving.plan.canonical import Fingerprint
from databricks_serving.plan.operations import (
    CancelUpdate,
    CreateEndpoint,
    CreateScope,
    DeleteAcl,
    DeleteEndpoint,
    DeleteScope,
    DeleteSecret,
    Operation,
    PatchNotifications,
    PatchPermissions,
    PatchTags,
    PatchTelemetry,
    PutAcl,
    PutAiGateway,
    PutConfig,
    PutPermissions,
    PutProvisionedThroughput,
    PutSecret,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from databricks_serving.api import WorkspaceApi


def perform(  # noqa: C901, PLR0912 - one line for each kind
    operation: Operation, api: WorkspaceApi
) -> None:
    """Send one operation. Raises `ApiError` or `Unreachable`."""
    match operation:
        case CreateEndpoint(_, body, by_model_units=True):
            api.create_by_model_units(_sendable(body))
        case CreateEndpoint(_, body):
            api.create_endpoint(_sendable(body))
        case PutProvisionedThroughput(name, body):
            api.put_provisioned_throughput(name, _sendable(body))
        case PatchNotifications(name, body):
            api.patch_notifications(name, _sendable(body))
        case PatchTelemetry(name, body):
            api.patch_telemetry(name, _sendable(body))
        case PutConfig(name, body):
            api.put_config(name, _sendable(body))
        case PatchTags(name, add, delete):
            _sendable(dict(add))
            api.patch_tags(name, add, delete)
        case PutAiGateway():
            put_gateway(operation, api)
        case DeleteEndpoint(name):
            api.delete_endpoint(name)
        case CreateScope(body):
            api.create_scope(body)
        case DeleteScope(name):
            api.delete_scope(name)
        case PutSecret(_, _, body):
            api.put_secret(_sendable(body))
        case DeleteSecret(scope, key):
            api.delete_secret(scope, key)
        case PutAcl(scope, principal, permission):
            _sendable({"principal": principal})
            api.put_acl(scope, principal, permission)
        case DeleteAcl(scope, principal):
            api.delete_acl(scope, principal)
        case PatchPermissions(endpoint_id, body):
            api.patch_permissions(endpoint_id, _sendable(body))
        case PutPermissions(endpoint_id, body):
            api.put_permissions(endpoint_id, _sendable(body))
        case CancelUpdate():
            raise TypeError("no call cancels an update; the executor carries out the strategy")
        case _:
            assert_never(operation)


def put_gateway(operation: PutAiGateway, api: WorkspaceApi) -> Mapping[str, object] | None:
    """Replace a gateway; the gateway as the service answers it, None where it answers nothing."""
    answered = api.put_ai_gateway(operation.name, _sendable(operation.body))
    return answered if answered or not any(operation.body.values()) else None


def perform_create(
    operation: CreateEndpoint | CreateScope, api: WorkspaceApi, is_ours: Callable[[], bool]
) -> None:
    """Send a create; where its answer is lost, a look tells whether it had its effect.

    It is sent again only where the service said "not now", and that may come after the effect too.
    """
    try:
        perform(operation, api)
    except (Unreachable, Unavailable, AlreadyExists):
        if not is_ours():
            raise


def _sendable(body: dict[str, object]) -> dict[str, object]:
    def walk(value: object) -> None:
        if isinstance(value, Fingerprint):
            raise Refused(
                "A secret of this plan is known by its fingerprint only: not sent. "
                "`pulumi up` has it from the program.",
                id="fingerprint-only",
            )
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(body)
    return body
