"""How deployments go: by polls, by the clock, to a good end or a bad one."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external


def progress(answer):
    state = answer["state"]
    pending = answer.get("pending_config", {}).get("config_version")
    active = answer.get("config", {}).get("config_version")
    return state["ready"], state["config_update"], active, pending


def test_an_external_update_is_seen_in_progress_once():
    client = Client()
    client.create(endpoint(external()))

    answers = [client.put_config("chat", {"served_entities": [external(model="gpt-5")]})]
    answers += [client.get("chat"), client.get("chat")]

    assert [progress(answer) for answer in answers] == [
        ("READY", "IN_PROGRESS", 1, 2),
        ("READY", "IN_PROGRESS", 1, 2),
        ("READY", "NOT_UPDATING", 2, None),
    ]


def test_a_custom_model_is_seen_in_progress_three_times():
    client = Client()
    client.create(endpoint(custom()))

    answers = [client.get("chat") for _ in range(4)]

    assert [progress(answer) for answer in answers] == [
        ("NOT_READY", "IN_PROGRESS", None, 1),
        ("NOT_READY", "IN_PROGRESS", None, 1),
        ("NOT_READY", "IN_PROGRESS", None, 1),
        ("READY", "NOT_UPDATING", 1, None),
    ]


def test_people_looking_are_no_polls():
    client = Client()
    client.create(endpoint(custom()))

    for _ in range(5):
        client.workspace.ui("GET", ENDPOINTS)
        client.workspace.ui("GET", f"{ENDPOINTS}/chat")

    assert progress(client.get("chat")) == ("NOT_READY", "IN_PROGRESS", None, 1)


def test_a_list_is_a_poll_of_every_endpoint_in_it():
    client = Client()
    client.create(endpoint(custom()))

    for _ in range(3):
        client.does("GET", ENDPOINTS)

    assert progress(client.get("chat")) == ("READY", "NOT_UPDATING", 1, None)


def test_with_seconds_the_clock_decides():
    client = Client()
    client.workspace.deployments.plan("chat", seconds=600)
    client.create(endpoint(custom()))
    for _ in range(10):
        client.get("chat")
    client.clock.advance(599)
    before = client.get("chat")

    client.clock.advance(1)

    assert progress(before) == ("NOT_READY", "IN_PROGRESS", None, 1)
    assert progress(client.get("chat")) == ("READY", "NOT_UPDATING", 1, None)


def test_a_deployment_times_out_after_half_an_hour():
    client = Client()
    client.does("POST", "/_emulator/deployments", {"outcome": "timed_out"})
    client.create(endpoint(custom()))
    client.clock.advance(1799)
    before = client.get("chat")

    client.clock.advance(1)

    after = client.get("chat")
    assert progress(before) == ("NOT_READY", "IN_PROGRESS", None, 1)
    assert progress(after) == ("NOT_READY", "UPDATE_FAILED", None, 1)
    assert after["pending_config"]["served_entities"][0]["state"] == {
        "deployment": "DEPLOYMENT_ABORTED",
        "deployment_state_message": (
            "Served model creation aborted because the endpoint update timed out. "
            "Please see service logs for more information."
        ),
    }


def test_a_deployment_can_time_out_sooner():
    client = Client()
    client.workspace.deployments.plan(polls=0, outcome="timed_out")

    answer = client.create(endpoint(custom()))

    assert progress(answer) == ("NOT_READY", "UPDATE_FAILED", None, 1)


def test_the_newest_plan_that_fits_is_used_as_often_as_it_says():
    client = Client()
    client.workspace.deployments.plan(polls=0)
    client.workspace.deployments.plan("chat", polls=0, outcome="failed", message="no", times=1)
    client.workspace.deployments.plan("other", polls=9)

    first = client.create(endpoint(custom()))
    second = client.put_config("chat", {"served_entities": [custom()]})

    assert progress(first) == ("NOT_READY", "UPDATE_FAILED", None, 1)
    assert first["pending_config"]["served_entities"][0]["state"] == {
        "deployment": "DEPLOYMENT_FAILED",
        "deployment_state_message": "no",
    }
    assert progress(second) == ("READY", "NOT_UPDATING", 2, None)


def test_a_failure_hits_the_new_entities_only():
    client = Client()
    client.workspace.deployments.plan(polls=0)
    client.create(endpoint(custom()))
    client.workspace.deployments.plan(polls=0, outcome="failed")
    config = endpoint(custom(), custom(entity_version="2"), routes={"churn_1": 50, "churn_2": 50})

    answer = client.put_config("chat", config["config"])

    shown = answer["pending_config"]["served_entities"]
    assert [entity["state"]["deployment"] for entity in shown] == [
        "DEPLOYMENT_READY",
        "DEPLOYMENT_FAILED",
    ]


def test_a_second_update_is_refused_until_the_first_has_ended():
    client = Client()
    client.create(endpoint(external()))
    config = {"served_entities": [external()]}
    client.put_config("chat", config)

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", config)
    client.settle("chat")
    accepted = client.put_config("chat", config)

    assert refused[:2] == (409, "RESOURCE_CONFLICT")
    assert progress(accepted) == ("READY", "IN_PROGRESS", 2, 3)


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_after_a_bad_end_a_new_update_is_accepted(ending):
    client = Client()
    client.create(endpoint(external()))
    if ending == "failed":
        client.workspace.deployments.plan(outcome="failed", times=1)
    client.put_config("chat", {"served_entities": [external()]})
    if ending == "cancelled":
        client.workspace.press_cancel_update("chat")
    client.settle("chat")

    client.put_config("chat", {"served_entities": [external()]})

    assert progress(client.settle("chat")) == ("READY", "NOT_UPDATING", 3, None)


def test_tags_gateway_and_deletion_go_through_during_an_update():
    client = Client()
    client.create(endpoint(custom()))

    client.does("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": "team"}]})
    client.put_gateway("chat", {"usage_tracking_config": {"enabled": True}})
    client.does("DELETE", f"{ENDPOINTS}/chat")

    assert client.refuses("GET", f"{ENDPOINTS}/chat")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_the_cancel_button_needs_an_update_to_cancel():
    client = Client()
    client.create(endpoint(external()))

    with pytest.raises(ValueError, match="not updating"):
        client.workspace.press_cancel_update("chat")
    with pytest.raises(ValueError, match="does not exist"):
        client.workspace.press_cancel_update("nope")


def test_a_recreated_endpoint_has_another_id():
    client = Client()
    first = client.create(endpoint(external()))
    client.does("DELETE", f"{ENDPOINTS}/chat")

    second = client.create(endpoint(external()))

    assert len(first["id"]) == len(second["id"]) == 32
    assert first["id"] != second["id"]


def test_a_plan_that_makes_no_sense_is_refused():
    plan = Client().workspace.deployments.plan

    with pytest.raises(ValueError, match="not both"):
        plan(polls=1, seconds=1)
    with pytest.raises(ValueError, match="outcome"):
        plan(outcome="splendid")
    with pytest.raises(ValueError, match="times"):
        plan(times=0)
    with pytest.raises(ValueError, match="0 or more"):
        plan(polls=-1)
