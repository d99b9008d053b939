"""The routes under `/_emulator/`."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, FakeClock, custom, endpoint


def test_the_index_names_every_control():
    text = Client().http.get("/_emulator/").text

    for control in (
        "calls",
        "reset",
        "ui",
        "deployments",
        "faults",
        "clock/advance",
        "cancel-update",
    ):
        assert control in text


def test_the_calls_can_be_read_and_forgotten():
    client = Client()
    client.create({"name": "chat"})
    client.get("chat")
    everything = client.does("GET", "/_emulator/calls")["calls"]
    writes = client.does("GET", "/_emulator/calls?writes=true")["calls"]

    client.does("DELETE", "/_emulator/calls")

    assert [call["method"] for call in everything] == ["POST", "GET"]
    assert writes == [
        {
            "method": "POST",
            "path": ENDPOINTS,
            "body": {"name": "chat"},
            "status": 200,
            "actor": "serving.admin@example.com",
        }
    ]
    assert client.does("GET", "/_emulator/calls") == {"calls": []}


def test_somebody_can_do_something_in_the_ui():
    client = Client()
    body = {"method": "POST", "path": ENDPOINTS, "body": {"name": "chat"}}

    answer = client.does("POST", "/_emulator/ui", body)

    assert answer["creator"] == "somebody@example.com"


def test_a_deployment_can_be_planned_and_cancelled():
    client = Client()
    client.does("POST", "/_emulator/deployments", {"name": "chat", "seconds": 60})
    client.create(endpoint(custom()))

    client.does("POST", "/_emulator/endpoints/chat/cancel-update")

    assert client.get("chat")["state"]["config_update"] == "UPDATE_CANCELED"


def test_the_clock_can_be_moved():
    client = Client()
    client.does("POST", "/_emulator/deployments", {"seconds": 60})
    client.create(endpoint(custom()))

    client.does("POST", "/_emulator/clock/advance", {"seconds": 60})

    assert client.get("chat")["state"]["ready"] == "READY"


def test_a_fault_can_be_planned():
    client = Client()
    client.does("POST", "/_emulator/faults", {"method": "GET", "status": 500, "times": 1})

    assert client.call("GET", ENDPOINTS)[0] == 500


def test_a_reset_empties_the_workspace():
    client = Client()
    client.create({"name": "chat"})

    client.does("POST", "/_emulator/reset")

    assert client.does("GET", ENDPOINTS) == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", "/_emulator/faults", {"colour": "red"}, 400, "known: method, path, times"),
        ("POST", "/_emulator/faults", {"when": "during"}, 400, "when"),
        ("POST", "/_emulator/deployments", {"polls": 1, "seconds": 1}, 400, "not both"),
        ("POST", "/_emulator/ui", {"path": ENDPOINTS}, 400, "method"),
        ("POST", "/_emulator/ui", {"method": "GET", "path": "/api/no"}, 400, "ENDPOINT_NOT_FOUND"),
        ("POST", "/_emulator/reset", ["x"], 400, "object"),
        ("POST", "/_emulator/endpoints/nope/cancel-update", None, 400, "does not exist"),
        ("GET", "/_emulator/magic", None, 404, "/_emulator/calls"),
    ],
)
def test_a_control_that_makes_no_sense_says_why(method, path, body, status, says):
    answered, content = Client().call(method, path, body)

    assert answered == status
    assert says in content["error"]


def test_a_clock_that_cannot_be_moved_says_so():
    class Stopped(FakeClock):
        advance = None

    status, content = Client(clock=Stopped()).call(
        "POST", "/_emulator/clock/advance", {"seconds": 1}
    )

    assert (status, content) == (
        400,
        {"error": "ValueError: this workspace's clock cannot be moved"},
    )
