"""Writes that their readers do not see at once."""

from __future__ import annotations

from databricks_serving_emulator import Behaviour
from unit.emulator.bodies import ENDPOINTS, Client, endpoint, external

BEHAVIOUR = "/_emulator/behaviour"
LIMIT = {"calls": 10, "renewal_period": "minute"}


def behaving(**switches):
    client = Client()
    client.does("PATCH", BEHAVIOUR, switches)
    return client


def progress(answer):
    return answer["state"]["config_update"], answer["config"]["config_version"]


def test_a_write_is_seen_after_so_many_reads():
    client = Client()
    client.create(endpoint(external()))
    client.does("PATCH", BEHAVIOUR, {"stale_reads": 2})

    written = client.put_config("chat", {"served_entities": [external(model="gpt-5")]})
    read = [client.get("chat") for _ in range(4)]

    assert progress(written) == ("IN_PROGRESS", 1)
    assert [progress(answer) for answer in read] == [
        ("NOT_UPDATING", 1),
        ("NOT_UPDATING", 1),
        ("IN_PROGRESS", 1),
        ("NOT_UPDATING", 2),
    ]


def test_a_write_is_seen_after_so_many_seconds():
    client = Client()
    client.create(endpoint(external()))
    client.does("PATCH", BEHAVIOUR, {"stale_seconds": 30})
    client.does("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": "team"}]})
    client.clock.advance(29)
    before = client.get("chat")

    client.clock.advance(1)

    assert "tags" not in before
    assert client.get("chat")["tags"] == [{"key": "team"}]


def test_a_creation_is_not_seen_at_once():
    client = behaving(stale_reads=1)
    client.create({"name": "chat"})

    listed = client.does("GET", ENDPOINTS)
    refused = client.refuses("GET", f"{ENDPOINTS}/chat")

    assert listed == {}
    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert client.get("chat")["name"] == "chat"


def test_a_deletion_is_not_seen_at_once():
    client = Client()
    client.create({"name": "chat"})
    client.does("PATCH", BEHAVIOUR, {"stale_reads": 1})
    client.does("DELETE", f"{ENDPOINTS}/chat")

    ghost = client.get("chat")
    refused = client.refuses("GET", f"{ENDPOINTS}/chat")

    assert ghost["name"] == "chat"
    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_list_and_a_get_agree_on_a_deletion_that_is_not_seen_yet():
    client = Client()
    for name in ("chat", "other"):
        client.create(endpoint(external(), name=name))
    client.does("PATCH", BEHAVIOUR, {"stale_seconds": 30})
    client.does("DELETE", f"{ENDPOINTS}/chat")

    early = client.does("GET", ENDPOINTS)["endpoints"]
    found = client.call("GET", f"{ENDPOINTS}/chat")[0]
    client.clock.advance(30)
    late = client.does("GET", ENDPOINTS)["endpoints"]

    assert sorted(one["name"] for one in early) == ["chat", "other"]
    assert found == 200
    assert [one["name"] for one in late] == ["other"]


def test_a_deletion_that_is_not_seen_yet_is_listed_for_nobody_else():
    client = Client(behaviour=Behaviour(stale_seconds=30))
    client.create({"name": "secret"})
    client.clock.advance(30)
    client.does("DELETE", f"{ENDPOINTS}/secret")

    assert len(client.does("GET", ENDPOINTS)["endpoints"]) == 1
    assert client.user("bob").does("GET", ENDPOINTS) == {}
    assert client.workspace.ui("GET", ENDPOINTS).json() == {}


def test_writes_are_seen_one_after_the_other():
    client = Client()
    client.create({"name": "chat"})
    client.does("PATCH", BEHAVIOUR, {"stale_reads": 1})
    for key in ("a", "b"):
        client.does("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": key}]})

    read = [client.get("chat").get("tags", []) for _ in range(3)]

    assert [[tag["key"] for tag in tags] for tags in read] == [[], ["a"], ["a", "b"]]


def test_people_in_the_ui_see_what_is_there():
    client = behaving(stale_reads=1)
    client.create({"name": "chat"})

    assert client.workspace.ui("GET", f"{ENDPOINTS}/chat").json()["name"] == "chat"


def test_writes_meet_what_is_there_not_what_is_seen():
    client = Client()
    client.create(endpoint(external()))
    client.does("PATCH", BEHAVIOUR, {"stale_seconds": 60})
    config = {"served_entities": [external()]}
    client.put_config("chat", config)

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", config)

    assert client.get("chat")["state"]["config_update"] == "NOT_UPDATING"
    assert refused[:2] == (409, "RESOURCE_CONFLICT")


def test_a_gateway_shows_late():
    client = Client()
    client.create(endpoint(external()))
    client.does("PATCH", BEHAVIOUR, {"gateway_seconds": 40})

    written = client.put_gateway("chat", {"usage_tracking_config": {"enabled": True}})
    early = client.get("chat")
    client.clock.advance(40)
    late = client.get("chat")

    assert written == {"usage_tracking_config": {"enabled": True}}
    assert "ai_gateway" not in early
    assert late["ai_gateway"] == written


def test_a_gateway_that_is_written_again_goes_on_showing_the_first():
    client = Client()
    client.create(endpoint(external(), ai_gateway={"usage_tracking_config": {"enabled": True}}))
    client.does("PATCH", BEHAVIOUR, {"gateway_seconds": 40})
    client.put_gateway("chat", {"rate_limits": [LIMIT]})
    client.clock.advance(30)
    client.put_gateway("chat", {})
    client.clock.advance(30)
    early = client.get("chat")
    client.clock.advance(10)

    assert early["ai_gateway"] == {"usage_tracking_config": {"enabled": True}}
    assert "ai_gateway" not in client.get("chat")


def test_what_is_deleted_and_still_shown_is_shown_to_nobody_else():
    client = Client(behaviour=Behaviour(stale_reads=3))
    client.create({"name": "secret"})
    while client.call("GET", f"{ENDPOINTS}/secret")[0] == 404:
        pass
    client.does("DELETE", f"{ENDPOINTS}/secret")

    status, code, _ = client.user("bob").refuses("GET", f"{ENDPOINTS}/secret")

    assert (status, code) == (403, "PERMISSION_DENIED")
    assert client.get("secret")["name"] == "secret"


def test_a_gateway_that_lags_goes_with_its_endpoint():
    client = Client(behaviour=Behaviour(gateway_seconds=30))
    limits = {"rate_limits": [{"calls": 1, "renewal_period": "minute"}]}
    client.create({"name": "chat", "ai_gateway": limits})
    client.put_gateway("chat", {})
    client.does("DELETE", f"{ENDPOINTS}/chat")

    client.create({"name": "chat"})

    assert "ai_gateway" not in client.get("chat")
