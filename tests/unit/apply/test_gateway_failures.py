"""A write of a gateway that fails: what is recorded of it, and what it costs to try again."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import LeftUnfinished, Verdict
from databricks_serving.errors import ApiError, Conflict, Interrupted, Refused
from databricks_serving_emulator import Fault
from support.endpoints import limit
from support.transports import Altered
from unit.apply.gateways import (
    AI_GATEWAY,
    ELSEWHERE,
    GATEWAY,
    OTHERS,
    PUT,
    RATE_LIMITS,
    SECTIONS,
    TABLE,
    applied_to,
    bodies,
    preview,
    program,
    served,
    there,
    up,
)
from unit.apply.said import chat

LIMITED = {"rate_limits": [limit(100)]}
GUARDED = {"guardrails": SECTIONS["guardrails"]}
BLOCKED = {"guardrails": {"input": {"safety": True, "invalid_keywords": ["war"]}}}
LESS = {"guardrails": {"input": {"safety": True}}}
#: Failures of which nobody can tell whether the write had its effect; here it had none.
UNCLEAR = {
    "busy": {"times": None},
    "broken": {"status": 500, "times": None},
    "dropped": {"drop": True, "times": None},
    "timed out": {"status": 408, "error_code": "REQUEST_TIMEOUT"},
    "throttled": {"status": 429, "error_code": "REQUEST_LIMIT_EXCEEDED", "times": None},
}
unclear = pytest.mark.parametrize("failure", UNCLEAR.values(), ids=UNCLEAR.keys())


class Inline:
    """The gateway of a `ServingEndpoint`, said and recorded as an `AiGateway` says and records."""

    @staticmethod
    def started(bench, gateway):
        said = {**chat(), "adopt": True, "ai_gateway": gateway}
        return bench.create(endpoint, said).outputs

    @staticmethod
    def up(bench, state, gateway, **more):
        said = {**chat(), "adopt": True, "ai_gateway": gateway}
        return up(bench, said, state, endpoint, **more)

    @staticmethod
    def applied(state):
        return state["__applied"]["ai_gateway"]


class Own:
    """The same by an `AiGateway`."""

    @staticmethod
    def started(bench, gateway):
        return bench.create(AI_GATEWAY, program(**gateway)).outputs

    @staticmethod
    def up(bench, state, gateway, **more):
        return up(bench, program(**gateway), state, **more)

    @staticmethod
    def applied(state):
        applied = state["__applied"]
        return {name: value for name, value in applied.items() if not name.startswith("endpoint_")}


both = pytest.mark.parametrize("way", [Inline, Own], ids=["inline", "AiGateway"])


def on_its_way(way, gateway, before=None):
    """A bench whose endpoint has that gateway from a program, and its state."""
    bench = there(before)
    state = way.started(bench, gateway)
    bench.clock.advance(120)
    bench.workspace.clear_calls()
    return bench, state


# --- what is recorded ----------------------------------------------------------------------------


@both
@unclear
def test_what_the_program_took_out_still_goes_after_a_put_without_effect(way, failure):
    bench, state = on_its_way(way, BLOCKED)
    bench.workspace.faults.add(Fault("PUT", GATEWAY, **failure))

    state, failed = way.up(bench, state, LESS)
    bench.workspace.faults.clear()
    after, _ = way.up(bench, state, LESS)

    assert isinstance(failed, LeftUnfinished)
    assert way.applied(state) == {
        "guardrails": {"input": {"safety": True, "invalid_keywords": {"war": "war"}}}
    }
    assert served(bench) == LESS
    assert way.applied(after) == LESS


def test_a_preview_after_it_names_the_change():
    bench, state = on_its_way(Own, BLOCKED)
    bench.workspace.faults.add(Fault("PUT", GATEWAY, drop=True, times=None))

    state, _ = up(bench, program(**LESS), state)

    assert preview(state, program(**LESS)) == Verdict(changed=True)


@both
@pytest.mark.parametrize("failure", [{"times": None}, {"drop": True, "times": None}])
def test_a_put_with_effect_and_without_an_answer_is_recorded_as_applied(way, failure):
    bench, state = on_its_way(way, BLOCKED)
    bench.workspace.faults.add(Fault("PUT", GATEWAY, when="after", **failure))

    state, failed = way.up(bench, state, LESS)
    bench.workspace.faults.clear()
    bench.workspace.clear_calls()
    way.up(bench, state, LESS)

    assert isinstance(failed, LeftUnfinished)
    assert way.applied(state) == LESS
    assert bench.sent == []


@both
def test_where_nothing_can_be_seen_after_it_both_writes_count_as_applied(way):
    bench, state = on_its_way(way, BLOCKED)
    new = {"guardrails": {"input": {"safety": True, "valid_topics": ["law"]}}}
    bench.workspace.faults.add(Fault("PUT", GATEWAY, when="after", times=None))

    def blind(request, answer):
        if request.method == "GET" and bench.sent:
            return httpx.Response(403, json={"error_code": "PERMISSION_DENIED", "message": "no"})
        return answer()

    transport = Altered(bench.workspace.transport(), blind)
    state, _ = way.up(bench, state, new, transport=transport)
    bench.workspace.faults.clear()
    way.up(bench, state, LESS)

    assert way.applied(state)["guardrails"]["input"] == {
        "safety": True,
        "invalid_keywords": {"war": "war"},
        "valid_topics": {"law": "law"},
    }
    assert served(bench) == LESS


@both
def test_the_refusal_of_the_second_of_two_puts_leaves_the_former_applied(way):
    bench, state = on_its_way(way, {**BLOCKED, "inference_table_config": TABLE})
    said = {**LESS, "inference_table_config": ELSEWHERE}
    bench.workspace.faults.add(Fault("PUT", GATEWAY, status=400, error_code="BAD", skip=1))

    state, failed = way.up(bench, state, said)
    shown = state["ai_gateway"] if way is Inline else state
    after, _ = way.up(bench, state, said)

    assert isinstance(failed, LeftUnfinished)
    assert shown["inference_table_config"]["enabled"] is False
    assert way.applied(state) == {
        "guardrails": {"input": {"safety": True, "invalid_keywords": {"war": "war"}}},
        "inference_table_config": TABLE,
    }
    assert served(bench) == said
    assert way.applied(after) == said


@pytest.mark.parametrize("when", ["before", "after"])
def test_ctrl_c_within_the_call_keeps_what_stood_there(when):
    bench = there({"rate_limits": OTHERS["rate_limits"]})
    bench.workspace.faults.add(Fault("PUT", GATEWAY, when=when))

    def call_off(request, answer):
        if request.method == "PUT":
            bench.clock.called_off_after = 0
        return answer()

    transport = Altered(bench.workspace.transport(), call_off)
    stopped = bench.fails(
        Interrupted, bench.create, AI_GATEWAY, program(**LIMITED), transport=transport
    )
    bench.clock.called_off_after = None
    after = bench.update(AI_GATEWAY, "chat", stopped.outputs, program(**LIMITED))
    bench.delete(AI_GATEWAY, "chat", after)

    assert stopped.outputs["__before"] == {"rate_limits": OTHERS["rate_limits"]}
    assert bodies(bench)[0] == LIMITED
    assert served(bench) == {"rate_limits": OTHERS["rate_limits"]}


def test_what_stood_there_is_kept_where_a_lost_put_is_refused_the_second_time():
    bench = there({"rate_limits": OTHERS["rate_limits"]})
    bench.workspace.faults.add(Fault("PUT", GATEWAY, when="after", drop=True))
    bench.workspace.faults.add(Fault("PUT", GATEWAY, status=409, error_code="RESOURCE_CONFLICT"))

    outputs = bench.create(AI_GATEWAY, program(**LIMITED)).outputs

    assert outputs["__before"] == {"rate_limits": OTHERS["rate_limits"]}


# --- what stood there, after a run that recorded nothing -----------------------------------------


def test_own_values_of_an_earlier_run_are_not_taken_for_what_stood_there():
    bench = there({"rate_limits": [limit(7)]})
    bench.create(AI_GATEWAY, program(**LIMITED, **GUARDED))  # killed before it was recorded
    bench.clock.advance(120)

    said = program(rate_limits=[limit(200)], **GUARDED)
    outputs = bench.create(AI_GATEWAY, said).outputs
    bench.delete(AI_GATEWAY, "chat", outputs)

    assert outputs["__before"] == {}
    assert served(bench) == {"rate_limits": [limit(200)], **GUARDED}


def test_what_was_not_there_is_known_all_the_same():
    bench = there(GUARDED)

    outputs = bench.create(AI_GATEWAY, program(**LIMITED, **GUARDED)).outputs

    assert outputs["__before"] == {"rate_limits": []}


# --- while an update is under way ----------------------------------------------------------------


def refused_while_updating(bench):
    """A workspace that takes no gateway during an update."""

    def alter(request, answer):
        updating = bench.served()["state"]["config_update"] == "IN_PROGRESS"
        if request.method == "PUT" and updating:
            refused.append(bench.clock.now())
            return httpx.Response(409, json={"error_code": "RESOURCE_CONFLICT", "message": "no"})
        return answer()

    refused = []
    return Altered(bench.workspace.transport(), alter), refused


@both
def test_during_an_update_one_put_is_refused_and_the_next_goes_when_it_has_settled(way):
    bench, state = on_its_way(way, LIMITED)
    bench.workspace.deployments.plan(seconds=900)
    bench.workspace.serving.redeploy("chat")
    transport, refused = refused_while_updating(bench)
    begun = bench.clock.now()
    more = {"rate_limits": [limit(200)]}

    _, failed = way.up(bench, state, more, transport=transport)

    assert failed is None
    assert len(refused) <= 1
    assert 900 <= bench.clock.now() - begun <= 915
    assert served(bench) == more


@both
def test_refusals_without_an_update_stay_within_the_budget_of_writes(way):
    bench, state = on_its_way(way, LIMITED)
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=409, error_code="RESOURCE_CONFLICT", times=None)
    )

    bench_sent_at = []
    transport = Altered(
        bench.workspace.transport(),
        lambda request, answer: (
            bench_sent_at.append(bench.clock.now()) if request.method == "PUT" else None,
            answer(),
        )[1],
    )
    _, failed = way.up(bench, state, {"rate_limits": [limit(200)]}, transport=transport)

    assert isinstance(failed, Conflict)
    windows = [sum(at <= other < at + 300 for other in bench_sent_at) for at in bench_sent_at]
    assert max(windows) <= 50


# --- deleting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [AI_GATEWAY, RATE_LIMITS], ids=["AiGateway", "RateLimits"])
@pytest.mark.parametrize("status", [400, 403])
def test_where_the_service_refuses_what_stood_there_the_error_names_the_ways_out(kind, status):
    bench, outputs = applied_to({"rate_limits": [limit(7)]}, program(**LIMITED), kind)
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=status, error_code="X", message="no such user", times=None)
    )

    refused = bench.fails(Refused, bench.delete, kind, "chat", outputs)

    assert "no such user" in str(refused)
    assert 'on_delete="keep" and run `pulumi up` once' in str(refused)
    assert "`pulumi state delete" in str(refused)


def test_trouble_of_the_service_is_no_refusal_and_names_no_way_out():
    bench, outputs = applied_to({"rate_limits": [limit(7)]}, program(**LIMITED))
    bench.workspace.faults.add(Fault("PUT", GATEWAY, status=500, times=None))

    failed = bench.fails(ApiError, bench.delete, AI_GATEWAY, "chat", outputs)

    assert "on_delete" not in str(failed)
    assert set(bench.sent) == {PUT}
