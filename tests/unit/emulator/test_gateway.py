"""AI Gateway: a whole object, replaced by each write."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external

TABLE = {"enabled": True, "catalog_name": "ml", "schema_name": "logs"}


def limit(**more):
    return {"calls": 10, "renewal_period": "minute", **more}


def client_with(entity, **switches):
    client = Client(**switches)
    client.create(endpoint(entity))
    return client


def test_a_write_replaces_every_section():
    client = client_with(external())
    client.put_gateway("chat", {"rate_limits": [limit()], "fallback_config": {"enabled": True}})

    answer = client.put_gateway("chat", {"usage_tracking_config": {"enabled": False}})

    assert answer == {"usage_tracking_config": {"enabled": False}}
    assert client.get("chat")["ai_gateway"] == answer


@pytest.mark.parametrize("body", [{}, {"rate_limits": []}, {"guardrails": {}}])
def test_an_empty_gateway_is_no_gateway(body):
    client = client_with(external())
    client.put_gateway("chat", {"rate_limits": [limit()]})

    assert client.put_gateway("chat", body) == {}
    assert "ai_gateway" not in client.get("chat")


def test_zero_and_false_are_kept():
    guards = {"input": {"safety": False, "pii": {"behavior": "NONE"}}}
    client = client_with(external())

    answer = client.put_gateway("chat", {"rate_limits": [limit(calls=0)], "guardrails": guards})

    assert answer["rate_limits"][0]["calls"] == 0
    assert answer["guardrails"] == guards


REFUSED = {
    "21 limits": {"rate_limits": [limit()] * 21},
    "6 group limits": {
        "rate_limits": [limit(key="user_group", principal=f"g{i}") for i in range(6)]
    },
    "a limit by the hour": {"rate_limits": [limit(renewal_period="hour")]},
    "a limit without period": {"rate_limits": [{"calls": 1}]},
    "a limit by planet": {"rate_limits": [limit(key="planet")]},
    "a group limit without group": {"rate_limits": [limit(key="user_group")]},
    "a limit of nothing": {"rate_limits": [{"renewal_period": "minute"}]},
    "a negative limit": {"rate_limits": [limit(calls=-1)]},
    "51 keywords": {"guardrails": {"input": {"invalid_keywords": ["x"] * 51}}},
    "a long topic": {"guardrails": {"output": {"valid_topics": ["x" * 101]}}},
    "an unknown behaviour": {"guardrails": {"input": {"pii": {"behavior": "SHOUT"}}}},
    "a table without schema": {"inference_table_config": {"enabled": True, "catalog_name": "ml"}},
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_gateway_that_breaks_a_rule_is_refused_and_the_old_one_stays(case):
    client = client_with(external())
    client.put_gateway("chat", {"rate_limits": [limit()]})

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", REFUSED[case])

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert client.get("chat")["ai_gateway"] == {
        "rate_limits": [{"key": "endpoint", "calls": 10, "renewal_period": "minute"}]
    }


def test_the_table_prefix_is_the_endpoint_by_default():
    client = client_with(external())

    answer = client.put_gateway("chat", {"inference_table_config": TABLE})

    assert answer["inference_table_config"]["table_name_prefix"] == "chat"


def test_a_table_moves_only_after_it_was_disabled():
    client = client_with(external())
    client.put_gateway("chat", {"inference_table_config": TABLE})
    moved = {"inference_table_config": {**TABLE, "schema_name": "elsewhere"}}

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", moved)
    client.put_gateway("chat", {"inference_table_config": {**TABLE, "enabled": False}})
    accepted = client.put_gateway("chat", moved)

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert accepted["inference_table_config"]["schema_name"] == "elsewhere"


def test_an_agent_takes_inference_tables_only():
    client = client_with(custom("ml.a.agent"), model_tasks={"ml.a.agent": "agent/v1/chat"})

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": [limit()]})
    client.put_gateway("chat", {"inference_table_config": TABLE})

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_embeddings_take_no_output_guardrails():
    client = client_with(external(task="llm/v1/embeddings"))
    guards = {"guardrails": {"output": {"safety": True}}}

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", guards)

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("amount", [2**63, -(2**63) - 1, "9223372036854775808", 1e30])
def test_an_amount_that_64_bits_do_not_hold_is_malformed(amount):
    client = client_with(external())

    refused = client.refuses(
        "PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": [limit(calls=amount)]}
    )

    assert refused == (
        400,
        "MALFORMED_REQUEST",
        "Could not parse request object: expected an integer at 'rate_limits[0].calls'.",
    )


def test_the_greatest_amount_is_accepted():
    client = client_with(external())

    answer = client.put_gateway("chat", {"rate_limits": [limit(calls=2**63 - 1)]})

    assert answer["rate_limits"][0]["calls"] == 9_223_372_036_854_775_807


def test_a_feature_spec_does_not_fall_back():
    client = client_with({"entity_name": "ml.online.spec"})

    refused = client.refuses(
        "PUT", f"{ENDPOINTS}/chat/ai-gateway", {"fallback_config": {"enabled": True}}
    )
    accepted = client.put_gateway("chat", {"fallback_config": {"enabled": False}})

    assert refused == (
        400,
        "INVALID_PARAMETER_VALUE",
        "fallback_config is not supported for feature specs.",
    )
    assert accepted == {"fallback_config": {"enabled": False}}


def test_a_pay_per_token_endpoint_does_not_fall_back():
    name = "databricks-gte-large-en"
    client = Client(foundation_models=(name,))

    refused = client.refuses(
        "PUT", f"{ENDPOINTS}/{name}/ai-gateway", {"fallback_config": {"enabled": True}}
    )

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert client.get(name)["ai_gateway"] == {"usage_tracking_config": {"enabled": True}}


def test_fifty_keywords_of_a_hundred_characters_are_accepted():
    client = client_with(external())
    guards = {"input": {"invalid_keywords": ["x" * 100] * 50, "valid_topics": ["y" * 100] * 50}}

    answer = client.put_gateway("chat", {"guardrails": guards})

    assert answer["guardrails"] == guards


@pytest.mark.parametrize(
    "guards",
    [
        {"pii": {"behavior": "MASK"}},
        {"invalid_keywords": ["x"]},
        {"valid_topics": ["x"]},
    ],
)
def test_embeddings_take_no_output_guardrail_of_any_kind(guards):
    client = client_with(external(task="llm/v1/embeddings"))

    refused = client.refuses(
        "PUT", f"{ENDPOINTS}/chat/ai-gateway", {"guardrails": {"output": guards}}
    )

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_embeddings_take_input_guardrails_and_output_guardrails_that_do_nothing():
    client = client_with(external(task="llm/v1/embeddings"))
    guards = {
        "input": {"safety": True},
        "output": {"safety": False, "pii": {"behavior": "NONE"}},
    }

    assert client.put_gateway("chat", {"guardrails": guards}) == {"guardrails": guards}


def test_the_gateway_of_a_missing_endpoint_cannot_be_put():
    refused = Client().refuses("PUT", f"{ENDPOINTS}/nope/ai-gateway", {})

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
