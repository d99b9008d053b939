"""The test kit's queries: whatever can be deployed, it can ask. No engine is needed for that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from databricks_serving_emulator.program import Program
from databricks_serving_emulator.testing import Deployed, StillClock
from unit.emulator.bodies import Client, custom, endpoint, external
from unit.emulator.queries import with_chat
from unit.emulator.tables import ENDLESS

pytestmark = pytest.mark.one_door("the kit asks in process")


def stack_of(client, tmp_path):
    """What a test gets of the kit, once its program is deployed."""
    program = Program(tmp_path, tmp_path, "http://127.0.0.1:1", "dapi-emulator", "test")
    return Deployed(client.workspace, "http://127.0.0.1:1", program)


def with_own(entity=None, **more):
    client = Client()
    client.create(endpoint(entity or custom(), **more))
    client.settle("chat")
    return client


FEATURES = {
    "entity_name": "ml.features.customer",
    "workload_size": "Small",
    "scale_to_zero_enabled": True,
}


def test_each_task_is_asked_in_its_form(tmp_path):
    client = with_chat()
    for task, name in (("completions", "texts"), ("embeddings", "vectors")):
        client.create(endpoint(external(task=f"llm/v1/{task}"), name=name))
    client.create(endpoint(custom(), name="churn"))
    client.settle("churn")
    stack = stack_of(client, tmp_path)

    answers = {name: stack.query(name, "hi") for name in ("chat", "texts", "vectors", "churn")}

    assert {answer.status for answer in answers.values()} == {200}
    assert [answers[name].text for name in ("chat", "texts", "churn")] == ["hi", "hi", '["hi"]']


def test_a_feature_spec_gets_a_record_or_the_rows_of_the_test(tmp_path):
    stack = stack_of(with_own(FEATURES), tmp_path)

    by_text, by_rows = stack.query("chat", "hi"), stack.query("chat", dataframe_records=[{"id": 7}])

    assert (by_text.text, by_rows.text) == ('[{"text": "hi"}]', '[{"id": 7}]')


@pytest.mark.parametrize("who", ["ann@example.com", "robot", None])
def test_a_route_optimized_endpoint_is_asked_as_it_wants_to_be(who, tmp_path):
    client = with_own(route_optimized=True)
    client.workspace.identities.add_service_principal(application_id="robot")
    everybody = {"group_name": "users", "permission_level": "CAN_QUERY"}
    path = f"/api/2.0/permissions/serving-endpoints/{client.get('chat')['id']}"
    client.does("PATCH", path, {"access_control_list": [everybody]})
    stack = stack_of(client, tmp_path)

    answers = [stack.query("chat", "hi", as_user=who) for _ in range(2)]

    assert [(answer.status, answer.text) for answer in answers] == [(200, '["hi"]')] * 2
    expected = who or "serving.admin@example.com"
    assert {query.requester for query in client.workspace.queries} == {expected}


def test_the_admin_may_be_asked_for_by_name(tmp_path):
    stack = stack_of(with_chat(), tmp_path)

    answer = stack.query("chat", "hi", as_user="serving.admin@example.com")

    assert (answer.status, answer.text) == (200, "hi")


def test_who_may_not_query_a_route_optimized_endpoint_is_refused(tmp_path):
    stack = stack_of(with_own(route_optimized=True), tmp_path)

    assert stack.query("chat", "hi", as_user="ann@example.com").status == 403


def test_a_statement_that_fails_says_why(tmp_path):
    stack = stack_of(Client(), tmp_path)

    with pytest.raises(ValueError, match=r"\[DIVIDE_BY_ZERO\] Division by zero"):
        stack.rows("SELECT 1 / 0")


def test_a_statement_that_was_canceled_says_so(tmp_path):
    client = Client()
    stack = stack_of(client, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(stack.rows, ENDLESS)
        while not asked.done():
            client.workspace.reset()

        why = asked.exception()

    assert str(why) == (
        "The statement is CANCELED: it had not ended after 50s, or the workspace was reset. "
        "Send fewer at a time."
    )


@pytest.mark.parametrize("task", ["chat", "completions"])
def test_a_stream_is_heard_to_its_end(task, tmp_path):
    client = Client()
    client.create(endpoint(external(task=f"llm/v1/{task}")))

    answer = stack_of(client, tmp_path).query("chat", "one two  three", stream=True, n=2)

    assert (answer.status, answer.text) == (200, "one two  three")
    assert len(answer.body) >= 8
    assert answer.body[0]["choices"][0]["index"] == 0


def test_an_endpoint_of_any_name_that_is_not_there_is_404(tmp_path):
    stack = stack_of(with_chat(), tmp_path)

    assert [stack.query(name, "hi").status for name in ("chrun", "a b/ü")] == [404, 404]


def test_where_the_clock_stands_still_nobody_is_told_to_wait(tmp_path):
    limits = {"rate_limits": [{"key": "user", "calls": 1, "renewal_period": "minute"}]}
    stack = stack_of(with_chat(limits, clock=StillClock()), tmp_path)
    stack.query("chat", "hi")

    refused = stack.query("chat", "hi")
    stack.advance(60)

    assert (refused.status, "Retry-After" in refused.headers) == (429, False)
    assert stack.query("chat", "hi").status == 200
