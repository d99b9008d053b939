"""A gateway, and rate limits, on an endpoint that somebody else made: check to update."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databricks_serving.apply.context import LeftUnfinished, Stack, Verdict
from databricks_serving.errors import (
    Conflict,
    Interrupted,
    InvalidRequest,
    NotFound,
    NotTaken,
    Refused,
)
from databricks_serving.state.settings import StackSettings
from databricks_serving_emulator import Behaviour, Fault
from databricks_serving_schema import UNKNOWN
from support.clock import FakeClock
from support.context import CANARY, ENDPOINTS, HOST, WORKSPACE_ID, Bench, wired
from support.endpoints import limit
from support.transports import Altered
from unit.apply.gateways import (
    AI_GATEWAY,
    ELSEWHERE,
    GATEWAY,
    OTHERS,
    PPT,
    PUT,
    RATE_LIMITS,
    SECTIONS,
    TABLE,
    applied_to,
    bodies,
    by_hand,
    preview,
    program,
    recreate,
    served,
    there,
    up,
)

LIMITED = {"rate_limits": [limit(100)]}
GUARDED = {"guardrails": SECTIONS["guardrails"]}
TRACKED = {"usage_tracking_config": {"enabled": True}}

kinds = pytest.mark.parametrize("kind", [AI_GATEWAY, RATE_LIMITS], ids=["AiGateway", "RateLimits"])

# --- check ---------------------------------------------------------------------------------------


NO_SECTION = (
    "no section is declared, so there is nothing to manage; declare one (an empty one is cleared), "
    'or say mode="authoritative" to clear all of them'
)


def problems(kind, said):
    return [str(problem) for problem in kind.check({}, wired(said), Stack()).problems]


def test_numbers_come_back_whole_and_unknown_ones_stay_unknown():
    said = {**program(rate_limits=[limit("100")]), "endpoint_name": UNKNOWN}

    checked = AI_GATEWAY.check({}, said, Stack())

    assert checked.problems == ()
    assert checked.inputs == {"endpoint_name": UNKNOWN, "rate_limits": [limit(100)]}
    assert type(checked.inputs["rate_limits"][0]["calls"]) is int


@pytest.mark.parametrize(
    ("kind", "said", "problem"),
    [
        (
            AI_GATEWAY,
            program(),
            NO_SECTION,
        ),
        (AI_GATEWAY, LIMITED, "endpoint_name: required"),
        (RATE_LIMITS, program(), "rate_limits: required"),
        (AI_GATEWAY, program(**LIMITED, mode="strict"), "mode: "),
        (RATE_LIMITS, program(**LIMITED, mode="additive"), "mode: no such field"),
        (RATE_LIMITS, program(**LIMITED, on_delete="forget"), "on_delete: "),
        (RATE_LIMITS, program(rate_limits=[limit(100, key="user_group")]), "rate_limits[0].princ"),
        (AI_GATEWAY, program(guardrail={}), "guardrail: no such field; did you mean 'guardrails'?"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_called(kind, said, problem):
    (found,) = problems(kind, said)

    assert found.startswith(problem)


@pytest.mark.parametrize("said", [{"mode": "authoritative"}, {"guardrails": {}}, {"mode": UNKNOWN}])
def test_a_program_that_manages_something_may_declare_little(said):
    assert AI_GATEWAY.check({}, program(**said), Stack()).problems == ()


@pytest.mark.parametrize(
    ("name", "table", "full"),
    [
        ("chat", TABLE, "main.ml.chat_payload"),
        ("chat", {**TABLE, "table_name_prefix": "logs"}, "main.ml.logs_payload"),
        ("my-chat", {k: v for k, v in TABLE.items() if k != "table_name_prefix"}, None),
        ("chat", {**TABLE, "enabled": False}, None),
        ("chat", {**TABLE, "catalog_name": UNKNOWN}, None),
    ],
)
def test_the_name_of_the_table_is_known_before_anything_is_written(name, table, full):
    said = {"endpoint_name": name, "inference_table_config": table}

    checked = AI_GATEWAY.check({}, said, Stack())

    assert checked.inputs.get("inference_table") == full


# --- create --------------------------------------------------------------------------------------


def test_the_outputs_record_what_was_written_and_what_stood_there():
    bench = there({"guardrails": OTHERS["guardrails"], **TRACKED})

    made = bench.create(
        AI_GATEWAY, program(**LIMITED, **GUARDED, inference_table_config=TABLE, on_delete="clear")
    )

    id_ = bench.served()["id"]
    assert len(made.outputs.pop("__key")) == 64
    assert made.id == "chat"
    assert made.outputs == {
        "endpoint_name": "chat",
        "rate_limits": [limit(100)],
        **GUARDED,
        "inference_table_config": TABLE,
        "on_delete": "clear",
        "endpoint_id": id_,
        "inference_table": "main.ml.chat_payload",
        "workspace_host": HOST,
        "workspace_id": WORKSPACE_ID,
        "__applied": {
            "endpoint_name": "chat",
            "rate_limits": {"user": limit(100)},
            **GUARDED,
            "inference_table_config": TABLE,
            "endpoint_id": id_,
        },
        "__before": {
            "rate_limits": [],
            "guardrails": OTHERS["guardrails"],
            "inference_table_config": {},
        },
        "__format": 1,
    }


def test_rate_limits_have_no_table():
    _, outputs = applied_to(None, program(**LIMITED), RATE_LIMITS)

    assert "inference_table" not in outputs
    assert outputs["__before"] == {"rate_limits": []}


@pytest.mark.parametrize("mode", ["additive", "authoritative"])
@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("state", ["absent", "equal", "different"])
def test_a_section_is_written_where_it_differs_and_the_others_as_the_mode_says(
    section, mode, state
):
    others = {name: value for name, value in OTHERS.items() if name != section}
    stands = {"absent": {}, "equal": SECTIONS, "different": OTHERS}[state]
    own = {section: stands[section]} if stands else {}
    bench = there({**others, **own})
    said = program(**{section: SECTIONS[section]}, mode=mode)

    outputs = bench.create(AI_GATEWAY, said).outputs

    kept = others if mode == "additive" else {}
    writes = state != "equal" or mode == "authoritative"
    assert bodies(bench) == ([{**kept, section: SECTIONS[section]}] if writes else [])
    assert served(bench) == {**kept, section: SECTIONS[section]}
    assert preview(outputs, said) == Verdict()


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "fallback_config"])
def test_a_section_that_is_declared_empty_is_cleared_and_the_others_stay(section):
    bench = there(SECTIONS)
    said = program(**{section: [] if section == "rate_limits" else {}})

    outputs = bench.create(AI_GATEWAY, said).outputs

    assert served(bench) == {name: value for name, value in SECTIONS.items() if name != section}
    assert preview(outputs, said) == Verdict()


def test_an_authoritative_gateway_without_a_section_clears_all_of_them():
    bench = there(SECTIONS)
    said = program(mode="authoritative")

    outputs = bench.create(AI_GATEWAY, said).outputs

    assert bodies(bench) == [{}]
    assert served(bench) == {}
    assert preview(outputs, said) == Verdict()
    assert outputs["__before"] == SECTIONS


def test_zero_and_false_reach_the_wire_of_an_endpoint_that_belongs_to_databricks():
    bench = Bench(foundation_models=(PPT,))
    said = wired(
        {
            "endpoint_name": PPT,
            "rate_limits": [{"calls": 0, "tokens": 0, "renewal_period": "minute"}],
            "usage_tracking_config": {"enabled": False},
            "guardrails": {"input": {"safety": False, "valid_topics": []}},
        }
    )

    outputs = bench.create(AI_GATEWAY, said).outputs

    assert bench.sent == [f"PUT serving-endpoints/{PPT}/ai-gateway"]
    (body,) = bodies(bench)
    assert body == {name: value for name, value in said.items() if name != "endpoint_name"}
    assert [type(body["rate_limits"][0][name]) for name in ("calls", "tokens")] == [int, int]
    assert body["usage_tracking_config"]["enabled"] is False
    assert preview(outputs, said) == Verdict()


@kinds
def test_where_there_is_no_endpoint_nothing_is_made(kind):
    bench = Bench()

    refused = bench.fails(Refused, bench.create, kind, program(**LIMITED))

    assert "There is no endpoint called chat in this workspace" in str(refused)
    assert "make the endpoint with ServingEndpoint" in str(refused)
    assert bench.sent == []


def test_a_table_that_is_on_is_moved_in_two_puts():
    bench = there({"inference_table_config": TABLE, **TRACKED})
    said = program(inference_table_config=ELSEWHERE, **LIMITED)

    outputs = bench.create(AI_GATEWAY, said).outputs

    off = {**TABLE, "enabled": False}
    assert bodies(bench) == [
        {"inference_table_config": off, **TRACKED},
        {"inference_table_config": ELSEWHERE, **TRACKED, **LIMITED},
    ]
    assert outputs["__before"] == {"inference_table_config": TABLE, "rate_limits": []}
    assert outputs["inference_table"] == "audit.ml.chat_payload"


def test_what_stood_there_is_not_known_where_all_is_there_already():
    bench = there(LIMITED)

    outputs = bench.create(AI_GATEWAY, program(**LIMITED)).outputs

    assert bench.sent == []
    assert outputs["__before"] == {}
    assert outputs["__applied"]["rate_limits"] == {"user": limit(100)}


# --- what the service does with a write ----------------------------------------------------------


def test_an_amount_that_the_service_drops_fails_at_once_and_is_named():
    bench = there(behaviour=Behaviour(one_amount_per_limit=True))
    said = program(rate_limits=[limit(5, tokens=100)])
    begun = bench.clock.now()

    left = bench.fails(NotTaken, bench.create, AI_GATEWAY, said)
    bench.workspace.behaviour = Behaviour()
    bench.workspace.clear_calls()
    outputs = bench.update(AI_GATEWAY, "chat", left.outputs, said)

    assert "Endpoint chat: the workspace accepted the write and did not keep" in str(left)
    assert "rate_limits.user.tokens" in str(left)
    assert bench.clock.now() == begun
    assert left.outputs["__applied"]["rate_limits"] == {"user": limit(5, tokens=100)}
    assert left.outputs["rate_limits"] == [limit(5)]
    assert bench.sent == [PUT]
    assert outputs["__before"] == {"rate_limits": []}
    assert preview(outputs, said) == Verdict()


def test_where_the_stack_says_so_what_is_dropped_is_told_and_counts_as_kept():
    bench = there(behaviour=Behaviour(one_amount_per_limit=True))
    said = program(rate_limits=[limit(5, tokens=100)])
    warns = StackSettings(read_back_warns=True)

    outputs = bench.create(AI_GATEWAY, said, settings=warns).outputs
    bench.workspace.clear_calls()
    after = bench.update(AI_GATEWAY, "chat", outputs, said, settings=warns)
    reading = bench.read(AI_GATEWAY, "chat", after, said)

    assert any("did not keep rate_limits.user.tokens" in line for line in bench.lines)
    assert preview(outputs, said) == Verdict()
    assert bench.sent == []
    assert wired(after) == wired(outputs)
    assert preview(reading.outputs, said) == Verdict()


def silent(bench):
    """A transport through which PUT ai-gateway answers nothing that could be read."""

    def alter(request, answer):
        answered = answer()
        if request.method == "PUT":
            answered.read()
            return type(answered)(200, json={})
        return answered

    return Altered(bench.workspace.transport(), alter)


def test_where_the_put_answers_nothing_get_decides_once_it_shows():
    bench = there(behaviour=Behaviour(gateway_seconds=30))
    begun = bench.clock.now()

    outputs = bench.create(AI_GATEWAY, program(**LIMITED), transport=silent(bench)).outputs

    assert 30 <= bench.clock.now() - begun <= 60
    assert outputs["rate_limits"] == [limit(100)]


def test_an_endpoint_that_goes_after_the_put_is_an_error_and_stays_recorded():
    bench = there()
    recorded = bench.create(AI_GATEWAY, program(**LIMITED)).outputs
    bench.clock.advance(300)

    def gone(request, answer):
        answered = silent(bench).handle_request(request) if request.method == "PUT" else answer()
        if request.method == "PUT":
            bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
        return answered

    transport = Altered(bench.workspace.transport(), gone)
    said = program(rate_limits=[limit(200)])

    left = bench.fails(
        NotFound, bench.update, AI_GATEWAY, "chat", recorded, said, transport=transport
    )

    assert isinstance(left, LeftUnfinished)


def test_an_endpoint_that_goes_before_the_put_of_a_delete_takes_its_gateway_along():
    bench = there()
    recorded = bench.create(AI_GATEWAY, program(**LIMITED)).outputs

    def gone(request, answer):
        if request.method == "PUT":
            bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
        return answer()

    transport = Altered(bench.workspace.transport(), gone)

    bench.delete(AI_GATEWAY, "chat", recorded, transport=transport)

    assert bench.workspace.writes[-1].status == 404


def test_where_the_put_answers_nothing_and_get_never_shows_it_that_is_an_error():
    bench = there(behaviour=Behaviour(one_amount_per_limit=True))
    said = program(rate_limits=[limit(5, tokens=100)])
    begun = bench.clock.now()

    left = bench.fails(NotTaken, bench.create, AI_GATEWAY, said, transport=silent(bench))

    assert "rate_limits.user.tokens" in str(left)
    assert 60 <= bench.clock.now() - begun <= 80


def test_where_an_update_under_way_refuses_it_the_gateway_waits_and_is_planned_anew():
    bench = there()
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=409, error_code="RESOURCE_CONFLICT", times=3)
    )

    outputs = bench.create(AI_GATEWAY, program(**LIMITED)).outputs

    assert bench.clock.waits == [0.5, 1.0, 2.0]
    assert served(bench) == LIMITED
    assert outputs["__before"] == {"rate_limits": []}


@pytest.mark.parametrize(("timeout", "least", "most"), [(None, 60, 75), (30.0, 30, 31)])
def test_refused_with_nothing_under_way_it_tries_for_a_minute_or_the_time_that_is_said(
    timeout, least, most
):
    bench = there()
    begun = bench.clock.now()
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=409, error_code="RESOURCE_CONFLICT", times=None)
    )

    bench.fails(Conflict, bench.create, AI_GATEWAY, program(**LIMITED), timeout=timeout)

    assert least <= bench.clock.now() - begun <= most
    assert len(bench.sent) < 15
    assert "the workspace does not take the gateway yet; trying again" in bench.lines
    assert served(bench) == {}


def test_ctrl_c_ends_that_wait():
    bench = there(clock=FakeClock(called_off_after=2))
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=409, error_code="RESOURCE_CONFLICT", times=None)
    )

    stopped = bench.fails(Interrupted, bench.create, AI_GATEWAY, program(**LIMITED))

    assert isinstance(stopped, Interrupted)
    assert served(bench) == {}


def test_a_refusal_leaves_nothing_in_the_state_and_repeats_no_secret():
    bench = there()
    said = program(
        guardrails={"input": {"invalid_keywords": [CANARY]}},
        __secret_leaves=[["guardrails", "input", "invalid_keywords", 0]],
    )
    bench.workspace.faults.add(
        Fault("PUT", GATEWAY, status=400, error_code="BAD_REQUEST", echo=True)
    )

    refused = bench.fails(InvalidRequest, bench.create, AI_GATEWAY, said)

    assert isinstance(refused, InvalidRequest)
    assert "***" in str(refused)


# --- what the program marks as secret ------------------------------------------------------------

WORD = "c4nary-keyword"
MARKED = program(
    guardrails={"input": {"invalid_keywords": ["war", WORD]}},
    __secret_leaves=[["guardrails", "input", "invalid_keywords", 1]],
)


def test_what_the_program_marks_as_secret_is_a_fingerprint_in_what_was_applied():
    bench, outputs = applied_to(None, MARKED)

    reading = bench.read(AI_GATEWAY, "chat", outputs, MARKED)

    assert WORD not in str(outputs["__applied"])
    assert WORD not in str(reading.outputs["__applied"])
    assert served(bench) == {"guardrails": MARKED["guardrails"]}
    assert preview(outputs, MARKED) == Verdict()
    assert preview(reading.outputs, MARKED) == Verdict()


def test_a_secret_word_of_somebody_else_comes_back_in_clear_when_the_own_ones_go():
    theirs = {"guardrails": {"input": {"invalid_keywords": [WORD]}}}
    bench, outputs = applied_to(theirs, {**MARKED, **LIMITED})
    said = {**MARKED, "guardrails": {"input": {"invalid_keywords": ["peace", "love"]}}, **LIMITED}

    outputs = bench.update(AI_GATEWAY, "chat", outputs, said)
    bench.delete(AI_GATEWAY, "chat", outputs)

    assert served(bench) == theirs


def test_the_endpoints_name_is_no_secret_even_where_it_is_marked():
    bench = there()
    said = program(**LIMITED, __secret_leaves=[["endpoint_name"]])

    made = bench.create(AI_GATEWAY, said)

    assert (made.id, made.outputs["__applied"]["endpoint_name"]) == ("chat", "chat")
    assert bench.sent == [PUT]


# --- read and drift ------------------------------------------------------------------------------

LIVES = {
    "one section": (AI_GATEWAY, program(**LIMITED)),
    "an empty one": (AI_GATEWAY, program(guardrails={}, rate_limits=[])),
    "all": (AI_GATEWAY, program(**SECTIONS)),
    "all, off": (AI_GATEWAY, program(**OTHERS)),
    "authoritative": (AI_GATEWAY, program(**LIMITED, mode="authoritative")),
    "authoritative, of nothing": (AI_GATEWAY, program(mode="authoritative")),
    "rate limits": (RATE_LIMITS, program(rate_limits=[limit(1), limit(2, key="endpoint")])),
    "no rate limits": (RATE_LIMITS, program(rate_limits=[])),
}
lives = pytest.mark.parametrize(("kind", "said"), LIVES.values(), ids=LIVES.keys())


@lives
@pytest.mark.parametrize("defaults", ["usual", "all", "none"])
@pytest.mark.parametrize("gateway", [{}, OTHERS, SECTIONS], ids=["none", "others", "equal"])
def test_after_a_create_and_after_a_refresh_there_is_no_difference(kind, said, gateway, defaults):
    habits = Behaviour(defaults=defaults, unknown_fields=True)
    bench, outputs = applied_to(gateway, said, kind, behaviour=habits)
    bench.clock.advance(100)

    reading = bench.read(kind, "chat", outputs, said)
    after = bench.update(kind, "chat", reading.outputs, said)

    assert preview(outputs, said, kind) == Verdict()
    assert reading.inputs == said
    assert wired(reading.outputs) == wired(outputs)
    assert preview(reading.outputs, said, kind) == Verdict()
    assert wired(after) == wired(outputs)
    assert bench.sent == []


def test_the_order_of_limits_is_the_programs():
    said = program(rate_limits=[limit(1, principal="b@x"), limit(2, principal="a@x"), limit(3)])
    bench, outputs = applied_to(None, said)
    by_hand(bench, {"rate_limits": list(reversed(said["rate_limits"]))})

    reading = bench.read(AI_GATEWAY, "chat", outputs, said)

    assert reading.inputs == said


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("edit", ["changed", "removed"])
def test_one_edit_outside_is_named_exactly_and_repaired_by_one_put(section, edit):
    said = program(**SECTIONS)
    bench, outputs = applied_to(None, said)
    edited = {**SECTIONS, section: OTHERS[section] if edit == "changed" else {}}
    by_hand(bench, {name: value for name, value in edited.items() if value != {}})
    bench.clock.advance(100)
    bench.workspace.clear_calls()

    reading = bench.read(AI_GATEWAY, "chat", outputs, said)
    verdict = preview(reading.outputs, said)
    after = bench.update(AI_GATEWAY, "chat", reading.outputs, said)

    differs = {name for name in SECTIONS if reading.inputs.get(name) != said[name]}
    assert differs == {section}
    assert verdict == Verdict(changed=True)
    assert bodies(bench) == [SECTIONS]
    assert preview(after, said) == Verdict()
    assert after["__before"] == outputs["__before"]


def test_an_edit_of_what_nobody_here_declares_is_no_difference_and_stays():
    said = program(**LIMITED)
    bench, outputs = applied_to(None, said)
    by_hand(bench, {**LIMITED, **GUARDED})
    bench.clock.advance(100)
    bench.workspace.clear_calls()

    reading = bench.read(AI_GATEWAY, "chat", outputs, said)
    bench.update(AI_GATEWAY, "chat", reading.outputs, program(rate_limits=[limit(200)]))

    assert wired(reading.outputs) == wired(outputs)
    assert preview(reading.outputs, said) == Verdict()
    assert bodies(bench) == [{**GUARDED, "rate_limits": [limit(200)]}]


def test_a_section_that_somebody_adds_is_shown_by_an_authoritative_gateway_and_removed():
    said = program(**LIMITED, mode="authoritative")
    bench, outputs = applied_to(None, said)
    by_hand(bench, {**LIMITED, **GUARDED})
    bench.clock.advance(100)
    bench.workspace.clear_calls()

    reading = bench.read(AI_GATEWAY, "chat", outputs, said)
    bench.update(AI_GATEWAY, "chat", reading.outputs, said)

    assert reading.inputs == {**said, **GUARDED}
    assert preview(reading.outputs, said) == Verdict(changed=True)
    assert bodies(bench) == [LIMITED]


@kinds
def test_an_endpoint_that_is_gone_is_none_and_an_update_says_so(kind):
    bench, outputs = applied_to(None, program(**LIMITED), kind)
    bench.workspace.ui("DELETE", "/api/2.0/serving-endpoints/chat")

    gone = bench.read(kind, "chat", outputs, program(**LIMITED))
    refused = bench.fails(Refused, bench.update, kind, "chat", outputs, program(rate_limits=[]))

    assert gone is None
    assert "There is no endpoint called chat" in str(refused)


# --- update --------------------------------------------------------------------------------------


def test_a_section_that_leaves_the_program_is_left_as_it_is_and_no_longer_known():
    bench, outputs = applied_to({"guardrails": OTHERS["guardrails"]}, program(**LIMITED, **GUARDED))
    said = program(**LIMITED)

    verdict = preview(outputs, said)
    after = bench.update(AI_GATEWAY, "chat", outputs, said)

    notice = "guardrails: taken out of the program; from now on it is left as it is"
    assert verdict == Verdict(changed=True, notices=(notice,))
    assert bench.sent == []
    assert served(bench) == {**LIMITED, **GUARDED}
    assert "guardrails" not in {**after, **after["__applied"], **after["__before"]}
    assert preview(after, said) == Verdict()


def test_a_section_that_is_newly_declared_is_remembered_as_it_was_just_before():
    bench, outputs = applied_to(None, program(**LIMITED))
    by_hand(bench, {**LIMITED, "guardrails": OTHERS["guardrails"]})
    bench.clock.advance(100)

    after = bench.update(AI_GATEWAY, "chat", outputs, program(rate_limits=[limit(9)], **GUARDED))

    assert after["__before"] == {"rate_limits": [], "guardrails": OTHERS["guardrails"]}


def test_one_that_is_newly_declared_and_there_already_is_not_known():
    bench, outputs = applied_to(GUARDED, program(**LIMITED))

    after = bench.update(AI_GATEWAY, "chat", outputs, program(**LIMITED, **GUARDED))

    assert bench.sent == []
    assert after["__before"] == {"rate_limits": []}


@pytest.mark.parametrize(
    "change",
    [{"mode": "authoritative"}, {"on_delete": "keep"}, {"workspace": {"host": HOST}}],
    ids=["mode", "on_delete", "workspace"],
)
def test_a_change_of_a_setting_alone_is_recorded_and_nothing_is_sent(change):
    bench, outputs = applied_to(None, program(**LIMITED))
    said = program(**LIMITED, **change)

    verdict = preview(outputs, said)
    after = bench.update(AI_GATEWAY, "chat", outputs, said)

    assert replace(verdict, notices=()) == Verdict(changed=True)
    assert bench.sent == []
    assert preview(after, said) == Verdict()


def test_a_gateway_that_becomes_authoritative_removes_what_others_set_and_remembers_it():
    bench, outputs = applied_to({**TRACKED, **GUARDED}, program(**LIMITED))
    said = program(**LIMITED, mode="authoritative")

    verdict = preview(outputs, said)
    after = bench.update(AI_GATEWAY, "chat", outputs, said)

    notice = (
        "mode: authoritative from now on: sections that are not declared here are removed; only a "
        "refresh after this run can show them beforehand"
    )
    assert verdict == Verdict(changed=True, notices=(notice,))
    assert preview(after, said) == Verdict()
    assert bodies(bench) == [LIMITED]
    assert after["__before"] == {
        **TRACKED,
        **GUARDED,
        "rate_limits": [],
        "inference_table_config": {},
        "fallback_config": {},
    }


@kinds
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("other", Verdict(changed=True, replaces=("endpoint_name",))),
        (UNKNOWN, Verdict(changed=True, replaces=("endpoint_name",), delete_first=True)),
    ],
)
def test_another_endpoint_replaces_and_an_unknown_one_deletes_first(kind, name, verdict):
    _, outputs = applied_to(None, program(**LIMITED), kind)

    assert kind.diff(wired(outputs), {"endpoint_name": name, **LIMITED}, Stack()) == verdict


def test_a_leaf_that_is_not_yet_known_is_a_change():
    _, outputs = applied_to(None, program(**LIMITED))
    said = program(rate_limits=[{"calls": UNKNOWN, "key": "user", "renewal_period": "minute"}])

    assert AI_GATEWAY.diff(wired(outputs), said, Stack()) == Verdict(changed=True)


# --- another endpoint under the same name --------------------------------------------------------


def test_one_that_was_recreated_is_written_to_and_what_stood_there_is_remembered_anew():
    said = program(**LIMITED, **GUARDED)
    bench, outputs = applied_to({"guardrails": OTHERS["guardrails"]}, said)
    recreate(bench, TRACKED)
    bench.clock.advance(100)
    bench.workspace.clear_calls()

    reading = bench.read(AI_GATEWAY, "chat", outputs, said)
    verdict = preview(reading.outputs, said)
    after = bench.update(AI_GATEWAY, "chat", reading.outputs, said)

    notice = "endpoint_id: deleted and made again outside, under the same name"
    assert verdict == Verdict(changed=True, notices=(notice,))
    assert reading.outputs["rate_limits"] == []
    assert bodies(bench) == [{**TRACKED, **LIMITED, **GUARDED}]
    assert after["__before"] == {"rate_limits": [], "guardrails": {}}
    assert after["__applied"]["endpoint_id"] == after["endpoint_id"] == bench.served()["id"]
    assert preview(after, said) == Verdict()


def test_where_no_refresh_has_seen_it_the_update_says_so():
    said = program(**LIMITED)
    bench, outputs = applied_to(None, said)
    recreate(bench, LIMITED)
    bench.workspace.clear_calls()

    after = bench.update(AI_GATEWAY, "chat", outputs, {**said, "on_delete": "clear"})

    assert bench.lines == ["endpoint chat: deleted and made again outside, under the same name"]
    assert bench.sent == []
    assert after["__before"] == {}
    assert up(bench, said, after)[1] is None
