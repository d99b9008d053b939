"""A run ends at any call, in any way: the next one does exactly what is left."""

from __future__ import annotations

from contextlib import suppress

import pytest

from databricks_serving.apply.context import Verdict
from databricks_serving.apply.turns import Turns
from databricks_serving_emulator import Fault
from support.context import CANARY
from support.endpoints import limit
from support.transports import Altered
from unit.apply.gateways import (
    AI_GATEWAY,
    ELSEWHERE,
    GATEWAY,
    OTHERS,
    RATE_LIMITS,
    SECTIONS,
    TABLE,
    bodies,
    preview,
    program,
    served,
    there,
    up,
)

LIMITED = {"rate_limits": [limit(100)]}
FOREIGN = {**OTHERS, "inference_table_config": TABLE}
PROGRAMS = {
    "a section": (AI_GATEWAY, program(guardrails=SECTIONS["guardrails"])),
    "several sections": (
        AI_GATEWAY,
        # The table stands there as said: one section as the program says it, and nothing is known.
        program(**{s: value for s, value in SECTIONS.items() if s != "inference_table_config"}),
    ),
    "a table that moves": (
        AI_GATEWAY,
        program(inference_table_config=ELSEWHERE, guardrails=SECTIONS["guardrails"]),
    ),
    "authoritative": (AI_GATEWAY, program(mode="authoritative", **LIMITED)),
    "rate limits": (RATE_LIMITS, program(**LIMITED)),
}
programs = pytest.mark.parametrize(("kind", "said"), PROGRAMS.values(), ids=PROGRAMS.keys())


class Killed(BaseException):
    """The process is gone: nothing more is recorded."""


def killed(bench, verb, *args, nth, when):
    """Run a verb in a process that is killed in its `nth` call, before or after its effect."""
    with suppress(Killed):
        verb(*args, transport=_ending(bench, nth, when))
    bench.turns = Turns()  # what it remembered is gone with it


def _ending(bench, nth, when):
    left = iter(range(nth, -1, -1))

    def alter(_, answer):
        last = next(left, 0) == 1
        if last and when == "before":
            raise Killed
        answered = answer()
        if last:
            raise Killed
        return answered

    return Altered(bench.workspace.transport(), alter)


def wanted(said, before):
    """The gateway that a program leads to."""
    own = {name: value for name, value in said.items() if name not in ("endpoint_name", "mode")}
    return own if said.get("mode") == "authoritative" else {**before, **own}


def as_json(sections):
    return {name: sections[name] for name in sorted(sections)}


@programs
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 6))
def test_a_create_that_is_killed_at_any_call_is_finished_by_the_next(kind, said, nth, when):
    bench = there(FOREIGN)
    whole = there(FOREIGN)
    whole.create(kind, said)
    killed(bench, bench.create, kind, said, nth=nth, when=when)

    outputs, failed = up(bench, said, None, kind)

    assert failed is None
    assert as_json(served(bench)) == as_json(wanted(said, FOREIGN))
    assert bodies(bench) == bodies(whole)
    assert preview(outputs, said, kind) == Verdict()


@programs
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 6))
def test_after_a_kill_what_we_wrote_never_counts_as_what_stood_there(kind, said, nth, when):
    bench = there(FOREIGN)
    killed(bench, bench.create, kind, said, nth=nth, when=when)

    outputs, _ = up(bench, said, None, kind)

    before = outputs["__before"]
    assert before == {
        name: FOREIGN.get(name, [] if name == "rate_limits" else {}) for name in before
    }


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 6))
def test_an_update_that_is_killed_at_any_call_is_finished_by_the_next(nth, when):
    first = program(**LIMITED)
    second = program(rate_limits=[limit(200)], inference_table_config=ELSEWHERE)
    bench = there(FOREIGN)
    state = bench.create(AI_GATEWAY, first).outputs
    bench.workspace.clear_calls()
    killed(bench, bench.update, AI_GATEWAY, "chat", state, second, nth=nth, when=when)

    outputs, failed = up(bench, second, state)

    off = {**FOREIGN, **LIMITED, "inference_table_config": {**TABLE, "enabled": False}}
    on = wanted(second, FOREIGN)
    assert failed is None
    assert bodies(bench) == [off, on]
    assert outputs["__before"]["rate_limits"] == FOREIGN["rate_limits"]
    assert outputs["__before"].get("inference_table_config", TABLE) == TABLE
    assert preview(outputs, second) == Verdict()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 6))
def test_a_delete_that_is_killed_at_any_call_is_finished_by_the_next(nth, when):
    bench = there(FOREIGN)
    state = bench.create(AI_GATEWAY, program(**{**SECTIONS, "inference_table_config": ELSEWHERE}))
    bench.workspace.clear_calls()
    killed(bench, bench.delete, AI_GATEWAY, "chat", state.outputs, nth=nth, when=when)

    bench.delete(AI_GATEWAY, "chat", state.outputs)

    assert served(bench) == FOREIGN
    assert len(bodies(bench)) == 2


FAILURES = {
    "refused": {"status": 400, "error_code": "BAD_REQUEST"},
    "broken-before": {"status": 500},
    "broken-after": {"status": 500, "when": "after"},
    "busy-after": {"status": 503, "when": "after"},
    "broken-after-for-long": {"status": 500, "when": "after", "times": None},
    "dropped-before": {"drop": True},
    "dropped-for-long": {"drop": True, "times": None},
    "dropped-after": {"drop": True, "when": "after"},
    "dropped-after-for-long": {"drop": True, "when": "after", "times": None},
}


@programs
@pytest.mark.parametrize("failure", FAILURES)
def test_after_any_failure_of_a_put_the_next_run_converges_and_still_knows_what_stood_there(
    kind, said, failure
):
    bench = there(FOREIGN)
    bench.workspace.faults.add(Fault("PUT", GATEWAY, **FAILURES[failure]))

    state, _ = up(bench, said, None, kind)
    bench.workspace.faults.clear()
    state, failed = up(bench, said, state, kind)
    bench.workspace.clear_calls()
    again, _ = up(bench, said, state, kind)

    assert failed is None
    assert CANARY not in str(failed)
    assert as_json(served(bench)) == as_json(wanted(said, FOREIGN))
    assert bench.sent == []
    assert preview(again, said, kind) == Verdict()
    bench.delete(kind, "chat", again)
    assert as_json(served(bench)) == as_json(FOREIGN)


@pytest.mark.parametrize("nth", range(1, 4))
def test_looks_that_fail_do_no_harm_either(nth):
    bench = there(FOREIGN)
    said = program(**LIMITED)
    bench.workspace.faults.add(
        Fault("GET", "/api/2.0/serving-endpoints/chat", status=500, skip=nth - 1)
    )

    state, _ = up(bench, said, None)
    state, _ = up(bench, said, state)
    bench.workspace.faults.clear()
    state, failed = up(bench, said, state)

    assert failed is None
    assert len(bodies(bench)) == 1
    assert state["__before"] == {"rate_limits": FOREIGN["rate_limits"]}
