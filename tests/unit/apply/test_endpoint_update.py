"""Updates: what is sent, in which order, and what is left after a failure."""

from __future__ import annotations

import json
from functools import partial

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Stack
from databricks_serving.errors import Conflict, InvalidRequest, NotTaken, Refused, Unavailable
from databricks_serving_emulator import Fault
from support.context import ENDPOINTS, Bench, wired
from support.transports import Altered
from unit.apply.said import LIMIT, chat, churn, gpt

CONFIG, TAGS, GATEWAY = (f"{ENDPOINTS}/chat/{part}" for part in ("config", "tags", "ai-gateway"))
FIRST = chat(churn(), tags={"team": "a"}, ai_gateway={"rate_limits": [LIMIT]})
SECOND = chat(churn("2"), tags={"team": "b"}, ai_gateway={"rate_limits": [{**LIMIT, "calls": 200}]})


def started(said=FIRST, **switches):
    """A bench with the endpoint of `said`, its calls forgotten, and the outputs."""
    bench = Bench(**switches)
    bench.workspace.deployments.plan(polls=1)
    recorded = bench.create(endpoint, said).outputs
    bench.workspace.clear_calls()
    return bench, recorded


def test_an_update_sends_tags_then_the_configuration_then_the_gateway():
    bench, recorded = started()

    bench.update(endpoint, "chat", recorded, SECOND)

    assert [(call.method, call.path, call.body) for call in bench.workspace.writes] == [
        ("PATCH", TAGS, {"add_tags": [{"key": "team", "value": "b"}]}),
        ("PUT", CONFIG, {"served_entities": [churn("2")]}),
        ("PUT", GATEWAY, {"rate_limits": [{**LIMIT, "calls": 200}]}),
    ]


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({}, []),
        ({"tags": {"team": "b"}}, ["PATCH serving-endpoints/chat/tags"]),
        ({"tags": {}}, ["PATCH serving-endpoints/chat/tags"]),
        ({"ai_gateway": {"rate_limits": []}}, ["PUT serving-endpoints/chat/ai-gateway"]),
        (
            {"config": {"served_entities": [churn("2")]}},
            ["PUT serving-endpoints/chat/config"],
        ),
        ({"deploy": {"timeout": "3h"}}, []),
        ({"deploy": {"redeploy_on": ["rotated"]}}, ["PUT serving-endpoints/chat/config"]),
    ],
)
def test_only_what_differs_is_sent(change, sent):
    bench, recorded = started()

    outputs = bench.update(endpoint, "chat", recorded, {**FIRST, **change})

    assert bench.sent == sent
    bench.workspace.clear_calls()
    bench.update(endpoint, "chat", outputs, {**FIRST, **change})
    assert bench.sent == []


def test_a_change_of_settings_alone_is_taken_over():
    bench, recorded = started()

    outputs = bench.update(endpoint, "chat", recorded, {**FIRST, "deploy": {"timeout": "3h"}})

    assert outputs["deploy"] == {"timeout": "3h"}
    assert outputs["__key"] == recorded["__key"]
    assert outputs["__applied"] == recorded["__applied"]


def guarded(**more):
    guardrails = {"input": {"pii": {"behavior": "BLOCK"}, **more}}
    return chat(churn(), ai_gateway={"guardrails": guardrails})


def test_a_default_that_the_program_comes_to_say_is_recorded_and_looked_at_from_then_on():
    bench, recorded = started(guarded())
    spelled = guarded(safety=False)
    newly = endpoint.diff(wired(recorded), spelled, Stack())
    outputs = bench.update(endpoint, "chat", recorded, spelled)
    sent = bench.sent
    bench.workspace.ui("PUT", GATEWAY, guarded(safety=True)["ai_gateway"])

    seen = bench.read(endpoint, "chat", outputs, spelled).outputs

    assert (newly.changed, sent) == (True, [])
    assert not endpoint.diff(wired(outputs), spelled, Stack()).changed
    assert endpoint.diff(wired(seen), spelled, Stack()).changed


def test_a_part_that_stops_being_managed_is_left_as_it_is():
    bench, recorded = started()

    outputs = bench.update(endpoint, "chat", recorded, chat(churn()))

    assert bench.sent == []
    assert bench.served()["ai_gateway"] == {"rate_limits": [LIMIT]}
    assert sorted(outputs["__applied"]) == ["config", "endpoint_id", "name"]
    assert "tags" not in outputs


def test_a_rotated_credential_is_sent_and_nothing_else():
    bench, recorded = started(chat(tags={"team": "a"}))

    rotated = chat(tags={"team": "a"}, credential="sk-rotated")
    outputs = bench.update(endpoint, "chat", recorded, rotated)

    (call,) = bench.workspace.writes
    config = call.body["served_entities"][0]["external_model"]["openai_config"]
    assert (call.path, config) == (CONFIG, {"openai_api_key_plaintext": "sk-rotated"})
    assert "sk-rotated" not in json.dumps(outputs)


def test_an_endpoint_that_was_deleted_outside_is_created_again():
    bench, recorded = started()
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")

    outputs = bench.update(endpoint, "chat", recorded, FIRST)

    assert bench.sent == ["POST serving-endpoints"]
    assert outputs["endpoint_id"] != recorded["endpoint_id"]


def test_an_endpoint_that_never_had_a_configuration_gets_it_by_put():
    bench, recorded = started({"name": "chat"})

    outputs = bench.update(endpoint, "chat", recorded, chat(churn()))

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert outputs["state"]["ready"] == "READY"


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_where_the_answer_of_a_write_is_lost_the_update_goes_through(method):
    bench, recorded = started()
    bench.workspace.faults.add(Fault(method, drop=True, when="after"))

    outputs = bench.update(endpoint, "chat", recorded, SECOND)

    assert outputs["tags"] == {"team": "b"}
    assert bench.served()["config"]["served_entities"][0]["entity_version"] == "2"


def test_a_repeated_put_that_meets_its_own_update_waits_for_it():
    bench, recorded = started()
    bench.workspace.deployments.plan(seconds=600)
    bench.workspace.faults.add(Fault("PUT", CONFIG, drop=True, when="after"))

    outputs = bench.update(endpoint, "chat", recorded, {**FIRST, "config": SECOND["config"]})

    assert [call.status for call in bench.workspace.writes] == [0, 409]
    assert outputs["config_version"] == 2


def test_an_update_that_somebody_starts_at_the_same_moment_is_waited_for():
    bench, recorded = started()

    def sneaked_in(request, answer):
        if request.method == "PUT" and not bench.workspace.ui_calls:
            bench.workspace.ui("PUT", CONFIG, {"served_entities": [churn("9")]})
        return answer()

    transport = Altered(bench.workspace.transport(), sneaked_in)
    said = {**FIRST, "config": SECOND["config"]}

    outputs = bench.update(endpoint, "chat", recorded, said, transport=transport)

    assert [call.status for call in bench.workspace.writes] == [409, 200]
    assert outputs["config_version"] == 3


def test_a_conflict_without_end_is_an_error_when_the_time_is_up():
    bench, recorded = started()
    conflict = Fault("PUT", CONFIG, status=409, error_code="RESOURCE_CONFLICT", times=None)
    bench.workspace.faults.add(conflict)
    said = {**FIRST, "config": SECOND["config"], "deploy": {"timeout": "5m"}}

    bench.fails(Conflict, bench.update, endpoint, "chat", recorded, said)

    assert bench.clock.seconds - recorded["last_updated_timestamp"] / 1000 >= 300
    assert set(bench.sent) == {"PUT serving-endpoints/chat/config"}


@pytest.mark.parametrize(
    ("broken", "written", "left"),
    [
        (TAGS, None, ["tags", "config", "ai-gateway"]),
        (CONFIG, ["tags"], ["config", "ai-gateway"]),
        (GATEWAY, ["tags", "config"], ["ai-gateway"]),
    ],
)
def test_after_a_failure_what_was_written_is_recorded_and_the_next_run_does_the_rest(
    broken, written, left
):
    bench, recorded = started()
    bench.workspace.faults.add(Fault(path=broken, status=400, error_code="BAD_REQUEST"))

    failed = bench.fails(InvalidRequest, bench.update, endpoint, "chat", recorded, SECOND)
    bench.workspace.clear_calls()
    after = recorded if written is None else failed.outputs
    outputs = bench.update(endpoint, "chat", after, SECOND)

    assert [path.rpartition("/")[2] for path in bench.sent] == left
    assert outputs["ai_gateway"] == {"rate_limits": [{**LIMIT, "calls": 200}]}


def test_what_is_recorded_after_a_failure_is_what_was_written():
    bench, recorded = started()
    bench.workspace.faults.add(Fault(path=GATEWAY, status=400, error_code="BAD_REQUEST"))

    failed = bench.fails(InvalidRequest, bench.update, endpoint, "chat", recorded, SECOND)

    assert failed.name == "chat"
    assert failed.outputs["__applied"] == {
        "name": "chat",
        "config": {"served_entities": {"churn": churn("2")}},
        "tags": {"team": "b"},
        "ai_gateway": {"rate_limits": {"user": LIMIT}},
        "endpoint_id": recorded["endpoint_id"],
    }
    assert failed.outputs["config"] == {"served_entities": [churn("2")]}
    assert failed.outputs["ai_gateway"] == {"rate_limits": [LIMIT]}
    assert failed.outputs["__key"] == recorded["__key"]


def test_a_look_that_fails_after_a_failure_is_said_and_takes_nothing_away():
    bench, recorded = started()
    bench.workspace.faults.add(Fault("PUT", GATEWAY, status=500))
    said = {**FIRST, "tags": {"team": "b"}, "ai_gateway": {"rate_limits": []}}

    def gone_dark(request, answer):
        dark = request.method == "GET" and GATEWAY in [c.path for c in bench.workspace.calls]
        return httpx.Response(500) if dark else answer()

    transport = Altered(bench.workspace.transport(), gone_dark)

    left = bench.fails(
        Unavailable, bench.update, endpoint, "chat", recorded, said, transport=transport
    )

    assert left.outputs["__applied"]["tags"] == {"team": "b"}
    assert left.outputs["endpoint_id"] == recorded["endpoint_id"]
    assert bench.lines[-1].startswith("what became of endpoint chat could not be read: GET")


def without_limits(request, answer, *, told):
    """A service that takes limits and does not keep them. told: the answer of the PUT says so."""
    given = answer()
    if request.url.path.endswith("/chat/ai-gateway"):
        kept = {"usage_tracking_config": {"enabled": False}}
        return httpx.Response(200, json=kept if told else {})
    if request.method != "GET" or not request.url.path.endswith("/chat") or given.is_error:
        return given
    body = json.loads(given.content)
    body.pop("ai_gateway", None)
    return httpx.Response(200, json=body)


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        pytest.param(True, 0, 5, id="the answer of the PUT decides"),
        pytest.param(False, 60, 75, id="an answer without a gateway leaves it to GET"),
    ],
)
def test_a_field_that_the_service_drops_fails_the_update_and_is_named(told, least, most):
    bench, recorded = started(chat(churn()))
    alter = partial(without_limits, told=told)
    transport = Altered(bench.workspace.transport(), alter)
    before = bench.clock.passed
    said = chat(churn(), ai_gateway={"rate_limits": [LIMIT]})

    left = bench.fails(
        NotTaken, bench.update, endpoint, "chat", recorded, said, transport=transport
    )

    assert "did not keep ai_gateway.rate_limits.user.calls" in str(left)
    assert least <= bench.clock.passed - before < most
    assert left.outputs["__applied"]["ai_gateway"] == {"rate_limits": {"user": LIMIT}}


def test_a_field_that_shows_late_is_waited_for():
    bench, recorded = started(chat(churn()))
    shows_at = bench.clock.now() + 40

    def late(request, answer):
        shows = bench.clock.now() > shows_at
        return answer() if shows else without_limits(request, answer, told=False)

    transport = Altered(bench.workspace.transport(), late)
    said = chat(churn(), ai_gateway={"rate_limits": [LIMIT]})

    outputs = bench.update(endpoint, "chat", recorded, said, transport=transport)

    assert outputs["ai_gateway"] == {"rate_limits": [LIMIT]}
    assert bench.sent == ["PUT serving-endpoints/chat/ai-gateway"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(chat(churn(), description="new"), id="description"),
        pytest.param(chat(gpt()), id="other-kind"),
        pytest.param(chat(churn(), route_optimized=True), id="route-optimized"),
    ],
)
def test_what_no_call_changes_is_refused_before_any_write(said):
    bench, recorded = started(chat(churn(), description="old"))

    bench.fails(Refused, bench.update, endpoint, "chat", recorded, {**said, "tags": {"a": "b"}})

    assert bench.sent == []
