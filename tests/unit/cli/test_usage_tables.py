"""The statement of `dbserving usage`, as the tables of the emulator understand it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from databricks_serving.api.statements import Statements
from databricks_serving.cli.jobs.usage_tables import STATEMENT, Asked
from databricks_serving_emulator import Workspace
from databricks_serving_emulator.tables.columns import (
    ENTITIES,
    ENTITIES_NAME,
    USAGE,
    USAGE_NAME,
)
from databricks_serving_emulator.tables.engine import running
from databricks_serving_emulator.tables.ledger import Table
from databricks_serving_emulator.tables.reading import Setting, for_duckdb, parsed
from databricks_serving_emulator.wire import Request
from support.clock import NEW_YEAR, FakeClock
from support.context import WORKSPACE_ID, credentials

ENDPOINTS = "/api/2.0/serving-endpoints"
BEGUN = datetime.fromtimestamp(NEW_YEAR, tz=timezone.utc)
TRACKED = {"usage_tracking_config": {"enabled": True}}


def config(model="gpt-4o"):
    external = {
        "name": model,
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key_plaintext": "sk-made-up"},
    }
    return {"served_entities": [{"name": "gpt", "external_model": external}]}


@pytest.fixture
def workspace():
    """Two endpoints; of one the calls are tracked."""
    made = Workspace(clock=FakeClock(), workspace_id=WORKSPACE_ID)
    made.ui("POST", ENDPOINTS, {"name": "chat", "config": config(), "ai_gateway": TRACKED})
    made.ui("POST", ENDPOINTS, {"name": "quiet", "config": config()})
    return made


def ask(workspace, endpoint="chat", text="12345678901", **more):
    body = {"messages": [{"role": "user", "content": text}], **more}
    request = Request(
        "POST",
        f"/serving-endpoints/{endpoint}/invocations",
        headers={"authorization": "Bearer dapi-emulator", "content-type": "application/json"},
        body=json.dumps(body).encode(),
    )
    return workspace.answer(request).status


def measured(workspace, since=BEGUN, until=None, workspace_id=WORKSPACE_ID, **more):
    asked = Asked(since, until, workspace_id, **more)
    client = Statements(credentials(), workspace.clock, STATEMENT, transport=workspace.transport())
    return asked.measured(client.rows("0123456789abcdef", asked.parameters(), 60.0))


def calls(found):
    return [(one.endpoint, one.calls) for one in found]


def test_calls_are_counted_with_their_entity_and_tokens(workspace):
    statuses = [ask(workspace), ask(workspace), ask(workspace, "quiet")]

    (found,) = measured(workspace)

    assert statuses == [200, 200, 200]
    assert (found.endpoint, found.entity, found.model) == ("chat", "gpt", "gpt-4o")
    assert (found.requester, found.calls, found.errors) == ("serving.admin@example.com", 2, 0)
    assert (found.input_tokens, found.output_tokens) == (6, 6)


def test_an_entity_that_was_deployed_again_is_not_counted_twice(workspace):
    ask(workspace)
    workspace.ui("PUT", f"{ENDPOINTS}/chat/config", config("gpt-4.1"))
    for _ in range(5):
        workspace.ui("GET", f"{ENDPOINTS}/chat")
    ask(workspace)

    found = measured(workspace)

    assert sum(one.calls for one in found) == 2
    assert {one.endpoint for one in found} == {"chat"}


def test_an_entity_with_a_row_for_each_change_is_joined_once_and_called_what_it_is_now():
    entity = {"served_entity_id": "1", "endpoint_name": "chat", "served_entity_name": "gpt"}
    changes = [
        {**entity, "entity_name": model, "change_time": f"2026-01-0{day} 00:00:00"}
        for day, model in ((1, "gpt-4"), (3, "gpt-4o"), (2, "gpt-4.1"))
    ]
    call = {"served_entity_id": "1", "request_time": "2026-01-05 00:00:00", "status_code": 200}
    tables = {
        USAGE_NAME: Table(USAGE_NAME, USAGE, [call]),
        ENTITIES_NAME: Table(ENTITIES_NAME, ENTITIES, changes),
    }
    given = [
        {"name": name, "value": value, "type": type_}
        for name, (value, type_) in Asked(BEGUN).parameters().items()
    ]
    query = for_duckdb(parsed(STATEMENT), ".".join, Setting("ann@example.com", NEW_YEAR, given))

    with running(query, tables.values()) as found:
        columns = [name for name, _ in found.columns]
        rows = [dict(zip(columns, row, strict=True)) for row in found.rows]

    assert [(row["entity_name"], row["calls"]) for row in rows] == [("gpt-4o", 1)]


def test_what_answered_400_and_above_is_an_error(workspace):
    workspace.queries.fail("chat", "gpt", 503)
    statuses = [ask(workspace), ask(workspace)]

    found = measured(workspace)

    assert statuses == [503, 200]
    assert [(sum(one.calls for one in found), sum(one.errors for one in found))] == [(2, 1)]


def test_a_call_that_was_refused_before_an_entity_was_chosen_is_counted_without_an_endpoint(
    workspace,
):
    guarded = {**TRACKED, "guardrails": {"input": {"invalid_keywords": ["zebra"]}}}
    workspace.ui("PUT", f"{ENDPOINTS}/chat/ai-gateway", guarded)

    status = ask(workspace, text="zebra")

    (found,) = measured(workspace)
    assert status == 400
    assert (found.endpoint, found.calls, found.errors) == (None, 1, 1)


def test_calls_of_other_workspaces_of_the_region_are_left_out(workspace):
    ask(workspace)

    assert measured(workspace, workspace_id="1") == ()
    assert calls(measured(workspace, workspace_id=None)) == [("chat", 1)]


def test_only_the_endpoints_that_were_asked_for_are_counted(workspace):
    workspace.ui("PUT", f"{ENDPOINTS}/quiet/ai-gateway", TRACKED)
    ask(workspace)
    ask(workspace, "quiet")

    assert calls(measured(workspace, endpoints=("hat", "quiet"))) == [("quiet", 1)]


def test_a_time_begins_with_its_first_second_and_ends_before_its_last(workspace):
    ask(workspace)
    workspace.clock.advance(60)
    ask(workspace)
    later = BEGUN + timedelta(seconds=60)

    assert calls(measured(workspace, until=later)) == [("chat", 1)]
    assert calls(measured(workspace, since=later)) == [("chat", 1)]
    assert measured(workspace, since=later + timedelta(seconds=1)) == ()


def test_keys_of_the_context_are_told_and_nothing_of_the_others(workspace):
    ask(workspace, usage_context={"team": "crm", "ticket": "1"})
    ask(workspace, usage_context={"team": "crm", "ticket": "2"})
    ask(workspace)

    found = measured(workspace, keys=("team", "it's"))

    assert sorted((one.calls, one.context["team"]) for one in found) == [(1, None), (2, "crm")]
    assert {one.context["it's"] for one in found} == {None}
