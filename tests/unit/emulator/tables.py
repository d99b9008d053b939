"""Statements to send, what to read of their answers, and queries put in directly."""

from __future__ import annotations

import time

from databricks_serving_emulator.queries.records import Query, served_entity_id
from unit.emulator.bodies import NEW_YEAR, Client, endpoint, external

STATEMENTS = "/api/2.0/sql/statements"
TRACKED = {"usage_tracking_config": {"enabled": True}}
LOGGED = {
    "inference_table_config": {"enabled": True, "catalog_name": "main", "schema_name": "ml"},
}
USAGE = "system.serving.endpoint_usage"
ENTITIES = "system.serving.served_entities"
PAYLOADS = "main.ml.chat_payload"

ENDLESS = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def with_chat(gateway=None, **more):
    """A client of a workspace with the chat endpoint `chat`, whose entity is `main`."""
    client = Client(**more)
    client.create(endpoint(external(), ai_gateway={**TRACKED, **(gateway or {})}))
    return client


def record(client, name="chat", **said):
    """Put in a query of that endpoint, as it would be recorded."""
    endpoint_id = client.get(name)["id"]
    usual = {
        "endpoint_name": name,
        "endpoint_id": endpoint_id,
        "served_entity_id": served_entity_id(endpoint_id, 1, "main"),
        "served_entity_name": "main",
        "requester": "ann@example.com",
        "requested_at": NEW_YEAR,
        "status_code": 200,
        "databricks_request_id": "r-1",
    }
    client.workspace._world.queries.add(Query(**{**usual, **said}))


def statement(text, **more):
    """A statement that is waited for until it has ended, also on a busy machine."""
    here = {"statement": text, "warehouse_id": "0123456789abcdef", "wait_timeout": "50s"}
    return {**here, **more}


def answered(client, text, **more):
    """The whole answer to a statement that succeeds."""
    answer = client.does("POST", STATEMENTS, statement(text, **more))
    assert answer["status"] == {"state": "SUCCEEDED"}, answer["status"]
    return answer


def state_after(client, statement_id, *states):
    """What GET answers as soon as the statement is in none of those states any more."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        answer = client.does("GET", f"{STATEMENTS}/{statement_id}")
        if answer["status"]["state"] not in states:
            return answer
    raise AssertionError(f"still {answer['status']} after 20 s")


def rows(client, text, **more):
    return answered(client, text, **more)["result"].get("data_array", [])


def value(client, text, **more):
    """The one value that a statement answers."""
    ((only,),) = rows(client, text, **more)
    return only


def failure(client, text, **more):
    """The state of SQL and the message of a statement that fails."""
    status = client.does("POST", STATEMENTS, statement(text, **more))["status"]
    assert status["state"] == "FAILED", status
    return status["sql_state"], status["error"]["message"]


def count(client, table):
    return int(value(client, f"SELECT count(*) FROM {table}"))
