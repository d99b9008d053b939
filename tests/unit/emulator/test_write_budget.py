"""How many writes of endpoints there is room for, and how many endpoints."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Behaviour
from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, SECRETS, Client


def test_a_budget_of_writes_is_spent_and_comes_back():
    client = Client(behaviour=Behaviour(write_budget=2))
    client.create({"name": "first"})
    client.clock.advance(100)
    client.create({"name": "second"})

    refused = client.http.post(ENDPOINTS, json={"name": "third"})
    client.clock.advance(199.5)
    still = client.http.post(ENDPOINTS, json={"name": "third"})
    client.clock.advance(0.5)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "200")
    assert refused.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert still.headers["Retry-After"] == "1"
    assert client.create({"name": "third"})["name"] == "third"


def test_only_creating_and_updating_endpoints_costs_budget():
    client = Client(behaviour=Behaviour(write_budget=1))
    client.put_secret("llm", "k")
    client.create({"name": "chat"})

    others = [
        client.call("GET", f"{ENDPOINTS}/chat")[0],
        client.call("POST", f"{SECRETS}/put", {"scope": "llm", "key": "a", "string_value": "v"})[0],
        client.call("PATCH", f"{PERMISSIONS}/{client.get('chat')['id']}", {})[0],
        client.workspace.ui("PATCH", f"{ENDPOINTS}/chat/tags", {}).status,
        client.call("PATCH", f"{ENDPOINTS}/chat/tags", {})[0],
        client.call("DELETE", f"{ENDPOINTS}/chat")[0],
    ]

    assert others == [200, 200, 200, 200, 429, 200]


def test_a_call_that_is_refused_costs_budget_too():
    client = Client(behaviour=Behaviour(write_budget=2))

    statuses = [
        client.http.post(ENDPOINTS, content=b"{").status_code,
        client.call("POST", ENDPOINTS, {"name": "my chat"})[0],
        client.call("POST", ENDPOINTS, {"name": "chat"})[0],
    ]

    assert statuses == [400, 400, 429]


def test_without_a_budget_there_is_no_end_of_writes():
    client = Client()

    statuses = {client.call("POST", ENDPOINTS, {"name": f"chat-{i}"})[0] for i in range(51)}

    assert statuses == {200}


def test_a_budget_that_is_given_again_is_a_whole_one():
    client = Client(behaviour=Behaviour(write_budget=1))
    client.create({"name": "first"})

    client.workspace.behaviour = Behaviour()
    client.workspace.behaviour = Behaviour(write_budget=1)

    assert client.create({"name": "second"})["name"] == "second"


def test_a_reset_gives_the_whole_budget_back():
    client = Client(behaviour=Behaviour(write_budget=1))
    client.create({"name": "first"})

    client.workspace.reset()

    assert client.create({"name": "second"})["name"] == "second"


def test_a_workspace_has_room_for_so_many_endpoints():
    client = Client(behaviour=Behaviour(endpoints_limit=2))
    for name in ("first", "second"):
        client.create({"name": name})

    refused = client.refuses("POST", ENDPOINTS, {"name": "third"})
    client.does("DELETE", f"{ENDPOINTS}/first")

    assert refused == (
        400,
        "RESOURCE_LIMIT_EXCEEDED",
        "At most 2 endpoints are allowed per workspace.",
    )
    assert client.create({"name": "third"})["name"] == "third"


def filled(**switches):
    """A workspace that has as many endpoints as there is room for as a rule."""
    client = Client(behaviour=Behaviour(**switches))
    for number in range(1000):
        client.create({"name": f"chat-{number}"})
    return client


@pytest.mark.one_door("a thousand calls take long, and are alike")
def test_as_a_rule_there_is_room_for_a_thousand():
    client = filled()

    assert client.refuses("POST", ENDPOINTS, {"name": "more"})[2] == (
        "At most 1000 endpoints are allowed per workspace."
    )


@pytest.mark.one_door("a thousand calls take long, and are alike")
def test_without_a_limit_there_is_room_for_more():
    client = filled(endpoints_limit=None)

    client.create({"name": "more"})

    assert len(client.does("GET", ENDPOINTS)["endpoints"]) == 1001
