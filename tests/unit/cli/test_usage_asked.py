"""What `dbserving usage` is asked for: times, groups, prices, the warehouse."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from decimal import Decimal

import pytest

from databricks_serving.cli.configuration import UsageSettings
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.usage_asked import (
    dimensions_of,
    prices_of,
    times_of,
    warehouse_of,
)
from databricks_serving.cli.jobs.usage_tables import STATEMENT, Asked, instant
from databricks_serving.errors import StatementFailed

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


def settings(**said):
    return UsageSettings(**said)


def prices_in(tmp_path, text):
    path = tmp_path / "prices.toml"
    path.write_text(text, encoding="utf-8")
    return prices_of(path)


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ("7d", "2026-11-15T12:00:00Z"),
        ("90m", "2026-11-22T10:30:00Z"),
        ("2w", "2026-11-08T12:00:00Z"),
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ("2026-11-01T08:00:00+02:00", "2026-11-01T06:00:00Z"),
    ],
)
def test_a_time_is_so_long_ago_or_a_date(said, since):
    found, until = times_of(settings(since=said), NOON)

    assert (instant(found), until) == (since, None)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"since": "yesterday"}, "--since yesterday: say how long ago"),
        ({"since": "1h", "until": "soon"}, "--until soon: say how long ago"),
        ({"since": "1h", "until": "2h"}, "--until 2h is not after --since 1h."),
        ({"since": "999999w"}, "--since 999999w: say how long ago"),
    ],
)
def test_what_is_no_time_is_a_mistake(said, says):
    with pytest.raises(UsageMistake, match=says):
        times_of(settings(**said), NOON)


def test_what_is_no_endpoint_or_requester_is_a_key_of_the_context():
    by = dimensions_of(settings(by=["requester,team", "usage_context.endpoint", "team"]))

    assert by == ("requester", "usage_context.team", "usage_context.endpoint")


@pytest.mark.parametrize(
    ("by", "says"),
    [
        (["usage_context."], "a key of usage_context"),
        (["a,b,c,d,e,f"], "at most 5 keys"),
        ([" , "], "say what to group by"),
    ],
)
def test_groups_that_make_no_sense_are_a_mistake(by, says):
    with pytest.raises(UsageMistake, match=says):
        dimensions_of(settings(by=by))


def test_a_price_is_decimal_and_output_may_cost_nothing(tmp_path):
    prices = prices_in(tmp_path, 'currency = "EUR"\n[prices."chat/gpt"]\ninput = 0.15\n')

    assert prices.prices["chat/gpt"].input == Decimal("0.15")
    assert prices.prices["chat/gpt"].output == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("currency = ", "is no TOML"),
        ("[prices.gpt]\ninput = 1\n", "currency: Field required"),
        ('currency = "EUR"\n[prices.gpt]\ninput = -1\n', r"prices\.gpt\.input: .*greater"),
        ('currency = "EUR"\n[prices.gpt]\ninput = 1\noutptu = 2\n', r"prices\.gpt\.outptu"),
    ],
    ids=["no TOML", "no currency", "negative", "misspelt"],
)
def test_prices_that_make_no_sense_are_a_mistake_that_names_the_file(tmp_path, text, says):
    with pytest.raises(UsageMistake, match=rf"prices\.toml.*{says}"):
        prices_in(tmp_path, text)


def test_prices_that_are_not_there_are_a_mistake(tmp_path):
    with pytest.raises(UsageMistake, match="cannot be read: No such file"):
        prices_of(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("said", "environment", "found"),
    [
        ({"warehouse": "aa"}, {"DATABRICKS_WAREHOUSE_ID": "bb"}, "aa"),
        ({}, {"DATABRICKS_WAREHOUSE_ID": "bb\n"}, "bb"),
    ],
    ids=["the option", "the variable"],
)
def test_the_warehouse_is_the_option_s_or_the_variable_s(said, environment, found):
    assert warehouse_of(settings(**said), environment) == found


def test_without_a_warehouse_it_is_said_what_to_set():
    with pytest.raises(UsageMistake, match=r"--warehouse, DBSERVING_WAREHOUSE or DATABRICKS_W"):
        warehouse_of(settings(), {})


def test_nothing_that_is_said_becomes_part_of_the_statement():
    said = "'; DROP TABLE usage; --"
    asked = Asked(NOON, None, "42", ("chat", "search"), keys=(said,))

    parameters = asked.parameters()

    assert said not in STATEMENT
    assert parameters["key_1"] == (said, "STRING")
    assert parameters["key_2"] == ("", "STRING")
    assert parameters["since"] == ("2026-11-22T12:00:00Z", "TIMESTAMP")
    assert parameters["until"] == ("9999-12-31T23:59:59Z", "TIMESTAMP")
    assert parameters["workspace_id"] == ("42", "STRING")
    assert parameters["endpoints"] == ("chat,search", "STRING")


def test_every_marker_of_the_statement_is_a_parameter():
    named = set(re.findall(r":(\w+)", STATEMENT))

    assert named == set(Asked(NOON).parameters())


ROW = {
    **dict.fromkeys(("endpoint_name", "served_entity_name", "entity_name", "requester")),
    "calls": "1",
    "errors": "0",
    "input_tokens": "10",
    "output_tokens": None,
}


def test_a_count_may_be_written_as_any_number():
    row = {**ROW, "calls": "3", "input_tokens": "1.0E1", "output_tokens": "20.0"}

    (found,) = Asked(NOON).measured([row])

    assert (found.calls, found.input_tokens, found.output_tokens) == (3, 10, 20)


@pytest.mark.parametrize("calls", ["many", "1.5", "NaN", "Infinity"])
def test_what_is_no_count_is_an_error_that_says_so(calls):
    with pytest.raises(StatementFailed, match=f"answered with '{calls}' where it counts"):
        Asked(NOON).measured([{**ROW, "calls": calls}])


def test_a_column_that_is_missing_is_named():
    row = {name: value for name, value in ROW.items() if name != "errors"}

    with pytest.raises(StatementFailed, match="without the column 'errors'"):
        Asked(NOON).measured([row])
