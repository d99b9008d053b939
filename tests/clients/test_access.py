"""The official client's calls for identities, permissions and secrets, over HTTP."""

from __future__ import annotations

import httpx
import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.serving import (
    ServingEndpointAccessControlRequest,
    ServingEndpointPermissionLevel,
)
from databricks.sdk.service.workspace import (
    AclPermission,
    AzureKeyVaultSecretScopeMetadata,
    ScopeBackendType,
)

from databricks_serving_emulator import Fault, Workspace

ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
PASSWORD = "dose-made-up"
VIEW = ServingEndpointPermissionLevel.CAN_VIEW
QUERY = ServingEndpointPermissionLevel.CAN_QUERY
MANAGE = ServingEndpointPermissionLevel.CAN_MANAGE


@pytest.fixture
def workspace():
    found = Workspace(strict=True)
    found.identities.add_user("ann@example.com", groups=["data"], token="token-of-ann")
    found.identities.add_service_principal(
        "ci-deployer", application_id=ROBOT, client_secret=PASSWORD
    )
    return found


def pat(token):
    return {"token": token, "auth_type": "pat"}


def m2m(password=PASSWORD):
    return {"client_id": ROBOT, "client_secret": password, "auth_type": "oauth-m2m"}


def granted(permissions):
    return {
        entry.user_name or entry.group_name or entry.service_principal_name: [
            (permission.permission_level, permission.inherited)
            for permission in entry.all_permissions
        ]
        for entry in permissions.access_control_list
    }


def for_group(name, level):
    return ServingEndpointAccessControlRequest(group_name=name, permission_level=level)


def test_a_user_learns_who_it_is(connect):
    me = connect(**pat("token-of-ann")).current_user.me()

    assert (me.user_name, me.display_name, me.active) == ("ann@example.com", "Ann", True)
    assert sorted(group.display for group in me.groups) == ["data", "users"]


def test_a_service_principal_gets_its_token_by_itself(connect):
    client = connect(**m2m())

    me = client.current_user.me()

    assert (me.user_name, me.display_name) == (ROBOT, "ci-deployer")
    assert client.get_workspace_id() == 1234567890123456
    assert client.config.authenticate()["Authorization"].startswith("Bearer ey")


def test_a_service_principal_with_the_wrong_secret_gets_none(connect):
    client = connect(**m2m("wrong"))

    with pytest.raises(ValueError, match="invalid_client"):
        client.current_user.me()


def test_an_expired_token_is_no_token(connect, workspace):
    client = connect(**m2m())
    client.current_user.me()

    workspace.clock.advance(3600)

    with pytest.raises(PermissionDenied, match="Invalid access token"):
        client.current_user.me()


def test_permissions_go_round(connect):
    serving = connect().serving_endpoints
    serving.create("chat")
    endpoint_id = serving.get("chat").id

    serving.set_permissions(endpoint_id, access_control_list=[for_group("data", VIEW)])
    updated = serving.update_permissions(
        endpoint_id,
        access_control_list=[
            ServingEndpointAccessControlRequest(
                service_principal_name=ROBOT, permission_level=QUERY
            )
        ],
    )

    found = serving.get_permissions(endpoint_id)
    assert found.as_dict() == updated.as_dict()
    assert found.object_type == "serving-endpoint"
    assert granted(found) == {
        "data": [(VIEW, False)],
        ROBOT: [(QUERY, False)],
        "admins": [(MANAGE, True)],
    }


def test_the_levels_are_known_to_the_client(connect):
    serving = connect().serving_endpoints
    serving.create("chat")

    levels = serving.get_permission_levels(serving.get("chat").id).permission_levels

    assert [level.permission_level for level in levels] == [VIEW, QUERY, MANAGE]


def test_a_level_is_enforced_and_told(connect):
    serving = connect().serving_endpoints
    serving.create("chat")
    endpoint_id = serving.get("chat").id
    serving.set_permissions(endpoint_id, access_control_list=[for_group("data", VIEW)])
    serving.create("hidden")

    anns = connect(**pat("token-of-ann")).serving_endpoints

    assert [one.name for one in anns.list()] == ["chat"]
    assert anns.get("chat").permission_level.value == "CAN_VIEW"
    for refused in (
        lambda: anns.get("hidden"),
        lambda: anns.delete("chat"),
        lambda: anns.set_permissions(endpoint_id, access_control_list=[]),
    ):
        with pytest.raises(PermissionDenied):
            refused()


def test_permissions_of_nothing_are_not_found(connect):
    with pytest.raises(NotFound):
        connect().serving_endpoints.get_permissions("e58f7a9b1c2d4e3f90817263544536a7")


def test_the_access_list_of_a_scope_goes_round(connect):
    secrets = connect().secrets
    secrets.create_scope("llm")
    secrets.put_secret("llm", "openai", string_value="sk-made-up")
    secrets.put_acl("llm", "data", AclPermission.READ)
    anns = connect(**pat("token-of-ann")).secrets
    value = anns.get_secret("llm", "openai").value

    with pytest.raises(PermissionDenied, match="WRITE permission on scope llm"):
        anns.put_secret("llm", "openai", string_value="sk-other")
    told = secrets.get_acl("llm", "data")
    secrets.delete_acl("llm", "data")

    assert (value, told.permission) == ("c2stbWFkZS11cA==", AclPermission.READ)
    assert list(anns.list_scopes()) == []
    with pytest.raises(NotFound):
        secrets.get_acl("llm", "data")


def test_secrets_and_scopes_are_deleted(connect):
    secrets = connect().secrets
    secrets.create_scope("llm", initial_manage_principal="users")
    secrets.put_secret("llm", "openai", bytes_value="c2s=")
    anns = connect(**pat("token-of-ann")).secrets

    anns.delete_secret("llm", "openai")
    left = list(secrets.list_secrets("llm"))
    anns.delete_scope("LLM")

    assert left == []
    assert list(secrets.list_scopes()) == []
    with pytest.raises(NotFound):
        secrets.delete_secret("llm", "openai")


def test_a_scope_in_a_key_vault_needs_a_token_of_entra(connect, workspace):
    workspace.identities.add_user("ann@example.com", entra_token="entra-of-ann")
    vault = AzureKeyVaultSecretScopeMetadata(
        resource_id="/subscriptions/0", dns_name="https://kv.vault.azure.net/"
    )
    wanted = {
        "scope_backend_type": ScopeBackendType.AZURE_KEYVAULT,
        "backend_azure_keyvault": vault,
    }
    with pytest.raises(InvalidParameterValue, match="userAADToken"):
        connect(**pat("token-of-ann")).secrets.create_scope("kv", **wanted)
    anns = connect(**pat("entra-of-ann")).secrets

    anns.create_scope("kv", **wanted)

    found = next(iter(anns.list_scopes()))
    assert found.backend_type is ScopeBackendType.AZURE_KEYVAULT
    assert found.keyvault_metadata.dns_name == "https://kv.vault.azure.net/"
    with pytest.raises(BadRequest):
        anns.put_secret("kv", "k", string_value="v")


def test_the_client_bears_a_page_in_html(connect, workspace):
    serving = connect().serving_endpoints
    workspace.faults.add(Fault(status=503, form="html", headers={"Retry-After": "0"}))

    assert list(serving.list()) == []
    assert [call.status for call in workspace.calls] == [503, 200]


def test_the_fields_that_the_client_sends_are_all_known(connect, workspace):
    client = connect(**m2m())
    client.serving_endpoints.create("chat")
    client.serving_endpoints.set_permissions(
        client.serving_endpoints.get("chat").id, access_control_list=[for_group("data", VIEW)]
    )

    assert workspace.ignored_fields == ()
    assert workspace.unknown_calls == ()


def test_an_administrator_adds_people_while_the_server_runs(connect):
    admin = connect()
    answer = httpx.post(
        f"{admin.config.host}/_emulator/users", json={"user_name": "bob@example.com"}
    )

    bob = connect(**pat(answer.json()["token"]))

    assert bob.current_user.me().user_name == "bob@example.com"
