"""`dbserving usage` on a deployed stack, whose endpoints were queried over the emulator."""

from __future__ import annotations

import csv
import io
import json

import jsonschema
import pytest

from databricks_serving_emulator import Fault
from databricks_serving_emulator.wire import Request

WAREHOUSE = "0123456789abcdef"
STATEMENTS = "/api/2.0/sql/statements"
ANN, BOB = "ann@example.com", "bob@example.com"
PRICES = """\
currency = "EUR"

[prices."gpt-4"]
input = 1000000
output = 500000
"""


class Asking:
    """People who query the shop's endpoints."""

    def __init__(self, shop):
        self.shop = shop
        self.tokens = {}

    def ask(self, who, endpoint, text="12345678901", **more):
        identities = self.shop.workspace.identities
        token = self.tokens.setdefault(who, identities.add_user(who).token)
        body = {"messages": [{"role": "user", "content": text}], **more}
        request = Request(
            "POST",
            f"/serving-endpoints/{endpoint}/invocations",
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
            body=json.dumps(body).encode(),
        )
        return self.shop.workspace.answer(request).status

    def usage(self, *arguments, **more):
        return self.shop.run("usage", *arguments, DATABRICKS_WAREHOUSE_ID=WAREHOUSE, **more)

    def told(self, *arguments):
        ended = self.usage("-f", "json", *arguments)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)


@pytest.fixture
def asking(shop):
    return Asking(shop)


@pytest.fixture
def asked(asking):
    """Two people have asked, twice for a team. What a guardrail refused has reached no entity."""
    team = {"usage_context": {"team": "crm"}}
    statuses = [
        asking.ask(ANN, "chat"),
        asking.ask(ANN, "chat", **team),
        asking.ask(BOB, "chat", "zebra zebra", **team),
        asking.ask(BOB, "plain"),
    ]
    assert statuses == [200, 200, 400, 403]
    return asking


def figures(told, *names):
    return [tuple(row[name] for name in (*names, "calls", "errors")) for row in told["rows"]]


def test_calls_errors_and_tokens_are_by_endpoint_and_requester(asked):
    told = asked.told()

    assert figures(told, "endpoint", "requester") == [("chat", ANN, 2, 0), (None, BOB, 1, 1)]
    assert (told["total"]["calls"], told["total"]["errors"]) == (3, 1)
    assert told["rows"][0]["input_tokens"] == 6
    assert told["total"]["cost"] is None


def test_a_key_of_the_context_is_a_group(asked):
    told = asked.told("--by", "team")

    assert [(row["usage_context"], row["calls"]) for row in told["rows"]] == [
        ({"team": "crm"}, 2),
        ({"team": None}, 1),
    ]


def test_it_fits_the_schema_that_is_printed(asked):
    schema = json.loads(asked.shop.run("schema", "usage").stdout)

    jsonschema.Draft202012Validator(schema).validate(asked.told("--by", "endpoint,team"))


def test_prices_make_costs(asked):
    (asked.shop.directory / "prices.toml").write_text(PRICES)

    told = asked.told("--prices", "prices.toml", "--by", "requester")

    # A token in costs one, and one out a half: 3 in and 3 out for each call that was answered.
    assert (told["currency"], told["rows"][0]["requester"]) == ("EUR", ANN)
    assert float(told["rows"][0]["cost"]) == 9.0


def test_the_endpoints_of_a_stack_are_the_only_ones(asked):
    state = json.loads((asked.shop.directory / "state.json").read_text())
    kept = [r for r in state["deployment"]["resources"] if not r["urn"].endswith("::chat")]
    kept = [r for r in kept if r.get("outputs", {}).get("endpoint_name") != "chat"]
    state["deployment"]["resources"] = kept
    (asked.shop.directory / "less.json").write_text(json.dumps(state))

    whole = asked.told("--state", "state.json")
    rest = asked.told("--state", "less.json")

    assert whole["endpoints"] == ["chat", "databricks-claude", "plain"]
    assert figures(whole, "endpoint", "requester") == [("chat", ANN, 2, 0)]
    assert (rest["endpoints"], rest["rows"]) == (["databricks-claude", "plain"], [])


def test_calls_that_are_in_no_stack_are_told_of_beside_it(asked):
    (notice,) = asked.told("--state", "state.json")["notices"]

    assert notice.startswith("Not counted here: 1 call of this workspace (1 error) of which")
    assert asked.told()["notices"] == []


def test_only_the_time_that_was_asked_for_counts(asked):
    told = asked.told("--since", "2d", "--until", "1d")

    assert told["rows"] == []
    assert told["notices"] == [
        "Only endpoints with usage tracking have rows, some minutes after a call."
    ]


def test_text_is_for_people_and_csv_for_sheets_at_the_same_time(asked):
    ended = asked.usage("-f", "text", "-f", "csv=out/usage.csv", COLUMNS="80")

    sheet = csv.reader(io.StringIO((asked.shop.directory / "out/usage.csv").read_text()))
    assert ended.returncode == 0
    assert ANN in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80
    assert [row[:4] for row in sheet] == [
        ["endpoint", "requester", "calls", "errors"],
        ["chat", ANN, "2", "0"],
        ["", BOB, "1", "1"],
    ]


def test_what_a_caller_sent_is_exact_in_a_file_and_no_command_in_a_log(asked):
    context = {"team": "::add-mask::chat"}
    asked.ask(ANN, "chat", usage_context=context)

    printed = asked.usage("--by", "team", "-f", "csv", GITHUB_ACTIONS="true")
    kept = asked.usage("--by", "team", "-f", "csv=usage.csv")

    assert (printed.returncode, kept.returncode) == (0, 0)
    assert "\n\\u003a:add-mask::chat,1,0," in printed.stdout
    assert "\n::add-mask::chat,1,0," in (asked.shop.directory / "usage.csv").read_text()


def test_one_statement_is_all_that_is_sent_and_values_are_no_part_of_it(asked):
    asked.shop.workspace.clear_calls()

    asked.told("--by", "it's")
    asked.told("--by", "team")

    first, second = asked.shop.workspace.writes
    assert [(call.method, call.path) for call in (first, second)] == [("POST", STATEMENTS)] * 2
    assert first.body["statement"] == second.body["statement"]
    assert asked.shop.workspace.calls == (first, second)


def test_whoever_may_not_read_the_tables_gets_exit_code_3_and_what_to_ask_for(asked):
    ended = asked.usage(DATABRICKS_TOKEN=asked.tokens[ANN])

    assert (ended.returncode, ended.stdout) == (3, "")
    assert "SELECT on its tables endpoint_usage and served_entities" in ended.stderr


def test_a_right_that_is_missing_is_exit_code_3(asking):
    refused = Fault("POST", STATEMENTS, status=403, error_code="PERMISSION_DENIED")
    asking.shop.workspace.faults.add(refused)

    ended = asking.usage()

    assert (ended.returncode, ended.stdout) == (3, "")


@pytest.mark.parametrize(
    ("arguments", "more", "says"),
    [
        ((), {"DATABRICKS_WAREHOUSE_ID": ""}, "set --warehouse"),
        (("-f", "markdown"), {}, "there are text, json, csv"),
        (("--by", "a,b,c,d,e,f"), {}, "at most 5 keys"),
        (("--prices", "none.toml"), {}, "none.toml cannot be read"),
        (("--since", "soon"), {}, "--since soon"),
    ],
)
def test_a_mistake_is_64_and_nothing_is_called(asking, arguments, more, says):
    asking.shop.workspace.clear_calls()
    environment = {"DATABRICKS_WAREHOUSE_ID": WAREHOUSE, **more}

    ended = asking.shop.run("usage", *arguments, **environment)

    assert (ended.returncode, ended.stdout) == (64, "")
    assert says in ended.stderr
    assert asking.shop.workspace.calls == ()


def test_a_state_that_is_not_there_is_6(asking):
    assert asking.usage("--state", "none.json").returncode == 6


def test_credentials_for_another_workspace_than_the_recorded_one_are_an_error(asking):
    path = asking.shop.directory / "state.json"
    here = asking.shop.workspace.workspace_id
    path.write_text(path.read_text().replace(f'"{here}"', '"1"'))

    ended = asking.usage("--state", "state.json")

    assert ended.returncode == 1
    assert "is recorded in workspace 1" in ended.stderr


def test_a_stack_without_endpoints_is_asked_for_nothing(asking):
    state = {"version": 3, "deployment": {"resources": []}}
    (asking.shop.directory / "empty.json").write_text(json.dumps(state))
    asking.shop.workspace.clear_calls()

    told = asking.told("--state", "empty.json")

    assert (told["endpoints"], told["rows"]) == ([], [])
    assert asking.shop.workspace.writes == ()


def test_the_file_and_the_environment_say_what_the_command_line_does_not(asked):
    (asked.shop.directory / "dbserving.toml").write_text(
        f'[usage]\nwarehouse = "{WAREHOUSE}"\nby = ["requester"]\nprices = "prices.toml"\n'
    )
    (asked.shop.directory / "prices.toml").write_text(PRICES)

    ended = asked.shop.run("usage", "-f", "json", DBSERVING_USAGE_SINCE="1h")

    told = json.loads(ended.stdout)
    assert (told["by"], told["currency"]) == (["requester"], "EUR")
