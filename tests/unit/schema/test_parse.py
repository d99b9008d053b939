"""From a program, or an answer, to models."""

from __future__ import annotations

import copy
from datetime import date
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving_schema import (
    RESOURCES,
    UNKNOWN,
    Allowances,
    Endpoint,
    Unknown,
    Value,
    fields_of,
    parse_answer,
    parse_endpoint,
    parse_endpoint_answer,
    read_program,
    unknown_fields,
)
from databricks_serving_schema.policy import setting
from databricks_serving_schema.values import Said
from support.endpoints import (
    LENIENT,
    REFERENCE,
    answer,
    bodies,
    config,
    endpoint,
    limit,
    openai,
    problems,
    program,
    registered,
)
from support.json_trees import anything, places, put

#: How our own words begin.
OURS = (
    "required",
    "takes text",
    "takes a ",
    "takes an object",
    "takes true",
    "no such field",
    "only answers",
)


def _within(model):
    """A model and every model inside it."""
    yield model
    for field in fields_of(model).values():
        if field.model is not None:
            yield from _within(field.model)


ENTITY = "config.served_entities[0]"
CANARY = "c4nary-s3cret-value"


def test_a_value_of_the_wrong_type_is_told_by_what_the_field_takes():
    said = program(
        name=5,
        config=config(registered(environment_vars=["A"], scale_to_zero_enabled="yes")),
        tags="team",
        ai_gateway={"rate_limits": {"calls": 1}},
    )

    assert problems(said) == [
        ("name", "type", "takes text, in quotes"),
        (f"{ENTITY}.environment_vars", "type", "takes a map"),
        (f"{ENTITY}.scale_to_zero_enabled", "type", "takes true or false"),
        ("ai_gateway.rate_limits", "type", "takes a list"),
        ("tags", "type", "takes a map"),
    ]


@pytest.mark.parametrize("calls", [100, 100.0, "100"])
def test_a_whole_number_is_taken_in_the_forms_of_the_wire_and_of_the_documentation(calls):
    parsed = endpoint(ai_gateway={"rate_limits": [limit(calls)]})

    assert parsed.ai_gateway.rate_limits[0].calls == 100
    assert type(parsed.ai_gateway.rate_limits[0].calls) is int


@pytest.mark.parametrize(
    "calls",
    [
        *(10.5, "10.5", "many", True, [], float("inf"), float("nan")),
        *("1_00", "1.0", " 1", "1 ", "+1", "1e2", "\u0661", ""),
    ],
)
def test_what_is_no_whole_number_is_refused(calls):
    found = problems(program(ai_gateway={"rate_limits": [limit(calls)]}))

    assert [(path, rule) for path, rule, _ in found] == [
        ("ai_gateway.rate_limits[0].calls", "type")
    ]


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        (float("inf"), "takes a whole number"),
        ("9" * 5000, "takes a whole number of fewer digits"),
        (2**63, "takes a whole number of fewer digits"),
        (-(2**63) - 1, "takes a whole number of fewer digits"),
        (str(2**63), "takes a whole number of fewer digits"),
        (1e300, "takes a whole number of fewer digits"),
        ("1_00", "takes a whole number"),
    ],
)
def test_a_number_beyond_all_numbers_is_refused_in_words_of_ours(calls, message):
    said = program(ai_gateway={"rate_limits": [limit(calls)]})

    assert problems(said) == [("ai_gateway.rate_limits[0].calls", "type", message)]


def test_a_whole_number_has_up_to_64_bits():
    parsed = endpoint(ai_gateway={"rate_limits": [limit(str(2**63 - 1))]})

    assert parsed.ai_gateway.rate_limits[0].calls == 2**63 - 1


@pytest.mark.parametrize("share", ["abc", "1_0", "nan", " 1", "", [], {}, True])
def test_what_is_no_number_is_refused_in_words_of_ours(share):
    said = program(
        config=config(registered()),
        telemetry_config={
            "telemetry_profile_id": "p",
            "inference_table_config": {"sampling_fraction": share},
        },
    )

    ((path, rule, message),) = problems(said)

    assert (path, rule) == ("telemetry_config.inference_table_config.sampling_fraction", "type")
    assert message in ("takes a number", "takes a number, not true or false")


@pytest.mark.parametrize("said", [True, "true"])
def test_true_is_taken_as_a_string_too(said):
    made = endpoint(config=config(registered()), route_optimized=said)

    assert made.route_optimized is True


#: One wrong value of every type of JSON, and what no JSON can say.
ODD = (None, True, 0, -1.5, 10**5000, float("nan"), "", "x", [], [[]], {}, {"x": {}}, object(), b"")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (model, name)
        for resource in RESOURCES
        for top in (resource.model, resource.settings)
        for model in _within(top)
        for name in fields_of(model)
    ],
)
def test_no_message_about_a_wrong_value_is_in_the_words_of_pydantic(model, name):
    told = [
        problem.message
        for odd in (*ODD, *([odd] for odd in ODD), *({"key": odd, name: odd} for odd in ODD))
        for problem in read_program(model, {name: odd}, Allowances())[1]
    ]

    assert {message for message in told if not message.startswith(OURS)} == set()


def test_an_error_of_pydantic_that_nobody_has_words_for_is_told_without_its_own():
    class Dated(Value):
        day: Annotated[Said[date], setting("for this test")] = None

    _, (problem,) = read_program(Dated, {"day": CANARY}, Allowances())

    assert str(problem) == "day: takes another kind of value"


@pytest.mark.parametrize("said", [1, 0, "yes", "True", "on", []])
def test_what_is_neither_true_nor_false_is_refused(said):
    assert problems(program(route_optimized=said)) == [
        ("route_optimized", "type", "takes true or false")
    ]


def test_a_misspelt_field_is_refused_with_the_nearest_one():
    said = program(config=config(openai(model={"openai_confg": {}})))

    assert problems(said)[0] == (
        f"{ENTITY}.external_model.openai_confg",
        "unknown-field",
        "no such field; did you mean 'openai_config'?",
    )


def test_a_misspelt_field_counts_as_said_where_it_was_meant():
    said = program(
        config=config(
            {
                **openai(),
                "external_model": {
                    "name": "gpt-4",
                    "provder": "openai",
                    "task": "llm/v1/chat",
                    "openai_confg": {"openai_api_key": REFERENCE},
                },
            }
        )
    )

    assert [path for path, _, _ in problems(said)] == [
        f"{ENTITY}.external_model.provder",
        f"{ENTITY}.external_model.openai_confg",
    ]


def test_a_misspelt_field_is_refused_even_where_unknown_ones_are_allowed():
    assert problems(program(Tgas={"a": "b"}), LENIENT) == [
        ("Tgas", "unknown-field", "no such field; did you mean 'tags'?")
    ]


def test_a_misspelt_field_beside_the_right_one_hides_nothing():
    said = program(tgas={"a": "b"}, tags={"managed-by-pulumi": "me"})

    assert [(path, rule) for path, rule, _ in problems(said)] == [
        ("tgas", "unknown-field"),
        ('tags["managed-by-pulumi"]', "reserved-tag"),
    ]


def test_an_unknown_field_is_refused_with_those_that_there_are():
    said = program(config=config(openai(), routes={"gpt": 100}), frobnicate=1)
    said["config"]["traffic_config"]["frobnicate"] = 1

    assert problems(said) == [
        (
            "config.traffic_config.frobnicate",
            "unknown-field",
            "no such field; config.traffic_config has routes",
        ),
        (
            "frobnicate",
            "unknown-field",
            f"no such field; this resource has {', '.join(Endpoint.model_fields)}",
        ),
    ]


def test_an_unknown_field_is_kept_where_that_is_allowed():
    said = program(config=config(openai(frobnicate={"a": [1]})), frobnicate=1)

    parsed = parse_endpoint(said, Allowances(unknown_fields=True))

    assert parsed.model_extra == {"frobnicate": 1}
    assert list(unknown_fields(parsed)) == [
        ("frobnicate",),
        ("config", "served_entities", 0, "frobnicate"),
    ]


def test_a_field_of_answers_is_refused_with_the_word_for_it():
    assert problems(program(creator="ada@example.com")) == [
        ("creator", "answer-only", "only answers have this field; leave it out")
    ]


def test_the_older_list_of_models_is_refused_with_what_to_write_instead():
    said = program(config={**config(registered()), "served_models": []})

    assert problems(said) == [
        (
            "config.served_models",
            "answer-only",
            (
                "the older form: write served_entities, with entity_name for model_name and "
                "entity_version for model_version"
            ),
        )
    ]


@pytest.mark.parametrize(
    "field",
    ["openai_api_key", "microsoft_entra_client_secret"],
)
def test_a_pasted_key_is_refused_without_repeating_it(field):
    said = program(
        config=config(openai(model={"openai_config": {"openai_api_key": REFERENCE, field: CANARY}}))
    )

    assert problems(said) == [
        (
            f"{ENTITY}.external_model.openai_config.{field}",
            "secret-reference",
            (
                "takes a reference such as {{secrets/my_scope/my_key}}, and what stands here is "
                "none. It is not repeated, for it may be the credential itself. Put that into a "
                "`Secret` and write `secret.reference` here, or move it to the field of the same "
                "name with `_plaintext` added"
            ),
        )
    ]


def test_an_unknown_leaf_beside_a_breach_hides_nothing():
    said = program(name=UNKNOWN, ai_gateway={"rate_limits": [limit(-1, key=UNKNOWN)]})

    assert problems(said) == [("ai_gateway.rate_limits[0].calls", "bounds", "-1 is less than 0")]


def test_a_value_of_the_wrong_type_beside_a_breach_hides_nothing():
    said = program(config=7, ai_gateway={"rate_limits": [limit(-1)]})

    assert problems(said) == [
        ("config", "type", "takes an object"),
        ("ai_gateway.rate_limits[0].calls", "bounds", "-1 is less than 0"),
    ]


def test_tags_are_a_map_or_the_list_of_the_api():
    as_map = endpoint(tags={"team": "ml", "flag": ""})
    as_list = endpoint(tags=[{"key": "team", "value": "ml"}, {"key": "flag"}])

    assert as_map == as_list
    assert as_list.tags == {"team": "ml", "flag": ""}


@pytest.mark.parametrize("tag", [UNKNOWN, {"key": UNKNOWN, "value": "ml"}])
def test_listed_tags_are_not_yet_known_as_a_whole_where_one_of_their_keys_is_not(tag):
    assert endpoint(tags=[{"key": "flag"}, tag]).tags is UNKNOWN


def test_a_listed_tag_whose_value_is_not_yet_known_stands_under_its_key():
    assert endpoint(tags=[{"key": "team", "value": UNKNOWN}]).tags == {"team": UNKNOWN}


def test_a_tag_that_stands_twice_is_refused():
    said = program(tags=[{"key": "team", "value": "a"}, {"key": "team", "value": "b"}])

    assert problems(said) == [
        ("tags[1]", "stands-once", "another one with this key stands here already")
    ]


def test_a_route_may_name_its_entity_in_the_older_way():
    older = config(registered())
    older["traffic_config"] = {
        "routes": [{"served_model_name": "churn", "traffic_percentage": 100}]
    }

    assert endpoint(config=older) == endpoint(config=config(registered(), routes={"churn": 100}))


def test_a_route_may_name_its_entity_in_both_ways_if_they_agree():
    both = config(registered(), routes={"churn": 100})
    both["traffic_config"]["routes"][0]["served_model_name"] = "churn"

    assert problems(program(config=both)) == []


def test_a_route_that_names_two_entities_is_refused():
    both = config(registered(), routes={"churn": 100})
    both["traffic_config"]["routes"][0]["served_model_name"] = "other"

    assert problems(program(config=both)) == [
        (
            "config.traffic_config.routes[0]",
            "two-names",
            (
                "served_model_name is the older name of served_entity_name, and here the two "
                "differ; keep served_entity_name"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("entity", "name"),
    [
        (openai(model={"name": "gpt-3.5:turbo"}), "gpt-3-5-turbo"),
        (registered(entity_name="system.ai.llama2", entity_version="1"), "llama2-1"),
        (registered(entity_name="churn", entity_version="7"), "churn-7"),
        (registered(entity_version=UNKNOWN), None),
        (openai(model={"name": UNKNOWN}), None),
        ({"name": None, "external_model": UNKNOWN}, None),
    ],
)
def test_an_entity_without_a_name_gets_the_one_that_the_service_gives_it(entity, name):
    del entity["name"]

    assert endpoint(config=config(entity)).config.served_entities[0].name == name


def test_routes_may_use_the_names_that_the_service_gives():
    entity = openai(model={"name": "gpt-4.1"})
    del entity["name"]

    assert problems(program(config=config(entity, routes={"gpt-4-1": 100}))) == []


def test_explicit_zero_false_and_empty_are_said():
    parsed = endpoint(
        config=config(registered(scale_to_zero_enabled=False, environment_vars={})),
        ai_gateway={"rate_limits": []},
        description="",
        tags={},
    )

    assert parsed.config.served_entities[0].scale_to_zero_enabled is False
    assert parsed.config.served_entities[0].environment_vars == {}
    assert parsed.ai_gateway.rate_limits == ()
    assert parsed.description == ""
    assert parsed.tags == {}


def test_a_model_does_not_print_what_it_holds():
    parsed = endpoint(description=CANARY)

    assert repr(parsed) == str(parsed) == f"{parsed}" == "<Endpoint>"


def test_what_is_not_yet_known_prints_as_such():
    assert repr(UNKNOWN) == "(not yet known)"


FIELDS = st.sampled_from([*Endpoint.model_fields, "naem", "id", "newer_field"])


@given(st.dictionaries(FIELDS, anything, max_size=4), st.booleans(), st.booleans())
def test_nothing_but_invalid_resource_comes_out_of_any_bag(bag, several, newer):
    found = problems(bag, Allowances(several, newer))

    assert all(isinstance(message, str) for _, _, message in found)


@pytest.mark.parametrize("body", bodies(), ids=lambda body: body["name"])
def test_an_answer_of_every_kind_of_endpoint_is_read(body):
    read = parse_endpoint_answer(body)

    assert read.settings.name == read.stamps.name == body["name"]
    assert read.stamps.id == body["id"]


@pytest.mark.parametrize("body", bodies(), ids=lambda body: body["name"])
@pytest.mark.parametrize("wrong", [None, 7, 7.5, "x", "", [], {}, [None], [7], {"a": None}, False])
def test_an_answer_is_a_fact_whatever_stands_in_it(body, wrong):
    for place in places(body):
        if place != ("name",):
            parse_endpoint_answer(put(body, place, wrong))


@given(st.dictionaries(FIELDS, anything, max_size=4))
def test_no_answer_is_an_error(bag):
    parse_answer(Endpoint, bag)


def test_what_the_service_adds_is_kept():
    body = answer(newer_field={"a": 1}, ai_gateway={"rate_limits": [limit(1, newer="x")]})

    read = parse_endpoint_answer(body).settings

    assert read.model_extra["newer_field"] == {"a": 1}
    assert read.ai_gateway.rate_limits[0].model_extra == {"newer": "x"}


def test_the_settings_are_those_that_a_running_update_will_bring():
    pending = {**config(openai("next")), "config_version": 2}
    body = answer(state={"ready": "READY", "config_update": "IN_PROGRESS"}, pending_config=pending)

    read = parse_endpoint_answer(body)

    assert read.settings.config.served_entities[0].name == "next"
    assert read.stamps.config.config_version == 1
    assert read.stamps.pending_config.config_version == 2
    assert read.stamps.updating


def test_the_settings_are_those_that_serve_after_an_update_failed():
    pending = {**config(openai("next")), "config_version": 2}
    body = answer(
        state={"ready": "READY", "config_update": "UPDATE_FAILED"}, pending_config=pending
    )

    read = parse_endpoint_answer(body)

    assert read.settings.config.served_entities[0].name == "gpt"
    assert not read.stamps.updating
    assert not read.stamps.settled


def test_an_endpoint_that_serves_and_rests_is_settled():
    assert parse_endpoint_answer(answer()).stamps.settled


def test_an_unknown_is_one_thing_however_often_it_is_copied():
    assert copy.deepcopy({"a": UNKNOWN})["a"] is UNKNOWN
    assert isinstance(UNKNOWN, Unknown)
