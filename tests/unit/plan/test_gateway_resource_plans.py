"""The plans of a gateway, and of rate limits, on an endpoint that somebody else may have made."""

from __future__ import annotations

import pytest

from databricks_serving.apply.observed import gateway_of
from databricks_serving.plan.canonical import canonical
from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.gateway import maybe_half_way, undeclared
from databricks_serving.plan.operations import PutAiGateway
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Orders
from databricks_serving_schema import (
    EndpointAiGateway,
    EndpointRateLimits,
    parse_endpoint_answer,
    parse_program,
)
from support.endpoints import SEALING, STRICT, answer, limit
from unit.plan.plans import told

GUARDED = {"guardrails": {"input": {"safety": True}}}
TRACKED = {"usage_tracking_config": {"enabled": True}}
LIMITED = {"rate_limits": [limit(5)]}
TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml", "table_name_prefix": "chat"}


def state(said, kind=EndpointAiGateway):
    return canonical(parse_program(kind, {"endpoint_name": "chat", **said}, STRICT), SEALING)


def actual(gateway, kind=EndpointAiGateway):
    return gateway_of(kind, parse_endpoint_answer(answer(ai_gateway=gateway)), SEALING)


def plan(applied, desired, gateway, *, kind=EndpointAiGateway, authoritative=False):
    wanted = state(desired, kind)
    return make_plan(
        applied=None if applied is None else state(applied, kind),
        desired=wanted,
        actual=actual(gateway, kind),
        orders=Orders(removed=undeclared(wanted.tree) if authoritative else frozenset()),
    )


def test_sections_that_nobody_declares_are_no_difference_and_are_carried_along():
    foreign = {**GUARDED, **TRACKED, "newer": {"a": [1, {"b": True}]}}

    made = plan(None, LIMITED, foreign)

    assert told(made) == [
        ("rate_limits.user.calls", Action.UPDATE, Reason.EDITED),
        ("rate_limits.user.key", Action.UPDATE, Reason.EDITED),
        ("rate_limits.user.renewal_period", Action.UPDATE, Reason.EDITED),
    ]
    assert made.operations == (PutAiGateway("chat", {**foreign, **LIMITED}),)


def test_an_authoritative_gateway_leaves_out_of_its_put_what_it_does_not_declare():
    made = plan(None, LIMITED, {**GUARDED, **TRACKED, **LIMITED}, authoritative=True)

    assert told(made) == [
        ("guardrails.input.safety", Action.UPDATE, Reason.EDITED),
        ("usage_tracking_config.enabled", Action.UPDATE, Reason.EDITED),
    ]
    assert made.operations == (PutAiGateway("chat", LIMITED),)


def test_an_authoritative_gateway_without_a_section_clears_all_and_keeps_what_is_newer():
    everything = {
        **GUARDED,
        **TRACKED,
        **LIMITED,
        "inference_table_config": TABLE,
        "fallback_config": {"enabled": True},
    }

    cleared = plan(None, {}, everything, authoritative=True)
    newer = plan(None, {}, {**everything, "newer": {"a": 1}}, authoritative=True)

    assert cleared.operations == (PutAiGateway("chat", {}),)
    assert newer.operations == (PutAiGateway("chat", {"newer": {"a": 1}}),)


def test_rate_limits_concern_nothing_but_the_limits():
    foreign = {**GUARDED, **TRACKED}

    made = plan(LIMITED, {"rate_limits": [limit(0)]}, {**foreign, **LIMITED}, kind=RATE_LIMITS)

    assert told(made) == [("rate_limits.user.calls", Action.UPDATE, Reason.EDITED)]
    assert made.operations == (PutAiGateway("chat", {**foreign, "rate_limits": [limit(0)]}),)


RATE_LIMITS = EndpointRateLimits


@pytest.mark.parametrize("gateway", [LIMITED, {"rate_limits": [limit(9)]}, None])
def test_a_section_that_leaves_an_additive_program_is_noticed_and_not_sent(gateway):
    made = plan({**LIMITED, **TRACKED}, TRACKED, {**TRACKED, **(gateway or {})})

    assert told(made) == [("rate_limits", Action.NOTE, Reason.NO_LONGER_MANAGED)]
    assert made.operations == ()


def test_another_endpoint_name_replaces():
    made = make_plan(
        applied=state(LIMITED),
        desired=canonical(
            parse_program(EndpointAiGateway, {"endpoint_name": "other", **LIMITED}, STRICT), SEALING
        ),
        actual=actual(LIMITED),
    )

    assert told(made) == [("endpoint_name", Action.REPLACE, Reason.EDITED)]
    assert made.operations == ()


def test_an_endpoint_that_is_not_there_is_missing_and_nothing_creates_it():
    made = make_plan(applied=None, desired=state(LIMITED), actual=None)

    assert [change.reason for change in made.changes] == [Reason.MISSING]
    assert made.operations == ()


def test_while_a_table_is_switched_off_to_move_all_else_stays_as_it_is():
    moved = {**TABLE, "catalog_name": "audit"}
    there = {**GUARDED, "rate_limits": [limit(9)], "inference_table_config": TABLE}

    made = plan(None, {**LIMITED, "inference_table_config": moved}, there, authoritative=True)

    off = {**TABLE, "enabled": False}
    assert made.operations == (
        PutAiGateway("chat", {**there, "inference_table_config": off}),
        PutAiGateway("chat", {**LIMITED, "inference_table_config": moved}),
    )


OFF = {**TABLE, "enabled": False}
ELSEWHERE = {**TABLE, "schema_name": "audit"}


@pytest.mark.parametrize(
    ("there", "wanted", "sections"),
    [
        (OFF, ELSEWHERE, {"inference_table_config"}),
        (OFF, TABLE, set()),
        (OFF, {**ELSEWHERE, "enabled": False}, set()),
        (TABLE, ELSEWHERE, set()),
        (None, ELSEWHERE, set()),
    ],
    ids=["off, and to be on elsewhere", "off there", "off elsewhere", "on", "none"],
)
def test_what_a_run_may_have_left_half_way_is_a_table_that_is_off_and_to_be_on_elsewhere(
    there, wanted, sections
):
    gateway = {} if there is None else {"inference_table_config": there}

    assert maybe_half_way({"inference_table_config": wanted}, gateway) == sections
