"""What happens to endpoints without a call of the API."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Behaviour
from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, Client, custom, endpoint, external

EVENTS = "/_emulator/endpoints"


def test_somebody_elses_update_is_in_flight():
    client = Client()
    client.create(endpoint(external()))

    client.does("POST", f"{EVENTS}/chat/redeploy")

    config = {"served_entities": [external()]}
    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", config)
    answer = client.get("chat")
    assert refused[:2] == (409, "RESOURCE_CONFLICT")
    assert (answer["state"]["ready"], answer["state"]["config_update"]) == ("READY", "IN_PROGRESS")
    assert answer["pending_config"]["config_version"] == 2
    assert answer["pending_config"]["served_entities"][0]["creator"] == "somebody@example.com"


def test_somebody_elses_update_goes_as_planned():
    client = Client()
    client.create(endpoint(external()))
    client.does("POST", "/_emulator/deployments", {"seconds": 60, "outcome": "failed"})
    client.does("POST", f"{EVENTS}/chat/redeploy")

    client.clock.advance(60)

    assert client.get("chat")["state"]["config_update"] == "UPDATE_FAILED"


def test_an_update_cannot_fly_into_another():
    client = Client()
    client.create(endpoint(custom()))

    status, content = client.call("POST", f"{EVENTS}/chat/redeploy")

    assert (status, content) == (
        400,
        {"error": f"POST {EVENTS}/chat/redeploy: Endpoint chat is updating already."},
    )


def test_without_a_config_there_is_nothing_to_deploy():
    client = Client()
    client.create({"name": "chat"})

    status, content = client.call("POST", f"{EVENTS}/chat/redeploy")

    assert status == 400
    assert content["error"].endswith("Endpoint chat has no config that could be deployed.")


def test_a_recreated_endpoint_is_like_the_old_one_but_for_its_id():
    client = Client()
    tags = [{"key": "team", "value": "crm"}]
    before = client.create(endpoint(external(), tags=tags, description="Chat"))
    client.put_config("chat", {"served_entities": [external()]})
    client.settle("chat")
    client.clock.advance(60)

    client.does("POST", f"{EVENTS}/chat/recreate")

    after = client.get("chat")
    assert after["id"] != before["id"]
    assert (after["tags"], after["description"]) == (tags, "Chat")
    assert after["config"]["config_version"] == 1
    assert after["creator"] == "somebody@example.com"
    assert after["creation_timestamp"] == before["creation_timestamp"] + 60_000


def test_a_recreated_custom_model_is_deployed_anew():
    client = Client()
    client.create(endpoint(custom()))
    client.settle("chat")

    client.does("POST", f"{EVENTS}/chat/recreate")

    answer = client.get("chat")
    assert answer["state"]["ready"] == "NOT_READY"
    assert answer["state"]["config_update"] == "IN_PROGRESS"
    assert "config" not in answer


def test_an_endpoint_without_config_is_recreated_without():
    client = Client()
    before = client.create({"name": "chat"})

    client.does("POST", f"{EVENTS}/chat/recreate")

    after = client.get("chat")
    assert after["id"] != before["id"]
    assert after["state"]["config_update"] == "NOT_UPDATING"


@pytest.mark.parametrize(("outlive", "status"), [(False, 404), (True, 200)])
def test_the_permissions_of_a_recreated_endpoint_are_those_of_a_new_one(outlive, status):
    client = Client()
    client.user("ann")
    old = client.create({"name": "chat"})["id"]
    client.allow("chat", ann="CAN_VIEW")
    client.workspace.behaviour = Behaviour(permissions_outlive_objects=outlive)

    client.does("POST", f"{EVENTS}/chat/recreate")

    client.workspace.behaviour = Behaviour(permissions_outlive_objects=True)
    new = client.does("GET", f"{PERMISSIONS}/{client.get('chat')['id']}")
    direct = [entry.get("user_name") for entry in new["access_control_list"]]
    assert client.call("GET", f"{PERMISSIONS}/{old}")[0] == status
    assert direct == ["somebody@example.com", None]


@pytest.mark.parametrize("event", ["cancel-update", "redeploy", "recreate"])
def test_nothing_happens_to_an_endpoint_that_is_not_there(event):
    status, content = Client().call("POST", f"{EVENTS}/nope/{event}")

    says = "Endpoint with name 'nope' does not exist; there are no endpoints."
    assert (status, content) == (400, {"error": f"POST {EVENTS}/nope/{event}: {says}"})


def test_an_event_of_which_nobody_has_heard_is_no_control():
    status, content = Client().call("POST", f"{EVENTS}/chat/explode")

    assert status == 404
    assert content["error"].startswith(f"POST {EVENTS}/chat/explode: there is no such control")


def test_events_are_no_calls_of_the_api():
    client = Client()
    client.create(endpoint(external()))
    client.workspace.clear_calls()

    client.does("POST", f"{EVENTS}/chat/recreate")

    assert client.workspace.calls == client.workspace.ui_calls == ()
