"""What a gateway, or rate limits, leave behind when they are taken away."""

from __future__ import annotations

import pytest

from databricks_serving.errors import Refused
from databricks_serving_emulator import Fault
from support.context import ENDPOINTS, Bench
from support.endpoints import limit
from unit.apply.gateways import (
    AI_GATEWAY,
    ELSEWHERE,
    GATEWAY,
    OTHERS,
    PPT,
    RATE_LIMITS,
    SECTIONS,
    TABLE,
    applied_to,
    bodies,
    by_hand,
    program,
    recreate,
    served,
    there,
)

LIMITED = {"rate_limits": [limit(100)]}
GUARDED = {"guardrails": SECTIONS["guardrails"]}
TRACKED = {"usage_tracking_config": {"enabled": True}}
WEAKER = {"guardrails": OTHERS["guardrails"]}

LEFT = {
    "restore": {**TRACKED, **WEAKER},
    "clear": TRACKED,
    "keep": {**TRACKED, **LIMITED, **GUARDED},
}


@pytest.mark.parametrize("on_delete", LEFT)
def test_the_own_sections_go_as_the_program_says_and_the_others_stay(on_delete):
    said = program(**LIMITED, **GUARDED, on_delete=on_delete)
    bench, outputs = applied_to({**TRACKED, **WEAKER}, said)

    bench.delete(AI_GATEWAY, "chat", outputs)
    sent = len(bench.sent)
    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == LEFT[on_delete]
    assert [sent, len(bench.sent)] == ([0, 0] if on_delete == "keep" else [1, 1])


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("kind_of_before", ["absent", "different"])
def test_without_a_word_what_stood_there_comes_back(section, kind_of_before):
    before = {} if kind_of_before == "absent" else OTHERS
    bench, outputs = applied_to(before, program(**{section: SECTIONS[section]}))

    bench.delete(AI_GATEWAY, "chat", outputs)

    # Off, it is as good as not there: nothing has to be sent.
    assert served(bench) == before


def test_what_an_authoritative_gateway_removed_comes_back_too():
    bench, outputs = applied_to(OTHERS, program(**LIMITED, mode="authoritative"))

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == OTHERS
    assert bodies(bench) == [OTHERS]


def test_an_endpoint_that_belongs_to_databricks_gets_its_gateway_back_and_nothing_else():
    bench = Bench(foundation_models=(PPT,))
    before = bench.served(PPT)
    said = {
        "endpoint_name": PPT,
        "rate_limits": [{"calls": 0, "renewal_period": "minute"}],
        "usage_tracking_config": {"enabled": False},
    }
    outputs = bench.create(AI_GATEWAY, said).outputs

    bench.delete(AI_GATEWAY, PPT, outputs)

    assert bench.served(PPT)["ai_gateway"] == before["ai_gateway"]
    assert set(bench.sent) == {f"PUT serving-endpoints/{PPT}/ai-gateway"}


def test_rate_limits_put_back_the_limits_alone():
    others = {"rate_limits": OTHERS["rate_limits"], **WEAKER}
    bench, outputs = applied_to(others, program(**LIMITED), RATE_LIMITS)
    by_hand(bench, {**LIMITED, **GUARDED})
    bench.clock.advance(100)

    bench.delete(RATE_LIMITS, "chat", outputs)

    assert served(bench) == {"rate_limits": OTHERS["rate_limits"], **GUARDED}


def test_a_table_goes_back_to_its_place_in_two_puts():
    bench, outputs = applied_to(
        {"inference_table_config": TABLE}, program(inference_table_config=ELSEWHERE)
    )

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert bodies(bench) == [
        {"inference_table_config": {**ELSEWHERE, "enabled": False}},
        {"inference_table_config": TABLE},
    ]


def test_a_section_that_left_the_program_is_not_put_back():
    bench, outputs = applied_to(WEAKER, program(**LIMITED, **GUARDED))
    outputs = bench.update(AI_GATEWAY, "chat", outputs, program(**LIMITED))

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == GUARDED


def test_what_is_not_known_stays_and_is_named():
    bench, outputs = applied_to(GUARDED, program(**GUARDED))
    outputs = bench.update(AI_GATEWAY, "chat", outputs, program(**LIMITED, **GUARDED))

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == GUARDED
    assert bench.lines == [
        (
            "Endpoint chat: guardrails left as it is: what stood there before is not known, for "
            "the gateway was found as this stack would have written it, at least in part. Change "
            "it by hand if it is not to stay."
        )
    ]


def test_what_is_not_known_is_cleared_all_the_same_where_the_program_wants_that():
    bench, outputs = applied_to({**GUARDED, **TRACKED}, program(**GUARDED, on_delete="clear"))

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == TRACKED
    assert bench.lines == []


@pytest.mark.parametrize("on_delete", ["restore", "clear"])
def test_an_endpoint_that_is_gone_needs_nothing(on_delete):
    bench, outputs = applied_to(None, program(**LIMITED, on_delete=on_delete))
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    bench.workspace.clear_calls()

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert bench.sent == []
    assert bench.lines == ["endpoint chat is gone, and its gateway with it"]


@pytest.mark.parametrize("refreshed", [False, True])
@pytest.mark.parametrize("on_delete", ["restore", "clear"])
def test_another_endpoint_under_the_name_is_not_touched(on_delete, refreshed):
    said = program(**LIMITED, on_delete=on_delete)
    bench, outputs = applied_to(None, said)
    recreate(bench, LIMITED)
    bench.clock.advance(100)
    if refreshed:
        outputs = bench.read(AI_GATEWAY, "chat", outputs, said).outputs
    bench.workspace.clear_calls()

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert bench.sent == []
    assert served(bench) == LIMITED
    assert bench.lines == [
        (
            "Endpoint chat is not the one whose gateway this stack set: somebody deleted that and "
            "made another under its name. It was left as it is."
        )
    ]


def test_what_somebody_else_set_inside_a_section_since_is_not_lost():
    bench, outputs = applied_to(None, program(guardrails={"input": {"safety": True}}))
    by_hand(bench, {"guardrails": {"input": {"safety": True}, "output": {"safety": True}}})
    said = program(guardrails={"input": {"safety": True}}, **LIMITED)
    bench.clock.advance(100)

    bench.update(AI_GATEWAY, "chat", outputs, said)

    assert served(bench)["guardrails"] == {"input": {"safety": True}, "output": {"safety": True}}


def test_a_refusal_of_what_stood_there_is_an_error_and_the_next_run_goes_on():
    bench, outputs = applied_to(WEAKER, program(**GUARDED))
    bench.workspace.faults.add(Fault("PUT", GATEWAY, status=400, error_code="BAD_REQUEST"))

    bench.fails(Refused, bench.delete, AI_GATEWAY, "chat", outputs)
    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == WEAKER


def test_where_an_update_under_way_refuses_it_it_is_tried_again():
    bench, outputs = applied_to(WEAKER, program(**GUARDED))
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=409, error_code="RESOURCE_CONFLICT", times=2)
    )

    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == WEAKER


def test_limits_that_were_set_while_there_were_none_are_gone_afterwards():
    bench = there()
    outputs = bench.create(RATE_LIMITS, program(**LIMITED)).outputs

    bench.delete(RATE_LIMITS, "chat", outputs)

    assert "ai_gateway" not in bench.served()
