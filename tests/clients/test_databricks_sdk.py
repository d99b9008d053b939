"""The official client against the emulator, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from databricks.sdk.errors import ResourceConflict
from databricks.sdk.service import serving
from databricks.sdk.service.workspace import AclPermission

from databricks_serving_emulator import Fault

SHORTLY = timedelta(seconds=30)


def external(name="main", model="gpt-4o"):
    return serving.ServedEntityInput(
        name=name,
        external_model=serving.ExternalModel(
            provider=serving.ExternalModelProvider.OPENAI,
            name=model,
            task="llm/v1/chat",
            openai_config=serving.OpenAiConfig(openai_api_key="{{secrets/llm/openai}}"),
        ),
    )


def with_endpoint(client):
    client.secrets.create_scope("llm")
    client.secrets.put_secret("llm", "openai", string_value="sk-made-up")
    config = serving.EndpointCoreConfigInput(name="chat", served_entities=[external()])
    return client.serving_endpoints.create_and_wait("chat", config=config, timeout=SHORTLY)


def test_an_endpoint_is_created_and_found(client):
    created = with_endpoint(client)
    found = client.serving_endpoints.get("chat")
    listed = list(client.serving_endpoints.list())

    assert created.state.ready is serving.EndpointStateReady.READY
    assert found.config.served_entities[0].external_model.name == "gpt-4o"
    assert [(one.name, one.id) for one in listed] == [("chat", created.id)]


def test_an_empty_list_is_empty(client):
    assert list(client.serving_endpoints.list()) == []
    assert list(client.secrets.list_scopes()) == []


def test_a_config_update_is_waited_for(client):
    with_endpoint(client)

    updated = client.serving_endpoints.update_config_and_wait(
        "chat", served_entities=[external(model="gpt-5")], timeout=SHORTLY
    )

    assert updated.config.served_entities[0].external_model.name == "gpt-5"
    assert updated.config.config_version == 2


def test_a_second_update_is_a_conflict(client, workspace):
    with_endpoint(client)
    workspace.deployments.plan("chat", seconds=600)
    client.serving_endpoints.update_config("chat", served_entities=[external()])

    with pytest.raises(ResourceConflict):
        client.serving_endpoints.update_config("chat", served_entities=[external()])


def test_gateway_and_tags_are_set(client):
    with_endpoint(client)
    limit = serving.AiGatewayRateLimit(
        calls=100, renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE
    )

    gateway = client.serving_endpoints.put_ai_gateway("chat", rate_limits=[limit])
    client.serving_endpoints.patch(
        "chat", add_tags=[serving.EndpointTag(key="team", value="gen-ai")]
    )

    found = client.serving_endpoints.get("chat")
    assert gateway.rate_limits[0].key is serving.AiGatewayRateLimitKey.ENDPOINT
    assert found.ai_gateway.rate_limits[0].calls == 100
    assert [(tag.key, tag.value) for tag in found.tags] == [("team", "gen-ai")]


def test_secrets_and_access_lists_go_round(client):
    client.secrets.create_scope("llm")
    client.secrets.put_secret("llm", "openai", string_value="sk-made-up")
    client.secrets.put_acl("llm", "data-science", AclPermission.READ)

    assert [scope.name for scope in client.secrets.list_scopes()] == ["llm"]
    assert [secret.key for secret in client.secrets.list_secrets("llm")] == ["openai"]
    assert client.secrets.get_secret("llm", "openai").value == "c2stbWFkZS11cA=="
    assert {acl.principal: acl.permission for acl in client.secrets.list_acls("llm")} == {
        "serving.admin@example.com": AclPermission.MANAGE,
        "data-science": AclPermission.READ,
    }


def test_the_client_learns_who_and_where_it_is(client):
    assert client.current_user.me().user_name == "serving.admin@example.com"
    assert client.get_workspace_id() == 1234567890123456


def test_the_client_waits_as_long_as_it_is_told(client, workspace):
    workspace.faults.add(Fault(status=429, headers={"Retry-After": "0"}))

    assert list(client.serving_endpoints.list()) == []
    assert [call.status for call in workspace.calls] == [429, 200]


def test_the_fields_that_the_client_sends_are_all_known(client, workspace):
    with_endpoint(client)
    client.serving_endpoints.delete("chat")

    assert workspace.ignored_fields == ()
    assert workspace.unknown_calls == ()
