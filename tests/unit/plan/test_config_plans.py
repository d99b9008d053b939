"""The plan of an endpoint's configuration."""

from __future__ import annotations

from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.operations import PatchTags, PutConfig
from support.endpoints import config, openai
from unit.plan.plans import churn, plan, told


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
    captured = {"catalog_name": "main", "schema_name": "ml", "enabled": True}
    actual["auto_capture_config"] = captured
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
        "auto_capture_config": captured,
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


def test_a_switch_that_get_always_answers_alike_is_no_difference():
    sized = {"workload_size": None, "max_provisioned_throughput": 9500}
    said = {"config": churn(**sized, scale_to_zero_enabled=True)}
    there = {"config": churn(**sized, scale_to_zero_enabled=False)}

    made = plan(said, said, there)

    assert told(made) == []
    assert [(change.path[-1], change.reason) for change in made.changes] == [
        ("scale_to_zero_enabled", Reason.NOT_COMPARED)
    ]


def test_the_same_switch_of_a_registered_model_is_one():
    said = {"config": churn(scale_to_zero_enabled=True)}

    made = plan(said, said, {"config": churn(scale_to_zero_enabled=False)})

    assert told(made) == [
        ("config.served_entities.churn.scale_to_zero_enabled", Action.UPDATE, Reason.DRIFTED)
    ]


def test_a_type_of_openai_that_somebody_changed_is_drift():
    def typed(**said):
        key = {"openai_api_key": "{{secrets/llm/openai}}"}
        return {"config": config(openai(model={"openai_config": {**key, **said}}))}

    said = typed(openai_api_type="openai")

    made = plan(said, said, typed(openai_api_type="azure"))

    assert told(made) == [
        (
            "config.served_entities.gpt.external_model.openai_config.openai_api_type",
            Action.UPDATE,
            Reason.DRIFTED,
        )
    ]
