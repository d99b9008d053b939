"""SQL statements: taken, kept for a while, and failed for want of a table."""

from __future__ import annotations

import pytest

from databricks_serving_emulator.statements import Statement, Statements
from unit.emulator.bodies import Client
from unit.emulator.tables import state_after

STATEMENTS = "/api/2.0/sql/statements"
WAREHOUSES = "/api/2.0/sql/warehouses"
UNKNOWN = "01f10352-bc12-178c-89ed-46e3bfe85160"
AUDIT = "SELECT event_time FROM system.access.audit WHERE action_name = :action"
NOT_FOUND = (
    "[TABLE_OR_VIEW_NOT_FOUND] The table or view {} cannot be found. Verify the spelling and "
    "correctness of the schema and catalog.\n"
    "If you did not qualify the name with a schema, verify the current_schema() output, or "
    "qualify the name with the correct schema and catalog.\n"
    "To tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS. "
    "SQLSTATE: 42P01"
)


def statement(text=AUDIT, **more):
    return {"statement": text, "warehouse_id": "0123456789abcdef", **more}


def failure(client, text):
    status = client.does("POST", STATEMENTS, statement(text, wait_timeout="50s"))["status"]
    assert status["state"] == "FAILED"
    return status["sql_state"], status["error"]["error_code"], status["error"]["message"]


def test_a_statement_about_a_table_that_is_not_there_fails_and_is_found_by_its_id():
    client = Client(strict=True)
    body = statement(
        parameters=[{"name": "action", "value": "createServingEndpoint", "type": "STRING"}],
        wait_timeout="30s",
        disposition="INLINE",
        format="JSON_ARRAY",
    )

    answer = client.does("POST", STATEMENTS, body)

    assert answer == {
        "statement_id": answer["statement_id"],
        "status": {
            "state": "FAILED",
            "error": {
                "error_code": "BAD_REQUEST",
                "message": NOT_FOUND.format("`system`.`access`.`audit`"),
            },
            "sql_state": "42P01",
        },
    }
    assert client.does("GET", f"{STATEMENTS}/{answer['statement_id']}") == answer


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("select * from sales", "`sales`"),
        ("SELECT 1 FROM `my-catalog`.s . `t`", "`my-catalog`.`s`.`t`"),
        ("INSERT INTO main.ml.logs VALUES (1)", "`main`.`ml`.`logs`"),
        ("INSERT INTO TABLE logs SELECT * FROM other", "`logs`"),
        ("UPDATE main.t SET a = 'FROM b'", "`main`.`t`"),
        ("SELECT 'it\\'s FROM a' -- FROM b\n/* FROM c */ FROM d", "`d`"),
        ("SELECT * FROM range(3) JOIN e", "`e`"),
        ("WITH recent AS (SELECT * FROM f) SELECT * FROM recent", "`f`"),
        ("WITH a AS (VALUES (1)) SELECT * FROM a JOIN g", "`g`"),
    ],
)
def test_the_failure_names_the_first_table(text, named):
    assert failure(Client(), text) == ("42P01", "BAD_REQUEST", NOT_FOUND.format(named))


@pytest.mark.parametrize("text", ["SHOW CATALOGS", "CALL something()", "OPTIMIZE a"])
def test_a_statement_that_is_no_query_fails(text):
    assert failure(Client(), text) == (
        "0A000",
        "BAD_REQUEST",
        "[UNSUPPORTED_FEATURE] The emulator runs queries only: SELECT. SQLSTATE: 0A000",
    )


@pytest.mark.parametrize("text", ["", " \n", "-- nothing", ";"])
def test_an_empty_statement_fails(text):
    state, code, message = failure(Client(), text)

    assert (state, code) == ("42617", "BAD_REQUEST")
    assert message.startswith("[PARSE_EMPTY_STATEMENT]")


def test_a_statement_that_nobody_waits_for_is_pending_at_first():
    client = Client()

    answer = client.does("POST", STATEMENTS, statement(wait_timeout="0s"))

    later = state_after(client, answer["statement_id"], "PENDING", "RUNNING")
    assert answer["status"] == {"state": "PENDING"}
    assert later["status"]["state"] == "FAILED"


@pytest.mark.parametrize("wait", ["0s", "5s", "50s"])
def test_some_waits_are_accepted(wait):
    assert Client().call("POST", STATEMENTS, statement(wait_timeout=wait))[0] == 200


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({}, "BAD_REQUEST", "Missing required field: warehouse_id"),
        ({"warehouse_id": "0123456789abcdef"}, "BAD_REQUEST", "Missing required field: statement"),
        ({"statement": "SELECT 1"}, "BAD_REQUEST", "Missing required field: warehouse_id"),
        (
            statement(warehouse_id="nosuch"),
            "INVALID_PARAMETER_VALUE",
            "nosuch is not a valid endpoint id.",
        ),
        *(
            (
                statement(wait_timeout=wait),
                "INVALID_PARAMETER_VALUE",
                (
                    "The wait_timeout field must be 0 seconds (disables wait), or between 5 "
                    "seconds and 50 seconds."
                ),
            )
            for wait in ("4s", "50.5s", "51s")
        ),
        *(
            (
                statement(wait_timeout=wait),
                "INVALID_PARAMETER_VALUE",
                "Error while parsing type: duration.",
            )
            for wait in ("", "10", "soon")
        ),
        *(
            (
                statement(format=form),
                "INVALID_PARAMETER_VALUE",
                f"The format {form} is supported only with the EXTERNAL_LINKS disposition.",
            )
            for form in ("ARROW_STREAM", "CSV")
        ),
        *(
            (statement(**{name: value}), "INVALID_PARAMETER_VALUE", f"{name} must be one of {few}.")
            for name, value, few in (
                ("format", "XML", "JSON_ARRAY, ARROW_STREAM, CSV"),
                ("on_wait_timeout", "BANANA", "CONTINUE, CANCEL"),
                ("disposition", "FOO", "INLINE, EXTERNAL_LINKS"),
            )
        ),
        (
            statement(parameters="a"),
            "MALFORMED_REQUEST",
            "Could not parse request object: expected a list at 'parameters'.",
        ),
    ],
)
def test_a_body_that_is_no_statement_is_refused(body, code, says):
    assert Client().refuses("POST", STATEMENTS, body) == (400, code, says)


def test_large_results_may_come_in_other_formats():
    body = statement(format="CSV", disposition="EXTERNAL_LINKS")

    assert Client().does("POST", STATEMENTS, body)["status"]["state"] == "FAILED"


def test_an_id_of_no_statement_is_not_found():
    refused = Client().refuses("GET", f"{STATEMENTS}/{UNKNOWN}")

    assert refused == (404, "NOT_FOUND", f"The statement {UNKNOWN} was not found.")


def test_an_id_that_is_none_is_refused():
    refused = Client().refuses("GET", f"{STATEMENTS}/mine")

    assert refused == (400, "INVALID_PARAMETER_VALUE", "mine is not a valid statement id.")


def test_a_statement_is_forgotten_after_twelve_hours():
    client = Client()
    path = f"{STATEMENTS}/{client.does('POST', STATEMENTS, statement())['statement_id']}"
    client.clock.advance(12 * 3600 - 1)
    early = client.call("GET", path)[0]

    client.clock.advance(1)

    assert (early, client.call("GET", path)[0]) == (200, 404)


def test_a_reset_forgets_all_statements():
    client = Client()
    path = f"{STATEMENTS}/{client.does('POST', STATEMENTS, statement())['statement_id']}"

    client.does("POST", "/_emulator/reset")

    assert client.refuses("GET", path)[:2] == (404, "NOT_FOUND")


def test_whoever_is_removed_runs_no_statement_any_more():
    client = Client()
    ann = client.user("ann")
    before = ann.call("POST", STATEMENTS, statement())[0]

    client.does("DELETE", "/_emulator/identities", {"name": "ann@example.com"})

    assert (before, ann.call("POST", STATEMENTS, statement())[0]) == (200, 403)


def test_there_is_a_warehouse_for_every_id():
    client = Client()

    (listed,) = client.does("GET", WAREHOUSES)["warehouses"]

    other = client.does("GET", f"{WAREHOUSES}/fedcba9876543210")
    assert client.does("GET", f"{WAREHOUSES}/{listed['id']}") == listed
    assert (listed["state"], other["state"]) == ("RUNNING", "RUNNING")
    assert other["id"] == "fedcba9876543210"
    assert client.refuses("GET", f"{WAREHOUSES}/mine") == (
        400,
        "INVALID_PARAMETER_VALUE",
        "mine is not a valid endpoint id.",
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", STATEMENTS),
        ("GET", f"{STATEMENTS}/{UNKNOWN}"),
        ("GET", WAREHOUSES),
        ("GET", f"{WAREHOUSES}/0123456789abcdef"),
    ],
)
def test_statements_need_a_token(method, path):
    answer = Client().http.request(method, path, headers={"Authorization": ""}, json=statement())

    assert (answer.status_code, answer.json()["error_code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("slow", ["/*", "--", "'\\", "`", "a", "a ", " ", "FROM ", "FROM `", "a."])
def test_a_text_made_to_be_slow_is_read_at_once(slow):
    text = "SELECT " + slow * 200_000

    assert failure(Client(), text)[1] == "BAD_REQUEST"


@pytest.mark.parametrize("limit", ["row_limit", "byte_limit"])
def test_a_statement_is_not_cut_after_less_than_nothing(limit):
    client = Client()

    refused = client.refuses("POST", STATEMENTS, statement("SELECT 1", **{limit: -1}))

    assert refused == (400, "INVALID_PARAMETER_VALUE", f"{limit} cannot be negative.")


@pytest.mark.one_door("it is about how much is kept")
def test_the_oldest_of_too_many_statements_are_forgotten():
    statements = Statements()
    first = Statement("ann@example.com", 0.0)
    statements.add(first)
    for _ in range(9_999):
        statements.add(Statement("ann@example.com", 0.0))
    kept = statements.find(first.id, "ann@example.com", 0.0)

    statements.add(Statement("ann@example.com", 0.0))

    assert kept is first
    assert statements.find(first.id, "ann@example.com", 0.0) is None


@pytest.mark.one_door("it is about how much is kept")
def test_the_oldest_of_too_long_answers_are_forgotten():
    statements = Statements()
    sent = [Statement("ann@example.com", 0.0) for _ in range(3)]
    for one in sent:
        statements.add(one)
        statements.end(one, {"result": "x" * 30_000_000})

    found = [statements.find(one.id, "ann@example.com", 0.0) for one in sent]

    assert found == [None, sent[1], sent[2]]
