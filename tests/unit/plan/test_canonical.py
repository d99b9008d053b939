"""The form in which things are compared, and the way back to the wire."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from databricks_serving.plan.bodies import unsealed, wire
from databricks_serving.plan.canonical import (
    Fingerprint,
    Sealing,
    canonical,
    fingerprinted,
    located,
    revived,
    tree_of,
)
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import UNKNOWN, Endpoint, parse_answer, parse_endpoint
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
EVERY_PROGRAM = pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())


def with_key(key):
    return config(openai(model={"openai_config": {"openai_api_key_plaintext": key}}))


def test_keyed_lists_are_mappings_and_what_is_unsaid_is_left_out():
    tree = state(
        config=config(registered("a"), routes={"a": 100}),
        ai_gateway={"rate_limits": [limit(1), limit(2, principal="ada")]},
        tags={"team": "ml"},
    ).tree

    assert tree == {
        "name": "chat",
        "config": {
            "served_entities": {
                "a": {
                    "name": "a",
                    "entity_name": "main.ml.churn",
                    "entity_version": "1",
                    "workload_size": "Small",
                    "scale_to_zero_enabled": False,
                }
            },
            "traffic_config": {
                "routes": {"a": {"served_entity_name": "a", "traffic_percentage": 100}}
            },
        },
        "ai_gateway": {
            "rate_limits": {
                "user": {"calls": 1, "key": "user", "renewal_period": "minute"},
                "user/ada": {
                    "calls": 2,
                    "key": "user",
                    "principal": "ada",
                    "renewal_period": "minute",
                },
            }
        },
        "tags": {"team": "ml"},
    }


@given(st.permutations(["a", "b", "c"]), st.permutations(["x", "y", "z"]))
def test_order_does_not_count(names, tags):
    shuffled = state(
        config=config(*map(registered, names), routes=dict.fromkeys(names, 25) | {"a": 50}),
        tags=dict.fromkeys(tags, "1"),
        ai_gateway={"rate_limits": [limit(1, principal=name) for name in names]},
    )

    assert shuffled == state(
        config=config(*map(registered, "abc"), routes={"a": 50, "b": 25, "c": 25}),
        tags={"x": "1", "y": "1", "z": "1"},
        ai_gateway={"rate_limits": [limit(1, principal=name) for name in "abc"]},
    )


@EVERY_PROGRAM
def test_a_program_reaches_the_wire_as_it_was_said(said):
    parsed = parse_endpoint(said, LENIENT)

    body = wire(Endpoint, canonical(parsed, SEALING).tree)

    assert parse_endpoint(body, LENIENT) == parsed


@EVERY_PROGRAM
def test_the_wire_is_json(said):
    body = wire(Endpoint, canonical(parse_endpoint(said, LENIENT), SEALING).tree)

    assert json.loads(json.dumps(body)) == body


def test_explicit_zero_false_and_empty_reach_the_wire():
    tree = state(
        config=config(registered(environment_vars={}), routes={"churn": 100}),
        ai_gateway={"rate_limits": [limit(0)]},
        description="",
        route_optimized=False,
        tags={"empty": ""},
    ).tree

    body = wire(Endpoint, tree)

    assert body["config"]["served_entities"][0]["scale_to_zero_enabled"] is False
    assert body["config"]["served_entities"][0]["environment_vars"] == {}
    assert body["ai_gateway"]["rate_limits"][0]["calls"] == 0
    assert body["description"] == ""
    assert body["route_optimized"] is False
    assert wire(Endpoint, state(ai_gateway={"rate_limits": []}).tree)["ai_gateway"] == {
        "rate_limits": []
    }


def test_pd_12_whole_numbers_are_whole_on_the_wire_in_unknown_fields_too():
    tree = state(
        config=config(openai(newer={"share": 90.0, "half": 0.5}), routes={"gpt": 100.0}),
        ai_gateway={"rate_limits": [limit(10.0)]},
    ).tree

    body = json.dumps(wire(Endpoint, tree))

    assert '"calls": 10,' in body
    assert '"traffic_percentage": 100}' in body
    assert '"newer": {"share": 90, "half": 0.5}' in body


@EVERY_PROGRAM
def test_what_was_applied_comes_back_from_the_state_as_it_was(said):
    written = canonical(parse_endpoint(said, LENIENT), SEALING)
    stored = json.loads(json.dumps(plain_json(written.tree)), parse_int=float)

    assert revived(Endpoint, stored) == written
    assert fingerprinted(revived(Endpoint, stored).tree) == fingerprinted(written.tree)


def test_what_is_no_json_has_no_place_in_a_state():
    with pytest.raises(TypeError, match="bytes has no canonical form"):
        revived(Endpoint, {"name": b"chat"})


def test_a_credential_is_a_fingerprint_that_shows_nothing():
    tree = state(config=with_key(CANARY)).tree

    fingerprint = tree["config"]["served_entities"]["gpt"]["external_model"]["openai_config"][
        "openai_api_key_plaintext"
    ]

    assert isinstance(fingerprint, Fingerprint)
    shown = (repr(tree), str(fingerprint), repr(fingerprint), f"{fingerprint}", f"{fingerprint:>9}")
    assert CANARY not in "".join(shown)
    assert "hmac" not in "".join(shown)
    assert format(fingerprint, ">10") == "  (secret)"
    assert "%s" % fingerprint == "(secret)"  # noqa: UP031 - one more way to print


def test_a_fingerprint_in_the_state_is_plain_text_without_the_credential():
    stored = plain_json(state(config=with_key(CANARY)).tree)

    assert CANARY not in json.dumps(stored)
    assert CANARY.encode() not in pickle.dumps(stored)
    text = stored["config"]["served_entities"]["gpt"]["external_model"]["openai_config"][
        "openai_api_key_plaintext"
    ]
    assert type(text) is str
    assert len(text) == len("hmac-sha256:") + 64


def test_a_sealing_does_not_print_its_key():
    assert "kkkk" not in repr(SEALING)


def test_fingerprints_are_equal_where_secrets_and_keys_are():
    one, other = SecretStr("one"), SecretStr("other")

    assert SEALING.seal(one) == SEALING.seal(SecretStr("one"))
    assert SEALING.seal(one) != SEALING.seal(other)
    assert SEALING.seal(one) != Sealing(b"another key").seal(one)


def test_the_credential_itself_reaches_the_wire():
    body = wire(Endpoint, state(config=with_key(CANARY)).tree)

    model = body["config"]["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": CANARY}


def test_a_fingerprint_from_the_state_has_no_credential_to_send():
    stored = plain_json(state(config=with_key(CANARY)).tree)

    body = wire(Endpoint, revived(Endpoint, stored).tree)

    model = body["config"]["served_entities"][0]["external_model"]
    assert isinstance(model["openai_config"]["openai_api_key_plaintext"], Fingerprint)


def sealed_at(*path, **overrides):
    """The canonical tree of a program that marks `path` as secret."""
    said = endpoint(**overrides)
    return state(Sealing(b"k", frozenset({located(said, path)})), **overrides).tree


def test_a_leaf_that_the_program_marks_is_sealed_and_its_siblings_are_not():
    entity = registered(environment_vars={"TOKEN": CANARY, "MODE": "fast"})
    path = ("config", "served_entities", 0, "environment_vars", "TOKEN")

    tree = sealed_at(*path, config=config(entity))

    variables = tree["config"]["served_entities"]["churn"]["environment_vars"]
    assert isinstance(variables["TOKEN"], Fingerprint)
    assert unsealed(variables["TOKEN"]) == CANARY
    assert variables["MODE"] == "fast"


def test_a_container_that_the_program_marks_is_sealed_leaf_by_leaf():
    entity = registered(environment_vars={"TOKEN": CANARY, "MODE": "fast"})

    tree = sealed_at("config", "served_entities", 0, "environment_vars", config=config(entity))

    variables = tree["config"]["served_entities"]["churn"]["environment_vars"]
    assert {name: unsealed(leaf) for name, leaf in variables.items()} == {
        "TOKEN": CANARY,
        "MODE": "fast",
    }
    assert CANARY not in repr(tree)


def test_a_number_that_the_program_marks_is_sealed_and_sent_as_a_number():
    tree = sealed_at(
        "ai_gateway", "rate_limits", 0, "calls", ai_gateway={"rate_limits": [limit(7)]}
    )

    assert isinstance(tree["ai_gateway"]["rate_limits"]["user"]["calls"], Fingerprint)
    assert wire(Endpoint, tree)["ai_gateway"]["rate_limits"][0]["calls"] == 7


def test_a_list_of_which_one_element_is_marked_is_sealed_whole_and_known_as_such():
    tree = sealed_at("newer", 1, newer=["a", CANARY])

    assert all(isinstance(element, Fingerprint) for element in tree["newer"])
    assert fingerprinted(tree) == {("newer",)}
    assert wire(Endpoint, tree)["newer"] == ["a", CANARY]


def test_values_that_are_no_field_of_the_endpoint_have_a_canonical_form_too():
    path = located(endpoint(), ("deploy", "redeploy_on", 1))
    sealing = Sealing(b"k", frozenset({path}))

    assert tree_of(["1", [2.0, {"a": []}]], SEALING, path) == ("1", (2, {"a": ()}))
    assert CANARY not in repr(tree_of(["1", CANARY], sealing, path))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("name",), ("name",)),
        (("tags", "team"), ("tags", "team")),
        (
            ("config", "served_entities", 1, "external_model", "name"),
            ("config", "served_entities", "b", "external_model", "name"),
        ),
        (("config", "served_entities", 9), ("config", "served_entities", "#9")),
        (
            ("config", "traffic_config", "routes", 0, "traffic_percentage"),
            ("config", "traffic_config", "routes", "a", "traffic_percentage"),
        ),
        (("ai_gateway", "rate_limits", 0), ("ai_gateway", "rate_limits", "user")),
        (("newer", "list", 3, "leaf"), ("newer", "list")),
    ],
)
def test_a_path_of_the_program_is_found_in_the_canonical_tree(path, found):
    said = endpoint(
        config=config(openai("a"), openai("b"), routes={"a": 50, "b": 50}),
        ai_gateway={"rate_limits": [limit()]},
        tags={"team": "ml"},
        newer={"list": [1, 2, 3, {"leaf": 1}]},
    )

    assert located(said, path) == found


def test_an_element_without_a_known_key_is_named_by_its_position():
    said = program(config=config(registered("a"), registered(UNKNOWN), routes={"a": 100}))

    tree = canonical(parse_endpoint(said, LENIENT), SEALING).tree

    assert list(tree["config"]["served_entities"]) == ["a", "#1"]


def test_two_elements_of_one_key_in_an_answer_are_both_shown():
    body = {"ai_gateway": {"rate_limits": [limit(1), limit(2)]}}

    tree = canonical(parse_answer(Endpoint, body), SEALING).tree

    assert {key: one["calls"] for key, one in tree["ai_gateway"]["rate_limits"].items()} == {
        "user": 1,
        "user'": 2,
    }


def test_what_only_answers_have_is_left_out():
    tree = answered().tree

    assert set(tree) == {"name", "config", "route_optimized", "description"}
    assert set(tree["config"]) == {"served_entities", "traffic_config"}


def test_an_answer_of_a_type_that_nobody_expected_is_shown_as_it_came():
    body = {"tags": "none", "config": {"served_entities": ["x", {"name": 7}]}}

    assert canonical(parse_answer(Endpoint, body), SEALING).tree == {
        "tags": "none",
        "config": {"served_entities": {"#0": "x", "#1": {"name": 7}}},
    }


def test_what_is_not_yet_known_stays_so():
    tree = state(tags=UNKNOWN, config=config(openai(model={"task": UNKNOWN}))).tree

    assert tree["tags"] is UNKNOWN
    assert tree["config"]["served_entities"]["gpt"]["external_model"]["task"] is UNKNOWN


def test_a_reference_is_compared_as_text():
    tree = state().tree

    model = tree["config"]["served_entities"]["gpt"]["external_model"]
    assert model["openai_config"] == {"openai_api_key": REFERENCE}
