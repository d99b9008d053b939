"""Several resources set sections of one gateway: none undoes another."""

from __future__ import annotations

import threading

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving_emulator import Behaviour
from support.endpoints import limit
from unit.apply.gateways import (
    AI_GATEWAY,
    OTHERS,
    RATE_LIMITS,
    SECTIONS,
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
TRACKED = {"usage_tracking_config": {"enabled": True}}

late = pytest.mark.parametrize("seconds", [0, 40], ids=["at once", "shown late"])


@late
def test_neither_of_two_resources_undoes_the_other(seconds):
    bench = there(TRACKED, behaviour=Behaviour(gateway_seconds=seconds))

    guards = bench.create(AI_GATEWAY, program(**GUARDED)).outputs
    limits = bench.create(RATE_LIMITS, program(**LIMITED)).outputs
    bench.update(AI_GATEWAY, "chat", guards, program(guardrails=OTHERS["guardrails"]))
    bench.delete(RATE_LIMITS, "chat", limits)

    assert bodies(bench) == [
        {**TRACKED, **GUARDED},
        {**TRACKED, **GUARDED, **LIMITED},
        {**TRACKED, **LIMITED, "guardrails": OTHERS["guardrails"]},
        {**TRACKED, "guardrails": OTHERS["guardrails"]},
    ]


@late
def test_what_another_resource_has_just_set_is_what_stood_there_before(seconds):
    bench = there(behaviour=Behaviour(gateway_seconds=seconds))
    bench.create(AI_GATEWAY, program(**GUARDED))

    outputs = bench.create(AI_GATEWAY, program(**LIMITED, mode="authoritative")).outputs

    assert outputs["__before"]["guardrails"] == GUARDED["guardrails"]
    assert served(bench) == LIMITED


@late
def test_an_endpoint_and_its_rate_limits_do_not_undo_each_other(seconds):
    bench = there(behaviour=Behaviour(gateway_seconds=seconds))
    said = {**chat(), "adopt": True, "ai_gateway": GUARDED}
    outputs = bench.create(endpoint, said).outputs
    limits = bench.create(RATE_LIMITS, program(**LIMITED)).outputs

    stronger = {"guardrails": {"input": {"safety": True, "pii": {"behavior": "MASK"}}}}
    bench.update(endpoint, "chat", outputs, {**said, "ai_gateway": stronger})

    assert served(bench) == {**stronger, **LIMITED}
    assert preview(limits, program(**LIMITED), RATE_LIMITS) == Verdict()


@late
def test_many_at_once_all_take_effect(seconds):
    bench = there(behaviour=Behaviour(gateway_seconds=seconds))
    kinds = dict.fromkeys(SECTIONS, AI_GATEWAY) | {"rate_limits": RATE_LIMITS}
    start = threading.Barrier(len(SECTIONS))
    failures = []

    def run(section):
        said = program(**{section: SECTIONS[section]})
        try:
            start.wait(timeout=10)
            state, failed = up(bench, said, None, kinds[section])
            assert failed is None
            bench.delete(kinds[section], "chat", state)
            bench.create(kinds[section], said)
        except Exception as failed:  # noqa: BLE001 - told by the test's own thread
            failures.append(failed)

    threads = [threading.Thread(target=run, args=(section,)) for section in SECTIONS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert served(bench) == SECTIONS
    assert len(bodies(bench)) == 3 * len(SECTIONS)
