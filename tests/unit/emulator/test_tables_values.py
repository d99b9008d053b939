"""Values on which Databricks' SQL and DuckDB's disagree: they are Databricks', or none at all."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import Client, endpoint, external
from unit.emulator.tables import LOGGED, PAYLOADS, USAGE, failure, record, value, with_chat


def moments(unit, start, end, function="timestampdiff"):
    return f"{function}({unit}, timestamp'{start}', timestamp'{end}')"


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("CAST(9007199254740993.0 AS BIGINT)", "9007199254740993"),
        ("CAST(CAST('9223372036854775807' AS DECIMAL(20,0)) AS BIGINT)", "9223372036854775807"),
        ("CAST(-0.5 AS INT)", "0"),
        ("CAST(double('-2.7') AS INT)", "-2"),
        ("CAST(float('2.7') AS INT)", "2"),
        ("CAST(true AS INT)", "1"),
        ("CAST(' -12 ' AS INT)", "-12"),
        ("try_cast('1.5' AS INT)", None),
        ("try_cast('.5' AS INT)", None),
        ("try_cast('1e3' AS BIGINT)", None),
        ("try_cast('1_000' AS INT)", None),
        ("try_cast('0x1F' AS INT)", None),
        ("try_cast(1e300 AS INT)", None),
    ],
)
def test_a_cast_to_a_whole_number_is_exact_and_takes_no_other_text(expression, shown):
    assert value(Client(), f"SELECT {expression}") == shown


@pytest.mark.parametrize("text", ["CAST('1.5' AS INT)", "int('2.7')", "CAST(:x AS INT)"])
def test_a_text_that_is_no_whole_number_is_not_cast_to_one(text):
    parameters = [{"name": "x", "value": "1.5"}]

    state, message = failure(Client(), f"SELECT {text}", parameters=parameters)

    assert state == "22018"
    assert message.startswith("[CAST_INVALID_INPUT] Could not convert string")


def test_a_parameter_that_is_no_whole_number_is_none():
    parameters = [{"name": "x", "value": "1.5", "type": "INT"}]

    assert failure(Client(), "SELECT :x", parameters=parameters)[0] == "22018"


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (moments("HOUR", "2026-01-01 00:59:00", "2026-01-01 01:01:00"), "0"),
        (moments("DAY", "2026-01-01 23:00:00", "2026-01-02 01:00:00"), "0"),
        (moments("day", "2026-01-02 01:00:00", "2026-01-01 00:00:00"), "-1"),
        (moments("DAY", "2026-01-01 23:00:00", "2026-01-02 01:00:00", "datediff"), "0"),
        (moments("DAY", "2026-01-01 23:00:00", "2026-01-02 01:00:00", "date_diff"), "0"),
        (moments("MONTH", "2026-01-31 00:00:00", "2026-02-01 00:00:00"), "0"),
        (moments("MONTH", "2026-01-31 00:00:00", "2026-02-28 00:00:00"), "0"),
        (moments("MONTH", "2026-01-15 00:00:00", "2026-03-15 00:00:00"), "2"),
        (moments("MONTH", "2026-03-01 00:00:00", "2026-01-31 00:00:00"), "-1"),
        (moments("QUARTER", "2026-01-02 00:00:00", "2026-07-01 00:00:00"), "1"),
        (moments("YEAR", "2025-12-31 00:00:00", "2026-01-01 00:00:00"), "0"),
        ("datediff(MONTH, date'2026-01-31', date'2026-03-31')", "2"),
        # With two moments, the days of the calendar count.
        ("datediff(timestamp'2026-01-02 01:00:00', timestamp'2026-01-01 23:00:00')", "1"),
        ("datediff(greatest(date'2026-01-02', date'2026-01-01'), date'2026-01-01')", "1"),
    ],
)
def test_what_lies_between_two_moments_is_counted_in_whole_units(expression, shown):
    assert value(Client(), f"SELECT {expression}") == shown


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        (r"'gpt_4' LIKE '%gpt\\_4%'", "true"),
        (r"'gptA4' LIKE '%gpt\\_4%'", "false"),
        (r"'gptA4' ILIKE 'GPT\\_4'", "false"),
        (r"'gptA4' NOT LIKE 'gpt\\_4'", "true"),
        ("'gptA4' LIKE 'gpt_4'", "true"),
        ("'a_b' LIKE 'a/_b' ESCAPE '/'", "true"),
        ("'axb' LIKE :pattern", "false"),
        ("'axb' LIKE ANY ('b%', 'a%')", "true"),
    ],
)
def test_a_backslash_escapes_in_like(condition, shown):
    parameters = [{"name": "pattern", "value": "a\\_b"}]

    assert value(Client(), f"SELECT {condition}", parameters=parameters) == shown


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("array(1, 2)[1]", "2"),
        ("split('a,b', ',')[0]", "a"),
        ("element_at(array(1, 2), 2)", "2"),
        ("element_at(array(1, 2), -1)", "2"),
        ("array(array(1), array(2))[1][0]", "2"),
        ("map('a', 1)['b']", None),
    ],
)
def test_what_is_in_an_array_or_a_map_is_found(expression, shown):
    assert value(Client(), f"SELECT {expression}") == shown


@pytest.mark.parametrize(
    ("expression", "index"),
    [
        ("array(1, 2)[5]", 5),
        ("array(1, 2)[2]", 2),
        ("array(1, 2)[-1]", -1),
        ("element_at(array(1, 2), 3)", 3),
    ],
)
def test_there_is_nothing_beyond_the_end_of_an_array(expression, index):
    state, message = failure(Client(), f"SELECT {expression}")

    says = f"[INVALID_ARRAY_INDEX] The index {index} is out of bounds. The array has 2 elements."
    assert (state, message) == ("22003", f"{says} SQLSTATE: 22003")


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("percentile_approx(x, 0.5)", "1"),
        ("approx_percentile(x, 0.9, 100)", "2"),
        ("percentile(x, 0.5)", "1.5"),
    ],
)
def test_an_approximate_percentile_is_one_of_the_values(expression, shown):
    assert value(Client(), f"SELECT {expression} FROM VALUES (1), (2) AS t(x)") == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1e10", "1.0E10"),
        ("double('-12345678.9')", "-1.23456789E7"),
        ("double('9999999')", "9999999.0"),
        ("double('0.001')", "0.001"),
        ("double('0.00025')", "2.5E-4"),
        ("double('0')", "0.0"),
    ],
)
def test_a_large_or_small_double_has_an_exponent(number, shown):
    assert value(Client(), f"SELECT {number}") == shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT 1 FROM IDENTIFIER('main.ml.chat_payload' || '_b')", "IDENTIFIER of one text"),
        ("SELECT timestampdiff(CENTURY, now(), now())", "timestampdiff with the units DAY, HOUR"),
        (r"SELECT 'a' LIKE ANY ('a\\_', 'b')", "no backslash in the texts of LIKE ANY"),
        ("SELECT a[b] FROM VALUES (array(1), 0) AS t(a, b)", "in brackets a number, or a text"),
        ("SELECT map(1, 2)[1]", "in brackets a number, or a text"),
    ],
)
def test_what_would_be_answered_otherwise_fails_by_its_name(text, says):
    state, message = failure(with_chat(LOGGED), text)

    assert (state, says in message) == ("0A000", True), message


def test_another_table_is_not_read_in_the_place_of_a_name_that_is_put_together():
    client = with_chat(LOGGED)
    logged = {**LOGGED["inference_table_config"], "table_name_prefix": "chat_payload_b"}
    gateway = {"inference_table_config": logged}
    client.create(endpoint(external(), name="other", ai_gateway=gateway))
    record(client)

    state, _ = failure(client, f"SELECT count(*) FROM IDENTIFIER('{PAYLOADS}' || '_b_payload')")

    assert state == "0A000"


def test_a_key_of_a_map_may_be_a_parameter():
    client = with_chat(LOGGED)
    record(client, usage_context={"team": "ml"})

    found = value(
        client,
        f"SELECT u.usage_context[:key] FROM {USAGE} AS u",
        parameters=[{"name": "key", "value": "team"}],
    )

    assert found == "ml"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT " + "datediff(" * 10_000, "cannot read the statement"),
        ("SELECT 1" + "[0]" * 30_000, "cannot read the statement"),
        # Each is written out with what stands in it several times.
        (
            "SELECT " + "timestampdiff(MONTH, now(), " * 8 + "now()" + ")" * 8,
            "reads no brackets and casts that stand as deep in others",
        ),
        ("SELECT " + "x LIKE " * 14_000 + "'a'", "cannot read the statement"),
    ],
)
def test_what_is_written_out_is_not_made_to_grow(text, why):
    _, message = failure(Client(), text)

    assert why in message
