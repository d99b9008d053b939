"""What of the workspace is shown under the inputs' names."""

from __future__ import annotations

import json

import pytest

from databricks_serving.plan.canonical import Sealing, canonical, located, revived
from databricks_serving.plan.projection import plain, projected
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import Endpoint, SecretScope, parse_endpoint
from support.endpoints import (
    LENIENT,
    SEALING,
    answered,
    config,
    endpoint,
    limit,
    openai,
    registered,
    state,
)
from support.valid_programs import VALID

CANARY = "c4nary-s3cret-value"


def shown(shape, actual, sealing=SEALING):
    """What is shown of an answer, where a program that says `shape` was applied."""
    written = state(sealing, **shape).tree
    return projected(Endpoint, shape=written, actual=answered(sealing, **actual).tree)


def churn(*names, routes=None, **overrides):
    return config(*(registered(name, **overrides) for name in names or ("churn",)), routes=routes)


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_what_is_there_as_it_was_said_is_shown_as_it_was_said(said):
    tree = canonical(parse_endpoint(said, LENIENT), SEALING).tree
    read_back = json.loads(json.dumps(projected(Endpoint, shape=tree, actual=tree)))

    assert canonical(parse_endpoint(read_back, LENIENT), SEALING).tree == tree


def test_parts_and_leaves_that_the_program_never_said_are_left_out():
    actual = {
        "config": churn(workload_type="CPU", routes={"churn": 100}, newer=1),
        "tags": [{"key": "a", "value": "1"}],
        "ai_gateway": {"rate_limits": [limit()]},
        "newer": 1,
    }

    assert shown({"config": churn()}, actual) == {"name": "chat", "config": churn()}


def test_lists_keep_the_programs_order():
    split = {"z": 50, "a": 25, "m": 25}
    shape = {
        "config": churn("z", "a", "m", routes=split),
        "tags": {"z": "1", "a": "2"},
        "ai_gateway": {"rate_limits": [limit(1, principal="z"), limit(2, principal="a")]},
    }
    actual = {
        "config": churn("a", "m", "z", routes=dict(sorted(split.items()))),
        "tags": [{"key": "a", "value": "2"}, {"key": "z", "value": "1"}],
        "ai_gateway": {"rate_limits": [limit(2, principal="a"), limit(1, principal="z")]},
    }

    seen = shown(shape, actual)

    assert json.dumps(seen["config"]) == json.dumps(shape["config"])
    assert json.dumps(seen["tags"]) == json.dumps(shape["tags"])
    assert seen["ai_gateway"] == shape["ai_gateway"]


def test_a_changed_leaf_is_shown_as_it_is():
    seen = shown({"config": churn()}, {"config": churn(workload_size="Large")})

    assert seen["config"] == churn(workload_size="Large")


def test_an_element_that_somebody_else_added_is_shown_without_what_the_service_filled_in():
    added = registered("new", workload_type="CPU", environment_vars={"A": "1"}, newer=1)

    seen = shown({"config": churn()}, {"config": config(registered(), added)})

    assert seen["config"]["served_entities"][1] == {
        "name": "new",
        "entity_name": "main.ml.churn",
        "entity_version": "1",
        "environment_vars": {"A": "1"},
        "newer": 1,
    }


def test_an_element_that_is_gone_is_not_shown():
    seen = shown({"config": churn("a", "b", routes={"a": 50, "b": 50})}, {"config": churn("b")})

    assert seen["config"] == churn("b")


@pytest.mark.parametrize(
    ("shape", "actual", "seen"),
    [
        ({"tags": {"a": "1"}}, {}, {"tags": {}}),
        ({"ai_gateway": {"rate_limits": [limit()]}}, {}, {"ai_gateway": {"rate_limits": []}}),
        ({"ai_gateway": {"rate_limits": []}}, {}, {"ai_gateway": {"rate_limits": []}}),
        ({"ai_gateway": {}}, {}, {"ai_gateway": {}}),
        (
            {"ai_gateway": {"rate_limits": [limit()]}},
            {"ai_gateway": {"newer": 1}},
            {"ai_gateway": {"rate_limits": []}},
        ),
    ],
)
def test_what_is_gone_is_shown_as_empty_or_left_out(shape, actual, seen):
    found = shown(shape, actual)

    assert {name: found[name] for name in found if name not in ("name", "config")} == seen


@pytest.mark.parametrize("said", [{}, {"sampling_fraction": 0.5}])
def test_an_object_of_which_nothing_is_answered_is_shown_if_it_says_nothing(said):
    profile = {"telemetry_profile_id": "p1"}

    seen = shown(
        {"config": churn(), "telemetry_config": {**profile, "inference_table_config": said}},
        {"config": churn(), "telemetry_config": profile},
    )

    assert seen["telemetry_config"].get("inference_table_config") == (None if said else {})


def test_what_somebody_put_into_a_cleared_gateway_is_shown():
    there = {"rate_limits": [limit(7)], "newer": {"a": 1}}

    assert shown({"ai_gateway": {}}, {"ai_gateway": there})["ai_gateway"] == there


def test_what_somebody_put_into_a_cleared_list_is_shown():
    seen = shown({"ai_gateway": {"rate_limits": []}}, {"ai_gateway": {"rate_limits": [limit(7)]}})

    assert seen["ai_gateway"]["rate_limits"] == [limit(7)]


def test_what_somebody_added_to_a_map_is_shown_and_the_mark_is_not():
    tags = {"managed-by-pulumi": "p.dev.01234567", "b": "2", "a": "1"}
    listed = [{"key": key, "value": value} for key, value in tags.items()]

    seen = shown({"tags": {"a": "1"}}, {"tags": listed})

    assert list(seen["tags"].items()) == [("a", "1"), ("b", "2")]


def test_a_mark_alone_is_no_tags():
    listed = [{"key": "managed-by-pulumi", "value": "p.dev.01234567"}]

    assert shown({"tags": {}}, {"tags": listed})["tags"] == {}


def test_a_plaintext_credential_is_not_shown():
    entity = openai(model={"openai_config": {"openai_api_key_plaintext": CANARY}})
    answer = openai(model={"openai_config": None})

    seen = shown({"config": config(entity)}, {"config": config(answer)})

    model = seen["config"]["served_entities"][0]["external_model"]
    assert model["openai_config"] == {}
    assert CANARY not in json.dumps(seen)


def test_a_default_that_the_service_does_not_show_is_shown_as_it_was_said():
    shape = {"description": "", "route_optimized": False}

    seen = shown(shape, {"description": None, "route_optimized": None})

    assert (seen["description"], seen["route_optimized"]) == ("", False)


def test_a_value_that_is_not_the_default_and_gone_is_not_shown():
    assert "description" not in shown({"description": "hello"}, {"description": None})


def test_fields_of_a_newer_api_are_shown_where_they_are_there():
    assert shown({"newer": 1, "other": 1}, {"newer": 2})["newer"] == 2
    assert "other" not in shown({"newer": 1, "other": 1}, {"newer": 2})


def test_a_setting_that_is_never_shown_stands_as_it_was_written():
    shape = {"name": "keys", "initial_manage_principal": "users"}

    seen = projected(SecretScope, shape=shape, actual={"name": "keys"})

    assert seen == shape


def test_a_leaf_that_the_program_marks_as_secret_is_shown_as_the_workspace_has_it():
    said = {"config": churn(environment_vars={"TOKEN": CANARY})}
    path = ("config", "served_entities", 0, "environment_vars", "TOKEN")
    sealing = Sealing(b"k", frozenset({located(endpoint(**said), path)}))

    seen = shown(said, said, sealing)

    assert seen["config"] == said["config"]


def test_a_secret_that_is_known_by_its_fingerprint_only_stays_one():
    said = {"tags": {"token": CANARY}}
    sealing = Sealing(b"k", frozenset({("tags", "token")}))
    applied = revived(Endpoint, plain_json(state(sealing, **said).tree))

    assert CANARY not in json.dumps(plain(applied.tree))


def test_sequences_are_lists():
    assert plain({"a": ("b", {"c": (1,)})}) == {"a": ["b", {"c": [1]}]}


def test_an_element_that_is_no_object_is_shown_as_it_came():
    actual = {"config": {"served_entities": {"#0": "odd"}}}

    seen = projected(Endpoint, shape=state().tree, actual=actual)

    assert seen == {"config": {"served_entities": ["odd"]}}


def test_a_switch_that_get_always_answers_alike_is_shown_as_it_was_written():
    sized = {"workload_size": None, "max_provisioned_throughput": 9500}

    seen = shown(
        {"config": churn(**sized, scale_to_zero_enabled=True)},
        {"config": churn(**sized, scale_to_zero_enabled=False)},
    )

    assert seen["config"]["served_entities"][0]["scale_to_zero_enabled"] is True
