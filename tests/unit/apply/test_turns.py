"""One at a time: the memory of a turn, and how a wait for it ends."""

from __future__ import annotations

import threading

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.turns import Turn
from databricks_serving.errors import Interrupted
from databricks_serving_emulator import Behaviour
from databricks_serving_schema import parse_endpoint_answer
from support.clock import FakeClock
from support.context import WORKSPACE_ID
from support.endpoints import answer, limit
from unit.apply.gateways import (
    AI_GATEWAY,
    OTHERS,
    RATE_LIMITS,
    SECTIONS,
    by_hand,
    program,
    served,
    there,
)
from unit.apply.said import chat

LIMITED = {"rate_limits": [limit(100)]}
GUARDED = {"guardrails": SECTIONS["guardrails"]}
TRACKED = {"usage_tracking_config": {"enabled": True}}

# --- what was written a moment ago ---------------------------------------------------------------


def test_an_edit_outside_right_after_a_write_is_not_undone_by_the_next_resource():
    bench = there()
    bench.create(RATE_LIMITS, program(**LIMITED))
    by_hand(bench, {**LIMITED, **TRACKED})
    bench.clock.advance(10)

    bench.create(AI_GATEWAY, program(**GUARDED))

    assert served(bench) == {**LIMITED, **TRACKED, **GUARDED}


def test_nor_by_the_next_write_of_the_endpoint_itself():
    bench = there()
    said = {**chat(), "adopt": True, "ai_gateway": GUARDED}
    outputs = bench.create(endpoint, said).outputs
    by_hand(bench, {**GUARDED, **TRACKED})
    weaker = {"guardrails": OTHERS["guardrails"]}

    bench.update(endpoint, "chat", outputs, {**said, "ai_gateway": weaker})

    assert served(bench) == {**weaker, **TRACKED}


@pytest.mark.parametrize("pause", [0, 25])
def test_of_several_writes_none_is_undone_while_get_shows_an_older_one(pause):
    bench = there(TRACKED, behaviour=Behaviour(gateway_seconds=40))
    bench.create(RATE_LIMITS, program(**LIMITED))
    bench.clock.advance(pause)
    bench.create(AI_GATEWAY, program(**GUARDED))
    bench.clock.advance(pause)

    bench.create(AI_GATEWAY, program(fallback_config={"enabled": True}))

    assert served(bench) == {
        **TRACKED,
        **LIMITED,
        **GUARDED,
        "fallback_config": {"enabled": True},
    }


def test_an_older_one_of_three_writes_is_no_news_either():
    turn = Turn()
    at_first = parse_endpoint_answer(answer())
    for seconds, gateway in enumerate([LIMITED, GUARDED, TRACKED]):
        turn.wrote(gateway, turn.seen(at_first, seconds), seconds)

    seen = turn.seen(parse_endpoint_answer(answer(ai_gateway=LIMITED)), 30)

    assert (
        seen.settings.ai_gateway
        == parse_endpoint_answer(answer(ai_gateway=TRACKED)).settings.ai_gateway
    )


# --- Ctrl-C --------------------------------------------------------------------------------------


def test_ctrl_c_ends_the_wait_for_a_turn_and_nothing_is_sent():
    bench = there()
    ended = []

    def create():
        with pytest.raises(Interrupted) as stopped:
            bench.create(AI_GATEWAY, program(**LIMITED))
        ended.append(str(stopped.value))

    with bench.turns.alone(WORKSPACE_ID, "endpoint", "chat"):
        waiting = threading.Thread(target=create)
        waiting.start()
        bench.clock.called_off_after = 0
        waiting.join(timeout=10)

    assert ended == [
        (
            "Stopped before it was the turn of this resource at endpoint chat. Nothing more was "
            "sent; the next `pulumi up` goes on from here."
        )
    ]
    assert bench.sent == []


@pytest.mark.parametrize("kind", [AI_GATEWAY, RATE_LIMITS], ids=["AiGateway", "RateLimits"])
def test_after_ctrl_c_no_turn_begins_that_is_free(kind):
    bench = there(clock=FakeClock(called_off_after=0))

    bench.fails(Interrupted, bench.create, kind, program(**LIMITED))

    assert bench.sent == []
