"""Failures to order."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving_emulator import Fault
from unit.emulator.bodies import ENDPOINTS, Client

CONFIG_PATH = f"{ENDPOINTS}/*/config"


def statuses(client, count, path=ENDPOINTS):
    return [client.call("GET", path)[0] for _ in range(count)]


def test_a_fault_answers_in_place_of_the_service():
    client = Client()
    fault = Fault(
        method="POST",
        path=ENDPOINTS,
        status=429,
        error_code="REQUEST_LIMIT_EXCEEDED",
        message="Too many requests.",
        headers={"Retry-After": "2"},
    )
    client.workspace.faults.add(fault)

    answer = client.http.post(ENDPOINTS, json={"name": "chat"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert client.does("GET", ENDPOINTS) == {}
    assert [call.status for call in client.workspace.calls] == [429, 200]


def test_a_fault_can_come_after_the_effect():
    client = Client()
    client.workspace.faults.add(Fault(method="POST", when="after"))

    status, _ = client.call("POST", ENDPOINTS, {"name": "chat"})

    assert status == 503
    assert client.get("chat")["name"] == "chat"


def test_a_fault_skips_and_hits_as_often_as_it_says():
    client = Client()
    client.workspace.faults.add(Fault(skip=1, times=2))

    assert statuses(client, 5) == [200, 503, 503, 200, 200]


def test_a_fault_without_times_lasts_until_it_is_cleared():
    client = Client()
    client.workspace.faults.add(Fault(times=None))
    before = statuses(client, 3)

    client.workspace.faults.clear()

    assert (before, statuses(client, 1)) == ([503, 503, 503], [200])


def test_faults_come_one_after_the_other():
    client = Client()
    client.workspace.faults.add(Fault(status=500, error_code="INTERNAL_ERROR"))
    client.workspace.faults.add(Fault(status=429, error_code="REQUEST_LIMIT_EXCEEDED"))

    assert statuses(client, 3) == [500, 429, 200]


@pytest.mark.parametrize(
    ("path", "hit"),
    [
        (f"{ENDPOINTS}/chat/config", True),
        (f"{ENDPOINTS}/chat/tags", False),
        (f"{ENDPOINTS}/a/b/config", False),
    ],
)
def test_one_star_stands_for_one_segment(path, hit):
    fault = Fault(method="PUT", path=CONFIG_PATH)

    assert fault.matches("PUT", path) is hit
    assert not fault.matches("GET", path)


@pytest.mark.parametrize(
    ("when", "error", "created"),
    [("before", httpx.ConnectError, False), ("after", httpx.ReadError, True)],
)
def test_a_lost_connection_is_no_answer(when, error, created):
    client = Client()
    client.workspace.faults.add(Fault(method="POST", when=when, drop=True))

    with pytest.raises(error):
        client.http.post(ENDPOINTS, json={"name": "chat"})

    assert (client.call("GET", f"{ENDPOINTS}/chat")[0] == 200) is created
    assert client.workspace.calls[0].status == 0


def test_people_in_the_ui_see_no_faults():
    client = Client()
    client.workspace.faults.add(Fault(times=None))

    assert client.workspace.ui("GET", ENDPOINTS).status == 200


@pytest.mark.parametrize("wrong", [{"when": "during"}, {"times": 0}, {"skip": -1}])
def test_a_fault_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"when|times"):
        Fault(**wrong)
