"""Which entity answers: traffic split, and fallback from those that fail."""

from __future__ import annotations

from collections import Counter

import pytest

from databricks_serving_emulator import Workspace
from unit.emulator.bodies import Client, custom, endpoint, external
from unit.emulator.queries import FAILURES, ask, messages, refusal, statuses

FALLBACK = {"fallback_config": {"enabled": True}}


def split(gateway=None, **percentages):
    client = Client()
    entities = [external(name) for name in percentages]
    client.create(endpoint(*entities, routes=percentages, ai_gateway=gateway or {}))
    return client


def served(client, times, name="chat"):
    return [ask(client, "hello", name).headers["served-model-name"] for _ in range(times)]


@pytest.mark.parametrize(
    "percentages", [{"a": 90, "b": 10}, {"a": 33, "b": 33, "c": 34}, {"a": 100, "b": 0}]
)
def test_of_any_hundred_queries_in_a_row_each_entity_gets_its_percentage(percentages):
    expected = {name: share for name, share in percentages.items() if share}

    found = served(split(**percentages), 250)

    for first in range(151):
        assert Counter(found[first : first + 100]) == expected


def test_the_order_is_mixed_and_always_the_same():
    one, other = (served(split(a=50, b=50), 20) for _ in range(2))

    assert one == other
    assert sorted(one) != one


def test_another_config_has_its_own_split():
    client = split(a=100, b=0)
    before = served(client, 3)
    routes = [
        {"served_entity_name": "a", "traffic_percentage": 0},
        {"served_entity_name": "b", "traffic_percentage": 100},
    ]
    entities = [external("a"), external("b")]
    config = {"served_entities": entities, "traffic_config": {"routes": routes}}
    client.put_config("chat", config)
    client.settle("chat")

    assert (before, served(client, 3)) == (["a"] * 3, ["b"] * 3)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_an_entity_that_fails_is_followed_by_the_next_one(status):
    client = split(FALLBACK, a=100, b=0)
    client.workspace.queries.fail("chat", "a", status=status)

    assert served(client, 2) == ["b", "a"]


def test_custom_models_have_no_fallback():
    client = Client()
    entities = [custom(name="a"), custom(name="b")]
    client.create(endpoint(*entities, routes={"a": 100, "b": 0}, ai_gateway=FALLBACK))
    client.settle("chat")
    client.workspace.queries.fail("chat", "a")

    assert statuses(client, 2, {"inputs": [1]}) == [500, 200]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_an_entity_that_refuses_is_not_followed(status):
    client = split(FALLBACK, a=100, b=0)
    client.workspace.queries.fail("chat", "a", status=status)

    assert statuses(client, 2) == [status, 200]


def test_without_fallback_a_failure_is_the_answer():
    client = split(a=100, b=0)
    client.workspace.queries.fail("chat", "a", status=503)

    assert refusal(client, "hello") == (
        503,
        "TEMPORARILY_UNAVAILABLE",
        "The served entity a failed, as planned.",
    )


def test_fallback_goes_by_the_order_of_the_entities():
    client = split(FALLBACK, a=0, b=100, c=0)
    client.workspace.queries.fail("chat", "b", times=2)
    client.workspace.queries.fail("chat", "a", times=1)

    assert served(client, 3) == ["c", "a", "b"]


def test_the_last_failure_is_told_when_all_fail():
    client = split(FALLBACK, a=100, b=0)
    client.workspace.queries.fail("chat", "a", status=429)
    client.workspace.queries.fail("chat", "b", status=502)

    status, code, message = refusal(client, "hello")

    assert (status, code) == (502, "INTERNAL_ERROR")
    assert message == "The served entity b failed, as planned."
    (query,) = client.workspace.queries
    assert (query.status_code, query.served_entity_name) == (502, "b")


def test_an_entity_that_is_asked_by_name_falls_back_on_nobody():
    client = split(FALLBACK, a=100, b=0)
    client.workspace.queries.fail("chat", "a")
    path = "/serving-endpoints/chat/served-models/a/invocations"

    answers = [client.http.post(path, json=messages("hello")).status_code for _ in range(2)]

    assert answers == [500, 200]


def test_a_query_answered_by_fallback_is_recorded_as_that_entitys():
    client = split(FALLBACK, a=100, b=0)
    client.workspace.queries.fail("chat", "a")

    ask(client, "hello")
    ask(client, "hello")

    first, second = client.workspace.queries
    assert (first.status_code, first.served_entity_name) == (200, "b")
    assert second.served_entity_name == "a"
    assert first.served_entity_id != second.served_entity_id


def test_a_stream_falls_back_too():
    client = split(FALLBACK, a=100, b=0)
    client.workspace.queries.fail("chat", "a")

    answer = ask(client, {**messages("hello"), "stream": True})

    assert answer.headers["served-model-name"] == "b"


def test_failures_are_planned_listed_and_forgotten_by_the_controls():
    client = split(a=100, b=0)
    planned = {"endpoint": "chat", "entity": "a", "status": 503, "times": None}
    client.does("POST", FAILURES, planned)
    client.does("POST", FAILURES, {"endpoint": "chat", "entity": "b"})

    listed = client.does("GET", FAILURES)["failures"]
    failing = statuses(client, 3)
    client.does("DELETE", FAILURES)

    assert listed == [
        {**planned, "left": None},
        {"endpoint": "chat", "entity": "b", "status": 500, "times": 1, "left": 1},
    ]
    assert failing == [503, 503, 503]
    assert statuses(client, 1) == [200]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            {"endpoint": "chat", "entity": "a", "status": 200},
            '"status" must be an HTTP status from 400 to 599, not 200',
        ),
        ({"endpoint": "chat"}, '"entity" is missing and must be a name'),
        (
            {"endpoint": "chat", "entity": "a", "times": 0},
            '"times" must be a whole number, 1 or more, or null for every time, not 0',
        ),
    ],
)
def test_a_failure_that_cannot_be_is_refused(body, sentence):
    status, content = split(a=100, b=0).call("POST", FAILURES, body)

    assert status == 400
    assert sentence in content["error"]


@pytest.mark.one_door("the sentence is for Python")
def test_a_failure_that_cannot_be_is_a_value_error():
    with pytest.raises(ValueError, match=r'"status" must be an HTTP status from 400 to 599'):
        Workspace().queries.fail("chat", "a", status=200)


def test_a_failure_of_a_custom_model_is_its_own():
    client = Client()
    client.create(endpoint(custom()))
    client.settle("chat")
    client.workspace.queries.fail("chat", "churn-1", status=504)

    assert refusal(client, {"inputs": [1]})[:2] == (504, "DEADLINE_EXCEEDED")
