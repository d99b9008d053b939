"""A workspace that is kept in a file."""

from __future__ import annotations

import contextlib
import sqlite3

import httpx
import pytest

from databricks_serving_emulator import Fault, StoreError, Workspace
from unit.emulator.bodies import ENDPOINTS, SECRETS, Client, custom, endpoint, external


@contextlib.contextmanager
def kept(db, later=0, **switches):
    """A client of the workspace in that file, some seconds after New Year."""
    client = Client(db=db, **switches)
    client.clock.advance(later)
    try:
        yield client
    finally:
        client.workspace.close()


@pytest.fixture
def db(tmp_path):
    return tmp_path / "workspace.db"


def content_of(db):
    with contextlib.closing(sqlite3.connect(db)) as connection:
        return list(connection.iterdump())


def state(client, name="chat"):
    return client.get(name)["state"]


def test_an_endpoint_is_the_same_after_a_restart(db):
    gateway = {"usage_tracking_config": {"enabled": True}}
    with kept(db) as client:
        client.create(endpoint(external(), description="Café"))
        client.put_gateway("chat", gateway)
        client.does(
            "PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": "team", "value": "ml"}]}
        )
        before = client.get("chat")

    with kept(db, later=3600) as client:
        after = client.get("chat")

    assert after == before
    assert after["creation_timestamp"] == 1_767_571_200_000
    assert after["tags"] == [{"key": "team", "value": "ml"}]
    assert after["ai_gateway"] == gateway


def test_secrets_and_access_lists_are_the_same_after_a_restart(db):
    grant = {"scope": "llm", "principal": "users", "permission": "READ"}
    paths = [f"{SECRETS}/{what}?scope=LLM" for what in ("list", "acls/list")]
    with kept(db) as client:
        client.put_secret("LLM", "openai", "sk-made-up")
        client.does("POST", f"{SECRETS}/acls/put", grant)
        before = [client.does("GET", path) for path in paths]

    with kept(db, later=3600) as client:
        after = [client.does("GET", path) for path in paths]
        value = client.does("GET", f"{SECRETS}/get?scope=llm&key=openai")["value"]

    assert after == before
    assert after[0] == {"secrets": [{"key": "openai", "last_updated_timestamp": 1_767_571_200_000}]}
    assert {"principal": "users", "permission": "READ"} in after[1]["items"]
    assert value == "c2stbWFkZS11cA=="  # sk-made-up


def test_a_workspace_keeps_its_random_id(db, tmp_path):
    with kept(db) as client, kept(tmp_path / "other.db") as other:
        first, another = client.workspace.workspace_id, other.workspace.workspace_id

    with kept(db, workspace_id="9999999999999999") as client:
        again = client.workspace.workspace_id

    assert again == first != another
    assert (len(first), first.isdigit()) == (16, True)


def test_a_new_file_takes_the_id_that_is_given(db):
    with kept(db, workspace_id="1111222233334444"):
        pass

    with kept(db) as client:
        assert client.workspace.workspace_id == "1111222233334444"


def test_a_deployment_goes_on_by_the_clock(db):
    with kept(db) as client:
        client.create(endpoint(custom()))
        client.settle("chat")
        client.workspace.deployments.plan("chat", seconds=600)
        client.put_config("chat", {"served_entities": [custom(entity_version="2")]})

    with kept(db, later=599) as client:
        running = client.get("chat")
    with kept(db, later=600) as client:
        done = client.get("chat")

    assert running["state"]["config_update"] == "IN_PROGRESS"
    assert running["pending_config"]["config_version"] == 2
    assert done["state"]["config_update"] == "NOT_UPDATING"
    assert done["config"]["config_version"] == 2
    assert "pending_config" not in done


def test_a_poll_counts_across_a_restart(db):
    with kept(db) as client:
        client.create(endpoint(custom()))
        updates = [state(client)["config_update"] for _ in range(2)]

    with kept(db) as client:
        updates += [state(client)["config_update"] for _ in range(2)]

    assert updates == ["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "NOT_UPDATING"]


def test_what_is_beside_the_config_is_the_same_after_a_restart(db):
    tables = {"table_names": {"logs_table": "ml.obs.chat"}, "inference_table_config": {}}
    limit = {"calls": 1, "renewal_period": "minute"}
    with kept(db) as client:
        client.workspace.deployments.plan(polls=0)
        client.create(endpoint(custom(), telemetry_config=tables, rate_limits=[limit]))
        client.does("POST", f"{ENDPOINTS}/chat/config:stop")
        before = client.get("chat")

    with kept(db) as client:
        after = client.get("chat")
        refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": [limit]})

    assert after == before
    assert after["state"]["suspend"] == "STOPPED"
    assert after["telemetry_config"]["inference_table_config"] == {"name": "ml.obs.chat_payload"}
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_what_is_known_of_models_is_kept_and_how_serving_behaves_is_not(db):
    model = {"name": "ml.a.agent", "kind": "agent"}
    with kept(db) as client:
        client.does("POST", "/_emulator/models", model)
        client.does("PATCH", "/_emulator/behaviour", {"shuffle": True})

    with kept(db) as client:
        models = client.does("GET", "/_emulator/models")["models"]
        behaviour = client.does("GET", "/_emulator/behaviour")

    assert [(one["name"], one["kind"]) for one in models] == [("ml.a.agent", "agent")]
    assert behaviour["shuffle"] is False


def test_two_restarts_keep_the_order_and_what_each_run_changed(db):
    with kept(db) as client:
        client.create(endpoint(external(), name="first"))
        client.create(endpoint(external(), name="second"))
    with kept(db) as client:
        client.create(endpoint(external(), name="a-third"))
        client.put_gateway("first", {"usage_tracking_config": {"enabled": True}})

    with kept(db) as client:
        listed = client.does("GET", ENDPOINTS)["endpoints"]
        gateway = client.get("first")["ai_gateway"]

    assert [found["name"] for found in listed] == ["first", "second", "a-third"]
    assert gateway == {"usage_tracking_config": {"enabled": True}}


def test_a_restart_keeps_the_place_of_what_was_recreated(db):
    with kept(db) as client:
        for name in ("first", "second", "third"):
            client.create(endpoint(external(), name=name))
        client.does("POST", "/_emulator/endpoints/first/recreate")
        client.create(endpoint(external(), name="a-fourth"))
        before = client.does("GET", ENDPOINTS)

    with kept(db) as client:
        after = client.does("GET", ENDPOINTS)

    names = [one["name"] for one in before["endpoints"]]
    assert names == ["second", "third", "first", "a-fourth"]
    assert after == before


def test_what_is_deleted_stays_deleted(db):
    with kept(db) as client:
        client.create(endpoint(external()))
        client.put_secret("llm", "a")
        client.put_secret("llm", "b")
        client.put_secret("gone", "c")
    with kept(db) as client:
        client.http.delete(f"{ENDPOINTS}/chat")
        client.does("POST", f"{SECRETS}/delete", {"scope": "llm", "key": "a"})
        client.does("POST", f"{SECRETS}/scopes/delete", {"scope": "gone"})

    with kept(db) as client:
        endpoints = client.does("GET", ENDPOINTS)
        scopes = [scope["name"] for scope in client.scopes()]
        secrets = client.does("GET", f"{SECRETS}/list?scope=llm")["secrets"]

    assert (endpoints, scopes) == ({}, ["llm"])
    assert [secret["key"] for secret in secrets] == ["b"]


def test_a_reset_empties_the_file_and_leaves_the_id(db):
    with kept(db) as client:
        workspace_id = client.workspace.workspace_id
        client.create(endpoint(external()))
        client.put_secret("llm", "k")
        client.does("POST", "/_emulator/reset")

    with kept(db) as client:
        assert (client.does("GET", ENDPOINTS), client.scopes()) == ({}, [])
        assert client.workspace.workspace_id == workspace_id


def test_what_people_do_in_the_ui_is_kept(db):
    with kept(db) as client:
        client.create(endpoint(custom()))
        client.workspace.press_cancel_update("chat")
        client.workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    with kept(db) as client:
        assert state(client)["config_update"] == "UPDATE_CANCELED"
        assert [scope["name"] for scope in client.scopes()] == ["llm"]


def test_a_request_whose_answer_is_lost_is_kept(db):
    with kept(db) as client:
        client.workspace.faults.add(Fault(drop=True, when="after", times=1))
        with pytest.raises(httpx.TransportError):
            client.create(endpoint(external()))

    with kept(db) as client:
        assert client.get("chat")["name"] == "chat"


def test_faults_plans_and_calls_are_not_kept(db):
    with kept(db) as client:
        client.does("GET", ENDPOINTS)
        client.workspace.faults.add(Fault(times=None))
        client.workspace.deployments.plan(outcome="failed", polls=0)

    with kept(db) as client:
        calls = client.workspace.calls
        client.create(endpoint(custom()))

        assert (calls, client.settle("chat")["state"]["ready"]) == ((), "READY")


def test_foundation_models_are_there_once(db):
    for _ in range(2):
        with kept(db, foundation_models=("databricks-claude-sonnet-4",)) as client:
            listed = client.does("GET", ENDPOINTS)["endpoints"]

    assert [found["name"] for found in listed] == ["databricks-claude-sonnet-4"]


def test_only_the_owner_can_read_a_new_file(db, tmp_path):
    empty = tmp_path / "empty.db"
    empty.touch(mode=0o644)

    with kept(db), kept(empty):
        pass

    assert [path.stat().st_mode & 0o777 for path in (db, empty)] == [0o600, 0o600]


def test_a_second_emulator_on_the_same_file_is_refused(db):
    with kept(db), pytest.raises(StoreError) as refused:
        Workspace(db=db)

    assert str(refused.value) == f"Cannot keep a workspace in {db}: another emulator is using it."


def test_a_change_that_cannot_be_written_is_said_and_written_later(db):
    with kept(db) as client:
        store = client.workspace._store
        store._connection.execute("PRAGMA query_only = ON")
        refused = client.refuses("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})
        store._connection.execute("PRAGMA query_only = OFF")
        client.does("GET", ENDPOINTS)

    with kept(db) as client:
        scopes = [scope["name"] for scope in client.scopes()]

    assert refused[:2] == (500, "INTERNAL_ERROR")
    assert str(db) in refused[2]
    assert scopes == ["llm"]


def test_a_file_that_is_no_database_is_refused_and_left_alone(db):
    db.write_text("my shopping list, " * 100)

    with pytest.raises(StoreError) as refused:
        Workspace(db=db)

    assert str(refused.value) == f"Cannot keep a workspace in {db}: file is not a database."
    assert db.read_text() == "my shopping list, " * 100


DAMAGE = {
    "a database of something else": "DROP TABLE meta",
    "has format 3": "UPDATE meta SET value = '3' WHERE name = 'format'",
    "table principals is damaged": "UPDATE principals SET content = '{}'",
    "table groups is damaged": "UPDATE groups SET content = '{}'",
    "table grants is damaged": "INSERT INTO grants VALUES ('id', '{}')",
    "table endpoints is damaged": "UPDATE endpoints SET content = '{}'",
    "table scopes is damaged": "UPDATE scopes SET content = 'no JSON'",
    "no such table: scopes": "DROP TABLE scopes",
}


@pytest.mark.parametrize("why", DAMAGE)
def test_a_database_that_it_cannot_read_is_refused_and_left_alone(db, why):
    with kept(db) as client:
        client.create(endpoint(external()))
        client.put_secret("llm", "k")
    with contextlib.closing(sqlite3.connect(db)) as connection:
        connection.execute(DAMAGE[why])
        connection.commit()
    before = content_of(db)

    with pytest.raises(StoreError, match=why):
        Workspace(db=db)

    assert content_of(db) == before


def test_a_file_of_the_first_format_is_brought_up_to_date(db):
    with kept(db) as client:
        client.create(endpoint(external()))
        client.put_secret("llm", "k")
    with contextlib.closing(sqlite3.connect(db)) as connection:
        for table in ("principals", "groups", "grants", "models"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'format'")
        connection.commit()

    with kept(db) as client:
        before = client.get("chat")
        client.allow("chat", ann="CAN_VIEW")
    with kept(db) as client:
        after = client.user("ann").get("chat")

    assert after == {**before, "permission_level": "CAN_VIEW"}
    assert client.workspace._store.contents.tables()["scopes"].keys() == {"llm"}


@pytest.mark.parametrize(
    ("path", "why"),
    [("missing/workspace.db", "No such file or directory"), ("", "unable to open database file")],
)
def test_a_place_for_no_file_is_refused(tmp_path, path, why):
    with pytest.raises(StoreError, match=why):
        Workspace(db=tmp_path / path)
