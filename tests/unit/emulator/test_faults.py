"""Failures to order."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving_emulator import Fault
from unit.emulator.bodies import ENDPOINTS, Client, FakeClock

CONFIG_PATH = f"{ENDPOINTS}/*/config"
MOVES_THE_CLOCK = pytest.mark.one_door("over HTTP, a slow answer takes real time")
TELLS_LOSSES_APART = pytest.mark.one_door("over HTTP, a client cannot tell what was lost")


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


@TELLS_LOSSES_APART
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


@pytest.mark.parametrize(
    "path",
    [
        "",
        "[",
        "**",
        "/",
        "/api",
        "/_emulator/**",
        "/.well-known/databricks-config",
        "/api/2.0/serving-endpoints?x=1",
        "/api/2.0/my endpoint",
        "/api/2.0/ä",
    ],
)
def test_a_fault_that_can_hit_no_request_is_refused(path):
    client = Client()

    status, content = client.call("POST", "/_emulator/faults", {"path": path})

    assert status == 400
    assert content["error"].startswith(
        'POST /_emulator/faults: "path" must be a path under /api/, /oidc/ or /serving-endpoints/ '
        f'without its query, in which * is one segment and ** many, not "{path}"; its fields are '
    )
    assert client.does("GET", "/_emulator/faults") == {"faults": []}


@pytest.mark.parametrize(
    "path", ["/**", "/*/2.0/**", "/oidc/**", "/serving-endpoints/*/x", "/**/a"]
)
def test_a_fault_that_can_hit_a_request_is_planned(path):
    client = Client()

    client.does("POST", "/_emulator/faults", {"path": path})

    assert [fault["path"] for fault in client.does("GET", "/_emulator/faults")["faults"]] == [path]


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive", "Upgrade"]
)
def test_a_fault_does_not_say_where_its_answer_ends(name):
    client = Client()

    status, content = client.call("POST", "/_emulator/faults", {"headers": {name: "5"}})

    assert status == 400
    assert "(Content-Length, Transfer-Encoding, Connection and their like)" in content["error"]
    assert client.does("GET", ENDPOINTS) == {}


def test_a_throttled_client_is_not_always_told_how_long_to_wait():
    client = Client()
    client.workspace.faults.add(Fault(status=429, error_code="REQUEST_LIMIT_EXCEEDED"))

    answer = client.http.get(ENDPOINTS)

    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


FORMS = {
    "json": ("application/json", '"error_code": "TEMPORARILY_UNAVAILABLE"'),
    "api-1.2": ("application/json", '{"error": "The service is <busy>."}'),
    "scim": ("application/json", '"detail": "The service is <busy>.", "status": "503"'),
    "text": ("text/plain; charset=utf-8", "TEMPORARILY_UNAVAILABLE: The service is <busy>."),
    "html": ("text/html; charset=utf-8", "<body><h1>The service is &lt;busy&gt;.</h1></body>"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_failure_comes_in_any_form_that_services_and_proxies_have(form):
    client = Client()
    fault = Fault(form=form, message="The service is <busy>.", headers={"Retry-After": "7"})
    client.workspace.faults.add(fault)

    answer = client.http.get(ENDPOINTS)

    kind, text = FORMS[form]
    assert (answer.status_code, answer.headers["content-type"]) == (503, kind)
    assert answer.headers["Retry-After"] == "7"
    assert text in answer.text


def test_a_failure_can_have_nothing_to_say():
    client = Client()
    client.workspace.faults.add(Fault(form="empty", headers={"Retry-After": "7"}))

    answer = client.http.get(ENDPOINTS)

    assert (answer.status_code, answer.content) == (503, b"")
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_failure_can_repeat_what_was_sent(form):
    client = Client()
    client.workspace.faults.add(Fault(status=400, echo=True, form=form))

    answer = client.http.post(ENDPOINTS, json={"name": "sk-made-up"})

    assert "sk-made-up" in answer.text
    assert "The service is temporarily unavailable." in answer.text


def test_a_failure_does_not_repeat_what_was_sent_unless_it_is_asked_to():
    client = Client()
    client.workspace.faults.add(Fault(status=400))

    answer = client.http.post(ENDPOINTS, json={"name": "sk-made-up"})

    assert "sk-made-up" not in answer.text


@MOVES_THE_CLOCK
def test_a_slow_answer_is_the_usual_one_after_a_while():
    client = Client()
    client.workspace.faults.add(Fault(status=None, delay=4))
    before = client.clock.now()

    answer = client.http.post(ENDPOINTS, json={"name": "chat"})

    assert (answer.status_code, answer.json()["name"]) == (200, "chat")
    assert client.clock.now() - before == 4
    assert client.get("chat")["name"] == "chat"


@MOVES_THE_CLOCK
def test_a_failure_can_take_its_time():
    client = Client()
    client.workspace.faults.add(Fault(delay=4))
    before = client.clock.now()

    status, _ = client.call("GET", ENDPOINTS)

    assert (status, client.clock.now() - before) == (503, 4)


@MOVES_THE_CLOCK
def test_a_client_does_not_wait_longer_than_its_patience():
    client = Client()
    client.workspace.faults.add(Fault(status=None, delay=30))
    before = client.clock.now()

    with pytest.raises(httpx.ReadTimeout):
        client.http.post(ENDPOINTS, json={"name": "chat"}, timeout=10)

    assert client.clock.now() - before == 10
    assert client.get("chat")["name"] == "chat"


@MOVES_THE_CLOCK
@pytest.mark.parametrize(
    ("when", "delay", "error", "passed"),
    [
        ("before", 4, httpx.ConnectError, 4),
        ("after", 4, httpx.ReadError, 4),
        ("after", 30, httpx.ReadTimeout, 10),
    ],
)
def test_a_connection_can_be_lost_late(when, delay, error, passed):
    client = Client()
    client.workspace.faults.add(Fault(when=when, drop=True, delay=delay))
    before = client.clock.now()

    with pytest.raises(error):
        client.http.get(ENDPOINTS, timeout=10)

    assert client.clock.now() - before == passed


@TELLS_LOSSES_APART
def test_a_connection_lost_before_the_effect_has_none_whatever_the_status():
    client = Client()
    client.workspace.faults.add(Fault(method="POST", drop=True, status=None))

    with pytest.raises(httpx.ConnectError):
        client.http.post(ENDPOINTS, json={"name": "chat"})

    assert client.does("GET", ENDPOINTS) == {}


@MOVES_THE_CLOCK
def test_a_clock_that_cannot_be_moved_stands_still_while_an_answer_is_slow():
    class Stopped(FakeClock):
        advance = None

    client = Client(clock=Stopped())
    client.workspace.faults.add(Fault(status=None, delay=4))

    assert client.call("GET", ENDPOINTS) == (200, {})
