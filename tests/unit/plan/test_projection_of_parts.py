"""What a refresh shows of the parts of an endpoint."""

from __future__ import annotations

import json

import pytest

from databricks_serving.apply.observed import read_tree
from databricks_serving.plan.canonical import Sealing, canonical, fingerprinted, located, revived
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import projected
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import RESOURCES, Endpoint, fields_of, parse_answer, parse_endpoint
from support.endpoints import (
    LENIENT,
    SEALING,
    answered,
    config,
    endpoint,
    limit,
    openai,
    state,
    units,
)
from support.valid_programs import PROGRAMS, VALID
from unit.plan.plans import churn, told

MODEL = {"config": churn()}
CANARY = "c4nary-keyword"
MODELS = {resource.name: resource.model for resource in RESOURCES}


def shown(said, actual):
    """What is shown of an answer where a program was applied, beside name and config."""
    seen = projected(Endpoint, shape=state(**said).tree, actual=answered(**actual).tree)
    return {name: value for name, value in seen.items() if name not in ("name", "config")}


# --- nothing changed -----------------------------------------------------------------------------


def as_get_shows(said):
    """The canonical tree of what GET shows of a program: no credential, no empties, no tables."""
    body = json.loads(json.dumps(said))
    for entity in (body.get("config") or {}).get("served_entities", ()):
        entity.pop("burst_scaling_enabled", None)
        for settings in entity.get("external_model", {}).values():
            _without_plaintext(settings)
    body.pop("budget_policy_id", None)
    if body.get("telemetry_config", {}).pop("table_names", None):
        body["telemetry_config"]["telemetry_profile_id"] = "made-of-the-tables"
    return read_tree(parse_answer(Endpoint, body), SEALING)


def _without_plaintext(settings):
    if isinstance(settings, dict):
        for name in [name for name in settings if name.endswith("_plaintext")]:
            del settings[name]
        for inner in settings.values():
            _without_plaintext(inner)


def without_plaintext(said):
    """The program as the inputs show it: credentials stand apart."""
    body = json.loads(json.dumps(said))
    _without_plaintext_anywhere(body)
    return body


def _without_plaintext_anywhere(tree):
    _without_plaintext(tree)
    for inner in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(inner, (dict, list)):
            _without_plaintext_anywhere(inner)


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_a_refresh_of_an_unchanged_endpoint_shows_what_the_program_said(said):
    written = canonical(parse_endpoint(said, LENIENT), SEALING)

    seen = projected(Endpoint, shape=written.tree, actual=as_get_shows(said))

    inputs = parse_endpoint_without_credentials(said)
    assert parse_answer(Endpoint, seen) == inputs
    assert json.dumps(plain_order(seen)) == json.dumps(plain_order(bag_of(inputs)))


def parse_endpoint_without_credentials(said):
    return parse_answer(Endpoint, without_plaintext(bag_of(parse_endpoint(said, LENIENT))))


def bag_of(parsed):
    return json.loads(parsed.model_dump_json(exclude_none=True))


def plain_order(bag):
    """A bag with the keys of objects sorted, lists as they are."""
    return json.loads(json.dumps(bag, sort_keys=True))


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_after_a_refresh_an_unchanged_program_changes_nothing(said):
    written = canonical(parse_endpoint(said, LENIENT), SEALING)
    seen = projected(Endpoint, shape=written.tree, actual=as_get_shows(said))
    refreshed = Actual(Endpoint, read_tree(parse_answer(Endpoint, seen), SEALING))

    made = make_plan(applied=written, desired=written, actual=refreshed)

    assert told(made) == []
    assert made.operations == ()


@pytest.mark.parametrize(
    ("kind", "said"),
    [(kind, said) for kind, said in PROGRAMS.values() if kind != "ServingEndpoint"],
    ids=[name for name, (kind, _) in PROGRAMS.items() if kind != "ServingEndpoint"],
)
def test_what_is_there_as_it_was_said_is_shown_as_it_was_said(kind, said):
    model = MODELS[kind]
    own = {name: value for name, value in said.items() if name in fields_of(model)}
    tree = canonical(parse_answer(model, own), SEALING).tree

    seen = projected(model, shape=tree, actual=tree)

    assert parse_answer(model, seen) == parse_answer(model, own)


# --- vanished parts ------------------------------------------------------------------------------

TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml"}
VANISHED = {
    "notifications": (
        {"email_notifications": {"on_update_failure": ["a@example.com"]}},
        {},
    ),
    "telemetry by a profile": (
        {"telemetry_config": {"telemetry_profile_id": "p1"}},
        {},
    ),
    "telemetry in tables": (
        {"telemetry_config": {"table_names": {"logs_table": "main.ml.logs"}}},
        {},
    ),
    "limits": ({"ai_gateway": {"rate_limits": [limit()]}}, {"ai_gateway": {"rate_limits": []}}),
    "guardrails": (
        {"ai_gateway": {"guardrails": {"input": {"safety": True}}}},
        {"ai_gateway": {}},
    ),
    "usage tracking": (
        {"ai_gateway": {"usage_tracking_config": {"enabled": True}}},
        {"ai_gateway": {}},
    ),
    "an inference table": (
        {"ai_gateway": {"inference_table_config": TABLE}},
        {"ai_gateway": {}},
    ),
    "fallback": ({"ai_gateway": {"fallback_config": {"enabled": True}}}, {"ai_gateway": {}}),
}


@pytest.mark.parametrize(("said", "seen"), VANISHED.values(), ids=VANISHED.keys())
def test_a_part_that_somebody_removed_is_not_shown(said, seen):
    assert shown({**MODEL, **said}, MODEL) == seen


# --- empties and defaults ------------------------------------------------------------------------

AS_GOOD_AS_NOTHING = {
    "nobody is told": {"email_notifications": {}},
    "two empty lists": {"email_notifications": {"on_update_failure": [], "on_update_success": []}},
    "no telemetry": {"telemetry_config": {}},
    "empty sections": {
        "ai_gateway": {
            "rate_limits": [],
            "guardrails": {},
            "usage_tracking_config": {},
            "inference_table_config": {},
        }
    },
    "guardrails that are off": {
        "ai_gateway": {
            "guardrails": {
                "input": {"safety": False, "pii": {"behavior": "NONE"}, "valid_topics": []},
                "output": {},
            }
        }
    },
}


@pytest.mark.parametrize("said", AS_GOOD_AS_NOTHING.values(), ids=AS_GOOD_AS_NOTHING.keys())
def test_what_says_nothing_is_shown_as_it_was_said_where_get_answers_nothing(said):
    assert shown({**MODEL, **said}, MODEL) == said


FILLED_IN = {
    "the profile of the tables": (
        {"telemetry_config": {"table_names": {"logs_table": "main.ml.logs"}}},
        {
            "telemetry_config": {
                "telemetry_profile_id": "p1",
                "inference_table_config": {"sampling_fraction": 1, "name": "main.ml.logs_payload"},
                "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"],
            }
        },
    ),
    "the prefix of a table": (
        {"ai_gateway": {"inference_table_config": TABLE}},
        {"ai_gateway": {"inference_table_config": {**TABLE, "table_name_prefix": "chat"}}},
    ),
    "guardrails that are off": (
        {"ai_gateway": {"guardrails": {"input": {"valid_topics": ["a"]}}}},
        {
            "ai_gateway": {
                "guardrails": {
                    "input": {
                        "safety": False,
                        "pii": {"behavior": "NONE"},
                        "valid_topics": ["a"],
                    }
                }
            }
        },
    ),
    "usage tracking that is off": (
        {"ai_gateway": {"usage_tracking_config": {}}},
        {"ai_gateway": {"usage_tracking_config": {"enabled": False}}},
    ),
    "a whole gateway that is off": (
        {"ai_gateway": {}},
        {
            "ai_gateway": {
                "usage_tracking_config": {"enabled": False},
                "guardrails": {"input": {"pii": {"behavior": "NONE"}}},
            }
        },
    ),
}


@pytest.mark.parametrize(("said", "there"), FILLED_IN.values(), ids=FILLED_IN.keys())
def test_what_the_service_fills_in_is_not_shown(said, there):
    assert shown({**MODEL, **said}, {**MODEL, **there}) == said


@pytest.mark.parametrize(
    "there",
    [
        {"email_notifications": {"on_update_failure": ["a@example.com"]}},
        {"telemetry_config": {"telemetry_profile_id": "p1"}},
        {"ai_gateway": {"guardrails": {"input": {"safety": True}}}},
        {"ai_gateway": {"usage_tracking_config": {"enabled": True}}},
        {"ai_gateway": {"inference_table_config": {"enabled": False}}},
    ],
)
def test_what_somebody_put_into_a_part_that_is_declared_empty_is_shown(there):
    ((part, value),) = there.items()
    cleared = {part: {name: {} for name in value} if part == "ai_gateway" else {}}

    assert shown({**MODEL, **cleared}, {**MODEL, **there}) == there


# --- lists of plain values -----------------------------------------------------------------------


def test_lists_of_plain_values_keep_the_programs_order_and_what_is_new_comes_last():
    said = {"email_notifications": {"on_update_success": ["c", "a", "b"]}}

    assert shown(said, {"email_notifications": {"on_update_success": ["a", "b", "c"]}}) == said
    assert shown(said, {"email_notifications": {"on_update_success": ["0", "b", "c"]}}) == {
        "email_notifications": {"on_update_success": ["c", "b", "0"]}
    }


def test_secret_words_are_shown_to_the_engine_as_they_are_and_in_order():
    said = {
        "ai_gateway": {"guardrails": {"input": {"invalid_keywords": ["z", CANARY, "a"]}}},
    }
    path = ("ai_gateway", "guardrails", "input", "invalid_keywords", 1)
    sealing = Sealing(b"k", frozenset({located(endpoint(**said), path)}))
    applied = revived(Endpoint, plain_json(state(sealing, **said).tree))
    there = {"ai_gateway": {"guardrails": {"input": {"invalid_keywords": ["a", "z", CANARY]}}}}

    seen = projected(
        Endpoint,
        shape=applied.tree,
        actual=answered(Sealing(b"k", fingerprinted(applied.tree)), **there).tree,
    )

    assert seen["ai_gateway"] == said["ai_gateway"]


# --- what GET never shows ------------------------------------------------------------------------


def test_a_budget_policy_and_burst_scaling_stand_as_they_were_written():
    said = {"config": config(units(burst_scaling_enabled=False)), "budget_policy_id": "policy-1"}

    seen = projected(
        Endpoint, shape=state(**said).tree, actual=answered(config=config(units())).tree
    )

    assert seen["budget_policy_id"] == "policy-1"
    assert seen["config"] == said["config"]


def test_a_credential_stands_nowhere_even_where_its_model_is_gone():
    auth = {"bearer_token_auth": {"token_plaintext": CANARY}}
    entity = openai(
        model={
            "provider": "custom",
            "custom_provider_config": {"custom_provider_url": "https://llm.example.com", **auth},
        }
    )
    del entity["external_model"]["openai_config"]
    written = state(config=config(entity)).tree

    gone = projected(Endpoint, shape=written, actual=answered(config=None).tree)
    there = projected(Endpoint, shape=written, actual=answered(config=config({"name": "gpt"})).tree)

    assert CANARY not in json.dumps([gone, there])
