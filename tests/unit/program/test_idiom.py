"""What GET answers, as a program would say it: nothing that nobody said."""

from __future__ import annotations

import pytest

from databricks_serving.program.idiom import hidden_credentials, said_of, with_at
from databricks_serving_schema import Endpoint, parse_answer, parse_endpoint_answer
from support.endpoints import answer, bodies

ENTITY = ("config", "served_entities", 0)


def told(body):
    return said_of(parse_answer(Endpoint, body))


def of_fixture(name):
    body = next(body for body in bodies() if body["name"] == name)
    return said_of(parse_endpoint_answer(body).settings)


def test_an_external_model_is_what_its_program_was():
    assert of_fixture("openai_endpoint") == {
        "name": "openai_endpoint",
        "config": {
            "served_entities": [
                {
                    "name": "openai_embeddings",
                    "external_model": {
                        "provider": "openai",
                        "name": "text-embedding-3-small",
                        "task": "llm/v1/embeddings",
                        "openai_config": {
                            "openai_api_key": "{{secrets/my_scope/my_openai_api_key}}"
                        },
                    },
                }
            ]
        },
        "tags": {"team": "gen-ai"},
    }


def test_what_the_service_fills_in_for_a_kind_is_left_out():
    assert of_fixture("maverick-pt") == {
        "name": "maverick-pt",
        "config": {
            "served_entities": [
                {
                    "name": "llama_4_maverick-1",
                    "entity_name": "system.ai.llama_4_maverick",
                    "entity_version": "1",
                    "provisioned_model_units": 100,
                }
            ]
        },
        "ai_gateway": {"guardrails": {"input": {"safety": True}}},
    }


def test_an_answer_with_nothing_said_says_its_name():
    assert of_fixture("empty-endpoint") == {"name": "empty-endpoint"}


def test_the_mark_of_ownership_is_not_said():
    tags = [{"key": "managed-by-pulumi", "value": "shop.dev.0a1b2c3d"}]

    assert "tags" not in told(answer(tags=tags))
    assert told(answer(tags=[*tags, {"key": "team", "value": ""}]))["tags"] == {"team": ""}


@pytest.mark.parametrize(
    ("gateway", "said"),
    [
        ({"usage_tracking_config": {"enabled": False}}, None),
        ({"guardrails": {"input": {"safety": False, "pii": {"behavior": "NONE"}}}}, None),
        (
            {"rate_limits": [{"calls": 0, "key": "endpoint", "renewal_period": "minute"}]},
            {"rate_limits": [{"calls": 0, "renewal_period": "minute"}]},
        ),
        (
            {"inference_table_config": {"enabled": False}},
            {"inference_table_config": {"enabled": False}},
        ),
    ],
)
def test_a_section_that_says_no_more_than_the_service_does_is_left_out(gateway, said):
    assert told(answer(ai_gateway=gateway)).get("ai_gateway") == said


def test_a_table_that_is_off_keeps_saying_so_beside_its_place():
    captured = {"catalog_name": "main", "schema_name": "ml", "enabled": False}
    entity = {"name": "churn", "entity_name": "main.ml.churn", "entity_version": "1"}
    config = {"served_entities": [entity], "auto_capture_config": {**captured, "state": {}}}

    assert told({"name": "churn", "config": config})["config"]["auto_capture_config"] == captured


@pytest.mark.parametrize(
    ("share", "said"),
    [(100, None), (50, {"routes": [{"served_entity_name": "gpt", "traffic_percentage": 50}]})],
)
def test_the_split_is_said_where_it_is_another_than_all_for_the_only_one(share, said):
    body = answer()
    body["config"]["traffic_config"]["routes"][0]["traffic_percentage"] = share

    assert told(body)["config"].get("traffic_config") == said


def test_a_field_that_nobody_knows_is_left_to_be_carried_along():
    body = answer(strange=1)
    body["config"]["served_entities"][0]["strange"] = {"a": 1}

    assert told(body) == told(answer())


def test_a_plaintext_credential_that_were_answered_would_not_be_said():
    body = answer()
    model = body["config"]["served_entities"][0]["external_model"]
    model["openai_config"] = {"openai_api_key_plaintext": "sk-CANARY"}

    assert "plaintext" not in str(told(body))


def test_the_credentials_that_no_answer_tells_are_tried_few_at_a_time():
    model = {"provider": "amazon-bedrock", "amazon_bedrock_config": {"aws_region": "us-east-1"}}
    said = {"config": {"served_entities": [{"name": "a", "external_model": model}]}}
    here = (*ENTITY, "external_model", "amazon_bedrock_config")
    key, secret = (*here, "aws_access_key_id_plaintext"), (*here, "aws_secret_access_key_plaintext")

    assert list(hidden_credentials(said, ENTITY)) == [(), (key,), (secret,), (key, secret)]


def test_a_value_is_put_where_not_even_its_object_was():
    said = {"config": {"served_entities": [{"name": "a"}, {"name": "b"}]}}

    put = with_at(said, {("config", "served_entities", 1, "m", "c"): 1})

    assert put == {"config": {"served_entities": [{"name": "a"}, {"name": "b", "m": {"c": 1}}]}}
    assert said == {"config": {"served_entities": [{"name": "a"}, {"name": "b"}]}}
