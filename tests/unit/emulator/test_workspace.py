"""Who may call, what is recorded, and what somebody else does in the UI."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading

import pytest

import databricks_serving_emulator
from databricks_serving_emulator import Call, Request, SystemClock, Workspace
from unit.emulator.bodies import ENDPOINTS, SECRETS, Client, endpoint, external

ADMIN = "serving.admin@example.com"


@pytest.mark.parametrize("header", [None, "Basic c2VjcmV0", "Bearer"])
def test_a_call_without_a_token_is_unauthenticated(header):
    client = Client()
    client.http.headers.pop("Authorization")
    headers = {} if header is None else {"Authorization": header}

    answer = client.http.get(ENDPOINTS, headers=headers)

    assert (answer.status_code, answer.json()["error_code"]) == (401, "UNAUTHENTICATED")
    assert answer.json()["details"][0]["request_id"]


def test_the_caller_learns_who_and_where_it_is():
    answer = Client().http.get("/api/2.0/preview/scim/v2/Me")

    assert answer.json()["userName"] == ADMIN
    assert answer.json()["displayName"] == "Serving Admin"
    assert answer.headers["X-Databricks-Org-Id"] == "1234567890123456"


def test_the_discovery_document_needs_no_token():
    client = Client()
    client.http.headers.pop("Authorization")

    answer = client.http.get("/.well-known/databricks-config")

    assert answer.json() == {
        "oidc_endpoint": "https://dbc.test/oidc",
        "workspace_id": "1234567890123456",
        "cloud": "aws",
        "host_type": "workspace",
    }


def test_calls_are_recorded_in_order_with_body_and_status():
    client = Client()
    client.http.get(ENDPOINTS, params={"page": "1"})
    client.http.post(ENDPOINTS, json={"name": "chat"})
    client.http.delete(f"{ENDPOINTS}/nope")

    assert client.workspace.calls == (
        Call("GET", f"{ENDPOINTS}?page=1", None, 200, ADMIN),
        Call("POST", ENDPOINTS, {"name": "chat"}, 200, ADMIN),
        Call("DELETE", f"{ENDPOINTS}/nope", None, 404, ADMIN),
    )
    assert [call.method for call in client.workspace.writes] == ["POST", "DELETE"]


def test_a_call_with_a_wrong_token_is_recorded_without_an_actor():
    client = Client()
    client.http.get(ENDPOINTS, headers={"Authorization": "Bearer no"})

    assert client.workspace.calls == (Call("GET", ENDPOINTS, None, 403, ""),)


def test_clearing_the_calls_keeps_the_endpoints_and_a_reset_does_not():
    client = Client()
    client.create({"name": "chat"})
    client.workspace.clear_calls()
    kept = client.does("GET", ENDPOINTS)

    client.workspace.reset()

    assert [one["name"] for one in kept["endpoints"]] == ["chat"]
    assert client.workspace.calls == ()
    assert client.does("GET", ENDPOINTS) == {}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{ENDPOINTS}/chat/config:cancel"),
        ("POST", f"{ENDPOINTS}/chat/cancelUpdate"),
        ("GET", "/api/2.1/serving-endpoints"),
        ("PATCH", ENDPOINTS),
        ("GET", f"{ENDPOINTS}/a/b/c/d"),
    ],
)
def test_a_route_that_does_not_exist_is_recorded_as_such(method, path):
    client = Client()

    refused = client.refuses(method, path)

    assert refused[:2] == (404, "ENDPOINT_NOT_FOUND")
    assert client.workspace.unknown_calls == (Call(method, path, None, 404, ADMIN),)


def test_unknown_fields_are_ignored_and_recorded_by_path():
    client = Client()
    body = endpoint(external(), colour="red")
    body["config"]["served_entities"][0]["flavour"] = "sweet"

    client.create(body)

    assert client.workspace.ignored_fields == (
        "POST /api/2.0/serving-endpoints: config.served_entities[0].flavour",
        "POST /api/2.0/serving-endpoints: colour",
    )


def test_a_strict_workspace_refuses_unknown_fields():
    client = Client(strict=True)

    refused = client.refuses("POST", ENDPOINTS, {"name": "chat", "colour": "red"})

    assert refused[:2] == (400, "MALFORMED_REQUEST")
    assert "colour" in refused[2]


def test_somebody_in_the_ui_is_another_person_and_recorded_apart():
    client = Client()
    client.create(endpoint(external()))
    client.workspace.clear_calls()

    answer = client.workspace.ui(
        "PUT", f"{ENDPOINTS}/chat/config", {"served_entities": [external("other")]}
    )

    assert (
        answer.json()["pending_config"]["served_entities"][0]["creator"] == "somebody@example.com"
    )
    assert client.workspace.calls == ()
    assert [call.actor for call in client.workspace.ui_calls] == ["ui"]


def test_the_ui_takes_a_query_and_says_what_was_refused():
    client = Client()
    client.put_secret("a b".replace(" ", "-"), "k")

    listed = client.workspace.ui("GET", f"{SECRETS}/list?scope=a-b").json()

    assert [secret["key"] for secret in listed["secrets"]] == ["k"]
    with pytest.raises(ValueError, match="RESOURCE_DOES_NOT_EXIST"):
        client.workspace.ui("GET", f"{SECRETS}/list?scope=nope")


def test_many_threads_create_one_endpoint_each():
    workspace = Workspace()
    headers = {"authorization": "Bearer dapi-emulator"}

    def create(index):
        body = b'{"name": "chat-%d"}' % index
        workspace.answer(Request("POST", ENDPOINTS, headers=headers, body=body))

    threads = [threading.Thread(target=create, args=(index,)) for index in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    listed = workspace.answer(Request("GET", ENDPOINTS, headers=headers)).json()["endpoints"]
    assert len({one["id"] for one in listed}) == 50


def test_a_percent_encoded_name_is_decoded():
    client = Client()
    client.create({"name": "chat"})

    assert client.get("%63hat")["name"] == "chat"


def test_an_encoded_slash_is_part_of_a_name():
    refused = Client().refuses("GET", f"{ENDPOINTS}/a%2Fb")

    assert refused == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "Endpoint with name 'a/b' does not exist.",
    )


def test_the_system_clock_can_be_moved_forward():
    clock = SystemClock()
    before = clock.now()

    clock.advance(3600)

    assert 3600 <= clock.now() - before < 3660


def test_the_core_needs_no_server():
    script = (
        "import sys, databricks_serving_emulator as emulator; emulator.Workspace();"
        "heavy = {'starlette', 'uvicorn', 'httpx', 'databricks_serving'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert found.stdout == "[]\n"


def test_the_surface_is_a_sorted_list_of_things_that_exist():
    module = importlib.import_module("databricks_serving_emulator")

    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        databricks_serving_emulator.nothing  # noqa: B018 - the access is the test
