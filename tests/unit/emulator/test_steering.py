"""Programs use the controls; pages of somebody else, in a browser on this machine, do not."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving_emulator import Behaviour, RunningServer, Workspace
from databricks_serving_emulator.steering import refusal
from databricks_serving_emulator.wire import Request

pytestmark = pytest.mark.one_door("starts servers of its own")

RESET = "/_emulator/reset"
AUTHORIZED = {"Authorization": "Bearer dapi-emulator"}
REST = (
    "A page that somebody else wrote could change the workspace and read its secrets. Use the "
    "controls from a program such as curl, which sends no Origin, at the URL that the emulator "
    "prints."
)


@pytest.fixture
def behaving():
    return Workspace(behaviour=Behaviour(shuffle=True))


@pytest.fixture
def server(behaving):
    with RunningServer(behaving) as running:
        yield running


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost:3000", "http://127.0.0.1", "null", "http://[", "://"],
)
def test_a_page_of_another_origin_steers_nothing(server, behaving, origin):
    answer = httpx.delete(f"{server.url}/_emulator/behaviour", headers={"Origin": origin})

    says = f"The emulator refuses this, because a page of {origin} asks for it (header Origin). "
    assert (answer.status_code, answer.json()) == (403, {"error": says + REST})
    assert behaving.behaviour == Behaviour(shuffle=True)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "192.168.1.9", "127.0.0.1.evil.example", "[", "@"]
)
def test_a_name_that_is_made_to_mean_this_machine_steers_nothing(server, host):
    answer = httpx.get(f"{server.url}/_emulator/calls", headers={"Host": host})

    says = (
        f"The emulator refuses this, because it is addressed to {host} (header Host), which is not "
        "this machine. "
    )
    assert (answer.status_code, answer.json()) == (403, {"error": says + REST})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8765", "[::1]:8765", "LOCALHOST:1"])
def test_every_name_of_this_machine_will_do(server, host):
    assert httpx.post(f"{server.url}{RESET}", headers={"Host": host}).status_code == 200


def test_a_page_of_the_emulator_itself_may_use_the_controls(server):
    answer = httpx.post(f"{server.url}{RESET}", headers={"Origin": server.url})

    assert answer.status_code == 200


def test_the_api_answers_by_any_name():
    request = Request("GET", "/api/2.0/x", headers={"Host": "dbc.test", "Origin": "http://a.test"})

    assert refusal(request, "127.0.0.1", "dapi-emulator") is None


def test_where_others_reach_it_the_token_counts_and_a_foreign_page_does_not():
    asked = {**AUTHORIZED, "Host": "emulator:8765"}
    page = {**asked, "Origin": "http://evil.example"}

    bare, known, foreign = (
        refusal(Request("POST", RESET, headers=headers), "0.0.0.0", "dapi-emulator")
        for headers in ({"Host": "emulator:8765"}, asked, page)
    )

    assert (bare.status, known, foreign.status) == (401, None, 403)


def test_a_client_that_says_no_host_is_no_browser():
    assert refusal(Request("POST", RESET), "127.0.0.1", "dapi-emulator") is None
