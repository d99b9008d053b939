"""Queries: an echo for every task, refusals by state, and what is recorded of them."""

from __future__ import annotations

import json

import pytest
from databricks.sdk import WorkspaceClient

from databricks_serving_emulator import RegisteredModel, RunningServer, Workspace
from unit.emulator.bodies import ENDPOINTS, NEW_YEAR, Client, custom, endpoint, external
from unit.emulator.queries import ask, messages, refusal, says, with_chat

OPENAI = "/serving-endpoints/{}"


def with_task(task):
    client = Client()
    client.create(endpoint(external(task=f"llm/v1/{task}")))
    return client


def with_custom(entity=None, **more):
    client = Client(**more)
    client.create(endpoint(entity or custom()))
    client.settle("chat")
    return client


def test_a_chat_says_the_last_message_of_the_user_once_more():
    client = with_chat()
    body = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Who are you?"},
            {"role": "assistant", "content": "A model."},
            {"role": "user", "content": "And where?"},
        ]
    }

    answer = ask(client, body)

    content = answer.json()
    assert content.pop("id").startswith("chatcmpl-")
    assert content == {
        "object": "chat.completion",
        "created": int(NEW_YEAR),
        "model": "gpt-4o",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "And where?"},
                "finish_reason": "stop",
            }
        ],
        # By characters: 9, 12, 8 and 10 were read, and 10 said.
        "usage": {"prompt_tokens": 13, "completion_tokens": 3, "total_tokens": 16},
    }
    assert answer.headers["served-model-name"] == "main"


@pytest.mark.parametrize(
    ("length", "tokens"), [(0, 0), (1, 1), (3, 1), (4, 2), (7, 2), (8, 3), (400, 101)]
)
def test_tokens_are_estimated_from_the_length_and_rounded_up(length, tokens):
    usage = ask(with_chat(), "x" * length).json()["usage"]

    assert usage == {
        "prompt_tokens": tokens,
        "completion_tokens": tokens,
        "total_tokens": 2 * tokens,
    }


def test_a_message_may_come_in_parts():
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "x"}}]

    assert says(with_chat(), {"messages": [{"role": "user", "content": parts}]}) == "Look"


def test_choices_stops_and_the_most_tokens_are_heeded():
    body = {**messages("one two three STOP four"), "n": 2, "stop": ["STOP"], "max_tokens": 2}

    choices = ask(with_chat(), body).json()["choices"]

    assert [choice["message"]["content"] for choice in choices] == ["one two", "one two"]
    assert {choice["finish_reason"] for choice in choices} == {"length"}


def test_completions_echo_each_prompt():
    content = ask(with_task("completions"), {"prompt": ["one", "two"]}).json()

    assert [choice["text"] for choice in content["choices"]] == ["one", "two"]
    assert content["object"] == "text_completion"
    assert content["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}


def test_embeddings_are_short_and_always_the_same():
    client = with_task("embeddings")

    content = ask(client, {"input": ["hello", "there"]}).json()

    vectors = [found["embedding"] for found in content["data"]]
    assert [found["index"] for found in content["data"]] == [0, 1]
    assert [len(vector) for vector in vectors] == [8, 8]
    assert vectors[0] != vectors[1]
    assert all(-1 <= number <= 1 for vector in vectors for number in vector)
    assert content["usage"] == {"prompt_tokens": 4, "total_tokens": 4}
    assert ask(client, {"input": "hello"}).json()["data"][0]["embedding"] == vectors[0]


@pytest.mark.parametrize(
    ("body", "predictions"),
    [
        ({"dataframe_split": {"columns": ["a"], "data": [[1], [2]]}}, [[1], [2]]),
        ({"dataframe_records": [{"a": 1}, {"a": None}]}, [{"a": 1}, {"a": None}]),
        ({"instances": [[1, 2], [3, 4], [5, 6]]}, [[1, 2], [3, 4], [5, 6]]),
        ({"inputs": {"a": [1, 2], "b": [3, 4]}}, [1, 2]),
        ({"inputs": [7, 8]}, [7, 8]),
        ({"inputs": {"question": "why?"}}, [{"question": "why?"}]),
    ],
)
def test_a_custom_model_predicts_as_many_values_as_it_gets(body, predictions):
    answer = ask(with_custom(), body)

    assert answer.json() == {"predictions": predictions}
    assert answer.headers["served-model-name"] == "churn-1"


def test_a_feature_spec_answers_outputs():
    spec = {
        "entity_name": "ml.features.customer",
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
    }

    answer = ask(with_custom(spec), {"dataframe_records": [{"id": 7}]})

    assert answer.json() == {"outputs": [{"id": 7}]}


def test_an_agent_and_a_foundation_model_are_asked_as_a_chat_is():
    client = Client(
        model_tasks={"ml.agents.support": "agent/v1/chat"},
        foundation_models=("databricks-llama", "databricks-gte-large-en"),
    )
    client.create(endpoint(custom("ml.agents.support")))
    client.settle("chat")

    assert says(client, "hello") == "hello"
    assert says(client, "hello", "databricks-llama") == "hello"
    assert ask(client, {"input": "hello"}, "databricks-gte-large-en").status_code == 200


def test_a_registered_model_without_a_chat_task_takes_what_custom_models_take():
    client = Client()
    client.workspace.serving.register_model(RegisteredModel(name="ml.prod.churn", task="other"))
    client.create(endpoint(custom()))
    client.settle("chat")

    assert ask(client, {"inputs": [1]}).json() == {"predictions": [1]}


@pytest.mark.parametrize(
    ("task", "body", "message"),
    [
        ("chat", {"prompt": "x"}, "The endpoint takes exactly one of messages: it has prompt."),
        ("chat", {}, "The endpoint takes exactly one of messages: it has none."),
        ("completions", {"input": "x"}, "takes exactly one of prompt: it has input."),
        ("embeddings", messages("x"), "takes exactly one of input: it has messages."),
        ("chat", {"messages": []}, "messages must have at least one message"),
        ("chat", {"messages": [{"content": "x"}]}, "each with a role"),
        ("chat", {"messages": [{"role": 7, "content": "x"}]}, "each with a role"),
        ("chat", {"messages": [{"role": "user", "content": 7}]}, "content must be a string"),
        ("chat", {**messages("x"), "n": 6}, "n must lie between 1 and 5."),
        ("chat", {**messages("x"), "n": 0}, "n must lie between 1 and 5."),
        ("chat", {**messages("x"), "temperature": 2.1}, "temperature must lie between"),
        ("chat", {**messages("x"), "max_tokens": 0}, "max_tokens must be at least 1."),
        ("chat", {**messages("x"), "stop": [1]}, "stop must be a string or a list of strings."),
        ("completions", {"prompt": 7}, "prompt must be a string or a list of strings."),
        ("embeddings", {"input": []}, "input must not be empty."),
        ("embeddings", {"input": "x", "stream": True}, "Streaming is supported only for chat"),
    ],
)
def test_what_a_task_does_not_take_is_refused(task, body, message):
    status, code, said = refusal(with_task(task), body)

    assert (status, code) == (400, "BAD_REQUEST")
    assert message in said


@pytest.mark.parametrize("body", [{}, {"inputs": [1], "instances": [1]}, messages("x")])
def test_a_custom_model_takes_exactly_one_input(body):
    status, code, message = refusal(with_custom(), body)

    assert (status, code) == (400, "BAD_REQUEST")
    assert "exactly one of dataframe_split or dataframe_records or instances or inputs" in message


@pytest.mark.parametrize(("size", "status"), [(4 * 1024 * 1024 - 200, 200), (4_194_305, 400)])
def test_a_generative_endpoint_takes_four_megabytes(size, status):
    assert ask(with_chat(), "x" * size).status_code == status


@pytest.mark.parametrize(("size", "status"), [(10 * 1024 - 12, 200), (10 * 1024 - 11, 400)])
def test_a_usage_context_has_room_for_ten_kibibytes(size, status):
    context = {"team": "x" * size}

    assert ask(with_chat(), {**messages("x"), "usage_context": context}).status_code == status


def test_an_endpoint_that_is_not_there_is_404():
    assert refusal(Client(), "hello") == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "Endpoint with name 'chat' does not exist.",
    )


def test_a_first_deployment_answers_no_query_until_it_is_ready():
    client = Client()
    client.create(endpoint(custom()))
    body = {"inputs": [1]}

    before = refusal(client, body)
    client.settle("chat")

    assert before == (400, "BAD_REQUEST", "Endpoint chat is not ready.")
    assert ask(client, body).status_code == 200


@pytest.mark.parametrize("outcome", ["failed", "aborted"])
def test_a_failed_first_deployment_answers_no_query(outcome):
    client = Client()
    client.workspace.deployments.plan(outcome=outcome)
    client.create(endpoint(custom()))
    client.settle("chat")

    assert refusal(client, {"inputs": [1]})[0] == 400


def test_a_failed_update_leaves_the_older_config_answering():
    client = with_custom()
    client.workspace.deployments.plan(outcome="failed")
    client.put_config("chat", {"served_entities": [custom(entity_version="2")]})
    client.settle("chat")

    assert ask(client, {"inputs": [1]}).headers["served-model-name"] == "churn-1"


def test_an_endpoint_without_config_is_not_ready():
    client = Client()
    client.create({"name": "chat"})

    assert refusal(client, "hello")[2] == "Endpoint chat is not ready."


def test_a_stopped_endpoint_answers_no_query_until_it_is_started():
    client = with_custom()
    client.does("POST", f"{ENDPOINTS}/chat/config:stop")
    stopped = refusal(client, {"inputs": [1]})
    client.does("POST", f"{ENDPOINTS}/chat/config:start")
    client.settle("chat")

    assert stopped == (400, "BAD_REQUEST", "Endpoint chat is stopped. Start it to query it.")
    assert ask(client, {"inputs": [1]}).status_code == 200


def test_a_query_needs_the_right_to_query():
    client = with_chat()
    ann, bob = client.user("ann"), client.user("bob")
    client.allow("chat", "PATCH", ann="CAN_VIEW", bob="CAN_QUERY")

    assert refusal(ann, "hello")[:2] == (403, "PERMISSION_DENIED")
    assert says(bob, "hello") == "hello"


def test_one_entity_can_be_asked_by_name():
    client = Client()
    client.create(endpoint(external("a"), external("b"), routes={"a": 100, "b": 0}))
    path = "/serving-endpoints/chat/served-models/{}/invocations"

    found = client.http.post(path.format("b"), json=messages("hello"))
    missing = client.http.post(path.format("c"), json=messages("hello"))
    client.put_config("chat", {"served_entities": [external("c")]})
    client.settle("chat")
    later = client.http.post(path.format("c"), json=messages("hello"))

    assert found.headers["served-model-name"] == "b"
    assert (missing.status_code, missing.json()["message"]) == (
        404,
        "Served entity 'c' does not exist in endpoint 'chat'.",
    )
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("task", "path", "body"),
    [
        ("chat", "chat/completions", messages("hello")),
        ("completions", "completions", {"prompt": "hello"}),
        ("embeddings", "embeddings", {"input": "hello"}),
    ],
)
def test_openai_names_the_endpoint_as_the_model(task, path, body):
    client = with_task(task)
    asked = {**body, "model": "chat"}
    before = client.http.post(OPENAI.format(path), json=asked)
    stranger = client.user("ann").http.post(OPENAI.format(path), json=asked)
    client.does("DELETE", f"{ENDPOINTS}/chat")

    after = client.http.post(OPENAI.format(path), json=asked)

    assert (before.status_code, before.json()["model"]) == (200, "gpt-4o")
    assert (stranger.status_code, stranger.json()["error_code"]) == (403, "PERMISSION_DENIED")
    assert (after.status_code, after.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_openai_asks_an_endpoint_of_another_task_in_vain():
    client = with_task("embeddings")

    status, code, message = client.refuses(
        "POST", OPENAI.format("chat/completions"), {**messages("hello"), "model": "chat"}
    )

    assert (status, code) == (400, "BAD_REQUEST")
    assert message == "Endpoint chat serves llm/v1/embeddings and answers no chat."


OPTIMIZED = "/1234567890123456/serving-endpoints/chat/invocations"


def with_optimized():
    """A client of a workspace with a route-optimized endpoint, and one with an OAuth token."""
    client = Client()
    principal = {"application_id": "robot", "client_secret": "dose-made-up", "groups": ["admins"]}
    client.does("POST", "/_emulator/service-principals", principal)
    grant = {"grant_type": "client_credentials"}
    token = client.http.post("/oidc/v1/token", data=grant, auth=("robot", "dose-made-up")).json()
    client.create(endpoint(custom(), route_optimized=True))
    client.settle("chat")
    return client, client.by(token["access_token"])


def test_a_route_optimized_endpoint_takes_oauth_only():
    client, robot = with_optimized()
    shown = client.get("chat")
    urls = (shown["endpoint_url"], shown["data_plane_info"]["query_info"]["endpoint_url"])

    by_pat = [client.http.post(url, json={"inputs": [1]}) for url in urls]
    by_oauth = [robot.http.post(url, json={"inputs": [1]}) for url in urls]

    assert urls == (
        "https://dbc.test/1234567890123456/serving-endpoints/chat",
        "https://dbc.test/1234567890123456/serving-endpoints/chat/invocations",
    )
    assert [(one.status_code, one.json()["error_code"]) for one in by_pat] == [
        (401, "UNAUTHENTICATED"),
        (401, "UNAUTHENTICATED"),
    ]
    assert [one.json() for one in by_oauth] == [{"predictions": [1]}, {"predictions": [1]}]


@pytest.mark.parametrize("path", ["invocations", "served-models/churn-1/invocations"])
def test_a_route_optimized_endpoint_is_not_queried_at_the_address_of_the_workspace(path):
    client, robot = with_optimized()

    found = robot.refuses("POST", f"/serving-endpoints/chat/{path}", {"inputs": [1]})

    assert found == (
        400,
        "BAD_REQUEST",
        "Endpoint chat is route-optimized: it is queried at its endpoint_url only.",
    )
    assert [query.status_code for query in client.workspace.queries] == [400]


@pytest.mark.parametrize("path", [OPTIMIZED, OPTIMIZED.removesuffix("/invocations")])
def test_the_path_of_route_optimized_endpoints_is_theirs_alone(path):
    client = with_custom()

    before = client.call("POST", path, {"inputs": [1]})[0]
    client.does("DELETE", f"{ENDPOINTS}/chat")
    client.create(endpoint(custom(), route_optimized=True))

    assert before == 404
    assert client.call("POST", path, {"inputs": [1]})[0] == 401


@pytest.mark.one_door("the SDK has no in-process door")
def test_the_sdk_finds_its_way_to_a_route_optimized_endpoint():
    client, _ = with_optimized()

    with RunningServer(client.workspace) as server:
        sdk = WorkspaceClient(host=server.url, client_id="robot", client_secret="dose-made-up")
        answer = sdk.serving_endpoints_data_plane.query("chat", inputs=[1])

    assert answer.predictions == [1]


def test_an_agent_for_the_responses_api_is_refused_with_the_reason():
    client = Client(model_tasks={"ml.agents.support": "agent/v1/responses"})
    client.create(endpoint(custom("ml.agents.support")))
    client.settle("chat")

    found = [refusal(client, body) for body in ({"input": "hello"}, {"inputs": ["hello"]})]

    message = "The emulator has no Responses API, which agent/v1/responses is for."
    assert found == [(400, "BAD_REQUEST", message)] * 2


def events(answer):
    lines = [line for line in answer.text.split("\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_a_stream_says_the_same_word_by_word():
    answer = ask(with_chat(), {**messages("one two  three"), "stream": True})

    found = events(answer)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["served-model-name"] == "main"
    assert [event["choices"][0]["delta"] for event in found] == [
        {"role": "assistant", "content": "one "},
        {"content": "two  "},
        {"content": "three"},
        {"content": ""},
    ]
    assert [event["choices"][0]["finish_reason"] for event in found] == [None, None, None, "stop"]
    assert {event["object"] for event in found} == {"chat.completion.chunk"}
    assert found[-1]["usage"] == {"prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8}


def test_completions_stream_their_text():
    answer = ask(with_task("completions"), {"prompt": "one two", "stream": True})

    assert [event["choices"][0]["text"] for event in events(answer)] == ["one ", "two", ""]


def test_a_long_text_comes_in_a_hundred_pieces_at_most():
    text = "word " * 1_000

    found = events(ask(with_chat(), {**messages(text), "stream": True}))

    assert len(found) == 101
    assert "".join(event["choices"][0]["delta"]["content"] for event in found) == text


def test_a_refused_stream_is_refused_as_json():
    answer = ask(Client(), {**messages("hello"), "stream": True})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


def test_a_query_is_recorded_as_it_was_answered():
    client = with_chat()
    body = {
        **messages("hello"),
        "usage_context": {"team": "growth", "cost": 7},
        "client_request_id": "mine",
    }

    answer = ask(client, body)

    (query,) = client.workspace.queries
    assert query.endpoint_name == "chat"
    assert query.endpoint_id == client.get("chat")["id"]
    assert (query.served_entity_name, len(query.served_entity_id)) == ("main", 32)
    assert query.requester == "serving.admin@example.com"
    assert (query.requested_at, query.duration_ms, query.status_code) == (NEW_YEAR, 0, 200)
    assert query.databricks_request_id == answer.headers["x-request-id"]
    assert query.client_request_id == "mine"
    assert (query.input_tokens, query.output_tokens) == (2, 2)
    assert (query.input_characters, query.output_characters) == (5, 5)
    assert query.usage_context == {"team": "growth", "cost": "7"}
    assert (query.streaming, query.sampled, query.logging_error_codes) == (False, True, ())
    assert json.loads(query.request) == body
    assert json.loads(query.response) == answer.json()


def test_an_entity_has_the_same_id_until_the_next_config():
    client = with_chat()
    for _ in range(2):
        ask(client, "hello")
    client.put_config("chat", {"served_entities": [external()]})
    client.settle("chat")

    ask(client, "hello")

    first, second, third = (query.served_entity_id for query in client.workspace.queries)
    assert first == second
    assert second != third


def test_a_refusal_is_recorded_under_the_id_that_it_tells():
    client = with_chat()

    answer = ask(client, {"prompt": "hello"})

    (query,) = client.workspace.queries
    assert (query.status_code, query.served_entity_name, query.output_tokens) == (400, "", 0)
    assert query.databricks_request_id == answer.json()["details"][0]["request_id"]


def test_who_may_not_ask_and_what_is_not_there_is_no_query():
    client = with_chat()

    refusal(client.user("ann"), "hello")
    refusal(client, "hello", "other")

    assert len(client.workspace.queries) == 0


def test_a_stream_is_recorded_as_one():
    client = with_chat()

    answer = ask(client, {**messages("hello"), "stream": True})

    (query,) = client.workspace.queries
    assert (query.streaming, query.output_tokens) == (True, 2)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert json.loads(query.response)["choices"][0]["message"]["content"] == "hello"


def test_a_body_of_more_than_a_mebibyte_is_not_logged():
    client = with_chat()

    ask(client, "x" * 1024 * 1024)

    (query,) = client.workspace.queries
    assert (query.request, query.response) == ("", "")
    assert query.logging_error_codes == ("MAX_REQUEST_SIZE_EXCEEDED", "MAX_RESPONSE_SIZE_EXCEEDED")
    assert query.input_characters == 1024 * 1024


def test_a_fraction_of_the_queries_is_sampled_evenly():
    client = Client()
    telemetry = {
        "table_names": {"logs_table": "ml.logs.chat"},
        "inference_table_config": {"sampling_fraction": 0.25},
    }
    client.create(endpoint(custom(), telemetry_config=telemetry))
    client.settle("chat")

    for _ in range(8):
        ask(client, {"inputs": [1]})

    sampled = [query.sampled for query in client.workspace.queries]
    assert sampled == [False, False, False, True, False, False, False, True]


def test_metrics_count_the_queries_of_the_last_minute():
    client = with_custom()
    ask(client, {"inputs": [1]})
    client.clock.advance(60)
    client.workspace.queries.fail("chat", "churn-1", status=503)
    for _ in range(3):
        ask(client, {"inputs": [1]})

    lines = client.http.get(f"{ENDPOINTS}/chat/metrics").text.splitlines()

    assert [line.rpartition(" ")[2] for line in lines if line.startswith("request_")] == [
        "3",
        "0",
        "1",
    ]


def test_the_controls_show_the_queries_and_forget_them():
    client = with_chat()
    ask(client, "hello")

    (shown,) = client.does("GET", "/_emulator/queries")["queries"]
    client.does("DELETE", "/_emulator/queries")

    assert (shown["endpoint_name"], shown["input_tokens"]) == ("chat", 2)
    assert client.does("GET", "/_emulator/queries") == {"queries": []}


def test_a_reset_forgets_the_queries():
    client = with_chat()
    ask(client, "hello")

    client.workspace.reset()

    assert list(client.workspace.queries) == []


def test_an_observer_gets_each_query_as_it_is_recorded():
    client = with_chat()
    seen = []
    client.workspace.queries.observe(lambda query: seen.append(query.endpoint_name))

    ask(client, "hello")

    assert seen == ["chat"]


def test_nothing_is_kept_of_a_query_when_a_fault_comes_before_it():
    client = with_chat()
    fault = {"path": "/serving-endpoints/chat/invocations", "status": 502}
    client.does("POST", "/_emulator/faults", fault)

    assert ask(client, "hello").status_code == 502
    assert len(client.workspace.queries) == 0


@pytest.mark.one_door("of a file, no door makes a difference")
def test_a_query_is_in_no_file(tmp_path):
    db = tmp_path / "workspace.db"
    first = with_chat(db=db)
    ask(first, "hello")
    asked = len(first.workspace.queries)
    first.workspace.close()
    again = Workspace(db=db)

    assert (asked, list(again.queries)) == (1, [])
    again.close()
