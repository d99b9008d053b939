"""The plan of an endpoint: three states in, changes and operations out."""

from __future__ import annotations

import pytest

from databricks_serving.plan.canonical import (
    Canonical,
    Fingerprint,
    Sealing,
    canonical,
    located,
    revived,
)
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.compare import ABSENT
from databricks_serving.plan.endpoint import ENDPOINT_ID, REDEPLOY_ON
from databricks_serving.plan.operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    PatchTags,
    PutAiGateway,
    PutConfig,
)
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import UNKNOWN, Endpoint, Severity, Value, parse_endpoint
from support.endpoints import (
    LENIENT,
    REFERENCE,
    SEALING,
    answered,
    config,
    endpoint,
    limit,
    openai,
    program,
    registered,
    state,
)
from support.valid_programs import VALID

CANARY = "c4nary-s3cret-value"
FIRST_ENTITY = ("config", "served_entities", "churn")


def plan(applied, desired, actual, **orders):
    """The plan from programs' overrides for applied and desired, and an answer's for actual."""
    return make_plan(
        applied=None if applied is None else state(**applied),
        desired=state(**desired),
        actual=None if actual is None else answered(**actual),
        orders=Orders(**orders),
    )


def told(made):
    """The changes that count: path, action and reason."""
    return [
        (shown(change.path), change.action, change.reason)
        for change in made.changes
        if change.action is not Action.SKIP
    ]


def churn(*names, routes=None, **overrides):
    """A config of registered models."""
    return config(*(registered(name, **overrides) for name in names or ("churn",)), routes=routes)


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
    "empty, absent": (None, {}, None, None),
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


def test_a_change_made_outside_and_in_the_program_alike_is_no_difference():
    made = plan({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, {"tags": [{"key": "a", "value": "2"}]})

    assert told(made) == []
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
    assert change.because == "left out, GET may show Small"
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
        ({"c": "3"}, (("c", "3"),), ("b", "a")),
        ({}, (), ("b", "a")),
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


# --- the configuration ---------------------------------------------------------------------------


def test_pd_02_the_order_of_entities_is_no_change():
    split = {"z": 50, "a": 25, "m": 25}
    forward = {"config": churn("z", "a", "m", routes=split)}
    backward = {"config": churn("m", "a", "z", routes=dict(sorted(split.items())))}

    assert plan(forward, backward, forward).changes == ()


def test_pd_02_a_change_is_named_by_its_entity():
    split = {"z": 50, "a": 25, "m": 25}
    desired = churn("z", "a", "m", routes=split)
    desired["served_entities"][1]["entity_version"] = "2"
    before = {"config": churn("z", "a", "m", routes=split)}

    made = plan(before, {"config": desired}, before)

    assert told(made) == [("config.served_entities.a.entity_version", Action.UPDATE, Reason.EDITED)]
    (operation,) = made.operations
    assert [entity["name"] for entity in operation.body["served_entities"]] == ["z", "a", "m"]


def test_pd_03_size_and_type_that_the_service_filled_in_are_not_sent_back():
    sizes = {
        "workload_size": None,
        "min_provisioned_concurrency": 4,
        "max_provisioned_concurrency": 8,
    }
    filled = churn(**{**sizes, "workload_size": "Small", "workload_type": "CPU"})

    quiet = plan({"config": churn(**sizes)}, {"config": churn(**sizes)}, {"config": filled})
    made = plan(
        {"config": churn(**sizes)},
        {"config": churn(**sizes, entity_version="2")},
        {"config": filled},
    )

    assert told(quiet) == []
    (operation,) = made.operations
    assert operation == PutConfig(
        "chat",
        {
            "served_entities": [
                {
                    "name": "churn",
                    "entity_name": "main.ml.churn",
                    "entity_version": "2",
                    "scale_to_zero_enabled": False,
                    "min_provisioned_concurrency": 4,
                    "max_provisioned_concurrency": 8,
                }
            ]
        },
    )


def test_pd_04_a_split_that_the_service_filled_in_is_no_change_and_is_not_sent_back():
    filled = {"config": churn(routes={"churn": 100})}

    quiet = plan({"config": churn()}, {"config": churn()}, filled)
    made = plan({"config": churn()}, {"config": churn(entity_version="2")}, filled)

    assert told(quiet) == []
    assert "traffic_config" not in made.operations[0].body


def test_pd_04_a_split_that_was_changed_outside_is_put_back():
    split = {"config": churn("a", "b", routes={"a": 90, "b": 10})}
    moved = {"config": churn("a", "b", routes={"a": 50, "b": 50})}

    made = plan(split, split, moved)

    assert told(made) == [
        (
            "config.traffic_config.routes.a.traffic_percentage",
            Action.UPDATE,
            Reason.DRIFTED,
        ),
        (
            "config.traffic_config.routes.b.traffic_percentage",
            Action.UPDATE,
            Reason.DRIFTED,
        ),
    ]
    (operation,) = made.operations
    assert operation.body["traffic_config"]["routes"] == [
        {"served_entity_name": "a", "traffic_percentage": 90},
        {"served_entity_name": "b", "traffic_percentage": 10},
    ]


def test_pd_05_the_older_name_in_a_route_is_no_change():
    older = churn()
    older["traffic_config"] = {
        "routes": [{"served_model_name": "churn", "traffic_percentage": 100}]
    }
    newer = {"config": churn(routes={"churn": 100})}

    assert plan(newer, {"config": older}, newer).changes == ()


def test_an_entity_that_somebody_else_added_is_a_difference_and_goes():
    made = plan(
        {"config": churn("a", routes={"a": 100})},
        {"config": churn("a", routes={"a": 100})},
        {"config": churn("a", "b", routes={"a": 100, "b": 0})},
    )

    assert {(path.split(".")[-2], reason) for path, _, reason in told(made)} == {
        ("b", Reason.DRIFTED)
    }
    (operation,) = made.operations
    assert [entity["name"] for entity in operation.body["served_entities"]] == ["a"]


def test_a_variable_that_somebody_else_added_to_a_declared_map_is_a_difference():
    made = plan(
        {"config": churn(environment_vars={"A": "1"})},
        {"config": churn(environment_vars={"A": "1"})},
        {"config": churn(environment_vars={"A": "1", "B": "2"})},
    )

    assert told(made) == [
        ("config.served_entities.churn.environment_vars.B", Action.UPDATE, Reason.DRIFTED)
    ]
    (operation,) = made.operations
    assert operation.body["served_entities"][0]["environment_vars"] == {"A": "1"}


def test_a_variable_that_the_program_takes_out_is_removed():
    before = {"config": churn(environment_vars={"A": "1", "B": "2"})}

    made = plan(before, {"config": churn(environment_vars={"A": "1"})}, before)

    assert told(made) == [
        ("config.served_entities.churn.environment_vars.B", Action.UPDATE, Reason.EDITED)
    ]


def test_a_put_carries_what_nobody_declared_and_nothing_that_the_service_fills_in():
    actual = churn(
        workload_type="CPU",
        instance_profile_arn="arn:aws:iam::1:instance-profile/ui",
        environment_vars={"UI": "1"},
        newer={"a": [1]},
        creator="ada@example.com",
        state={"deployment": "DEPLOYMENT_READY"},
    )
    actual["auto_capture_config"] = {"enabled": True}
    actual["config_version"] = 3

    made = plan({"config": churn()}, {"config": churn(entity_version="2")}, {"config": actual})

    (operation,) = made.operations
    assert operation.body == {
        "served_entities": [
            {
                "name": "churn",
                "entity_name": "main.ml.churn",
                "entity_version": "2",
                "workload_size": "Small",
                "scale_to_zero_enabled": False,
                "instance_profile_arn": "arn:aws:iam::1:instance-profile/ui",
                "environment_vars": {"UI": "1"},
                "newer": {"a": [1]},
            }
        ],
        "auto_capture_config": {"enabled": True},
    }
    assert told(made) == [
        ("config.served_entities.churn.entity_version", Action.UPDATE, Reason.EDITED)
    ]


def test_a_leaf_that_the_program_takes_out_is_not_carried():
    with_profile = churn(instance_profile_arn="arn:aws:iam::1:instance-profile/x")

    made = plan({"config": with_profile}, {"config": churn()}, {"config": with_profile})

    (operation,) = made.operations
    assert "instance_profile_arn" not in operation.body["served_entities"][0]


def test_a_leaf_that_the_service_fills_in_is_a_change_where_the_program_takes_out_another_value():
    sizes = {"min_provisioned_concurrency": 4, "max_provisioned_concurrency": 8}

    made = plan(
        {"config": churn(workload_size="Large")},
        {"config": churn(workload_size=None, **sizes)},
        {"config": churn(workload_size="Large")},
    )

    assert (
        "config.served_entities.churn.workload_size",
        Action.UPDATE,
        Reason.EDITED,
    ) in told(made)
    assert "workload_size" not in made.operations[0].body["served_entities"][0]


def test_a_default_that_the_program_no_longer_says_is_no_difference():
    before = {"config": churn(workload_type="CPU")}

    made = plan(before, {"config": churn()}, before)

    assert told(made) == []
    assert made.operations == ()


def test_a_switch_of_the_vendor_does_not_carry_the_former_ones_config():
    cohere = openai(
        model={"provider": "cohere", "cohere_config": {"cohere_api_key": "{{secrets/a/b}}"}}
    )
    del cohere["external_model"]["openai_config"]

    made = plan({}, {"config": config(cohere)}, {})

    (operation,) = made.operations
    assert operation.body["served_entities"] == [
        {
            "name": "gpt",
            "external_model": {
                "name": "gpt-4",
                "provider": "cohere",
                "task": "llm/v1/chat",
                "cohere_config": {"cohere_api_key": "{{secrets/a/b}}"},
            },
        }
    ]


def test_a_setting_of_the_vendor_that_nobody_declared_is_carried():
    organised = config(
        openai(
            model={
                "openai_config": {
                    "openai_api_key": "{{secrets/llm/openai}}",
                    "openai_organization": "acme",
                }
            }
        )
    )

    made = plan({}, {"config": config(openai(model={"name": "gpt-5"}))}, {"config": organised})

    (operation,) = made.operations
    model = operation.body["served_entities"][0]["external_model"]
    assert model["openai_config"]["openai_organization"] == "acme"


def test_no_config_is_put_where_the_program_has_none():
    made = plan({"config": None}, {"config": None, "tags": {"a": "1"}}, {})

    assert made.operations == (PatchTags("chat", (("a", "1"),), ()),)


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
    assert told(plan({}, {"route_optimized": False}, {"route_optimized": None})) == []
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


# --- secrets -------------------------------------------------------------------------------------


def with_key(key):
    """A config with a plaintext credential."""
    return config(openai(model={"openai_config": {"openai_api_key_plaintext": key}}))


def without_key():
    """The same as GET answers it."""
    return config(openai(model={"openai_config": None}))


KEY = "config.served_entities.gpt.external_model.openai_config.openai_api_key_plaintext"


def test_pd_06_a_credential_that_get_never_shows_is_no_change():
    made = plan({"config": with_key("k1")}, {"config": with_key("k1")}, {"config": without_key()})

    assert told(made) == []
    assert (KEY, Reason.WRITE_ONLY) in {
        (shown(change.path), change.reason) for change in made.changes
    }


def test_pd_06_a_rotated_credential_is_one_put_with_the_new_one():
    made = plan(
        {"config": with_key(CANARY)},
        {"config": with_key(CANARY[::-1])},
        {"config": without_key()},
    )

    assert told(made) == [(KEY, Action.UPDATE, Reason.EDITED)]
    (operation,) = made.operations
    model = operation.body["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": CANARY[::-1]}
    assert CANARY not in repr(made)
    assert CANARY[::-1] not in repr(made)


def test_a_rotated_credential_is_found_though_all_that_shows_is_equal():
    applied, desired = with_key("k1"), with_key("k2")

    made = make_plan(
        applied=state(config=applied),
        desired=state(config=desired),
        actual=Actual(Endpoint, state(config=applied).tree),
    )

    assert [type(operation) for operation in made.operations] == [PutConfig]


def test_a_credential_that_the_program_takes_out_is_taken_out_by_a_put():
    both = {"openai_api_key": REFERENCE, "microsoft_entra_client_secret_plaintext": "s"}

    made = plan({"config": config(openai(model={"openai_config": both}))}, {}, {})

    assert told(made) == [
        (
            KEY.replace("openai_api_key_", "microsoft_entra_client_secret_"),
            Action.UPDATE,
            Reason.EDITED,
        )
    ]
    assert made.operations == (PutConfig("chat", config(openai())),)


def test_a_reference_that_the_service_made_for_a_plaintext_credential_is_not_carried():
    made_by_service = config(
        openai(model={"openai_config": {"openai_api_key": "{{secrets/internal/1}}"}})
    )

    quiet = plan(
        {"config": with_key("k1")}, {"config": with_key("k1")}, {"config": made_by_service}
    )
    made = plan({"config": with_key("k1")}, {"config": with_key("k2")}, {"config": made_by_service})

    assert told(quiet) == []
    model = made.operations[0].body["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": "k2"}


def test_a_step_from_a_reference_to_a_plaintext_credential_leaves_the_reference_out():
    made = plan({}, {"config": with_key("k1")}, {})

    model = made.operations[0].body["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": "k1"}


def test_drift_beside_a_credential_makes_changes_without_the_credential():
    stored = plain_json(state(config=with_key(CANARY), tags={"a": "1"}).tree)
    applied = revived(Endpoint, stored)

    made = make_plan(
        applied=applied,
        desired=applied,
        actual=answered(config=config(openai(model={"name": "gpt-3"}))),
    )

    assert told(made) == [
        (
            "config.served_entities.gpt.external_model.name",
            Action.UPDATE,
            Reason.DRIFTED,
        ),
        ("tags.a", Action.UPDATE, Reason.DRIFTED),
    ]
    assert CANARY not in repr(made)
    put = next(operation for operation in made.operations if isinstance(operation, PutConfig))
    model = put.body["served_entities"][0]["external_model"]
    assert isinstance(model["openai_config"]["openai_api_key_plaintext"], Fingerprint)


def test_a_secret_tag_that_is_known_by_its_fingerprint_only_is_not_sent_as_text():
    sealing = Sealing(b"k", frozenset({("tags", "token")}))
    applied = revived(Endpoint, plain_json(state(sealing, tags={"token": CANARY}).tree))

    made = make_plan(applied=applied, desired=applied, actual=answered(sealing))

    ((_, value),) = made.operations[0].add
    assert isinstance(value, Fingerprint)


def marked(overrides, *paths):
    """The sealing of a program that marks these paths as secret."""
    said = endpoint(**overrides)
    return Sealing(b"k", frozenset(located(said, path) for path in paths))


def test_a_secret_leaf_is_compared_by_its_fingerprint():
    said = {"config": churn(environment_vars={"TOKEN": CANARY})}
    other = {"config": churn(environment_vars={"TOKEN": "s0mething else"})}
    sealing = marked(said, ("config", "served_entities", 0, "environment_vars", "TOKEN"))
    applied = revived(Endpoint, plain_json(state(sealing, **said).tree))
    desired = state(sealing, **said)

    quiet = make_plan(applied=applied, desired=desired, actual=answered(sealing, **said))
    made = make_plan(applied=applied, desired=desired, actual=answered(sealing, **other))

    assert told(quiet) == []
    assert told(made) == [
        ("config.served_entities.churn.environment_vars.TOKEN", Action.UPDATE, Reason.DRIFTED)
    ]
    assert "s0mething else" not in repr(made)
    assert CANARY not in repr(made)
    assert made.operations[0].body["served_entities"][0]["environment_vars"] == {"TOKEN": CANARY}


def test_a_leaf_that_is_marked_as_secret_later_is_recorded_anew_without_a_call():
    said = {"config": churn(environment_vars={"TOKEN": CANARY})}
    sealing = marked(said, ("config", "served_entities", 0, "environment_vars", "TOKEN"))

    made = make_plan(
        applied=state(**said),
        desired=state(sealing, **said),
        actual=answered(sealing, **said),
    )

    assert told(made) == [
        (
            "config.served_entities.churn.environment_vars.TOKEN",
            Action.NOTE,
            Reason.ALREADY_THERE,
        )
    ]
    assert made.operations == ()


# --- how it is rolled out ------------------------------------------------------------------------


def redeploying(applied, desired, **actual):
    def with_values(values):
        tree = state().tree
        return Canonical(Endpoint, tree if values is None else {**tree, REDEPLOY_ON: values})

    return make_plan(
        applied=with_values(applied), desired=with_values(desired), actual=answered(**actual)
    )


def test_a_value_in_redeploy_on_that_changes_sends_the_same_configuration_again():
    made = redeploying(("1",), ("2",))

    assert told(made) == [("redeploy_on", Action.UPDATE, Reason.REDEPLOY)]
    assert made.operations == (PutConfig("chat", config(openai())),)


@pytest.mark.parametrize(("applied", "desired"), [(("1",), ("1",)), (("1",), None), (None, None)])
def test_redeploy_on_that_does_not_change_sends_nothing(applied, desired):
    made = redeploying(applied, desired)

    assert told(made) == []
    assert made.operations == ()


def test_redeploy_on_is_never_sent_with_a_create():
    desired = Canonical(Endpoint, {**state().tree, REDEPLOY_ON: ("1",), ENDPOINT_ID: "0123"})

    made = make_plan(applied=None, desired=desired, actual=None)

    assert made.operations == (CreateEndpoint("chat", program()),)


def test_another_id_under_the_same_name_is_told():
    applied = Canonical(Endpoint, {**state().tree, ENDPOINT_ID: "0123"})
    actual = Actual(Endpoint, {**answered().tree, ENDPOINT_ID: "4567"})

    made = make_plan(applied=applied, desired=state(), actual=actual)

    assert told(made) == [("endpoint_id", Action.NOTE, Reason.RECREATED)]
    assert made.changes[0].actual == "4567"


def test_the_same_id_is_no_change():
    applied = Canonical(Endpoint, {**state().tree, ENDPOINT_ID: "0123"})
    actual = Actual(Endpoint, {**answered().tree, ENDPOINT_ID: "0123"})

    assert told(make_plan(applied=applied, desired=applied, actual=actual)) == []


UPDATING = {"state": {"ready": "READY", "config_update": "IN_PROGRESS"}}


@pytest.mark.parametrize(
    ("wanted", "planned"),
    [
        (CancelStrategy.SUPERSEDE, CancelStrategy.SUPERSEDE),
        (CancelStrategy.FAIL, CancelStrategy.FAIL),
        # What has ever served is never abandoned.
        (CancelStrategy.ABANDON, CancelStrategy.SUPERSEDE),
    ],
)
def test_a_running_update_is_made_way_of_before_the_configuration_is_put(wanted, planned):
    changed = config(openai(model={"name": "gpt-5"}))

    made = plan(
        {},
        {"config": changed, "tags": {"a": "1"}, "ai_gateway": CALLS},
        UPDATING,
        on_update_in_progress=wanted,
    )

    assert made.operations == (
        PatchTags("chat", (("a", "1"),), ()),
        CancelUpdate("chat", planned),
        PutConfig("chat", changed),
        PutAiGateway("chat", CALLS),
    )


def test_a_first_deployment_that_never_became_ready_is_abandoned_where_the_program_says_so():
    changed = config(openai(model={"name": "gpt-5"}))
    first = {**UPDATING, "config": None, "pending_config": config(openai())}

    made = plan({}, {"config": changed}, first, on_update_in_progress=CancelStrategy.ABANDON)

    assert made.operations == (
        CancelUpdate("chat", CancelStrategy.ABANDON),
        PutConfig("chat", changed),
    )


def test_a_running_update_does_not_hold_up_tags_and_gateway():
    made = plan({}, {"tags": {"a": "1"}, "ai_gateway": CALLS}, UPDATING)

    assert [type(operation) for operation in made.operations] == [PatchTags, PutAiGateway]


def test_a_running_update_that_brings_what_is_wanted_needs_no_call():
    wanted = config(openai(model={"name": "gpt-5"}))

    made = plan({}, {"config": wanted}, {**UPDATING, "pending_config": wanted})

    assert made.operations == ()


# --- creation ------------------------------------------------------------------------------------


def test_what_is_not_there_is_created_with_the_mark():
    made = plan(
        None,
        {"tags": {"a": "1"}, "ai_gateway": CALLS, "description": "hello"},
        None,
        mark="proj.dev.01234567",
    )

    assert told(made) == [("", Action.CREATE, Reason.MISSING)]
    assert made.operations == (
        CreateEndpoint(
            "chat",
            {
                "name": "chat",
                "config": config(openai()),
                "ai_gateway": CALLS,
                "tags": [
                    {"key": "a", "value": "1"},
                    {"key": "managed-by-pulumi", "value": "proj.dev.01234567"},
                ],
                "description": "hello",
            },
        ),
    )


@pytest.mark.parametrize("tags", [None, {}])
def test_what_is_created_without_tags_and_mark_has_none(tags):
    made = plan(None, {"tags": tags}, None)

    assert made.operations == (CreateEndpoint("chat", program()),)


def test_what_vanished_is_created_again():
    made = plan({}, {}, None)

    assert [type(operation) for operation in made.operations] == [CreateEndpoint]


def test_what_is_created_does_not_print():
    made = plan(None, {"config": with_key(CANARY)}, None)

    assert CANARY not in repr(made)
    assert CANARY in str(made.operations[0].body)


def test_nothing_plans_a_kind_that_is_unknown():
    class Other(Value):
        pass

    with pytest.raises(TypeError, match="nothing plans a Other"):
        make_plan(applied=None, desired=Canonical(Other, {}), actual=None)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("config", "served_entities", "gpt-4", "name"), 'config.served_entities["gpt-4"].name'),
        (("config", "served_entities", "gpt"), "config.served_entities.gpt"),
        (("tags", "1st"), 'tags["1st"]'),
        (("tags", ""), 'tags[""]'),
        (("ai_gateway", "rate_limits", "user/ada"), 'ai_gateway.rate_limits["user/ada"]'),
    ],
)
def test_a_path_is_written_as_in_reports(path, written):
    assert shown(path) == written
