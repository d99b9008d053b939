"""An endpoint's property bag: what the program says, and what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.state.endpoint import (
    endpoint_inputs,
    marked_paths,
    normal_inputs,
    visible_endpoint,
)
from databricks_serving_schema import UNKNOWN, InvalidResource
from support.endpoints import LENIENT, REFERENCE, STRICT, config, openai, program, registered, told
from support.json_trees import anything, named, places, put
from support.valid_programs import VALID

CANARY = "c4nary-s3cret-value"
MODEL = "config.served_entities[0].external_model"
KEY_PATH = "external_model.openai_config.openai_api_key_plaintext"


def problems(bag, allowances=STRICT):
    try:
        endpoint_inputs(bag, allowances)
    except InvalidResource as invalid:
        return [told(problem) for problem in invalid.problems]
    return []


def without_key(name="gpt"):
    """A config whose credential stands apart."""
    return config(openai(name, model={"openai_config": {}}))


def with_credentials(credentials, **overrides):
    return program(**{"config": without_key(), "credentials": credentials, **overrides})


def openai_config(inputs):
    return inputs.endpoint.config.served_entities[0].external_model.openai_config


# --- credentials ---------------------------------------------------------------------------------


def test_a_credential_is_put_back_at_its_field():
    inputs = endpoint_inputs(with_credentials({"gpt": {KEY_PATH: CANARY}}), STRICT)

    assert openai_config(inputs).openai_api_key_plaintext.get_secret_value() == CANARY
    assert CANARY not in repr(inputs)


def test_a_credential_makes_the_objects_on_its_way():
    bag = with_credentials({"gpt": {KEY_PATH: CANARY}})
    del bag["config"]["served_entities"][0]["external_model"]["openai_config"]

    inputs = endpoint_inputs(bag, STRICT)

    assert openai_config(inputs).openai_api_key_plaintext.get_secret_value() == CANARY


def test_a_credential_of_an_entity_without_a_name_stands_under_its_default_name():
    entity = openai(model={"name": "gpt-3.5", "openai_config": {}})
    del entity["name"]
    bag = with_credentials({"gpt-3-5": {KEY_PATH: CANARY}}, config=config(entity))

    inputs = endpoint_inputs(bag, STRICT)

    assert openai_config(inputs).openai_api_key_plaintext.get_secret_value() == CANARY


def test_a_credential_that_is_not_yet_known_counts_as_there():
    inputs = endpoint_inputs(with_credentials({"gpt": {KEY_PATH: UNKNOWN}}), STRICT)

    assert openai_config(inputs).openai_api_key_plaintext is UNKNOWN


@pytest.mark.parametrize("credentials", [UNKNOWN, {"gpt": UNKNOWN}])
def test_credentials_that_are_not_yet_known_at_all_are_no_problem(credentials):
    assert problems(with_credentials(credentials)) == []


def test_whose_credentials_they_are_cannot_be_told_while_a_name_is_not_yet_known():
    bag = with_credentials({"gpt": {KEY_PATH: CANARY}}, config=without_key(UNKNOWN))

    assert problems(bag) == []
    assert openai_config(endpoint_inputs(bag, STRICT)) is UNKNOWN


def test_credentials_of_each_entity_stay_apart():
    bag = with_credentials(
        {"a": {KEY_PATH: "one"}, "b": {KEY_PATH: "two"}},
        config={**config(*(without_key(n)["served_entities"][0] for n in "ab"), routes={"a": 100})},
    )

    inputs = endpoint_inputs(bag, LENIENT)

    keys = [
        entity.external_model.openai_config.openai_api_key_plaintext.get_secret_value()
        for entity in inputs.endpoint.config.served_entities
    ]
    assert keys == ["one", "two"]


def test_a_plaintext_credential_in_the_config_is_refused_without_repeating_it():
    bag = program(
        config=config(openai(model={"openai_config": {"openai_api_key_plaintext": CANARY}}))
    )

    found = problems(bag)

    assert [(path, rule) for path, rule, _ in found] == [
        (f"{MODEL}.openai_config.openai_api_key_plaintext", "plaintext-in-config")
    ]
    assert "databricks_serving.ServingEndpoint" in found[0][2]
    assert CANARY not in str(found)


@pytest.mark.parametrize("allowances", [STRICT, LENIENT])
def test_an_environment_variable_may_be_called_plaintext(allowances):
    said = registered(environment_vars={"MY_plaintext": "x", "b_plaintext": UNKNOWN})

    assert problems(program(config=config(said)), allowances) == []


def test_a_plaintext_credential_that_nobody_knows_is_refused_in_words_of_its_own():
    model = {"initech_config": {"initech_api_key_plaintext": CANARY, "initech_api_key": CANARY}}

    found = problems(program(config=config(openai(model=model))), LENIENT)

    assert [(path, rule) for path, rule, _ in found] == [
        (f"{MODEL}.initech_config.initech_api_key_plaintext", "newer-plaintext"),
        (f"{MODEL}.initech_config.initech_api_key", "newer-credential"),
    ]
    assert "ServingEndpoint" not in str(found)
    assert CANARY not in str(found)


def test_limits_beside_what_is_no_gateway_are_told_and_not_sent():
    assert problems(program(ai_gateway="x", rate_limits=[]), LENIENT) == [
        ("ai_gateway", "type", "takes an object"),
        (
            "rate_limits",
            "older-form",
            "not taken here: the older place of `ai_gateway.rate_limits`",
        ),
    ]


@pytest.mark.parametrize("credentials", ["x", 7, [], {"gpt": "x"}, {"gpt": {"": "x"}}, {"gpt": []}])
def test_credentials_of_another_shape_are_missing_credentials(credentials):
    assert [path for path, _, _ in problems(with_credentials(credentials))] in (
        [f"{MODEL}.openai_config.openai_api_key"],
        ['config.served_entities[0][""]', f"{MODEL}.openai_config.openai_api_key"],
    )


# --- settings ------------------------------------------------------------------------------------


def test_settings_are_typed_and_stand_beside_the_endpoint():
    bag = program(
        deploy={
            "wait": "accepted",
            "timeout": "2h",
            "on_update_in_progress": "fail",
            "replace_on": ["description"],
            "redeploy_on": ["1", 2.0],
        },
        adopt="true",
        workspace={"host": "https://example.com"},
        allow_multiple_external_models=False,
        invocation_url="https://example.com/x",
        __provider="gASV",
    )

    inputs = endpoint_inputs(bag, STRICT)

    assert inputs.deploy.wait == "accepted"
    assert inputs.deploy.timeout == "2h"
    assert inputs.deploy.on_update_in_progress == "fail"
    assert inputs.deploy.replace_on == ("description",)
    assert inputs.deploy.redeploy_on == ("1", 2.0)
    assert inputs.adopt is True
    assert inputs.workspace.host == "https://example.com"
    assert not inputs.endpoint.model_extra


def test_settings_may_be_left_out():
    inputs = endpoint_inputs(program(), STRICT)

    assert inputs.deploy.wait is None
    assert inputs.workspace is None
    assert inputs.adopt is False
    assert inputs.marked == ()


@pytest.mark.parametrize("name", ["deploy", "workspace", "adopt", "allow_multiple_external_models"])
def test_a_setting_that_is_not_yet_known_is_no_problem(name):
    assert problems(program(**{name: UNKNOWN})) == []


WRONG_SETTINGS = {
    "misspelt": (
        {"deploy": {"wiat": "ready"}},
        ("deploy.wiat", "unknown-field", "no such field; did you mean 'wait'?"),
    ),
    "unknown": (
        {"deploy": {"frobnicate": 1}},
        (
            "deploy.frobnicate",
            "unknown-field",
            (
                "no such field; deploy has wait, timeout, on_update_in_progress, replace_on, "
                "redeploy_on"
            ),
        ),
    ),
    "no object": ({"deploy": "ready"}, ("deploy", "type", "takes an object")),
    "another word": (
        {"deploy": {"wait": "forever"}},
        ("deploy.wait", "known-value", "not known here; known are ready, accepted"),
    ),
    "no duration": (
        {"deploy": {"timeout": "soon"}},
        ("deploy.timeout", "spelling", "takes a duration such as 2h, 45m or 1h30m"),
    ),
    "nothing that can replace": (
        {"deploy": {"replace_on": ["config"]}},
        (
            "deploy.replace_on[0]",
            "known-value",
            "not known here; known are description, budget_policy_id",
        ),
    ),
    "two workspaces": (
        {"workspace": {"profile": "a", "host": "b"}},
        (
            "workspace",
            "one-of",
            "say at most one of profile and host; here are profile and host",
        ),
    ),
    "a credential in workspace": (
        {"workspace": {"host": "https://example.com", "token": CANARY}},
        ("workspace.token", "unknown-field", "no such field; workspace has profile, host"),
    ),
    "workspace as text": ({"workspace": CANARY}, ("workspace", "type", "takes an object")),
    "adopt": ({"adopt": "yes"}, ("adopt", "type", "takes true or false")),
    "allow_multiple_external_models": (
        {"allow_multiple_external_models": 1},
        ("allow_multiple_external_models", "type", "takes true or false"),
    ),
}


@pytest.mark.parametrize(("said", "expected"), WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
@pytest.mark.parametrize("allowances", [STRICT, LENIENT], ids=["strict", "lenient"])
def test_a_setting_that_does_not_fit_is_told(said, expected, allowances):
    found = problems(program(**said), allowances)

    assert found == [expected]
    assert CANARY not in str(found)


def test_problems_of_settings_and_of_the_endpoint_are_told_at_once():
    bag = program(name="my endpoint", deploy={"wait": 1}, workspace=7, adopt=7, tgas={})

    assert [path for path, _, _ in problems(bag)] == [
        "tgas",
        "name",
        "deploy.wait",
        "adopt",
        "workspace",
    ]


@pytest.mark.parametrize(
    ("said", "stack", "count"),
    [
        (None, STRICT, 1),
        (None, LENIENT, 0),
        (True, STRICT, 0),
        ("true", STRICT, 0),
        (False, LENIENT, 1),
        (UNKNOWN, STRICT, 0),
    ],
)
def test_the_program_may_allow_several_external_models_against_its_stack(said, stack, count):
    bag = program(
        config=config(openai("a"), openai("b"), routes={"a": 50, "b": 50}),
        allow_multiple_external_models=said,
    )

    assert len(problems(bag, stack)) == count


# --- marked leaves -------------------------------------------------------------------------------


def test_the_paths_of_secret_leaves_have_whole_positions():
    bag = {"__secret_leaves": [["config", "served_entities", 0.0, "environment_vars"], ["tags"]]}

    paths = marked_paths(bag)

    assert paths == (("config", "served_entities", 0, "environment_vars"), ("tags",))
    assert type(paths[0][2]) is int


@pytest.mark.parametrize("leaves", [None, UNKNOWN, [], "x"])
def test_no_marked_leaves_are_none(leaves):
    assert marked_paths({"__secret_leaves": leaves}) == ()


# --- the normal form -----------------------------------------------------------------------------


def normal(bag, allowances=STRICT):
    return normal_inputs(bag, endpoint_inputs(bag, allowances))


def test_the_normal_form_has_names_whole_numbers_and_one_spelling():
    entity = registered(workload_size="Small")
    del entity["name"]
    split = {"routes": [{"served_model_name": "churn-1", "traffic_percentage": "100"}]}
    bag = program(
        config={"served_entities": [entity], "traffic_config": split},
        tags=[{"key": "team", "value": "ml"}],
        route_optimized="false",
        deploy={"wait": "ready"},
    )

    assert normal(bag) == {
        "name": "chat",
        "config": {
            "served_entities": [{**registered(), "name": "churn-1"}],
            "traffic_config": {
                "routes": [{"served_entity_name": "churn-1", "traffic_percentage": 100}]
            },
        },
        "tags": {"team": "ml"},
        "route_optimized": False,
        "deploy": {"wait": "ready"},
    }


@pytest.mark.parametrize(
    "credentials", [{"gpt": {KEY_PATH: CANARY}}, {"gpt": {KEY_PATH: UNKNOWN}}, UNKNOWN]
)
def test_the_normal_form_keeps_credentials_apart_and_the_rest_known(credentials):
    bag = with_credentials(credentials)

    made = normal(bag)

    assert made["config"] == without_key()
    assert made["credentials"] == credentials
    assert problems(made) == []


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_the_normal_form_is_its_own(said):
    if "_plaintext" in str(said):
        return
    once = normal(said)

    assert normal(once) == once


def test_fields_of_a_newer_api_are_in_the_normal_form():
    bag = program(newer={"a": [1.5]}, config=config(openai(newer=1)))

    assert normal(bag, LENIENT) == bag


def test_what_outputs_show_is_read_as_a_fact():
    outputs = {
        **program(tags={"team": "ml"}),
        "endpoint_id": "0123",
        "state": {"ready": "READY"},
        "__applied": {"name": "chat"},
        "config": {"served_entities": [{"name": 7}]},
    }

    shown = visible_endpoint(outputs)

    assert shown.tags == {"team": "ml"}
    assert shown.config.served_entities[0].name == 7
    assert not shown.model_extra


# --- whatever comes ------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        *("name", "config", "tags", "ai_gateway", "newer_field", "credentials", "__provider"),
        *("deploy", "workspace", "adopt", "allow_multiple_external_models"),
    ]
)


@given(st.dictionaries(NAMES, anything, max_size=4), st.sampled_from([STRICT, LENIENT]))
def test_nothing_but_invalid_resource_comes_out_of_any_bag(bag, allowances):
    if not problems(bag, allowances):
        assert normal(normal(bag, allowances), allowances) == normal(bag, allowances)


COMPLETE = with_credentials(
    {"gpt": {KEY_PATH: "k"}},
    deploy={"wait": "ready", "timeout": "2h", "replace_on": ["description"], "redeploy_on": ["x"]},
    workspace={"profile": "dev"},
    adopt=True,
    allow_multiple_external_models=False,
)


def by_place(value):
    return {named(place): problems(put(COMPLETE, place, value)) for place in places(COMPLETE)}


def test_no_setting_and_no_credential_is_repeated():
    for wrong in (CANARY, [CANARY], {"a": CANARY}):
        assert CANARY not in str(by_place(wrong))


def test_what_is_not_yet_known_is_no_problem_anywhere():
    assert {place: found for place, found in by_place(UNKNOWN).items() if found} == {}


@pytest.mark.parametrize("wrong", [None, [], {}, 7.5, "", [UNKNOWN]])
def test_nothing_but_invalid_resource_comes_out_of_one_change(wrong):
    assert len(by_place(wrong)) > 15


def test_a_reference_needs_no_credentials():
    bag = program(credentials={"other": {KEY_PATH: "k"}})

    assert openai_config(endpoint_inputs(bag, STRICT)).openai_api_key == REFERENCE


# --- the name inside config ----------------------------------------------------------------------


@pytest.mark.parametrize("named", ["chat", UNKNOWN])
def test_the_name_that_the_documentation_repeats_in_config_is_accepted_and_goes_nowhere(named):
    bag = program(name="chat", config={**config(openai("gpt")), "name": named})

    inputs = endpoint_inputs(bag, STRICT)

    assert "name" not in normal_inputs(bag, inputs)["config"]


def test_another_name_in_config_is_refused():
    bag = program(name="chat", config={**config(openai("gpt")), "name": "other"})

    assert problems(bag) == [
        (
            "config.name",
            "config-name",
            "is not the endpoint's own name; leave it out, the endpoint is named by `name`",
        )
    ]


@pytest.mark.parametrize("allowances", [STRICT, LENIENT])
@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("adpot", "adopt"), ("dploy", "deploy"), ("workspce", "workspace")],
)
def test_a_misspelt_setting_is_never_sent(misspelt, meant, allowances):
    said = {**program(), misspelt: True}

    found = problems(said, allowances)

    assert found == [(misspelt, "unknown-field", f"no such field; did you mean {meant!r}?")]


def test_a_workspace_that_says_nothing_is_none():
    inputs = endpoint_inputs({**program(), "workspace": {"profile": None}}, STRICT)

    assert inputs.workspace is None
