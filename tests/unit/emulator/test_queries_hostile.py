"""Queries that nobody sends by accident: refused, recorded, and without harm to what comes after.

What they would break is looked at each time: the tables, the recorded calls, the memory.
"""

from __future__ import annotations

import json

import pytest

from databricks_serving_emulator.queries.records import QueryRecords
from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external
from unit.emulator.queries import INVOCATIONS, ask, messages, refusal, triggered
from unit.emulator.tables import LOGGED, PAYLOADS, USAGE, count, rows, with_chat

NO_UNICODE = "Could not parse request object: the body holds text that is no Unicode."
TOO_DEEP = "Could not parse request object: the body is nested deeper than 100 levels."
NO_NUMBER = (
    "Could not parse request object: "
    "the body holds a number that JSON does not have, such as NaN or 1e999."
)


def with_task(task):
    client = Client()
    client.create(endpoint(external(task=f"llm/v1/{task}")))
    return client


def with_custom(**more):
    client = Client()
    client.create(endpoint(custom(), **more))
    client.settle("chat")
    return client


def sends(client, text, path="/serving-endpoints/chat/invocations"):
    """Status, code and message of the refusal of a body as it stands."""
    answer = client.http.post(path, content=text)
    content = answer.json()
    return answer.status_code, content["error_code"], content["message"]


def nested(levels):
    """A body of that many levels."""
    return '{"inputs": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    "more",
    [
        '"usage_context": {"team": "\\ud83d"}',
        '"usage_context": {"\\uDC00": "growth"}',
        '"client_request_id": "\\ud83d"',
        '"user": "\\ud83d"',
    ],
)
def test_half_a_character_is_refused_and_leaves_the_tables_readable(more):
    client = with_chat(LOGGED)

    refused = sends(client, '{"messages": [{"role": "user", "content": "hello"}], ' + more + "}")

    assert refused == (400, "BAD_REQUEST", NO_UNICODE)
    assert rows(client, f"SELECT status_code, usage_context FROM {USAGE}") == [["400", "{}"]]
    assert rows(client, f"SELECT status_code, client_request_id FROM {PAYLOADS}") == [["400", None]]


def test_half_a_character_in_bytes_is_refused_and_a_whole_one_is_taken():
    client = with_custom()
    whole = '{"inputs": ["\\ud83d\\ude00 \\\\ud83d"]}'

    refused = sends(client, b'{"inputs": ["\xed\xa0\xbd"]}')
    taken = client.http.post(INVOCATIONS.format("chat"), content=whole).json()

    assert refused[:2] == (400, "BAD_REQUEST")
    assert taken == {"predictions": ["\U0001f600 \\ud83d"]}


@pytest.mark.parametrize("levels", [101, 980, 200_000])
def test_a_query_nested_deeper_than_a_hundred_levels_is_refused_and_recorded(levels):
    client = with_custom()

    assert sends(client, nested(levels)) == (400, "BAD_REQUEST", TOO_DEEP)
    assert [query.status_code for query in client.workspace.queries] == [400]
    assert client.http.get("/_emulator/calls").status_code == 200


def test_a_query_nested_in_a_hundred_levels_is_answered():
    answer = with_custom().http.post(INVOCATIONS.format("chat"), content=nested(100))

    assert json.dumps(answer.json()) == '{"predictions": ' + "[" * 99 + "]" * 99 + "}"


def test_a_write_nested_deeper_than_a_hundred_levels_leaves_the_calls_readable():
    client = Client()

    refused = sends(client, nested(980), ENDPOINTS)

    (call,) = client.does("GET", "/_emulator/calls")["calls"]
    assert refused == (400, "MALFORMED_REQUEST", TOO_DEEP)
    assert (call["status"], call["body"]) == (400, None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_json_does_not_have_is_refused(number):
    assert sends(with_custom(), '{"inputs": [' + number + "]}") == (400, "BAD_REQUEST", NO_NUMBER)


def test_what_cannot_be_read_is_refused_in_its_turn_and_recorded():
    client = with_chat()

    answer = client.http.post(INVOCATIONS.format("chat"), content=b'{"messages": "hi"}')

    content = answer.json()
    (query,) = client.workspace.queries
    assert (answer.status_code, content["error_code"], content["message"]) == (
        400,
        "BAD_REQUEST",
        "Could not parse request object: expected a list at 'messages'.",
    )
    assert answer.headers["x-request-id"] == content["details"][0]["request_id"]
    assert query.databricks_request_id == answer.headers["x-request-id"]
    assert (query.status_code, query.request) == (400, '{"messages": "hi"}')
    assert count(client, USAGE) == 1


def test_a_credential_is_looked_at_before_what_cannot_be_read():
    client = with_custom(route_optimized=True)
    own_path = "/1234567890123456/serving-endpoints/chat/invocations"

    answer = client.http.post(own_path, content=b'{"inputs": [1], "n": "x"}')

    assert (answer.status_code, answer.json()["error_code"]) == (401, "UNAUTHENTICATED")


def test_openai_s_model_is_found_in_a_body_that_cannot_be_read():
    client = with_chat()
    path = "/serving-endpoints/chat/completions"

    found = sends(client, b'{"model": "chat", "messages": "hi"}', path)
    nobody = sends(client, b"hello", path)

    assert found[:2] == (400, "BAD_REQUEST")
    assert nobody[:2] == (400, "MALFORMED_REQUEST")
    assert [query.status_code for query in client.workspace.queries] == [400]


@pytest.mark.parametrize(
    ("task", "body", "status"),
    [
        ("completions", {"prompt": ["a"] * 1_000}, 200),
        ("completions", {"prompt": ["a"] * 1_001}, 400),
        ("completions", {"prompt": ["a"] * 201, "n": 5}, 400),
        ("embeddings", {"input": ["a"] * 2_048}, 200),
        ("embeddings", {"input": ["a"] * 2_049}, 400),
    ],
)
def test_an_answer_has_room_for_so_many(task, body, status):
    assert ask(with_task(task), body).status_code == status


def test_too_many_prompts_are_refused_with_how_many_there_may_be():
    assert refusal(with_task("completions"), {"prompt": ["a"] * 400_000, "n": 5}) == (
        400,
        "BAD_REQUEST",
        "prompt has room for 1000 texts, each of which counts n times.",
    )


def test_nothing_is_kept_of_a_usage_context_that_is_too_large():
    client = with_chat()

    answer = ask(client, {**messages("hello"), "usage_context": {"team": "x" * 20_000}})

    (query,) = client.workspace.queries
    assert (answer.status_code, query.status_code, query.usage_context) == (400, 400, {})


@pytest.mark.one_door("of what is kept, no door makes a difference")
@pytest.mark.parametrize("kept", ["client_request_id", "usage_context"])
def test_all_texts_of_a_query_count_for_how_many_are_kept(kept):
    client = with_chat()
    ask(client, "hello")
    (query,) = client.workspace.queries
    text = "x" * 40_000_000
    large = {kept: text if kept == "client_request_id" else {"team": text}}
    records = QueryRecords()

    for _ in range(2):
        records.add(type(query)(**{**vars(query), **large}))

    assert len(records.all()) == 1


def test_a_query_is_a_call_without_its_body_and_no_write():
    client = with_chat()
    client.workspace.clear_calls()

    ask(client, "hello")
    client.http.post("/serving-endpoints/chat/completions", json={**messages("x"), "model": "chat"})

    (first, second) = client.does("GET", "/_emulator/calls")["calls"]
    assert first == {
        "method": "POST",
        "path": "/serving-endpoints/chat/invocations",
        "body": None,
        "status": 200,
        "actor": "serving.admin@example.com",
    }
    assert (second["path"], second["body"]) == ("/serving-endpoints/chat/completions", None)
    assert client.workspace.writes == ()


# Of the parameters of OpenAI's client 3.54, those that the REST reference does not have; of the
# input of agents, the last one.
OPENAI = (
    "audio",
    "best_of",
    "function_call",
    "functions",
    "modalities",
    "moderation",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "verbosity",
    "web_search_options",
    "context",
)


@pytest.mark.parametrize("name", OPENAI)
def test_a_strict_workspace_takes_what_openai_s_client_sends(name):
    assert ask(with_chat(strict=True), {**messages("hello"), name: "x"}).status_code == 200


def test_a_strict_workspace_refuses_an_unknown_parameter_as_it_does_any_other_query():
    client = with_chat(strict=True)

    refused = refusal(client, {**messages("hello"), "speed": "x"})

    assert refused == (
        400,
        "BAD_REQUEST",
        "Could not parse request object: unknown field speed.",
    )
    assert [query.status_code for query in client.workspace.queries] == [400]


@pytest.mark.parametrize("texts", [["hello"], ["a@example.com"]])
def test_a_stream_is_logged_as_one_answer(texts):
    client = with_chat({**LOGGED, "guardrails": {"input": {"pii": {"behavior": "MASK"}}}})
    whole = ask(client, messages(*texts)).json()

    ask(client, {**messages(*texts), "stream": True})

    said = rows(client, f"SELECT response FROM {PAYLOADS} ORDER BY request_time")
    one, other = ({**json.loads(text), "id": ""} for (text,) in said)
    assert one == other == {**whole, "id": ""}
    assert rows(client, f"SELECT get_json_object(response, '$.choices[0].index') FROM {PAYLOADS}")


def test_a_blocked_stream_is_logged_as_the_refusal_that_it_is():
    client = with_chat({**LOGGED, "guardrails": {"input": {"pii": {"behavior": "BLOCK"}}}})

    triggered(client, {**messages("a@example.com"), "stream": True})

    query = f"SELECT get_json_object(response, '$.error_code') FROM {PAYLOADS}"
    assert rows(client, query) == [["BAD_REQUEST"]]


def test_what_is_looked_for_in_a_body_that_is_no_json_is_null():
    client = with_chat(LOGGED)
    client.http.post(INVOCATIONS.format("chat"), content=b"hello")
    ask(client, "hello")

    found = rows(
        client,
        "SELECT get_json_object(request, '$.messages[0].content'), request:messages[0].role "
        f"FROM {PAYLOADS} ORDER BY status_code DESC",
    )

    assert found == [[None, None], ["hello", "user"]]


@pytest.mark.parametrize(
    ("endpoint_name", "entity", "message"),
    [
        ("nope", "main", "Endpoint with name 'nope' does not exist; the endpoints are chat."),
        ("chat", "nope", "Endpoint 'chat' has no served entity 'nope'; its entities are main."),
    ],
)
def test_who_is_not_there_cannot_be_made_to_fail(endpoint_name, entity, message):
    client = with_chat()
    body = {"endpoint": endpoint_name, "entity": entity}

    status, said = client.call("POST", "/_emulator/queries/failures", body)
    with pytest.raises(ValueError, match="nope") as raised:
        client.workspace.queries.fail(endpoint_name, entity)

    assert (status, said) == (400, {"error": f"POST /_emulator/queries/failures: {message}"})
    assert str(raised.value) == message
    assert client.workspace.queries.failures() == []


def test_an_entity_of_an_endpoint_without_config_cannot_be_made_to_fail():
    client = Client()
    client.create({"name": "chat"})

    with pytest.raises(ValueError, match="it has none"):
        client.workspace.queries.fail("chat", "main")


def test_an_entity_that_is_being_deployed_can_be_made_to_fail():
    client = Client()
    client.create(endpoint(custom()))

    client.workspace.queries.fail("chat", "churn-1", status=503)
    client.settle("chat")

    assert ask(client, {"inputs": [1]}).status_code == 503
