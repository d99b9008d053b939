"""What a level on an endpoint lets its holder do."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Behaviour, gate
from databricks_serving_emulator.auth import Caller
from databricks_serving_emulator.errors import ApiError
from databricks_serving_emulator.wire import json_response
from databricks_serving_emulator.world import Route
from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, Client, custom, endpoint, external

TAG = {"key": "permission_level", "value": "x"}
CONFIG = {"served_entities": [external("other")]}
CALLS = {
    "see": ("GET", f"{ENDPOINTS}/chat", None),
    "update": ("PUT", f"{ENDPOINTS}/chat/config", CONFIG),
    "tag": ("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": "a"}]}),
    "limit": ("PUT", f"{ENDPOINTS}/chat/ai-gateway", {}),
    "delete": ("DELETE", f"{ENDPOINTS}/chat", None),
}
LETS = {
    None: set(),
    "CAN_VIEW": {"see"},
    "CAN_QUERY": {"see"},
    "CAN_MANAGE": {"see", "update", "tag", "limit", "delete"},
}


def with_endpoint(**levels):
    client = Client()
    client.create(endpoint(external()))
    client.allow("chat", **levels)
    return client


def names(client):
    return [one["name"] for one in client.does("GET", ENDPOINTS).get("endpoints", [])]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("level", LETS)
def test_a_level_lets_its_holder_do_what_it_says(level, call):
    ann = with_endpoint(**({"ann": level} if level else {})).user("ann")
    method, path, body = CALLS[call]

    status, content = ann.call(method, path, body)

    expected = (200, None) if call in LETS[level] else (403, "PERMISSION_DENIED")
    assert (status, content.get("error_code")) == expected


QUERIES = [
    "/serving-endpoints/{name}/invocations",
    "/serving-endpoints/{name}/served-models/{served}/invocations",
]


@pytest.mark.parametrize("pattern", QUERIES)
def test_a_query_needs_a_level_of_its_own_and_costs_no_budget(pattern):
    client = with_endpoint(ann="CAN_VIEW", bob="CAN_QUERY")
    client.workspace.behaviour = Behaviour(write_budget=0)
    route = Route("POST", pattern, lambda *_: json_response({}))
    ann, bob = (Caller(f"{name}@example.com", name) for name in ("ann", "bob"))
    world, path = client.workspace._world, {"name": "chat", "served": "main"}

    gate.spend_write(world, route, bob)
    gate.admit(world, route, bob, path)
    with pytest.raises(ApiError) as refused:
        gate.admit(world, route, ann, path)

    assert refused.value.code == "PERMISSION_DENIED"
    assert "CAN_QUERY" in refused.value.message


def test_what_is_refused_has_no_effect():
    client = with_endpoint(ann="CAN_QUERY")
    before = client.get("chat")

    client.user("ann").refuses(*CALLS["tag"])

    assert client.get("chat") == before


def test_the_refusal_says_what_is_lacking():
    ann = with_endpoint(ann="CAN_VIEW").user("ann")

    refused = ann.refuses(*CALLS["delete"])

    assert refused[2] == (
        "User ann@example.com does not have CAN_MANAGE permission on serving endpoint chat."
    )


@pytest.mark.parametrize(
    ("level", "reads", "writes"),
    [(None, 403, 403), ("CAN_VIEW", 200, 403), ("CAN_MANAGE", 200, 200)],
)
def test_permissions_are_read_by_who_may_view_and_written_by_who_may_manage(level, reads, writes):
    client = with_endpoint(**({"ann": level} if level else {}))
    ann = client.user("ann")
    path = f"{PERMISSIONS}/{client.get('chat')['id']}"

    read = [ann.call("GET", f"{path}{more}")[0] for more in ("", "/permissionLevels")]
    written = [
        ann.call(method, path, {"access_control_list": []})[0] for method in ("PATCH", "PUT")
    ]

    assert read == [reads, reads]
    assert written == [writes, writes]


def test_who_removes_its_own_level_is_locked_out():
    client = Client()
    ann = client.user("ann")
    ann.create(endpoint(external()))

    ann.allow("chat", bob="CAN_MANAGE")

    assert ann.refuses("GET", f"{ENDPOINTS}/chat")[:2] == (403, "PERMISSION_DENIED")
    assert client.user("bob").get("chat")["permission_level"] == "CAN_MANAGE"


def test_a_group_gives_its_members_its_level():
    client = Client()
    created = client.create(endpoint(external()))
    entry = {"group_name": "data", "permission_level": "CAN_QUERY"}
    client.does("PUT", f"{PERMISSIONS}/{created['id']}", {"access_control_list": [entry]})

    member, stranger = client.user("ann", "data"), client.user("bob")

    assert member.get("chat")["permission_level"] == "CAN_QUERY"
    assert stranger.call("GET", f"{ENDPOINTS}/chat")[0] == 403


def test_the_strongest_of_several_levels_counts():
    client = Client()
    created = client.create(endpoint(external()))
    entries = [
        {"group_name": "users", "permission_level": "CAN_VIEW"},
        {"group_name": "data", "permission_level": "CAN_MANAGE"},
        {"user_name": "ann@example.com", "permission_level": "CAN_QUERY"},
    ]

    client.does("PUT", f"{PERMISSIONS}/{created['id']}", {"access_control_list": entries})

    assert client.user("ann", "data").get("chat")["permission_level"] == "CAN_MANAGE"
    assert client.user("bob").get("chat")["permission_level"] == "CAN_VIEW"


def test_a_user_s_level_is_not_that_of_a_service_principal_of_the_same_name():
    client = with_endpoint(ann="CAN_MANAGE")

    robot = client.service_principal(application_id="ann@example.com")

    assert robot.call("GET", f"{ENDPOINTS}/chat")[0] == 403


def test_a_bare_list_of_tags_may_have_one_that_is_called_like_the_level():
    client = Client(behaviour=Behaviour(tags_as_list=True))
    client.create(endpoint(external()))
    client.allow("chat", ann="CAN_MANAGE")

    found = client.user("ann").call("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [TAG]})

    assert found == (200, [TAG])


def test_a_list_is_no_poll_of_what_its_reader_may_not_view():
    client = Client()
    client.create(endpoint(custom()))
    ann = client.user("ann")

    for _ in range(3):
        assert ann.does("GET", ENDPOINTS) == {}

    assert client.get("chat")["state"]["config_update"] == "IN_PROGRESS"


def test_a_list_has_only_what_its_reader_may_view():
    client = Client()
    for name in ("first", "second", "third"):
        client.create(endpoint(external(), name=name))
    ann, bob = client.user("ann"), client.user("bob")

    client.allow("second", ann="CAN_VIEW")

    assert (names(client), names(ann)) == (["first", "second", "third"], ["second"])
    assert bob.does("GET", ENDPOINTS) == {}


def test_an_admin_manages_what_others_made():
    client = Client()
    client.user("ann").create(endpoint(external()))

    boss = client.user("boss", "admins")

    assert boss.get("chat")["permission_level"] == "CAN_MANAGE"
    assert boss.call("DELETE", f"{ENDPOINTS}/chat")[0] == 200


def test_a_person_in_the_ui_may_do_everything():
    client = Client()
    client.user("ann").create(endpoint(external()))

    answer = client.workspace.ui("PUT", f"{ENDPOINTS}/chat/config", CONFIG)

    assert answer.status == 200


def test_an_endpoint_that_is_not_there_is_missing_for_everybody():
    ann = Client().user("ann")

    assert ann.refuses("GET", f"{ENDPOINTS}/chat")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_the_name_of_an_endpoint_that_one_cannot_see_is_taken_all_the_same():
    ann = with_endpoint().user("ann")

    refused = ann.refuses("POST", ENDPOINTS, endpoint(external()))

    assert refused[:2] == (400, "RESOURCE_ALREADY_EXISTS")


def test_everybody_may_query_but_not_manage_a_foundation_model():
    client = Client(foundation_models=("databricks-claude-sonnet-4",))
    ann = client.user("ann")

    refused = ann.refuses("PUT", f"{ENDPOINTS}/databricks-claude-sonnet-4/ai-gateway", {})

    assert names(ann) == ["databricks-claude-sonnet-4"]
    assert ann.get("databricks-claude-sonnet-4")["permission_level"] == "CAN_QUERY"
    assert refused[:2] == (403, "PERMISSION_DENIED")
