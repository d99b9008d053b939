"""Who used what: groups, costs that nobody invents, and what each format says."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from databricks_serving.report.usage import (
    Measured,
    Prices,
    Usage,
    cost_of,
    figures_of,
    rows_of,
    schema,
    unpriced,
)
from databricks_serving.report.usage_formats import render_usage

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "usage-1.json"
ANN, BOB = "ann@example.com", "bob@example.com"
CHAT = {"endpoint": "chat", "entity": "gpt", "model": "gpt-4o"}


def prices(**named):
    listed = {name: {"input": one[0], "output": one[1]} for name, one in named.items()}
    return Prices.model_validate({"currency": "EUR", "prices": listed})


def used(requester=ANN, tokens=(1_000_000, 500_000), **more):
    return Measured(
        **{**CHAT, "requester": requester, "calls": 1, **more},
        input_tokens=tokens[0],
        output_tokens=tokens[1],
    )


def usage(measured, by=("endpoint", "requester"), priced=None, **more):
    return Usage(
        workspace="https://dbc.example.com",
        since="2026-11-01T00:00:00Z",
        by=by,
        currency=None if priced is None else priced.currency,
        rows=rows_of(measured, by, priced),
        total=figures_of(measured, priced),
        unpriced=unpriced(measured, priced),
        **more,
    )


def test_a_row_sums_up_what_its_dimensions_have_in_common():
    measured = [used(calls=3, errors=1), used(calls=2, entity="other"), used(BOB)]

    rows = rows_of(measured, ("requester",))

    assert [(row.requester, row.calls, row.errors) for row in rows] == [(ANN, 5, 1), (BOB, 1, 0)]
    assert [(row.endpoint, row.input_tokens) for row in rows] == [
        (None, 2_000_000),
        (None, 1_000_000),
    ]


def test_a_key_of_the_context_is_a_dimension_and_a_call_without_it_a_group():
    measured = [used(context={"team": "crm"}), used(context={"team": None}, calls=2)]

    rows = rows_of(measured, ("usage_context.team",))

    assert [row.usage_context for row in rows] == [{"team": None}, {"team": "crm"}]


def test_without_prices_there_is_no_cost():
    (row,) = rows_of([used()], ("endpoint",))

    assert row.cost is None


def test_a_cost_is_exact():
    measured = used(tokens=(3, 1))

    assert cost_of(measured, prices(gpt=("0.15", "0.6"))) == Decimal("0.00000105")


@pytest.mark.parametrize(
    ("named", "cost"),
    [
        ({"chat/gpt": (1, 0), "gpt": (2, 0), "gpt-4o": (3, 0)}, 1),
        ({"gpt": (2, 0), "gpt-4o": (3, 0)}, 2),
        ({"gpt-4o": (3, 0)}, 3),
        ({"other/gpt": (1, 0)}, None),
    ],
    ids=["of the endpoint's entity", "of the entity", "of the model", "none"],
)
def test_the_most_particular_price_counts(named, cost):
    assert cost_of(used(), prices(**named)) == cost


def test_a_group_in_which_any_token_has_no_price_has_no_cost_and_that_is_named():
    measured = [used(), used(entity="other", model="llama"), used(BOB)]
    priced = prices(gpt=(1, 2))

    rows = rows_of(measured, ("requester",), priced)

    assert {row.requester: row.cost for row in rows} == {ANN: None, BOB: 2}
    assert figures_of(measured, priced).cost is None
    assert unpriced(measured, priced) == ("llama",)


def test_calls_without_tokens_need_no_price():
    refused = used(tokens=(0, 0), entity=None, model=None)

    assert cost_of(refused, prices(gpt=(1, 2))) == 0


def test_the_dearest_comes_first():
    measured = [used(ANN, tokens=(1, 0), calls=9), used(BOB, tokens=(2, 0))]

    rows = rows_of(measured, ("requester",), prices(gpt=(1, 1)))

    assert [row.requester for row in rows] == [BOB, ANN]


def test_a_text_fits_into_80_columns():
    measured = [
        used("a-very-long-name-of-somebody@a-long-domain.example.com", endpoint="e" * 63),
        used(BOB, calls=12_345_678),
    ]

    text = render_usage(usage(measured, priced=prices(gpt=("2.5", 10))), "text", width=80)

    assert max(map(len, text.splitlines())) <= 80
    assert "12,345,678" in text


def test_a_text_says_what_was_asked_and_the_total():
    text = render_usage(usage([used(), used(BOB)], priced=prices(gpt=("2.5", 10))), "text")

    lines = [line.split() for line in text.splitlines()]
    assert ["chat", ANN, "1", "0", "1,000,000", "500,000", "7.5000"] in lines
    assert ["total", "2", "0", "2,000,000", "1,000,000", "15.0000"] in lines
    assert text.endswith("https://dbc.example.com, since 2026-11-01T00:00:00Z, until now\n")


def test_a_cost_too_small_to_be_shown_is_told_apart_from_none():
    tiny = [used(tokens=(10, 0)), used(BOB, tokens=(0, 0))]

    text = render_usage(usage(tiny, priced=prices(gpt=("0.02", 0))), "text")

    assert [line.split()[-1] for line in text.splitlines()[2:4]] == ["<0.0001", "0.0000"]


def test_a_cost_in_json_is_decimal_digits_however_small():
    shown = usage([used(tokens=(10, 0))], priced=prices(gpt=("0.02", 0)))

    said = json.loads(render_usage(shown, "json"))

    assert said["total"]["cost"] == "0.0000002"
    fits = jsonschema.Draft202012Validator(schema()).is_valid
    total = {**said["total"], "cost": "2E-7"}
    assert (fits(said), fits({**said, "total": total})) == (True, False)


def test_a_text_without_rows_says_why_there_may_be_none():
    text = render_usage(usage([], notices=("Usage tracking is off.",)), "text", width=80)

    assert text.startswith("No calls in https://dbc.example.com, since 2026-11-01T00:00:00Z")
    assert text.endswith("Usage tracking is off.\n")


def test_a_caller_cannot_move_the_cursor_of_whoever_reads():
    measured = [used(context={"team": "\x1b[2Jcrm"})]

    text = render_usage(usage(measured, by=("usage_context.team",)), "text")

    assert "\x1b" not in text
    assert r"\u001b[2Jcrm" in text


def test_a_text_may_be_ascii_alone():
    text = render_usage(usage([used("änn@example.com"), used()]), "text", ascii_only=True)

    assert text.isascii()


def test_csv_is_a_line_for_each_row():
    measured = [used(context={"team": 'a,"b"\nc'}), used(BOB, context={"team": None})]
    by = ("requester", "usage_context.team")

    text = render_usage(usage(measured, by, prices(gpt=("0.1", 0))), "csv")

    assert list(csv.reader(io.StringIO(text))) == [
        [*by, "calls", "errors", "input_tokens", "output_tokens", "cost", "currency"],
        [ANN, 'a,"b"\nc', "1", "0", "1000000", "500000", "0.1", "EUR"],
        [BOB, "", "1", "0", "1000000", "500000", "0.1", "EUR"],
    ]


def test_a_line_of_a_log_that_somebody_sent_is_no_command():
    team = "::add-mask::chat\n::error::\x1b[31m##[x"
    shown = usage([used(context={"team": team})], ("usage_context.team",))

    text = render_usage(shown, "text")
    sheet = render_usage(shown, "csv", logged=True)
    said = render_usage(shown, "json", logged=True)

    assert r"\u003a:add-mask::chat\n::error::\u001b[31m\u0023#[x" in text
    assert sheet.splitlines()[1] == (
        r"\u003a:add-mask::chat\n::error::\u001b[31m\u0023#[x,1,0,1000000,500000"
    )
    assert "##[" not in said
    assert json.loads(said)["rows"][0]["usage_context"] == {"team": team}


def test_a_file_of_csv_has_what_was_sent():
    shown = usage([used(context={"team": "::error::\x1b[31m"})], ("usage_context.team",))

    text = render_usage(shown, "csv")

    assert text.splitlines()[1] == "::error::\x1b[31m,1,0,1000000,500000"


def test_who_says_nothing_is_told_apart_from_who_says_an_empty_text_or_a_dash():
    teams = (None, "", "-", '""')
    measured = [used(context={"team": one}, calls=9 - n) for n, one in enumerate(teams)]
    shown = usage(measured, ("usage_context.team",))

    text, sheet = render_usage(shown, "text"), render_usage(shown, "csv")

    assert [line.split()[0] for line in text.splitlines()[2:6]] == ["-", '""', '"-"', '""""']
    assert [line.split(",")[0] for line in sheet.splitlines()[1:]] == ["", '""', "-", '""""""']


def test_a_text_draws_a_thousand_lines_and_says_how_many_more_there_are():
    measured = [used(f"ann{number}@example.com") for number in range(1003)]

    text = render_usage(usage(measured), "text")

    assert text.count("ann") == 1000
    assert "3 more rows, which -f csv and -f json have.\n" in text
    assert "total" in text


def test_csv_without_prices_has_no_column_for_costs():
    text = render_usage(usage([used()], ("endpoint",)), "csv")

    assert text.splitlines() == [
        "endpoint,calls,errors,input_tokens,output_tokens",
        "chat,1,0,1000000,500000",
    ]


def test_json_fits_its_published_schema():
    measured = [used(context={"team": "crm"}), used(entity="other", model="llama")]
    measured[1].context["team"] = None
    shown = usage(measured, ("endpoint", "usage_context.team"), prices(gpt=("0.1", 0)))

    said = json.loads(render_usage(shown, "json"))

    jsonschema.Draft202012Validator(schema()).validate(said)
    assert schema() == json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert said["$schema"] == "https://databricks-serving.dev/schemas/usage-1.json"
    assert said["unpriced"] == ["llama"]
    assert {
        "endpoint": "chat",
        "requester": None,
        "usage_context": {"team": "crm"},
        "calls": 1,
        "errors": 0,
        "input_tokens": 1_000_000,
        "output_tokens": 500_000,
        "cost": "0.1",
    } in said["rows"]
