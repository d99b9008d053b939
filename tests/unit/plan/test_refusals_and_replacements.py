"""What no call changes, what replaces, and what is not yet known."""

from __future__ import annotations

import pytest

from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.compare import ABSENT
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual
from databricks_serving_schema import UNKNOWN, SecretScope
from support.endpoints import config, limit, openai
from unit.plan.plans import churn, plan, told

# --- what no call changes ------------------------------------------------------------------------


def test_pd_10_an_edited_description_is_refused():
    made = plan(
        {"description": "a"}, {"description": "b", "tags": {"x": "1"}}, {"description": "a"}
    )

    assert told(made) == [
        ("tags.x", Action.UPDATE, Reason.EDITED),
        ("description", Action.REFUSE, Reason.NO_CALL_CHANGES_IT),
    ]
    assert made.action is Action.REFUSE
    assert made.operations == ()


def test_pd_10_an_edited_description_replaces_where_the_program_says_so():
    made = plan(
        {"description": "a"},
        {"description": "b"},
        {"description": "a"},
        replace_on=frozenset({"description"}),
    )

    assert told(made) == [("description", Action.REPLACE, Reason.EDITED)]
    assert made.operations == ()


def test_a_description_that_is_said_later_is_refused_and_never_silently_left_out():
    made = plan({}, {"description": "b"}, {"description": ""})

    assert told(made) == [("description", Action.REFUSE, Reason.NO_CALL_CHANGES_IT)]


def test_a_description_that_differs_in_the_workspace_only_is_kept_with_its_reason():
    made = plan({"description": "a"}, {"description": "a"}, {"description": "b"})

    (change,) = [change for change in made.changes if change.path == ("description",)]
    assert (change.action, change.reason) == (Action.SKIP, Reason.NO_CALL_CHANGES_IT)
    assert made.operations == ()


def test_a_description_of_an_adopted_endpoint_is_not_refused():
    made = plan(None, {"description": "a"}, {"description": "b"})

    assert told(made) == []


@pytest.mark.parametrize("actual", ["", None])
def test_an_empty_description_is_none(actual):
    assert told(plan({"description": ""}, {"description": ""}, {"description": actual})) == []


def test_a_description_that_is_taken_out_stops_being_managed():
    made = plan({"description": "a"}, {}, {"description": "a"})

    assert told(made) == [("description", Action.NOTE, Reason.NO_LONGER_MANAGED)]


def test_a_field_of_a_newer_api_beside_the_config_cannot_be_changed():
    made = plan({"newer": 1}, {"newer": 2}, {"newer": 1})

    assert told(made) == [("newer", Action.REFUSE, Reason.NO_CALL_CHANGES_IT)]


def test_a_field_of_a_newer_api_that_get_does_not_show_is_not_refused_ever_after():
    made = plan({"newer": 1}, {"newer": 1}, {})

    assert told(made) == []
    assert made.operations == ()


# --- replacements --------------------------------------------------------------------------------


def test_another_name_replaces():
    made = plan({}, {"name": "other"}, {})

    assert told(made) == [("name", Action.REPLACE, Reason.EDITED)]
    assert made.operations == ()


@pytest.mark.parametrize(
    ("applied", "desired", "actual"),
    [
        ({"route_optimized": False}, {"route_optimized": True}, {}),
        ({}, {"route_optimized": True}, {}),
        ({"route_optimized": True}, {"route_optimized": False}, {"route_optimized": True}),
    ],
)
def test_route_optimisation_is_fixed_at_creation_and_replaces(applied, desired, actual):
    model = {"config": churn()}

    made = plan({**model, **applied}, {**model, **desired}, {**model, **actual})

    assert told(made) == [("route_optimized", Action.REPLACE, Reason.EDITED)]
    assert made.operations == ()


def test_saying_what_is_so_by_default_replaces_nothing():
    recorded = [("route_optimized", Action.NOTE, Reason.ALREADY_THERE)]
    assert told(plan({}, {"route_optimized": False}, {"route_optimized": None})) == recorded
    assert told(plan({}, {"route_optimized": False}, {"route_optimized": False})) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [(config(openai()), churn()), (churn(), config(openai()))],
    ids=["external to registered", "registered to external"],
)
def test_another_kind_of_model_replaces(before, after):
    made = plan({"config": before}, {"config": after}, {"config": before})

    assert ("config.served_entities", Action.REPLACE, Reason.KIND_CHANGED) in told(made)
    assert made.operations == ()


def test_another_kind_of_model_is_told_from_what_was_applied_where_nothing_serves():
    made = plan({"config": churn()}, {"config": config(openai())}, {"config": None})

    (change,) = made.of(Action.REPLACE)
    assert (change.applied, change.desired, change.actual) == (
        "registered model",
        "external model",
        ABSENT,
    )


def test_another_kind_of_model_in_an_adopted_endpoint_was_never_applied():
    made = plan(None, {"config": config(openai())}, {"config": churn()})

    (change,) = made.of(Action.REPLACE)
    assert (change.applied, change.desired, change.actual) == (
        ABSENT,
        "external model",
        "registered model",
    )


def test_an_entity_that_is_not_yet_known_replaces_nothing():
    made = plan({}, {"config": {"served_entities": [UNKNOWN]}}, {})

    assert Action.REPLACE not in {change.action for change in made.changes}


# --- what is not yet known -----------------------------------------------------------------------


GATEWAY = {
    "rate_limits": [limit()],
    "guardrails": {"input": {"safety": True}},
    "usage_tracking_config": {"enabled": True},
}


@pytest.mark.parametrize("applied", [None, GATEWAY], ids=["never applied", "applied"])
@pytest.mark.parametrize("actual", [None, GATEWAY], ids=["none there", "there"])
def test_a_gateway_of_which_nothing_is_known_yet_is_one_change_and_no_notice(applied, actual):
    made = plan({"ai_gateway": applied}, {"ai_gateway": UNKNOWN}, {"ai_gateway": actual})

    assert told(made) == [("ai_gateway", Action.UPDATE, Reason.NOT_YET_KNOWN)]


def test_a_part_of_which_nothing_is_known_yet_removes_nothing_in_it():
    tagged = {"tags": {"team": "ml", "cost": "7"}}

    made = plan(tagged, {"tags": UNKNOWN}, tagged)

    assert told(made) == [("tags", Action.UPDATE, Reason.NOT_YET_KNOWN)]


def test_a_vault_of_which_nothing_is_known_yet_is_one_replacement():
    vault = {"resource_id": "r", "dns_name": "d"}

    def scope(kind, **said):
        return kind(SecretScope, {"name": "llm", **said})

    made = make_plan(
        applied=scope(Canonical, backend_azure_keyvault=vault),
        desired=scope(Canonical, backend_azure_keyvault=UNKNOWN),
        actual=scope(Actual, backend_azure_keyvault=vault),
    )

    assert told(made) == [("backend_azure_keyvault", Action.REPLACE, Reason.NOT_YET_KNOWN)]


@pytest.mark.parametrize(
    ("desired", "path", "action"),
    [
        ({"name": UNKNOWN}, "name", Action.REPLACE),
        ({"route_optimized": UNKNOWN}, "route_optimized", Action.REPLACE),
        ({"tags": {"a": UNKNOWN}}, "tags.a", Action.UPDATE),
        ({"tags": UNKNOWN}, "tags", Action.UPDATE),
        ({"description": UNKNOWN}, "description", Action.UPDATE),
        (
            {"config": config(openai(model={"task": UNKNOWN}))},
            "config.served_entities.gpt.external_model.task",
            Action.UPDATE,
        ),
    ],
)
def test_what_is_not_yet_known_is_a_change_that_may_turn_out_to_be_none(desired, path, action):
    made = plan({}, desired, {})

    assert (path, action, Reason.NOT_YET_KNOWN) in told(made)
