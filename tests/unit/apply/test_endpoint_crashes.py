"""Every write of a small scenario fails in every way; the next run does exactly what is left."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Fault
from support.context import CANARY, ENDPOINTS, MARK, Bench
from support.ups import up
from unit.apply.said import LIMIT, chat, gpt

FIRST = chat(gpt(), tags={"team": "a"}, ai_gateway={"rate_limits": [LIMIT]})
SECOND = chat(
    gpt(model="gpt-5"),
    tags={"team": "b", "tier": "1"},
    ai_gateway={"rate_limits": [{**LIMIT, "calls": 200}]},
)
WRITES = {
    "post": ("POST", ENDPOINTS),
    "tags": ("PATCH", f"{ENDPOINTS}/chat/tags"),
    "config": ("PUT", f"{ENDPOINTS}/chat/config"),
    "gateway": ("PUT", f"{ENDPOINTS}/chat/ai-gateway"),
}
FAILURES = {
    "refused": {"status": 400, "error_code": "BAD_REQUEST"},
    "broken-before": {"status": 500, "times": 3},
    "broken-after": {"status": 500, "when": "after", "times": 3},
    "busy-after": {"status": 503, "when": "after"},
    "dropped-before": {"drop": True},
    "dropped-for-long": {"drop": True, "times": 3},
    "dropped-after": {"drop": True, "when": "after"},
}
LOOKS = ("GET", f"{ENDPOINTS}/chat")


def shown(bench):
    served = bench.served()
    entity = served["config"]["served_entities"][0]
    return (
        entity["external_model"]["name"],
        {tag["key"]: tag["value"] for tag in served["tags"]},
        served["ai_gateway"]["rate_limits"],
        served["state"]["config_update"],
    )


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("write", WRITES)
def test_after_any_failure_the_next_runs_converge(write, failure):
    bench = Bench()
    method, path = WRITES[write]
    bench.workspace.faults.add(Fault(method, path, **FAILURES[failure]))

    state = None
    for said in (FIRST, FIRST, SECOND, SECOND):
        state, failed = up(bench, said, state)
        assert CANARY not in str(failed)
    bench.workspace.clear_calls()
    _, failed = up(bench, SECOND, state)

    assert failed is None
    assert bench.sent == []
    assert shown(bench) == (
        "gpt-5",
        {"managed-by-pulumi": MARK, "team": "b", "tier": "1"},
        [{**LIMIT, "calls": 200}],
        "NOT_UPDATING",
    )


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("write", ["tags", "config", "gateway"])
def test_a_second_run_never_repeats_a_write_that_was_recorded(write, failure):
    bench = Bench()
    state, _ = up(bench, FIRST, None)
    method, path = WRITES[write]
    bench.workspace.faults.add(Fault(method, path, **FAILURES[failure]))
    bench.workspace.clear_calls()

    state, failed = up(bench, SECOND, state)
    done = {call.path for call in bench.workspace.writes if call.status == 200}
    bench.workspace.clear_calls()
    up(bench, SECOND, state)

    assert done.isdisjoint(call.path for call in bench.workspace.writes)
    assert (failed is None) is (failure in ("busy-after", "dropped-before", "dropped-after"))


@pytest.mark.parametrize("nth", range(1, 10))
def test_looks_that_fail_do_no_harm_either(nth):
    bench = Bench()
    state, _ = up(bench, FIRST, None)
    bench.workspace.clear_calls()
    bench.workspace.faults.add(Fault(*LOOKS, status=500, skip=nth - 1, times=3))

    for _ in range(3):
        state, _ = up(bench, SECOND, state)
    bench.workspace.faults.clear()
    _, failed = up(bench, SECOND, state)

    assert failed is None
    assert shown(bench)[0] == "gpt-5"
    assert bench.sent == [
        "PATCH serving-endpoints/chat/tags",
        "PUT serving-endpoints/chat/config",
        "PUT serving-endpoints/chat/ai-gateway",
    ]
