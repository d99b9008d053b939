"""What an answer takes, counted: the emulator must never be what somebody measures."""

from __future__ import annotations

import sys
from collections import Counter
from urllib.parse import parse_qsl

import pytest

from databricks_serving_emulator import Request
from unit.emulator.bodies import ENDPOINTS, Client, endpoint, external

pytestmark = pytest.mark.one_door("counts calls of functions, and goes through none")

READS = (
    f"{ENDPOINTS}/chat-1",
    "/api/2.0/secrets/scopes/list",
    "/api/2.0/secrets/list?scope=llm",
    "/api/2.0/preview/scim/v2/Me",
)
GATEWAY = {"rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}]}


def workspace_of(count, **more):
    client = Client(**more)
    client.put_secret("llm", "openai", "sk-made-up")
    for number in range(count):
        client.create(endpoint(external(), name=f"chat-{number}", ai_gateway=GATEWAY))
    return client


def called(client, path):
    """How often each function is called while the workspace answers that GET."""
    found = Counter()

    def note(frame, event, what):
        if event == "call":
            found[frame.f_code.co_name] += 1
        elif event == "c_call":
            found[what.__name__] += 1

    bare, _, query = path.partition("?")
    asked = Request("GET", bare, dict(parse_qsl(query)), {"authorization": "Bearer dapi-emulator"})
    client.workspace.answer(asked)  # what is done once only, has been done
    sys.setprofile(note)
    try:
        answer = client.workspace.answer(asked)
    finally:
        sys.setprofile(None)
    assert answer.status == 200
    return found


@pytest.fixture(params=["in memory", "in a file"])
def of(request, tmp_path):
    """Makes a workspace of so many endpoints, and closes it."""
    made = []

    def make(count):
        file = {"db": tmp_path / f"{count}.db"} if request.param == "in a file" else {}
        made.append(workspace_of(count, **file))
        return made[-1]

    yield make
    for client in made:
        client.workspace.close()


@pytest.mark.parametrize("path", READS)
def test_a_read_takes_as_many_steps_among_many_endpoints_as_among_few(of, path):
    few, many = of(2), of(60)

    assert called(many, path) == called(few, path)


def test_an_admin_gets_an_endpoint_as_it_was_written_down_once():
    client = workspace_of(2)

    calls = called(client, READS[0])

    assert (calls["dumps"], calls["loads"]) == (1, 0)


def test_an_admin_gets_the_list_as_it_was_written_down_once():
    client = workspace_of(3)

    calls = called(client, ENDPOINTS)

    assert (calls["dumps"], calls["loads"]) == (1, 0)


def test_a_switch_that_changes_no_answer_costs_nothing():
    usual, switched = workspace_of(2), workspace_of(2)
    switched.does("PATCH", "/_emulator/behaviour", {"endpoints_limit": None})

    assert called(switched, READS[0]) == called(usual, READS[0])
