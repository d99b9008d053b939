"""Every write of an endpoint with all parts fails; the next run does exactly what is left."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import LeftUnfinished, Verdict
from databricks_serving.errors import InvalidRequest
from databricks_serving_emulator import Fault
from support.context import ENDPOINTS
from support.endpoints import config, limit, program, registered, units
from support.ups import inputs_of, prepared, preview, up

CHAT = f"{ENDPOINTS}/chat"


def whole(entity, word, calls, **more):
    """A program that says all that an endpoint has, in words of its own."""
    return program(
        config=config(entity),
        tags={"team": word},
        email_notifications={"on_update_failure": [f"{word}@example.com"]},
        ai_gateway={"rate_limits": [limit(calls)], "guardrails": {"input": {"safety": calls > 1}}},
        **more,
    )


def logs(word):
    return {"telemetry_config": {"table_names": {"logs_table": f"main.ml.{word}"}}}


MODEL = (
    whole(registered(), "a", 1, **logs("a")),
    whole(registered(entity_version="2"), "b", 2, **logs("b")),
)
UNITS = (whole(units(), "a", 1), whole(units(provisioned_model_units=100), "b", 2))

TAGS = ("PATCH", f"{CHAT}/tags", "tags")
MAILS = ("PATCH", f"{CHAT}/notifications", "email_notifications")
GATEWAY = ("PUT", f"{CHAT}/ai-gateway", "ai_gateway")
#: The writes of a change, in their order: the call, and the part that it writes.
CHANGE = {
    "model": (
        TAGS,
        MAILS,
        ("PUT", f"{CHAT}/config", "config"),
        GATEWAY,
        ("PATCH", f"{CHAT}/telemetry-config", "telemetry_config"),
    ),
    "units": (TAGS, MAILS, ("PUT", f"{ENDPOINTS}/pt/chat/config", "config"), GATEWAY),
}
CREATE = {"model": ("POST", ENDPOINTS), "units": ("POST", f"{ENDPOINTS}/pt")}
PROGRAMS = {"model": MODEL, "units": UNITS}
FAILURES = {
    "refused": {"status": 400, "error_code": "BAD_REQUEST"},
    "broken-before": {"status": 500, "times": 3},
    "broken-after": {"status": 500, "when": "after", "times": 3},
    "busy-after": {"status": 503, "when": "after"},
    "dropped-before": {"drop": True},
    "dropped-for-long": {"drop": True, "times": 3},
    "dropped-after": {"drop": True, "when": "after"},
}
SENT_AGAIN = ("busy-after", "dropped-before", "dropped-after")

CHANGES = [
    pytest.param(kind, nth, id=f"{kind}-{part}")
    for kind, writes in CHANGE.items()
    for nth, (_, _, part) in enumerate(writes)
]
each_change = pytest.mark.parametrize(("kind", "nth"), CHANGES)
each_failure = pytest.mark.parametrize("failure", FAILURES)


def started(kind):
    """A bench with the first program's endpoint, its outputs, and the second one's inputs."""
    bench = prepared()
    first, second = (inputs_of(bench, said) for said in PROGRAMS[kind])
    state, _ = up(bench, first, None)
    bench.workspace.clear_calls()
    return bench, state, second


def converged(bench, state, inputs):
    """Whether nothing is left: for a preview, for a refresh and for another run."""
    bench.workspace.clear_calls()
    reading = bench.read(endpoint, "chat", state, inputs)
    after, failed = up(bench, inputs, reading.outputs)
    shown = [preview(bench, one, inputs) for one in (state, reading.outputs, after)]
    return (failed, bench.sent, shown) == (None, [], [Verdict()] * 3)


@each_failure
@pytest.mark.parametrize("kind", PROGRAMS)
def test_after_a_failure_of_the_create_the_next_runs_converge(kind, failure):
    bench = prepared()
    first, second = (inputs_of(bench, said) for said in PROGRAMS[kind])
    bench.workspace.faults.add(Fault(*CREATE[kind], **FAILURES[failure]))

    state = None
    for inputs in (first, first, first, first, second):
        state, _ = up(bench, inputs, state)

    assert converged(bench, state, second)


@each_failure
@each_change
def test_after_a_failure_of_a_change_the_next_runs_converge(kind, nth, failure):
    bench, state, second = started(kind)
    method, path, _ = CHANGE[kind][nth]
    bench.workspace.faults.add(Fault(method, path, **FAILURES[failure]))

    for _ in range(2):
        state, _ = up(bench, second, state)

    assert converged(bench, state, second)


@each_failure
@each_change
def test_a_second_run_never_repeats_a_write_that_was_recorded(kind, nth, failure):
    bench, state, second = started(kind)
    method, path, _ = CHANGE[kind][nth]
    bench.workspace.faults.add(Fault(method, path, **FAILURES[failure]))

    state, failed = up(bench, second, state)
    done = {call.path for call in bench.workspace.writes if call.status == 200}
    bench.workspace.clear_calls()
    up(bench, second, state)

    assert done.isdisjoint(call.path for call in bench.workspace.writes)
    assert (failed is None) is (failure in SENT_AGAIN)


@each_change
def test_after_a_refusal_the_next_run_does_what_comes_after_it(kind, nth):
    bench, state, second = started(kind)
    before = dict(state["__applied"])
    writes = CHANGE[kind]
    bench.workspace.faults.add(Fault(*writes[nth][:2], status=400, error_code="BAD_REQUEST"))

    state, failed = up(bench, second, state)
    recorded = [part for _, _, part in writes if state["__applied"][part] != before[part]]
    bench.workspace.clear_calls()
    up(bench, second, state)

    assert isinstance(failed, LeftUnfinished if nth else InvalidRequest)
    assert recorded == [part for _, _, part in writes[:nth]]
    assert [(c.method, c.path) for c in bench.workspace.writes] == [w[:2] for w in writes[nth:]]


@pytest.mark.parametrize("nth", range(1, 12))
@pytest.mark.parametrize("kind", PROGRAMS)
def test_looks_that_fail_do_no_harm_either(kind, nth):
    bench, state, second = started(kind)
    bench.workspace.faults.add(Fault("GET", CHAT, status=500, skip=nth - 1, times=3))

    for _ in range(3):
        state, _ = up(bench, second, state)
    sent = [(call.method, call.path) for call in bench.workspace.writes]
    bench.workspace.faults.clear()

    assert sent == [write[:2] for write in CHANGE[kind]]
    assert converged(bench, state, second)


def test_a_table_that_was_switched_off_and_did_not_move_is_moved_by_the_next_run():
    bench = prepared()
    table = {"enabled": True, "catalog_name": "main", "schema_name": "ml"}
    first, second = (
        inputs_of(
            bench,
            program(ai_gateway={"inference_table_config": {**table, "schema_name": schema}}),
        )
        for schema in ("ml", "audit")
    )
    state, _ = up(bench, first, None)
    bench.workspace.clear_calls()
    bench.workspace.faults.add(Fault(*GATEWAY[:2], skip=1, status=400, error_code="BAD_REQUEST"))

    state, failed = up(bench, second, state)
    off = bench.served()["ai_gateway"]["inference_table_config"]["enabled"]
    bench.workspace.clear_calls()
    state, _ = up(bench, second, state)

    assert (failed is None, off) == (False, False)
    assert bench.sent == ["PUT serving-endpoints/chat/ai-gateway"]
    assert converged(bench, state, second)
