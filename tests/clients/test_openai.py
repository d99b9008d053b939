"""OpenAI's client with a workspace for its base URL: a model's name is an endpoint's."""

from __future__ import annotations

import httpx
import openai
import pytest

CHAT = [{"role": "user", "content": "How are you?"}]


def served(name, task):
    entity = {
        "name": "main",
        "external_model": {
            "name": "gpt-4o",
            "provider": "openai",
            "task": f"llm/v1/{task}",
            "openai_config": {"openai_api_key_plaintext": "sk-made-up"},
        },
    }
    return {"name": name, "config": {"served_entities": [entity]}}


@pytest.fixture
def workspace(workspace):
    for name, task in (("chat", "chat"), ("texts", "completions"), ("vectors", "embeddings")):
        workspace.ui("POST", "/api/2.0/serving-endpoints", served(name, task))
    return workspace


@pytest.fixture
def client(server):
    with openai.OpenAI(
        api_key="dapi-emulator",
        base_url=f"{server.url}/serving-endpoints",
        max_retries=0,
        http_client=httpx.Client(trust_env=False),
    ) as made:
        yield made


def limited(workspace, **limit):
    gateway = {"rate_limits": [{"key": "user", "renewal_period": "minute", **limit}]}
    workspace.ui("PUT", "/api/2.0/serving-endpoints/chat/ai-gateway", gateway)


def test_a_chat_is_completed(client, workspace):
    answer = client.chat.completions.create(
        model="chat",
        messages=CHAT,
        temperature=0.5,
        seed=7,
        extra_body={"usage_context": {"team": "growth"}},
    )

    assert answer.choices[0].message.content == "How are you?"
    assert (answer.choices[0].finish_reason, answer.model) == ("stop", "gpt-4o")
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (4, 8)
    (query,) = workspace.queries
    assert query.usage_context == {"team": "growth"}
    assert query.databricks_request_id == answer._request_id


def test_a_chat_is_streamed(client, workspace):
    stream = client.chat.completions.create(model="chat", messages=CHAT, stream=True)

    pieces = [chunk.choices[0].delta.content for chunk in stream]

    assert pieces == ["How ", "are ", "you?", ""]
    assert workspace.queries[0].streaming is True


def test_a_stream_comes_in_parts(server):
    body = {"messages": CHAT, "stream": True}
    url = f"{server.url}/serving-endpoints/chat/invocations"
    headers = {"Authorization": "Bearer dapi-emulator"}

    with httpx.stream("POST", url, json=body, headers=headers, trust_env=False) as answer:
        answer.read()

    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.text.endswith("data: [DONE]\n\n")


def test_a_text_is_completed(client):
    answer = client.completions.create(model="texts", prompt="Once upon a time")

    assert answer.choices[0].text == "Once upon a time"


def test_texts_are_embedded(client):
    answer = client.embeddings.create(model="vectors", input=["one", "two"])

    assert [len(found.embedding) for found in answer.data] == [8, 8]
    assert answer.usage.prompt_tokens == 2


def test_a_rate_limit_is_one_for_openai(client, workspace):
    limited(workspace, calls=1)
    client.chat.completions.create(model="chat", messages=CHAT)

    with pytest.raises(openai.RateLimitError, match="REQUEST_LIMIT_EXCEEDED") as refused:
        client.chat.completions.create(model="chat", messages=CHAT)

    assert refused.value.response.headers["retry-after"] == "60"


def test_what_a_guardrail_blocks_is_a_bad_request(client, workspace):
    gateway = {"guardrails": {"input": {"pii": {"behavior": "BLOCK"}}}}
    workspace.ui("PUT", "/api/2.0/serving-endpoints/chat/ai-gateway", gateway)
    message = {"role": "user", "content": "I am ann@example.com."}

    with pytest.raises(openai.BadRequestError, match="input_guardrail_triggered"):
        client.chat.completions.create(model="chat", messages=[message])


def test_a_model_that_is_no_endpoint_is_not_found(client):
    with pytest.raises(openai.NotFoundError, match="'other' does not exist"):
        client.chat.completions.create(model="other", messages=CHAT)


def test_who_may_not_query_is_denied(client, workspace):
    workspace.identities.add_user("ann@example.com", token="token-of-ann")

    with pytest.raises(openai.PermissionDeniedError, match="CAN_QUERY"):
        client.with_options(api_key="token-of-ann").chat.completions.create(
            model="chat", messages=CHAT
        )
