"""The plan of an endpoint: what is nothing to do, whose change it is, tags, the gateway."""

from __future__ import annotations

import pytest

from databricks_serving.plan.canonical import Sealing, canonical, located
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.operations import PatchTags, PutAiGateway
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual
from databricks_serving_schema import Endpoint, Severity, parse_endpoint
from support.endpoints import LENIENT, SEALING, answered, endpoint, limit, state
from support.valid_programs import VALID
from unit.plan.plans import churn, plan, told

CANARY = "c4nary-s3cret-value"


def as_read(said):
    """The same as GET answers it: what was written, without secrets and empties."""
    return Actual(Endpoint, canonical(parse_endpoint(said, LENIENT), SEALING).tree)


# --- nothing to do -------------------------------------------------------------------------------


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_three_equal_states_make_an_empty_plan(said):
    same = canonical(parse_endpoint(said, LENIENT), SEALING)

    made = make_plan(applied=same, desired=same, actual=as_read(said))

    assert made.changes == ()
    assert made.operations == ()
    assert made.action is Action.SKIP


def test_what_the_service_fills_in_is_no_change():
    made = plan({}, {}, {"newer_field": 1})

    assert told(made) == []
    assert made.operations == ()
    assert {(shown(change.path), change.reason) for change in made.changes} == {
        ("config.traffic_config.routes.gpt.served_entity_name", Reason.SERVER_DEFAULT),
        ("config.traffic_config.routes.gpt.traffic_percentage", Reason.SERVER_DEFAULT),
    }


# --- the table of parts --------------------------------------------------------------------------

CALLS = {"rate_limits": [limit(100)]}
OTHER = {"rate_limits": [limit(7)]}
TABLE = {
    "undeclared, not applied, absent": (None, None, None, None),
    "undeclared, not applied, present": (None, None, OTHER, None),
    "undeclared, applied, absent": (CALLS, None, None, "notice"),
    "undeclared, applied, equal": (CALLS, None, CALLS, "notice"),
    "undeclared, applied, different": (CALLS, None, OTHER, "notice"),
    "empty, absent": (None, {}, None, "recorded"),
    "empty, present": (None, {}, OTHER, {}),
    "empty, present as applied": (CALLS, {}, CALLS, {}),
    "empty, applied empty, present": ({}, {}, OTHER, {}),
    "value, absent": (None, CALLS, None, CALLS),
    "value, equal": (None, CALLS, CALLS, None),
    "value, applied, equal": (CALLS, CALLS, CALLS, None),
    "value, different": (None, CALLS, OTHER, CALLS),
    "value, applied, different": (CALLS, CALLS, OTHER, CALLS),
    "value, applied, absent": (CALLS, CALLS, None, CALLS),
    "value, applied another": (OTHER, CALLS, OTHER, CALLS),
}


@pytest.mark.parametrize(("applied", "desired", "actual", "outcome"), TABLE.values(), ids=TABLE)
def test_what_a_part_takes(applied, desired, actual, outcome):
    made = plan({"ai_gateway": applied}, {"ai_gateway": desired}, {"ai_gateway": actual})

    if outcome == "notice":
        assert told(made) == [
            ("ai_gateway.rate_limits", Action.NOTE, Reason.NO_LONGER_MANAGED),
        ]
        assert made.operations == ()
    elif outcome == "recorded":
        assert told(made) == [("ai_gateway", Action.NOTE, Reason.ALREADY_THERE)]
        assert made.operations == ()
    elif outcome is None:
        assert told(made) == []
        assert made.operations == ()
    else:
        assert made.action is Action.UPDATE
        (operation,) = made.operations
        assert operation == PutAiGateway("chat", outcome)


def test_an_empty_list_clears_its_part():
    made = plan(
        {"ai_gateway": CALLS},
        {"ai_gateway": {"rate_limits": []}},
        {"ai_gateway": {**CALLS, "usage_tracking_config": {"enabled": True}}},
    )

    (operation,) = made.operations
    assert operation.body == {"usage_tracking_config": {"enabled": True}, "rate_limits": []}


def test_a_gateway_that_is_cleared_already_is_recorded_without_a_call():
    made = plan({"ai_gateway": CALLS}, {"ai_gateway": {}}, {})

    assert told(made) == [("ai_gateway", Action.NOTE, Reason.ALREADY_THERE)]
    assert made.operations == ()


@pytest.mark.parametrize(
    ("applied", "actual", "reason"),
    [
        (None, OTHER, Reason.EDITED),
        (CALLS, CALLS, Reason.EDITED),
        (CALLS, OTHER, Reason.EDITED_AND_DRIFTED),
        ({}, OTHER, Reason.DRIFTED),
    ],
)
def test_clearing_a_gateway_tells_whose_change_it_is(applied, actual, reason):
    made = plan({"ai_gateway": applied}, {"ai_gateway": {}}, {"ai_gateway": actual})

    assert told(made) == [("ai_gateway", Action.UPDATE, reason)]
    assert made.of(Action.UPDATE)[0].severity is Severity.CRITICAL


# --- whose change it is --------------------------------------------------------------------------

WHOSE = {
    "the program's": ("Small", "Large", "Small", Action.UPDATE, Reason.EDITED),
    "somebody else's": ("Small", "Small", "Large", Action.UPDATE, Reason.DRIFTED),
    "both": ("Small", "Large", "Medium", Action.UPDATE, Reason.EDITED_AND_DRIFTED),
    "newly said": (None, "Large", "Small", Action.UPDATE, Reason.EDITED),
}


@pytest.mark.parametrize(
    ("applied", "desired", "actual", "action", "reason"), WHOSE.values(), ids=WHOSE
)
def test_a_change_tells_whose_it_is(applied, desired, actual, action, reason):
    sizes = {"min_provisioned_concurrency": 4, "max_provisioned_concurrency": 8}
    before = {"workload_size": applied} if applied else {"workload_size": None, **sizes}

    made = plan(
        {"config": churn(**before)},
        {"config": churn(workload_size=desired)},
        {"config": churn(workload_size=actual)},
    )

    assert ("config.served_entities.churn.workload_size", action, reason) in told(made)


def test_a_change_made_outside_and_in_the_program_alike_is_recorded_without_a_call():
    made = plan({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, {"tags": [{"key": "a", "value": "2"}]})

    assert told(made) == [("tags.a", Action.NOTE, Reason.ALREADY_THERE)]
    assert made.operations == ()


def test_a_part_that_is_newly_declared_empty_is_recorded_without_a_call():
    made = plan({"description": "d"}, {"description": "d", "tags": {}}, {"description": "d"})

    assert told(made) == [("tags", Action.NOTE, Reason.ALREADY_THERE)]
    assert made.operations == ()


def test_a_change_carries_its_states_and_what_is_known_of_the_field():
    made = plan(
        {"config": churn(workload_size="Small")},
        {"config": churn(workload_size="Large")},
        {"config": churn(workload_size="Medium")},
    )

    (change,) = made.of(Action.UPDATE)
    assert (change.applied, change.desired, change.actual) == ("Small", "Large", "Medium")
    assert (
        change.because
        == "PUT config replaces the whole configuration; left out, GET may show Small"
    )
    assert change.severity is Severity.MEDIUM


def test_a_first_write_over_something_else_is_an_edit_of_the_program():
    made = plan(None, {"config": churn()}, {"config": churn(workload_size="Large")})

    assert told(made) == [
        ("config.served_entities.churn.workload_size", Action.UPDATE, Reason.EDITED)
    ]


# --- tags ----------------------------------------------------------------------------------------

TAGGED = [{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]
MARKED = [*TAGGED, {"key": "managed-by-pulumi", "value": "proj.dev.01234567"}]


def test_pd_01_the_order_of_tags_is_no_change():
    made = plan({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "b": "2"}}, {"tags": TAGGED})

    assert told(made) == []


@pytest.mark.parametrize(
    ("desired", "add", "delete"),
    [
        ({"a": "1", "b": "2", "c": "3"}, (("c", "3"),), ()),
        ({"b": "2"}, (), ("a",)),
        ({"a": "1", "b": "9"}, (("b", "9"),), ()),
        ({"a": "1", "b": ""}, (("b", ""),), ()),
        ({"c": "3"}, (("c", "3"),), ("a", "b")),
        ({}, (), ("a", "b")),
    ],
)
def test_pd_01_tags_are_patched_by_what_differs_and_the_mark_stays(desired, add, delete):
    made = plan({"tags": {"a": "1", "b": "2"}}, {"tags": desired}, {"tags": MARKED})

    assert made.operations == (PatchTags("chat", add, delete),)
    assert "managed-by-pulumi" not in str(told(made))


def test_a_tag_that_somebody_else_added_is_removed():
    made = plan({"tags": {"a": "1"}}, {"tags": {"a": "1"}}, {"tags": MARKED})

    assert told(made) == [("tags.b", Action.UPDATE, Reason.DRIFTED)]
    assert made.operations == (PatchTags("chat", (), ("b",)),)


def test_tags_that_nobody_declares_are_left_alone():
    assert plan({}, {}, {"tags": MARKED}).changes == plan({}, {}, {}).changes


def test_a_tag_that_the_program_marks_as_secret_does_not_print():
    said = {"tags": {"token": CANARY}}
    sealing = Sealing(b"k", frozenset({located(endpoint(**said), ("tags", "token"))}))

    made = make_plan(applied=None, desired=state(sealing, **said), actual=answered(sealing))

    assert made.operations == (PatchTags("chat", (("token", CANARY),), ()),)
    assert CANARY not in repr(made)


# --- the gateway ---------------------------------------------------------------------------------


def test_pd_12_whole_numbers_of_the_wire_are_no_change():
    made = plan(
        {"ai_gateway": {"rate_limits": [limit(100)]}},
        {"ai_gateway": {"rate_limits": [limit(100.0)]}},
        {"ai_gateway": {"rate_limits": [limit(100)]}},
    )

    assert told(made) == []


def test_pd_14_sections_that_nobody_declares_are_carried_and_no_change():
    tracked = {
        "usage_tracking_config": {"enabled": True},
        "guardrails": {"input": {"safety": True}},
    }
    there = {"ai_gateway": {**CALLS, **tracked}}

    quiet = plan({"ai_gateway": CALLS}, {"ai_gateway": CALLS}, there)
    made = plan({"ai_gateway": CALLS}, {"ai_gateway": OTHER}, there)

    assert told(quiet) == []
    assert made.operations == (PutAiGateway("chat", {**tracked, **OTHER}),)


def test_a_section_that_stops_being_managed_is_carried_by_the_next_put():
    made = plan(
        {"ai_gateway": {**CALLS, "newer": {"a": 1}}},
        {"ai_gateway": {"newer": {"a": 2}}},
        {"ai_gateway": {**CALLS, "newer": {"a": 1}}},
    )

    assert told(made) == [
        ("ai_gateway.rate_limits", Action.NOTE, Reason.NO_LONGER_MANAGED),
        ("ai_gateway.newer.a", Action.UPDATE, Reason.EDITED),
    ]
    assert made.operations == (PutAiGateway("chat", {**CALLS, "newer": {"a": 2}}),)


def test_a_limit_without_a_key_is_the_endpoints():
    said = {"ai_gateway": {"rate_limits": [{"calls": 1, "renewal_period": "minute"}]}}
    shown_by_get = {"ai_gateway": {"rate_limits": [limit(1, key="endpoint")]}}

    made = plan(said, said, shown_by_get)

    assert told(made) == []


def test_a_limit_is_told_by_whom_it_is_for():
    split = {"rate_limits": [limit(1), limit(2, key="user_group", principal="analysts")]}
    moved = {"rate_limits": [limit(9, key="user_group", principal="analysts"), limit(1)]}

    made = plan({"ai_gateway": split}, {"ai_gateway": split}, {"ai_gateway": moved})

    assert told(made) == [
        (
            'ai_gateway.rate_limits["user_group/analysts"].calls',
            Action.UPDATE,
            Reason.DRIFTED,
        )
    ]


def test_zero_is_sent():
    made = plan({}, {"ai_gateway": {"rate_limits": [limit(0)]}}, {})

    assert made.operations == (PutAiGateway("chat", {"rate_limits": [limit(0)]}),)
