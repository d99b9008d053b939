"""Statements about the tables: what they may say, what they answer, and how they fail."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from databricks_serving_emulator import RunningServer
from databricks_serving_emulator.tables.engine import running
from databricks_serving_emulator.tables.failures import SqlFailure
from databricks_serving_emulator.tables.reading import DuckQuery
from unit.emulator.bodies import NEW_YEAR, Client
from unit.emulator.tables import (
    ENDLESS,
    ENTITIES,
    LOGGED,
    PAYLOADS,
    STATEMENTS,
    USAGE,
    answered,
    failure,
    record,
    rows,
    state_after,
    statement,
    value,
    with_chat,
)


def with_queries(**more):
    """Three queries: a refused one, and two of the team ml, a minute and a day later."""
    client = with_chat(LOGGED, **more)
    record(client, databricks_request_id="r-1", status_code=429)
    later = {"usage_context": {"team": "ml"}, "input_tokens": 4, "output_tokens": 6}
    record(client, databricks_request_id="r-2", requested_at=NEW_YEAR + 60, **later)
    day = {"requested_at": NEW_YEAR + 86_400, "requester": "bob@example.com"}
    record(client, databricks_request_id="r-3", **later, **day)
    return client


def test_a_result_says_what_its_columns_are_and_has_texts():
    client = with_queries()
    text = f"SELECT status_code, count(*) AS calls FROM {USAGE} GROUP BY ALL ORDER BY calls"

    answer = answered(client, text, disposition="INLINE", format="JSON_ARRAY", wait_timeout="30s")

    chunk = {"chunk_index": 0, "row_offset": 0, "row_count": 2}
    assert answer == {
        "statement_id": answer["statement_id"],
        "status": {"state": "SUCCEEDED"},
        "manifest": {
            "format": "JSON_ARRAY",
            "schema": {
                "column_count": 2,
                "columns": [
                    {
                        "name": "status_code",
                        "type_text": "INT",
                        "type_name": "INT",
                        "position": 0,
                    },
                    {"name": "calls", "type_text": "BIGINT", "type_name": "LONG", "position": 1},
                ],
            },
            "total_chunk_count": 1,
            "chunks": [chunk],
            "total_row_count": 2,
            "truncated": False,
        },
        "result": {**chunk, "data_array": [["429", "1"], ["200", "2"]]},
    }
    assert client.does("GET", f"{STATEMENTS}/{answer['statement_id']}") == answer


def test_a_result_without_rows_has_no_list_of_them():
    answer = answered(with_queries(), f"SELECT requester FROM {USAGE} WHERE 1 = 0")

    assert answer["result"] == {"chunk_index": 0, "row_offset": 0, "row_count": 0}
    assert answer["manifest"]["total_row_count"] == 0
    assert answer["manifest"]["schema"]["column_count"] == 1


def test_a_result_that_nobody_waits_for_is_there_later():
    client = with_queries()
    sent = client.does("POST", STATEMENTS, statement("SELECT 1", wait_timeout="0s"))

    later = state_after(client, sent["statement_id"], "PENDING", "RUNNING")

    assert sent["status"] == {"state": "PENDING"}
    assert later["result"]["data_array"] == [["1"]]


def test_a_slow_statement_holds_nobody_up():
    client = with_queries()
    body = statement(ENDLESS, wait_timeout="0s")
    sent = client.does("POST", STATEMENTS, body)

    client.get("chat")

    meanwhile = client.does("GET", f"{STATEMENTS}/{sent['statement_id']}")["status"]["state"]
    client.does("POST", f"{STATEMENTS}/{sent['statement_id']}/cancel")
    assert meanwhile in {"PENDING", "RUNNING"}


def test_a_statement_that_runs_is_canceled_and_lets_others_run():
    client = with_queries()
    sent = [
        client.does("POST", STATEMENTS, statement(ENDLESS, wait_timeout="0s"))["statement_id"]
        for _ in range(2)
    ]
    for one in sent:
        state_after(client, one, "PENDING")

    canceled = [client.does("POST", f"{STATEMENTS}/{one}/cancel") for one in sent]

    # Less than a statement may run: the two that were canceled did not simply end.
    assert value(client, "SELECT 1", wait_timeout="9s") == "1"
    assert canceled == [{}, {}]
    states = [client.does("GET", f"{STATEMENTS}/{one}")["status"] for one in sent]
    assert states == [{"state": "CANCELED"}, {"state": "CANCELED"}]


@pytest.mark.parametrize(("on_timeout", "state"), [("CANCEL", "CANCELED"), ("CONTINUE", "RUNNING")])
@pytest.mark.one_door("it takes the shortest time that may be waited")
def test_a_statement_that_takes_longer_than_the_wait_goes_on_or_not(on_timeout, state):
    client = Client()
    body = statement(ENDLESS, wait_timeout="5s", on_wait_timeout=on_timeout)

    answer = client.does("POST", STATEMENTS, body)

    client.does("POST", f"{STATEMENTS}/{answer['statement_id']}/cancel")
    assert answer["status"] == {"state": state}


@pytest.mark.one_door("it is about the server")
def test_a_server_that_stops_waits_for_no_statement():
    client = Client()
    body = statement(ENDLESS, wait_timeout="0s")
    sent = client.does("POST", STATEMENTS, body)["statement_id"]

    with RunningServer(client.workspace):
        state_after(client, sent, "PENDING")

    assert client.does("GET", f"{STATEMENTS}/{sent}")["status"] == {"state": "CANCELED"}


def test_a_statement_that_has_ended_cannot_be_canceled_any_more():
    client = with_queries()
    answer = answered(client, "SELECT 1")

    client.does("POST", f"{STATEMENTS}/{answer['statement_id']}/cancel")

    assert client.does("GET", f"{STATEMENTS}/{answer['statement_id']}") == answer


def test_a_statement_sees_the_tables_as_they_were_when_it_was_sent():
    client = with_queries()
    before = client.does("POST", STATEMENTS, statement(f"SELECT count(*) FROM {USAGE}"))
    record(client, databricks_request_id="r-4")

    after = value(client, f"SELECT count(*) FROM {USAGE}")

    assert (before["result"]["data_array"], after) == ([["3"]], "4")


def test_the_one_chunk_of_a_result_can_be_asked_for():
    client = with_queries()
    answer = answered(client, "SELECT 1")
    path = f"{STATEMENTS}/{answer['statement_id']}/result/chunks"

    chunk = client.does("GET", f"{path}/0")

    assert chunk == answer["result"]
    assert client.refuses("GET", f"{path}/1") == (
        400,
        "INVALID_PARAMETER_VALUE",
        f"The statement {answer['statement_id']} has no chunk 1 of a result.",
    )


@pytest.mark.parametrize(("method", "path"), [("GET", "result/chunks/0"), ("POST", "cancel")])
def test_a_reset_leaves_no_statement_to_cancel_or_to_read(method, path):
    client = with_queries()
    statement_id = answered(client, "SELECT 1")["statement_id"]
    before = client.call(method, f"{STATEMENTS}/{statement_id}/{path}")[0]

    client.does("POST", "/_emulator/reset")

    refused = client.refuses(method, f"{STATEMENTS}/{statement_id}/{path}")
    assert (before, refused[:2]) == (200, (404, "NOT_FOUND"))


def test_a_result_is_for_whoever_sent_the_statement():
    client = with_queries()
    sent = client.does("POST", STATEMENTS, statement(f"SELECT * FROM {USAGE}"))

    refused = client.user("ann").refuses("GET", f"{STATEMENTS}/{sent['statement_id']}")

    assert refused[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("limit", "count", "truncated"), [(2, 2, True), (3, 3, False), (9, 3, False), (0, 0, True)]
)
def test_a_limit_of_rows_cuts_the_result(limit, count, truncated):
    answer = answered(with_queries(), f"SELECT * FROM {USAGE}", row_limit=limit)

    assert answer["manifest"]["total_row_count"] == count
    assert answer["manifest"]["truncated"] is truncated


def test_a_limit_of_bytes_cuts_the_result():
    text = f"SELECT databricks_request_id FROM {USAGE} ORDER BY 1"

    answer = answered(with_queries(), text, byte_limit=7)

    assert answer["result"]["data_array"] == [["r-1"], ["r-2"]]
    assert answer["manifest"]["truncated"] is True


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT k, v FROM {USAGE} LATERAL VIEW explode(usage_context) AS k, v",
        f"SELECT t.k, t.v FROM {USAGE} LATERAL VIEW explode(usage_context) t AS k, v",
        f"SELECT explode(usage_context) AS (k, v) FROM {USAGE}",
    ],
)
def test_a_map_is_exploded_into_its_keys_and_values(text):
    assert rows(with_queries(), text) == [["team", "ml"], ["team", "ml"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"SELECT count(*) FROM {PAYLOADS} WHERE request:messages[0].content = 'hello'", "1"),
        (f"SELECT count(*) FROM {PAYLOADS} WHERE request:messages[0].content LIKE 'h%'", "1"),
        (f"SELECT request:messages[0]['content'] FROM {PAYLOADS}", "hello"),
        (f"SELECT request:messages[*].role FROM {PAYLOADS}", '["user"]'),
        (f"SELECT request:messages FROM {PAYLOADS}", '[{"role":"user","content":"hello"}]'),
        (f"SELECT request:n::int + 1 FROM {PAYLOADS}", "6"),
        (f"SELECT request:nosuch FROM {PAYLOADS}", None),
        (f"SELECT from_json(request, 'n INT, m ARRAY<INT>').n + 1 FROM {PAYLOADS}", "6"),
    ],
)
def test_what_is_found_in_json_is_a_text(text, found):
    client = with_chat(LOGGED)
    record(client, request='{"messages":[{"role":"user","content":"hello"}],"n":5}')

    assert value(client, text) == found


def test_tables_of_long_texts_can_be_read():
    client = with_chat(LOGGED)
    for _ in range(95):
        record(client, request="漢" * 340_000)

    found = rows(client, f"SELECT count(*), sum(length(request)) FROM {PAYLOADS}")

    assert found == [["95", "32300000"]]


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * FROM (SELECT requester AS x FROM {USAGE}) LIMIT 1",
        f"SELECT requester FROM {USAGE} GROUP BY requester ORDER BY sum(status_code) DESC LIMIT 1",
        f"SELECT max(u.requester) FROM {USAGE} AS u WHERE u.status_code = 429",
        f"SELECT max(requester) FROM {USAGE} NATURAL JOIN {ENTITIES} WHERE status_code = 429",
        f"SELECT min(requester) FROM {USAGE} JOIN {ENTITIES} USING (served_entity_id, account_id)",
    ],
)
def test_a_statement_gets_each_column_that_it_reads(text):
    assert value(with_queries(), text) == "ann@example.com"


def test_usage_is_attributed_to_teams():
    text = (
        "SELECT coalesce(usage_context['team'], 'nobody') AS team, count(*), "
        "sum(input_token_count + output_token_count), count_if(status_code >= 400) "
        f"FROM {USAGE} GROUP BY team ORDER BY team"
    )

    assert rows(with_queries(), text) == [["ml", "2", "20", "0"], ["nobody", "1", "0", "1"]]


def test_a_field_of_a_struct_is_named_by_a_dot():
    text = (
        "SELECT e.external_model_config.provider, count(*) "
        f"FROM {USAGE} AS u JOIN {ENTITIES} AS e ON u.served_entity_id = e.served_entity_id "
        "GROUP BY 1"
    )

    assert rows(with_queries(), text) == [["openai", "3"]]


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("max(request_time)", "2026-01-06T00:00:00.000Z"),
        ("to_date(max(request_time))", "2026-01-06"),
        ("date_format(max(request_time), 'yyyy-MM')", "2026-01"),
        ("count(DISTINCT date_trunc('DAY', request_time))", "2"),
        ("count_if(request_time < '2026-01-05 00:00:30')", "1"),
        ("count_if(request_time >= current_timestamp() - INTERVAL 1 DAYS)", "3"),
        ("count_if(date(request_time) = current_date())", "2"),
        ("unix_timestamp(min(request_time))", "1767571200"),
        ("hour(min(request_time))", "0"),
        ("datediff(max(request_time), min(request_time))", "1"),
        ("sum(input_token_count) / 16", "0.5"),
        ("CAST(sum(input_token_count) AS DECIMAL(10, 2))", "8.00"),
        ("any_value(request_streaming)", "false"),
        ("size(map_keys(max_by(usage_context, request_time)))", "1"),
        ("sum(size(usage_context))", "2"),
        ("count_if(status_code > 999)", "0"),
        ("count_if(status_code = 200) FILTER (WHERE status_code > 999)", "0"),
        ("percentile(status_code, 0.25)", "200.0"),
        ("percentile(input_token_count + status_code, 0.5)", "204.0"),
    ],
)
def test_the_functions_that_reports_need_are_there(expression, shown):
    assert value(with_queries(), f"SELECT {expression} FROM {USAGE}") == shown


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("1", "1"),
        ("NULL", None),
        ("true", "true"),
        ("1e20", "1.0E20"),
        ("'a' || 'b'", "ab"),
        ("array(1, 2)", "[1,2]"),
        ("array(timestamp'2026-01-01T00:00:00+02:00')", '["2025-12-31T22:00:00.000Z"]'),
        ("timestamp'2026-01-01T00:00:00+02:00'", "2025-12-31T22:00:00.000Z"),
        ("to_timestamp('2026-01-01 00:00:00')", "2026-01-01T00:00:00.000Z"),
        ("unix_timestamp(now())", "1767571200"),
        ("now()", "2026-01-05T00:00:00.000Z"),
        ("date'2026-01-01'", "2026-01-01"),
        ("current_user()", "serving.admin@example.com"),
        ("try_cast('a' AS INT)", None),
        ("try_divide(1, 0)", None),
        ("dayofweek(date'2026-01-01')", "5"),
        ("extract(DAYOFWEEK FROM date'2026-01-01')", "5"),
        ("date_part('dow', date'2026-01-01')", "5"),
        ("weekday(date'2026-01-01')", "3"),
        ("date_add(date'2026-01-01', 1)", "2026-01-02"),
        ("date_sub(timestamp'2026-01-01 10:00:00', 1)", "2025-12-31"),
        ("current_date() - INTERVAL 7 DAYS", "2025-12-29"),
        ("date'2026-01-01' + INTERVAL 1 MONTH", "2026-02-01"),
        ("trunc(date'2026-02-15', 'MM')", "2026-02-01"),
        (
            "from_utc_timestamp(timestamp'2026-01-01 00:00:00', 'Europe/Berlin')",
            "2026-01-01T01:00:00.000Z",
        ),
        (
            "to_utc_timestamp(timestamp'2026-01-01 00:00:00', 'Europe/Berlin')",
            "2025-12-31T23:00:00.000Z",
        ),
        ("timestamp_millis(1000)", "1970-01-01T00:00:01.000Z"),
        ("CAST(2.5 AS BIGINT)", "2"),
        ("CAST(-2.5 AS BIGINT)", "-2"),
        ("int(2.7)", "2"),
        ("try_cast(2.7 AS INT)", "2"),
        ("CAST(9007199254740993 AS BIGINT)", "9007199254740993"),
        ("substring('abc', 0, 2)", "ab"),
        ("substring('abc', 2 - 2, 2)", "ab"),
        ("substring('abc', -2)", "bc"),
        ("lpad('a', 3, '0')", "00a"),
        ("size(sequence(1, 10))", "10"),
        ("double('NaN')", "NaN"),
        ("double('-inf')", "-Infinity"),
        ("CAST('A' AS BINARY)", "QQ=="),
        ("from_json('{\"a\": 1}', 'a INT').a", "1"),
        ("from_json('[{\"a\": \"x\"}]', 'ARRAY<STRUCT<a: STRING>>')[0].a", "x"),
        ("from_json('none', 'a INT')", None),
        ("map_contains_key(map('a', 1), 'a')", "true"),
    ],
)
def test_a_statement_may_name_no_table(expression, shown):
    assert value(Client(), f"SELECT {expression}") == shown


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM `system`.`serving`.`Endpoint_Usage`",
        f"WITH recent AS (SELECT * FROM {USAGE}) SELECT count(*) FROM recent",
        f"SELECT count(*) FROM (SELECT DISTINCT databricks_request_id FROM {USAGE}) AS some",
        f"SELECT count({USAGE}.requester) FROM {USAGE}",
        f"SELECT count(endpoint_usage.requester) FROM {USAGE};",
        f"SELECT count(*) FROM {USAGE} WHERE requester IN (SELECT requester FROM {USAGE})",
        f"SELECT -- comment\n count(*) /* FROM a */ FROM {USAGE}",
        f"FROM {USAGE} SELECT count(*)",
        f"(SELECT count(*) FROM {USAGE} UNION SELECT 3)",
        f"SELECT (SELECT count(*) FROM {USAGE})",
        f"WITH endpoint_usage AS (SELECT * FROM {USAGE}) SELECT count(*) FROM endpoint_usage",
    ],
)
def test_a_table_is_found_wherever_it_stands(text):
    assert value(with_queries(), text) == "3"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT count(*) FROM endpoint_usage", {"catalog": "system", "schema": "serving"}),
        ("SELECT count(*) FROM serving.endpoint_usage", {"catalog": "system"}),
    ],
)
def test_a_request_may_name_the_catalog_and_the_schema(text, named):
    assert value(with_queries(), text, **named) == "3"


def test_a_column_without_a_name_has_the_text_of_its_expression():
    answer = answered(with_queries(), f"SELECT count(*), max(status_code) FROM {USAGE}")

    shown = answer["manifest"]["schema"]["columns"]
    assert [one["name"] for one in shown] == ["count(*)", "max(status_code)"]


@pytest.mark.parametrize(
    ("expression", "text", "name"),
    [
        ("1", "INT", "INT"),
        ("1.50", "DECIMAL(3,2)", "DECIMAL"),
        ("avg(status_code)", "DOUBLE", "DOUBLE"),
        ("sum(input_token_count)", "BIGINT", "LONG"),
        ("max(request_time)", "TIMESTAMP", "TIMESTAMP"),
        ("max(usage_context)", "MAP<STRING, STRING>", "MAP"),
        ("array('a')", "ARRAY<STRING>", "ARRAY"),
    ],
)
def test_a_type_has_the_name_that_databricks_gives_it(expression, text, name):
    answer = answered(with_queries(), f"SELECT {expression} AS x FROM {USAGE}")

    (column,) = answer["manifest"]["schema"]["columns"]
    assert (column["type_text"], column["type_name"]) == (text, name)


def given(**parameters):
    """Parameters by name, each as `(value, type)`."""
    return [
        {"name": name, "value": value, "type": kind} for name, (value, kind) in parameters.items()
    ]


@pytest.mark.parametrize(
    ("condition", "parameters", "count"),
    [
        ("requester = :who", given(who=("bob@example.com", "STRING")), "1"),
        ("requester = :who", [{"name": "who", "value": "bob@example.com"}], "1"),
        ("requester = :who", given(who=("' OR 1 = 1 --", "STRING")), "0"),
        ("requester = :who", [{"name": "who"}], "0"),
        ("request_time >= :since", given(since=("2026-01-05T00:00:30Z", "TIMESTAMP")), "2"),
        ("request_time >= :since", given(since=("2026-01-05T02:00:30+02:00", "TIMESTAMP")), "2"),
        ("to_date(request_time) = :day", given(day=("2026-01-06", "DATE")), "1"),
        ("status_code > :code", given(code=("200", "INT")), "1"),
        ("usage_context[:key] = :team", given(key=("team", "STRING"), team=("ml", "STRING")), "2"),
        (":a = :a AND status_code = :code", given(a=("1", "INT"), code=("429", "BIGINT")), "1"),
    ],
)
def test_parameters_take_the_place_of_their_markers(condition, parameters, count):
    text = f"SELECT count(*) FROM {USAGE} WHERE {condition}"

    assert value(with_queries(), text, parameters=parameters) == count


def test_a_limit_may_be_a_parameter():
    found = rows(
        with_queries(),
        f"SELECT databricks_request_id FROM {USAGE} ORDER BY 1 LIMIT :most",
        parameters=given(most=("1", "INT"), unused=("x", "STRING")),
    )

    assert found == [["r-1"]]


@pytest.mark.parametrize(
    ("text", "state", "says"),
    [
        (f"SELECT nosuch FROM {USAGE}", "42703", '"nosuch" not found'),
        ("SELECT nosuch(1)", "42883", "nosuch does not exist"),
        (f"SELECT requester, count(*) FROM {USAGE}", "42803", "GROUP BY"),
        ("SELECT CAST('a' AS INT)", "22018", "Could not convert string 'a'"),
        ("SELECT 1 / 0", "22012", "[DIVIDE_BY_ZERO] Division by zero."),
        ("SELECT 1 % 0", "22012", "[DIVIDE_BY_ZERO] Division by zero."),
        (f"SELECT status_code / (status_code - 200) FROM {USAGE}", "22012", "Division by zero."),
        ("SELECT typeof(1)", "0A000", "does not run the function typeof"),
        ("SELECT current_catalog()", "0A000", "does not run the function current_catalog"),
        ("SELECT bitstring('1', 2000000000)", "0A000", "does not run the function bitstring"),
        ("SELECT sequence(1, 1000000000)", "0A000", "does not run the function sequence"),
        ("SELECT sequence(1, 2, 0)", "0A000", "does not run the function sequence"),
        ("SELECT lpad('a', 1000000000, 'b')", "0A000", "pads to at most 10000 characters"),
        ("SELECT from_json('{}', schema_of_json('{}'))", "0A000", "a schema that is a text"),
        ("SELECT trunc(current_date(), 'HOUR')", "0A000", "runs trunc with the units"),
        ("SELECT 1.5" + "::int" * 9, "0A000", "casts that stand as deep"),
        ("SELECT 1 FROM IDENTIFIER(:t)", "42P02", "unbound parameter: t."),
        ("SELECT 1 FROM IDENTIFIER('main.ml.none')", "42P01", "`main`.`ml`.`none`"),
        ("SELECT :x", "42P02", "unbound parameter: x."),
        ("SELECT ?", "42P02", "unbound parameter: ?."),
        ("SELECT FROM WHERE", "42601", "Syntax error"),
        ("SELECT 1; SELECT 2", "42601", "only one statement"),
        (f"SELECT * FROM {USAGE} JOIN nosuch", "42P01", "`nosuch` cannot be found"),
        (f"SELECT * FROM {USAGE}, nosuch", "42P01", "`nosuch` cannot be found"),
        ("SELECT * FROM information_schema.tables", "42P01", "`information_schema`.`tables`"),
        ("SELECT * FROM duckdb_tables", "42P01", "`duckdb_tables`"),
        (
            "SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT 1) AS a, duckdb_tables",
            "42P01",
            "`duckdb_tables`",
        ),
        (f"SELECT * FROM {USAGE}.more", "42P01", "`endpoint_usage`.`more`"),
        ("SELECT * FROM csv.`/etc/passwd`", "42P01", "`csv`.`/etc/passwd`"),
        ("SELECT * FROM '/etc/passwd'", "42P01", "`/etc/passwd`"),
        ("SELECT * FROM read_text('/etc/passwd')", "0A000", "no table-valued functions"),
        ("SELECT * FROM duckdb_settings()", "0A000", "no table-valued functions"),
        ("SELECT repeat('a', 1000000000)", "0A000", "does not run the function repeat"),
        (f"INSERT INTO {USAGE} SELECT 1", "0A000", "runs queries only"),
        (f"DELETE FROM {USAGE}", "0A000", "runs queries only"),
        (f"UPDATE {USAGE} SET requester = 'x'", "0A000", "runs queries only"),
        (f"DROP TABLE {USAGE}", "0A000", "runs queries only"),
        ("CREATE TABLE main.ml.mine AS SELECT 1", "0A000", "runs queries only"),
        ("EXPLAIN SELECT 1", "0A000", "runs queries only"),
        ("SET threads = 9", "0A000", "runs queries only"),
        ("COPY (SELECT 1) TO '/tmp/x'", "0A000", "runs queries only"),
        ("ATTACH '/tmp/x'", "0A000", "runs queries only"),
        ("SELECT struct(date(date(date(date(date(1))))))", "0A000", "as deep in each other"),
        ("SELECT " + "x" * 100_000, "0A000", "at most 100000 characters"),
    ],
)
def test_a_statement_that_cannot_run_fails_and_says_why(text, state, says):
    found, message = failure(with_queries(), text)

    assert found == state
    assert says in message
    assert message.endswith(f"SQLSTATE: {state}")
    assert "LINE 1" not in message


def test_a_parameter_of_another_type_fails():
    parameters = given(code=("many", "INT"))

    state, _ = failure(with_queries(), "SELECT :code", parameters=parameters)

    assert state == "22018"


@pytest.mark.parametrize("kind", ["NO SUCH TYPE", "INT) , (SELECT 5", "ARRAY<INT>"])
def test_a_parameter_of_no_type_fails(kind):
    state, _ = failure(with_queries(), "SELECT :a", parameters=given(a=("1", kind)))

    assert state == "42601"


def test_a_parameter_may_be_nothing_or_name_a_table():
    nothing = value(Client(), "SELECT :a", parameters=[{"name": "a", "type": "VOID"}])
    named = [{"name": "t", "value": USAGE}]

    count = value(with_queries(), "SELECT count(*) FROM IDENTIFIER(:t)", parameters=named)

    assert (nothing, count) == (None, "3")


def test_results_come_inline_only():
    body = {"format": "CSV", "disposition": "EXTERNAL_LINKS"}

    state, message = failure(with_queries(), "SELECT 1", **body)

    assert state == "0A000"
    assert "only with the INLINE disposition" in message


def test_a_result_that_is_too_large_fails():
    client = with_chat(LOGGED)
    for _ in range(26):
        record(client, request="x" * 1024 * 1024)

    state, message = failure(client, f"SELECT request FROM {PAYLOADS}")

    assert state == "54000"
    assert "at most 26214400 bytes" in message


@pytest.mark.one_door("no workspace waits that long in a test")
def test_a_query_that_does_not_end_is_stopped():
    with (
        pytest.raises(SqlFailure, match=r"no statement longer than 0\.2 seconds"),
        running(DuckQuery(ENDLESS, {}), [], seconds=0.2) as found,
    ):
        list(found.rows)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 90_000,
        "SELECT " + "struct(" * 500,
        "SELECT " + "date(timestamp(decimal(" * 300,
        "SELECT " + "a." * 40_000,
        "SELECT " + "1 + " * 20_000 + "1",
        "SELECT " + "NOT " * 20_000,
        "SELECT " + "CASE WHEN " * 9_000,
    ],
)
def test_a_statement_made_to_be_slow_fails(text):
    _, message = failure(Client(), text)

    assert 0 < len(message) < 500


@pytest.mark.one_door("it is about the machine's zone")
def test_times_are_utc_wherever_the_machine_is():
    program = (
        "from databricks_serving_emulator.tables.engine import running\n"
        "from databricks_serving_emulator.tables.reading import DuckQuery\n"
        "sql = \"SELECT CAST(CAST('2026-01-01T00:00:00+02:00' AS TIMESTAMPTZ) AS VARCHAR)\"\n"
        "with running(DuckQuery(sql, {}), []) as found:\n"
        "    print(list(found.rows))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "Asia/Tokyo"},
    )

    assert ran.stdout == "[('2025-12-31 22:00:00+00',)]\n"


@pytest.mark.one_door("it is about what is imported")
def test_the_engine_is_imported_only_for_a_statement():
    program = (
        "import sys\n"
        "from databricks_serving_emulator import Workspace\n"
        "Workspace()\n"
        "print(sorted({'duckdb', 'sqlglot'} & set(sys.modules)))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout == "[]\n"


@pytest.mark.one_door("it is about the end of a program")
def test_a_program_may_end_while_statements_run():
    program = (
        "from unit.emulator.bodies import Client\n"
        "from unit.emulator.tables import ENDLESS, STATEMENTS, state_after, statement\n"
        "client = Client()\n"
        "body = statement(ENDLESS, wait_timeout='0s')\n"
        "first, *_ = [client.does('POST', STATEMENTS, body)['statement_id'] for _ in range(3)]\n"
        "print(state_after(client, first, 'PENDING')['status'])\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=8,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (ran.stdout, ran.stderr) == ("{'state': 'RUNNING'}\n", "")
