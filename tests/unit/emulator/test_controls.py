"""The routes under `/_emulator/`."""

from __future__ import annotations

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint


def test_the_index_names_every_control():
    text = Client().http.get("/_emulator/").text

    assert [line for line in text.splitlines() if not line.startswith(" ")] == [
        "GET    /_emulator",
        "GET    /_emulator/calls",
        "DELETE /_emulator/calls",
        "GET    /_emulator/unknown-calls",
        "POST   /_emulator/reset",
        "POST   /_emulator/ui",
        "POST   /_emulator/deployments",
        "GET    /_emulator/deployments",
        "DELETE /_emulator/deployments",
        "POST   /_emulator/faults",
        "GET    /_emulator/faults",
        "DELETE /_emulator/faults",
        "POST   /_emulator/clock/advance",
        "GET    /_emulator/openapi.json",
        "GET    /_emulator/identities",
        "DELETE /_emulator/identities",
        "POST   /_emulator/users",
        "POST   /_emulator/service-principals",
        "POST   /_emulator/groups",
        "POST   /_emulator/key-vault-secrets",
        "GET    /_emulator/behaviour",
        "PATCH  /_emulator/behaviour",
        "DELETE /_emulator/behaviour",
        "GET    /_emulator/models",
        "POST   /_emulator/models",
        "GET    /_emulator/queries",
        "DELETE /_emulator/queries",
        "POST   /_emulator/queries/failures",
        "GET    /_emulator/queries/failures",
        "DELETE /_emulator/queries/failures",
        "POST   /_emulator/endpoints/NAME/cancel-update",
        "POST   /_emulator/endpoints/NAME/redeploy",
        "POST   /_emulator/endpoints/NAME/recreate",
    ]


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


def test_planned_faults_can_be_forgotten():
    client = Client()
    client.does("POST", "/_emulator/faults", {"times": None})

    answer = client.does("DELETE", "/_emulator/faults")

    assert answer == {}
    assert client.call("GET", ENDPOINTS)[0] == 200


def test_planned_deployments_can_be_forgotten():
    client = Client()
    client.does("POST", "/_emulator/deployments", {"outcome": "failed", "polls": 0})

    answer = client.does("DELETE", "/_emulator/deployments")

    client.create(endpoint(custom()))
    assert answer == {}
    assert client.settle("chat")["state"]["ready"] == "READY"


def test_the_faults_to_come_are_listed_with_how_often_they_are_left():
    client = Client()
    client.does("POST", "/_emulator/faults", {"skip": 2, "times": 3, "headers": {"A": "b"}})
    client.does("POST", "/_emulator/faults", {"path": "/oidc/**", "times": None})
    client.call("GET", ENDPOINTS)
    skipping = client.does("GET", "/_emulator/faults")["faults"]
    for _ in range(2):
        client.call("GET", ENDPOINTS)

    hitting = client.does("GET", "/_emulator/faults")["faults"]

    assert skipping[0] == {
        "method": "*",
        "path": "/api/**",
        "times": 3,
        "skip": 2,
        "when": "before",
        "status": 503,
        "error_code": "TEMPORARILY_UNAVAILABLE",
        "message": "The service is temporarily unavailable.",
        "headers": {"A": "b"},
        "drop": False,
        "delay": 0.0,
        "form": "json",
        "echo": False,
        "left_to_skip": 1,
        "left": 3,
    }
    assert [(fault["left_to_skip"], fault["left"]) for fault in hitting] == [(0, 2), (0, None)]


def test_the_planned_deployments_are_listed_with_for_how_many_they_are_left():
    client = Client()
    client.does("POST", "/_emulator/deployments", {"seconds": 60})
    client.does("POST", "/_emulator/deployments", {"name": "chat", "polls": 0, "times": 2})
    client.create(endpoint(custom()))

    answer = client.does("GET", "/_emulator/deployments")

    usual = {"outcome": "ready", "message": None}
    assert answer == {
        "deployments": [
            {**usual, "name": None, "polls": None, "seconds": 60.0, "times": None, "left": None},
            {**usual, "name": "chat", "polls": 0, "seconds": None, "times": 2, "left": 1},
        ]
    }
    assert client.get("chat")["state"]["ready"] == "READY"
    client.put_config("chat", {"served_entities": [custom(entity_version="2")]})
    assert len(client.does("GET", "/_emulator/deployments")["deployments"]) == 1


def test_the_update_of_an_endpoint_with_a_percent_encoded_name_can_be_cancelled():
    client = Client()
    client.create(endpoint(custom(), name="chat-1"))

    client.does("POST", "/_emulator/endpoints/chat%2D1/cancel-update")

    assert client.get("chat-1")["state"]["config_update"] == "UPDATE_CANCELED"


def test_calls_without_a_route_are_listed_for_whoever_met_them():
    client = Client()
    ann = client.user("ann")
    ann.call("GET", "/api/2.0/magic?page=1")
    client.call("POST", f"{ENDPOINTS}/chat/config:cancel", {"why": "no"})
    client.call("GET", "/favicon.ico")
    met = {
        "method": "GET",
        "path": "/api/2.0/magic?page=1",
        "body": None,
        "status": 404,
        "actor": "ann@example.com",
    }

    everything = client.does("GET", "/_emulator/unknown-calls")["calls"]
    of_ann = client.does("GET", "/_emulator/unknown-calls?actor=ann@example.com")["calls"]
    of_nobody = client.does("GET", "/_emulator/unknown-calls?actor=")["calls"]

    assert [call["path"] for call in everything] == [
        "/api/2.0/magic?page=1",
        f"{ENDPOINTS}/chat/config:cancel",
        "/favicon.ico",
    ]
    assert of_ann == [met]
    assert [call["path"] for call in of_nobody] == ["/favicon.ico"]
    client.does("DELETE", "/_emulator/calls")
    assert client.does("GET", "/_emulator/unknown-calls") == {"calls": []}


def test_calls_without_a_route_are_listed_without_a_token_and_by_any_method():
    client = Client()
    nobody = client.by("dapi-nobody")
    del client.http.headers["Authorization"]
    client.call("GET", "/api/2.0/magic")
    nobody.call("GET", "/api/2.0/magic")
    client.call("TRACE", ENDPOINTS)
    client.call("FOO", "/nowhere")
    nobody.call("GET", ENDPOINTS)
    client.call("POST", "/.well-known/databricks-config")
    client.call("FOO", "/")

    met = client.does("GET", "/_emulator/unknown-calls?actor=")["calls"]

    assert [(call["method"], call["path"], call["status"]) for call in met] == [
        ("GET", "/api/2.0/magic", 401),
        ("GET", "/api/2.0/magic", 403),
        ("TRACE", ENDPOINTS, 401),
        ("FOO", "/nowhere", 404),
        ("POST", "/.well-known/databricks-config", 404),
        ("FOO", "/", 404),
    ]


def test_known_routes_are_not_among_the_calls_without_one():
    client = Client()
    client.call("GET", f"{ENDPOINTS}/nope")
    client.http.get("/")
    client.http.get("/.well-known/databricks-config")
    client.call("GET", "/_emulator/magic")

    assert client.does("GET", "/_emulator/unknown-calls") == {"calls": []}
