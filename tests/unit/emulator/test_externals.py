"""What other tests show with registered models or made-up people, with neither.

So that a real workspace can be asked the same for nothing: `make check-workspace` repeats the
requests of these tests there.
"""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, SECRETS, Client, endpoint, external

AZURE = {
    "openai_api_key_plaintext": "sk-made-up",
    "openai_api_type": "azure",
    "openai_api_base": "https://x.openai.azure.com",
    "openai_api_version": "2024-10-21",
    "openai_deployment_name": "gpt",
}


@pytest.fixture
def client():
    return Client()


def test_a_name_is_taken_once(client):
    client.create(endpoint(external()))

    refusal = client.refuses("POST", ENDPOINTS, endpoint(external()))

    assert refusal == (
        400,
        "RESOURCE_ALREADY_EXISTS",
        "Endpoint with name 'chat' already exists.",
    )


def test_one_update_at_a_time(client):
    client.create(endpoint(external()))
    client.put_config("chat", {"served_entities": [external(model="gpt-5")]})

    status, code, _ = client.refuses(
        "PUT", f"{ENDPOINTS}/chat/config", {"served_entities": [external(model="gpt-6")]}
    )

    assert (status, code) == (409, "RESOURCE_CONFLICT")


def test_two_models_come_back_in_the_order_in_which_they_were_sent(client):
    two = [external("second"), external("first", model="gpt-5")]
    client.create(endpoint(*two, routes={"second": 60, "first": 40}))

    shown = client.get("chat")["config"]

    assert [entity["name"] for entity in shown["served_entities"]] == ["second", "first"]
    assert [route["traffic_percentage"] for route in shown["traffic_config"]["routes"]] == [60, 40]


def test_an_organization_is_for_openai_alone(client):
    body = endpoint(external(**AZURE, openai_organization="org"))

    status, code, message = client.refuses("POST", ENDPOINTS, body)

    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "'openai_organization'" in message


def test_a_key_must_be_in_its_scope(client):
    client.put_secret("llm", "known")
    body = endpoint(external(openai_api_key="{{secrets/llm/nope}}"))

    status, code, message = client.refuses("POST", ENDPOINTS, body)

    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.endswith("Secret does not exist with scope: llm and key: nope")


def test_a_key_that_is_there_is_shown_as_the_reference_that_it_is(client):
    client.put_secret("llm", "known")
    client.create(endpoint(external(openai_api_key="{{secrets/llm/known}}")))

    (shown,) = client.get("chat")["config"]["served_entities"]

    config = shown["external_model"]["openai_config"]
    assert config == {"openai_api_key": "{{secrets/llm/known}}"}


def test_an_external_model_has_no_telemetry(client):
    client.create(endpoint(external()))
    wanted = {"telemetry_config": {"enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"]}}

    status, code, _ = client.refuses("PATCH", f"{ENDPOINTS}/chat/telemetry-config", wanted)

    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


def test_nobody_stops_an_external_model(client):
    client.create(endpoint(external()))

    assert client.refuses("POST", f"{ENDPOINTS}/chat/config:stop")[0] == 400


def test_an_access_list_grows_and_shrinks(client):
    client.put_secret("llm", "known")
    client.grant("llm", "users", "READ")
    client.grant("llm", "users", "WRITE")
    raised = client.does("GET", f"{SECRETS}/acls/get?scope=llm&principal=users")

    client.does("POST", f"{SECRETS}/acls/delete", {"scope": "llm", "principal": "users"})

    assert raised == {"principal": "users", "permission": "WRITE"}
    assert client.does("GET", f"{SECRETS}/acls/list?scope=llm")["items"] == [
        {"principal": "serving.admin@example.com", "permission": "MANAGE"}
    ]
    assert client.refuses("GET", f"{SECRETS}/acls/get?scope=llm&principal=users")[:2] == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
    )


def test_a_scope_that_is_missing_has_no_secrets_and_no_access_list(client):
    grant = {"scope": "nope", "principal": "users", "permission": "READ"}

    refusals = [
        client.refuses("GET", f"{SECRETS}/list?scope=nope"),
        client.refuses("GET", f"{SECRETS}/get?scope=nope&key=k"),
        client.refuses("GET", f"{SECRETS}/acls/list?scope=nope"),
        client.refuses("POST", f"{SECRETS}/acls/put", grant),
    ]

    assert {refusal[:2] for refusal in refusals} == {(404, "RESOURCE_DOES_NOT_EXIST")}


def test_a_group_may_query_then_no_more_than_view_then_nothing(client):
    identifier = client.create(endpoint(external()))["id"]
    path = f"{PERMISSIONS}/{identifier}"
    own = {"user_name": "serving.admin@example.com", "permission_level": "CAN_MANAGE"}

    def levels(answer):
        return {
            entry["group_name"]: entry["all_permissions"][0]["permission_level"]
            for entry in answer["access_control_list"]
            if "group_name" in entry
        }

    for method, level in (("PATCH", "CAN_QUERY"), ("PUT", "CAN_VIEW")):
        entry = {"group_name": "users", "permission_level": level}
        answer = client.does(method, path, {"access_control_list": [entry, own]})
        assert levels(answer) == {"users": level, "admins": "CAN_MANAGE"}
    answer = client.does("PUT", path, {"access_control_list": [own]})

    assert levels(answer) == {"admins": "CAN_MANAGE"}
