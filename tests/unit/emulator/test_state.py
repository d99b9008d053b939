"""What a workspace answers depends on what was done before: the same question, before and after."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, SECRETS, Client, custom, endpoint, external

CHAT = f"{ENDPOINTS}/chat"
LIMITS = {"rate_limits": [{"calls": 10, "renewal_period": "minute"}]}
UNITS = {
    "entity_name": "system.ai.llama_4_maverick",
    "entity_version": "1",
    "provisioned_model_units": 100,
}


def client_with(entity, **more):
    client = Client()
    client.create(endpoint(entity, **more))
    client.settle("chat")
    return client


def permissions_of(client):
    return f"{PERMISSIONS}/{client.get('chat')['id']}"


def ann(level):
    entry = {"user_name": "ann@example.com", "permission_level": level}
    return {"access_control_list": [entry]}


def granted(answer):
    """Who was granted which level directly."""
    return {
        entry["user_name"]: permission["permission_level"]
        for entry in answer["access_control_list"]
        for permission in entry["all_permissions"]
        if not permission["inherited"]
    }


def test_an_endpoint_with_model_units_is_there_after_its_creation():
    client = Client()
    before = client.call("GET", CHAT)[0]

    client.does("POST", f"{ENDPOINTS}/pt", {"name": "chat", "config": {"served_entities": [UNITS]}})

    assert before == 404
    assert client.get("chat")["pending_config"]["served_entities"][0]["name"] == (
        "llama_4_maverick-1"
    )


def test_a_model_can_be_optimized_after_its_registration():
    client = Client()
    path = f"{ENDPOINTS}/get-model-optimization-info/ml.prod.llama/1"
    before = client.does("GET", path)
    known = {"name": "ml.prod.llama", "kind": "foundation_model", "model_unit_chunk_size": 50}

    client.does("POST", "/_emulator/models", known)

    assert before == {"optimizable": False}
    assert client.does("GET", path) == {"model_unit_chunk_size": 50}


def test_an_endpoint_is_gone_after_its_deletion():
    client = client_with(external())
    before = client.get("chat")

    client.does("DELETE", CHAT)

    assert before["name"] == "chat"
    assert client.refuses("GET", CHAT)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_tags_are_another_set_after_a_patch():
    client = client_with(external(), tags=[{"key": "team", "value": "ml"}])
    before = client.get("chat")["tags"]

    client.does("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "cost"}], "delete_tags": ["team"]})

    assert before == [{"key": "team", "value": "ml"}]
    assert client.get("chat")["tags"] == [{"key": "cost"}]


def test_the_older_rate_limits_are_refused_once_the_gateway_has_some():
    client = client_with(external())
    answered = client.does("PUT", f"{CHAT}/rate-limits", LIMITS)
    client.does("PUT", f"{CHAT}/rate-limits", {"rate_limits": []})
    client.put_gateway("chat", LIMITS)

    refused = client.refuses("PUT", f"{CHAT}/rate-limits", LIMITS)

    assert answered["rate_limits"][0]["calls"] == 10
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_a_start_is_seen_as_an_update():
    client = client_with(custom())
    client.does("POST", f"{CHAT}/config:stop")
    before = client.get("chat")["state"]

    client.does("POST", f"{CHAT}/config:start")

    assert (before["suspend"], before["config_update"]) == ("STOPPED", "NOT_UPDATING")
    after = client.get("chat")["state"]
    assert (after["suspend"], after["config_update"]) == ("NOT_SUSPENDED", "IN_PROGRESS")


@pytest.mark.parametrize(("route", "before"), [("metrics", 400), ("openapi", 404)])
def test_an_endpoint_tells_more_when_it_is_deployed(route, before):
    client = Client()
    client.create(endpoint(custom()))
    refused = client.refuses("GET", f"{CHAT}/{route}")

    client.settle("chat")

    assert refused[0] == before
    assert client.http.get(f"{CHAT}/{route}").status_code == 200


def test_permissions_are_replaced_by_a_put():
    client = client_with(external())
    path = permissions_of(client)
    before = granted(client.does("GET", path))

    client.does("PUT", path, ann("CAN_VIEW"))

    assert before == {"serving.admin@example.com": "CAN_MANAGE"}
    assert granted(client.does("GET", path)) == {"ann@example.com": "CAN_VIEW"}


def test_permissions_are_added_to_by_a_patch():
    client = client_with(external())
    path = permissions_of(client)
    before = granted(client.does("GET", path))

    client.does("PATCH", path, ann("CAN_QUERY"))

    assert before == {"serving.admin@example.com": "CAN_MANAGE"}
    assert granted(client.does("GET", path)) == {
        "serving.admin@example.com": "CAN_MANAGE",
        "ann@example.com": "CAN_QUERY",
    }


def test_a_deleted_endpoint_has_no_permission_levels():
    client = client_with(external())
    path = f"{permissions_of(client)}/permissionLevels"
    before = client.does("GET", path)

    client.does("DELETE", CHAT)

    assert len(before["permission_levels"]) == 3
    assert client.refuses("GET", path)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_scope_is_gone_after_its_deletion():
    client = Client()
    client.put_secret("llm", "openai")
    before = client.scopes()

    client.does("POST", f"{SECRETS}/scopes/delete", {"scope": "llm"})

    assert [scope["name"] for scope in before] == ["llm"]
    assert client.scopes() == []


def test_a_secret_has_another_value_after_a_put():
    client = Client()
    client.put_secret("llm", "openai", "first")
    path = f"{SECRETS}/get?scope=llm&key=openai"
    before = client.does("GET", path)["value"]

    body = {"scope": "llm", "key": "openai", "string_value": "second"}
    client.does("POST", f"{SECRETS}/put", body)

    assert before == "Zmlyc3Q="
    assert client.does("GET", path)["value"] == "c2Vjb25k"


def test_a_secret_is_listed_no_more_after_its_deletion():
    client = Client()
    client.put_secret("llm", "openai")
    before = client.does("GET", f"{SECRETS}/list?scope=llm")["secrets"]

    client.does("POST", f"{SECRETS}/delete", {"scope": "llm", "key": "openai"})

    assert [secret["key"] for secret in before] == ["openai"]
    assert client.does("GET", f"{SECRETS}/list?scope=llm") == {}


def test_a_principal_is_on_the_access_list_after_a_put():
    client = Client()
    client.put_secret("llm", "openai")
    path = f"{SECRETS}/acls/list?scope=llm"
    before = client.does("GET", path)["items"]

    client.grant("llm", "data", "READ")

    creator = {"principal": "serving.admin@example.com", "permission": "MANAGE"}
    assert before == [creator]
    assert client.does("GET", path)["items"] == [
        creator,
        {"principal": "data", "permission": "READ"},
    ]


@pytest.mark.parametrize("path", [ENDPOINTS, f"{SECRETS}/scopes/list"])
def test_nothing_is_listed_for_a_removed_user(path):
    client = Client()
    ann = client.user("ann")
    before = ann.does("GET", path)

    client.does("DELETE", "/_emulator/identities", {"name": "ann@example.com"})

    assert before == {}
    assert ann.refuses("GET", path)[:2] == (403, 403)
