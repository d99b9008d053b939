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
from support.transports import Altered, Script

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


def test_what_to_ask_for_in_place_of_a_result_that_was_cut_makes_it_smaller():
    cut = answer("SUCCEEDED", manifest={**COLUMNS, "truncated": True}, result={})

    with pytest.raises(StatementFailed, match=r"a shorter time .* one stack, .* fewer keys"):
        rows(Script(cut))


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (succeeded(["chat"]), "a row of 1 values for 2 columns"),
        (succeeded(None), "a row that is no list"),
        (answer("SUCCEEDED", manifest=COLUMNS, result={"data_array": 5}), "rows that are no list"),
        (answer("SUCCEEDED", manifest=COLUMNS, result="x"), "a result that is no object"),
        (answer("SUCCEEDED", manifest={"schema": {"columns": [{}]}}), "not each has a name"),
        (answer("SUCCEEDED"), "not each has a name"),
        (httpx.Response(200, json={"status": "SUCCEEDED"}), "a status that is no object"),
        (succeeded(["a", "1"], next_chunk_index="x"), "chunk 'x' of the rows as the one after 0"),
        (succeeded(external_links=[{"external_link": "https://x"}]), "links to the rows"),
        (succeeded(["a", "1"], next_chunk_index=0), "chunk 0 of the rows as the one after 0"),
    ],
    ids=[
        "a short row",
        "no row",
        "no rows",
        "no result",
        "a column without a name",
        "no columns",
        "no status",
        "a chunk without a number",
        "links",
        "a chunk that leads back",
    ],
)
def test_an_odd_answer_is_an_error_that_says_what_is_odd(ended, says):
    with pytest.raises(StatementFailed, match=says):
        rows(Script(ended))


def test_the_time_is_up_once_the_next_look_would_come_too_late():
    clock = FakeClock()

    with pytest.raises(StillUpdating, match=r"no answer after 9 s.*--timeout"):
        rows(Script(answer("PENDING")), clock, timeout=9.0)

    assert clock.passed == 8.0


@pytest.mark.parametrize("status", [429, 503])
def test_the_time_is_up_for_a_workspace_that_asks_to_slow_down_too(status):
    clock = FakeClock()
    busy = httpx.Response(status, headers={"Retry-After": "4"}, json={"message": "slow"})

    with pytest.raises(StillUpdating, match=r"no answer after 9 s.*--timeout"):
        rows(Script(busy), clock, timeout=9.0)

    assert clock.passed == 8.0


def test_the_time_is_up_in_the_middle_of_the_rows_too():
    clock = FakeClock()

    def slowly(request, answered):
        clock.advance(4)
        index = request.url.path.rpartition("/")[2]
        following = int(index) + 1 if index.isdigit() else 1
        more = {"data_array": [], "next_chunk_index": following}
        return httpx.Response(200, json=more) if index.isdigit() else answered()

    with pytest.raises(StillUpdating):
        rows(Altered(Script(succeeded(next_chunk_index=1)), slowly), clock, timeout=9.0)

    assert clock.passed == 12.0


def test_a_call_that_is_answered_later_than_all_may_take_is_given_up():
    clock = FakeClock()

    def late(request, answered):
        patience = request.extensions["timeout"]["read"]
        clock.advance(min(40.0, patience))
        if patience < 40.0:
            raise httpx.ReadTimeout("timed out", request=request)
        return answered()

    with pytest.raises(StillUpdating, match=r"no answer after 4 s.*--timeout"):
        rows(Altered(Script(succeeded()), late), clock, timeout=4.0)

    assert clock.passed == 4.0


def test_a_look_has_no_more_than_what_is_left_of_the_time():
    clock = FakeClock()
    patience = []

    def noted(request, answered):
        patience.append(request.extensions["timeout"]["read"])
        return answered()

    rows(Altered(Script(answer("PENDING"), answer("PENDING"), succeeded()), noted), clock, 62.0)

    assert patience == [60.0, 60.0, 59.0]


def test_values_are_texts_however_they_are_written():
    assert rows(Script(succeeded(["chat", 7]))) == [{"name": "chat", "calls": "7"}]


@pytest.mark.parametrize(("timeout", "wait"), [(4.0, "5s"), (12.5, "13s"), (600.0, "30s")])
def test_no_call_waits_for_longer_than_all_may_take_and_the_service_takes(timeout, wait):
    script = Script(succeeded())

    rows(script, timeout=timeout)

    assert json.loads(script.requests[0].content)["wait_timeout"] == wait


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
