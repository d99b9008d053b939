"""One fixed SELECT on a warehouse: what is sent, what is waited for, and how it ends."""

from __future__ import annotations

import json

import httpx
import pytest

from databricks_serving.api.statements import Statements
from databricks_serving.api.transport import WriteRefused
from databricks_serving.errors import (
    Interrupted,
    StatementFailed,
    StatementNotAllowed,
    StillUpdating,
)
from support.clock import FakeClock
from support.context import credentials
from support.transports import Script

WAREHOUSE = "0123456789abcdef"
SELECT = "SELECT name, calls FROM usage WHERE name = :name"
ID = "01f10352-bc12-178c-89ed-46e3bfe85160"
PATH = "/api/2.0/sql/statements"
COLUMNS = {"schema": {"columns": [{"name": "name"}, {"name": "calls"}]}}


def answer(state, **more):
    return httpx.Response(200, json={"statement_id": ID, "status": {"state": state}, **more})


def succeeded(*rows, **result):
    return answer("SUCCEEDED", manifest=COLUMNS, result={"data_array": list(rows), **result})


def failed(sql_state, message):
    status = {"state": "FAILED", "sql_state": sql_state, "error": {"message": message}}
    return httpx.Response(200, json={"statement_id": ID, "status": status})


def statements(script, clock=None, waiting=None):
    return Statements(
        credentials(),
        clock or FakeClock(),
        SELECT,
        remedy="Ask an admin.",
        transport=script,
        waiting=waiting,
    )


def rows(script, clock=None, timeout=600.0):
    return statements(script, clock).rows(WAREHOUSE, {"name": ("chat", "STRING")}, timeout)


def test_the_rows_are_by_column():
    found = rows(Script(succeeded(["chat", "7"], [None, "1"])))

    assert found == [{"name": "chat", "calls": "7"}, {"name": None, "calls": "1"}]


def test_values_go_as_parameters_beside_the_fixed_text():
    script = Script(succeeded())

    rows(script)

    assert json.loads(script.requests[0].content) == {
        "statement": SELECT,
        "warehouse_id": WAREHOUSE,
        "parameters": [{"name": "name", "value": "chat", "type": "STRING"}],
        "wait_timeout": "30s",
        "on_wait_timeout": "CONTINUE",
        "disposition": "INLINE",
        "format": "JSON_ARRAY",
    }


def test_a_warehouse_that_starts_is_asked_again_and_less_and_less_often():
    clock = FakeClock()
    pending = [answer("PENDING"), *[answer("RUNNING")] * 4]
    script = Script(*pending, succeeded(["chat", "7"]))

    found = rows(script, clock)

    assert found == [{"name": "chat", "calls": "7"}]
    assert clock.waits == [1.0, 2.0, 5.0, 5.0, 5.0]
    assert script.sent == [f"POST {PATH}", *[f"GET {PATH}/{ID}"] * 5]


def test_whoever_waits_is_told_why_once():
    told = []
    script = Script(answer("PENDING"), answer("RUNNING"), answer("RUNNING"), succeeded())

    statements(script, waiting=told.append).rows(WAREHOUSE, {}, 60.0)

    assert told == ["The warehouse has not answered yet: it may be starting."]


def test_every_chunk_is_read():
    second = httpx.Response(200, json={"data_array": [["b", "2"]], "next_chunk_index": 2})
    third = httpx.Response(200, json={"data_array": [["c", "3"]]})
    script = Script(succeeded(["a", "1"], next_chunk_index=1), second, third)

    found = rows(script)

    assert [row["name"] for row in found] == ["a", "b", "c"]
    assert script.sent[1:] == [
        f"GET {PATH}/{ID}/result/chunks/1",
        f"GET {PATH}/{ID}/result/chunks/2",
    ]


def test_a_result_that_was_cut_is_an_error_and_no_figure():
    cut = answer("SUCCEEDED", manifest={**COLUMNS, "truncated": True}, result={"data_array": []})

    with pytest.raises(StatementFailed, match="it is not whole"):
        rows(Script(cut))


def test_the_time_is_up_once_the_next_look_would_come_too_late():
    clock = FakeClock()

    with pytest.raises(StillUpdating, match=r"no answer after 9 s.*--timeout"):
        rows(Script(answer("PENDING")), clock, timeout=9.0)

    assert clock.passed == 8.0


def test_ctrl_c_ends_the_wait():
    with pytest.raises(Interrupted):
        rows(Script(answer("PENDING")), FakeClock(called_off_after=1))


@pytest.mark.parametrize(
    ("ended", "kind", "says"),
    [
        (failed("42P01", "no table"), StatementFailed, r"FAILED: no table\. Ask an admin\."),
        (failed("42501", "no right"), StatementNotAllowed, r"no right\. Ask an admin\."),
        (failed("22012", "by zero"), StatementFailed, r"FAILED: by zero\.$"),
        (answer("CANCELED"), StatementFailed, r"ended as CANCELED\.$"),
        (answer("CLOSED"), StatementFailed, r"ended as CLOSED\.$"),
    ],
    ids=["no-table", "no-right", "another", "canceled", "closed"],
)
def test_how_else_it_ends_is_an_error_that_says_so(ended, kind, says):
    with pytest.raises(kind, match=says):
        rows(Script(ended))


@pytest.mark.parametrize(
    ("method", "path", "statement"),
    [
        ("POST", PATH, "DROP TABLE usage"),
        ("POST", f"{PATH}/{ID}/cancel", SELECT),
        ("POST", "/api/2.0/serving-endpoints", SELECT),
        ("PUT", PATH, SELECT),
        ("DELETE", f"{PATH}/{ID}", SELECT),
    ],
)
def test_nothing_else_leaves(method, path, statement):
    script = Script(succeeded())

    with pytest.raises(WriteRefused):
        statements(script)._transport.send(method, path, {"statement": statement})

    assert script.sent == []
