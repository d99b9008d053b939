"""Each part of an endpoint on its own: which call writes it, and what becomes of it outside."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving.errors import NotTaken, Refused, StillUpdating
from databricks_serving_emulator import Behaviour
from support.context import ENDPOINTS
from support.endpoints import config, limit, program, registered
from support.ups import created, inputs_of, prepared, preview

CHAT = f"{ENDPOINTS}/chat"
MODEL = config(registered())
MAILS = {"on_update_failure": ["ops@example.com"]}
LOGS = {"table_names": {"logs_table": "main.ml.logs"}}
MASKED = {"pii": {"behavior": "MASK"}}
TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml"}


def sampled(fraction):
    return {**LOGS, "inference_table_config": {"sampling_fraction": fraction}}


def started(**parts):
    """A bench with the endpoint of a registered model, its inputs and its outputs."""
    bench = prepared()
    return (bench, *created(bench, program(**{"config": MODEL, **parts})))


def bodies(bench):
    return [call.body for call in bench.workspace.writes]


# --- notifications -------------------------------------------------------------------------------


def test_other_notifications_are_one_call_with_both_lists():
    bench, inputs, outputs = started(email_notifications=MAILS)
    said = {**inputs, "email_notifications": {"on_update_success": ["ada@example.com"]}}

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert bench.sent == ["PATCH serving-endpoints/chat/notifications"]
    assert bodies(bench) == [
        {
            "email_notifications": {
                "on_update_failure": [],
                "on_update_success": ["ada@example.com"],
            }
        }
    ]
    assert preview(bench, outputs, said) == Verdict()


# --- telemetry -----------------------------------------------------------------------------------


def test_telemetry_waits_for_somebody_elses_update_and_is_sent_then():
    bench, inputs, outputs = started(telemetry_config=sampled(0.5))
    bench.workspace.deployments.plan(seconds=900)
    bench.workspace.serving.redeploy("chat")
    began = bench.clock.passed

    bench.update(endpoint, "chat", outputs, {**inputs, "telemetry_config": sampled(0.25)})

    assert [call.status for call in bench.workspace.writes] == [200]
    assert 900 <= bench.clock.passed - began < 910
    assert bench.served()["telemetry_config"]["inference_table_config"]["sampling_fraction"] == 0.25


def test_what_minds_no_update_goes_before_the_telemetry_that_waits():
    bench, inputs, outputs = started(telemetry_config=sampled(0.5))
    bench.workspace.deployments.plan(seconds=900)
    bench.workspace.serving.redeploy("chat")
    said = {
        **inputs,
        "tags": {"team": "ml"},
        "ai_gateway": {"rate_limits": [limit()]},
        "telemetry_config": sampled(0.25),
        "deploy": {"timeout": "10m"},
    }

    bench.fails(StillUpdating, bench.update, endpoint, "chat", outputs, said)

    assert bench.sent == [
        "PATCH serving-endpoints/chat/tags",
        "PUT serving-endpoints/chat/ai-gateway",
    ]


def test_telemetry_that_somebody_removed_is_drift_and_put_back():
    bench, inputs, outputs = started(telemetry_config=LOGS)
    bench.workspace.ui("PATCH", f"{CHAT}/telemetry-config", {})

    reading = bench.read(endpoint, "chat", outputs, inputs)
    after = bench.update(endpoint, "chat", reading.outputs, inputs)

    assert preview(bench, reading.outputs, inputs) == Verdict(changed=True)
    assert bodies(bench) == [{"telemetry_config": LOGS}]
    assert preview(bench, after, inputs) == Verdict()


def test_other_sampling_keeps_the_profile_that_the_tables_became():
    bench, inputs, outputs = started(telemetry_config=sampled(0.5))
    profile = bench.served()["telemetry_config"]["telemetry_profile_id"]
    said = {**inputs, "telemetry_config": sampled(0.25)}

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert bodies(bench) == [
        {
            "telemetry_config": {
                "telemetry_profile_id": profile,
                "inference_table_config": {"sampling_fraction": 0.25},
            }
        }
    ]
    assert preview(bench, outputs, said) == Verdict()


def test_telemetry_that_leaves_the_program_is_left_as_it_is_and_an_empty_one_is_removed():
    bench, inputs, outputs = started(telemetry_config=LOGS)
    silent = {name: value for name, value in inputs.items() if name != "telemetry_config"}

    outputs = bench.update(endpoint, "chat", outputs, silent)
    kept = "telemetry_config" in bench.served()
    bench.update(endpoint, "chat", outputs, {**inputs, "telemetry_config": {}})

    assert kept
    assert bench.sent == ["PATCH serving-endpoints/chat/telemetry-config"]
    assert "telemetry_config" not in bench.served()


# --- the inference table -------------------------------------------------------------------------


def test_a_table_that_is_on_is_switched_off_before_it_moves():
    bench, inputs, outputs = started(ai_gateway={"inference_table_config": TABLE})
    there = {**TABLE, "schema_name": "audit"}

    said = {**inputs, "ai_gateway": {"inference_table_config": there}}
    outputs = bench.update(endpoint, "chat", outputs, said)

    off = {**TABLE, "enabled": False, "table_name_prefix": "chat"}
    assert bench.sent == ["PUT serving-endpoints/chat/ai-gateway"] * 2
    on = {**there, "table_name_prefix": "chat"}
    assert bodies(bench) == [{"inference_table_config": off}, {"inference_table_config": on}]
    assert preview(bench, outputs, said) == Verdict()


@pytest.mark.parametrize(
    ("parts", "table"),
    [
        pytest.param({}, None, id="none"),
        pytest.param(
            {"ai_gateway": {"inference_table_config": {**TABLE, "table_name_prefix": "said"}}},
            "main.ml.said_payload",
            id="its own prefix",
        ),
        pytest.param(
            {"ai_gateway": {"inference_table_config": TABLE}},
            "main.ml.chat_payload",
            id="the endpoint's name",
        ),
        pytest.param(
            {"name": "my-chat", "ai_gateway": {"inference_table_config": TABLE}},
            None,
            id="a name that is illegal in tables",
        ),
        pytest.param(
            {"ai_gateway": {"inference_table_config": {**TABLE, "enabled": False}}},
            None,
            id="off",
        ),
        pytest.param(
            {"config": {**MODEL, "auto_capture_config": {**TABLE, "table_name_prefix": "old"}}},
            "main.ml.old_payload",
            id="the older one",
        ),
    ],
)
def test_the_tables_name_is_known_before_and_after(parts, table):
    bench = prepared()

    inputs, outputs = created(bench, program(**{"config": MODEL, **parts}))

    assert (inputs.get("inference_table"), outputs["inference_table"]) == (table, table)


def test_a_table_that_is_switched_off_has_no_name_any_more():
    bench, inputs, outputs = started(ai_gateway={"inference_table_config": TABLE})
    said = program(config=MODEL, ai_gateway={"inference_table_config": {"enabled": False}})

    outputs = bench.update(endpoint, "chat", outputs, inputs_of(bench, said))

    assert inputs["inference_table"] == "main.ml.chat_payload"
    assert outputs["inference_table"] is None


# --- the budget policy ---------------------------------------------------------------------------


def test_another_budget_policy_is_refused_with_the_way_out():
    bench, inputs, outputs = started(budget_policy_id="policy-1")
    said = {**inputs, "budget_policy_id": "policy-2"}

    with pytest.raises(Refused) as caught:
        preview(bench, outputs, said)
    bench.fails(Refused, bench.update, endpoint, "chat", outputs, said)

    assert 'deploy={"replace_on": ["budget_policy_id"]}' in str(caught.value)
    assert bench.sent == []


def test_where_the_program_wants_it_another_budget_policy_replaces():
    bench, inputs, outputs = started(budget_policy_id="policy-1")
    said = {
        **inputs,
        "budget_policy_id": "policy-2",
        "deploy": {"replace_on": ["budget_policy_id"]},
    }

    verdict = preview(bench, outputs, said)

    assert (verdict.replaces, verdict.delete_first) == (("budget_policy_id",), True)


# --- defaults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "unsaid"),
    [
        pytest.param(
            {"ai_gateway": {"rate_limits": [limit(key="endpoint")]}},
            {"ai_gateway": {"rate_limits": [{"calls": 100, "renewal_period": "minute"}]}},
            id="whose limit it is",
        ),
        pytest.param(
            {"ai_gateway": {"guardrails": {"input": {"safety": False, **MASKED}}}},
            {"ai_gateway": {"guardrails": {"input": MASKED}}},
            id="whether unsafe content is kept out",
        ),
        pytest.param(
            {"config": config(registered(workload_type="CPU"))},
            {"config": MODEL},
            id="the type of the compute",
        ),
    ],
)
def test_a_default_that_leaves_the_program_is_no_difference(said, unsaid):
    bench, _, outputs = started(**said)
    inputs = inputs_of(bench, program(**{"config": MODEL, **unsaid}))

    after = bench.update(endpoint, "chat", outputs, inputs)

    assert preview(bench, outputs, inputs) == Verdict()
    assert bench.sent == []
    assert preview(bench, after, inputs) == Verdict()


# --- what the service drops ----------------------------------------------------------------------


def test_an_amount_that_the_service_drops_fails_and_is_named():
    bench = prepared(one_amount_per_limit=True)
    said = inputs_of(bench, program(ai_gateway={"rate_limits": [limit(5, tokens=100)]}))

    left = bench.fails(NotTaken, bench.create, endpoint, said)

    assert "did not keep ai_gateway.rate_limits.user.tokens." in str(left)
    assert left.outputs["__applied"]["ai_gateway"] == said["ai_gateway"] | {
        "rate_limits": {"user": limit(5, tokens=100)}
    }


def test_telemetry_that_leads_nowhere_fails_and_is_named():
    bench = prepared()
    nowhere = {"inference_table_config": {"sampling_fraction": 0.5}}
    said = inputs_of(bench, program(config=MODEL, telemetry_config=nowhere))

    left = bench.fails(NotTaken, bench.create, endpoint, said)

    assert "did not keep telemetry_config.inference_table_config.sampling_fraction." in str(left)


def test_once_the_service_keeps_it_the_next_run_sends_what_was_dropped():
    bench = prepared(one_amount_per_limit=True)
    said = inputs_of(bench, program(ai_gateway={"rate_limits": [limit(5, tokens=100)]}))
    left = bench.fails(NotTaken, bench.create, endpoint, said)
    bench.workspace.behaviour = Behaviour()
    bench.workspace.clear_calls()

    outputs = bench.update(endpoint, "chat", left.outputs, said)

    assert bench.sent == ["PUT serving-endpoints/chat/ai-gateway"]
    assert preview(bench, outputs, said) == Verdict()


# --- what is just made may show late -------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [{"config": MODEL}, {"config": None}, {"config": MODEL, "deploy": {"wait": "accepted"}}],
    ids=["a configuration", "none", "one that is not waited for"],
)
def test_an_endpoint_that_shows_late_is_not_taken_for_deleted(parts):
    bench = prepared(stale_seconds=40.0)

    _, outputs = created(bench, program(**parts))

    assert outputs["endpoint_id"] == bench.served()["id"]
    assert bench.clock.passed >= 40


def test_one_that_does_not_show_within_the_time_is_recorded_all_the_same():
    bench = prepared(stale_seconds=50.0)
    said = inputs_of(bench, program(config=MODEL, deploy={"timeout": "30s"}))

    left = bench.fails(StillUpdating, bench.create, endpoint, said)
    bench.clock.advance(60)
    bench.update(endpoint, "chat", left.outputs, said)

    assert "Endpoint chat is still not visible after 30s." in str(left)
    assert bench.sent == ["POST serving-endpoints"]
