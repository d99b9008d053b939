"""The door over HTTP."""

from __future__ import annotations

import errno
import json
import socket

import httpx
import pytest

from databricks_serving_emulator import Fault, RunningServer, Workspace
from databricks_serving_emulator.steering import is_loopback
from unit.emulator.bodies import ENDPOINTS, endpoint, external
from unit.emulator.queries import messages

pytestmark = pytest.mark.one_door("starts servers of its own")

AUTHORIZED = {"Authorization": "Bearer dapi-emulator"}


def test_the_server_answers_as_the_core_does():
    workspace = Workspace()
    with RunningServer(workspace) as server, httpx.Client(base_url=server.url) as http:
        created = http.post(ENDPOINTS, json={"name": "chat"}, headers=AUTHORIZED)
        found = http.get(f"{ENDPOINTS}/chat", headers=AUTHORIZED)
        page = http.get("/")
        nowhere = http.get("/nowhere")

    assert (created.status_code, found.json()["name"]) == (200, "chat")
    assert "emulated Databricks workspace" in page.text
    assert (nowhere.status_code, nowhere.json()["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert [call.method for call in workspace.calls] == ["POST", "GET"]


def test_a_slash_at_the_end_of_a_path_makes_no_difference():
    with RunningServer(Workspace()) as server, httpx.Client(base_url=server.url) as http:
        created = http.post(f"{ENDPOINTS}/", json={"name": "chat"}, headers=AUTHORIZED)
        listed = http.get(f"{ENDPOINTS}/", headers=AUTHORIZED).json()["endpoints"]

    assert (created.status_code, [one["name"] for one in listed]) == (200, ["chat"])


def test_of_a_header_that_was_sent_twice_the_first_one_counts():
    twice = [("Authorization", "Bearer dapi-emulator"), ("Authorization", "Bearer dapi-nobody")]
    with RunningServer(Workspace()) as server, httpx.Client(base_url=server.url) as http:
        answers = [http.get(ENDPOINTS, headers=sent).status_code for sent in (twice, twice[::-1])]

    assert answers == [200, 403]


def test_answers_over_one_connection_come_at_once():
    with RunningServer(Workspace()) as server, httpx.Client(base_url=server.url) as http:
        answers = [http.get(ENDPOINTS, headers=AUTHORIZED) for _ in range(50)]

    # 40 ms for each where the body waits for the acknowledgement of its head, but for the first
    # few; on a busy machine some take as long, and not all.
    assert min(answer.elapsed.total_seconds() for answer in answers[25:]) < 0.03


def test_the_discovery_document_names_the_port():
    with RunningServer(Workspace()) as server:
        found = httpx.get(f"{server.url}/.well-known/databricks-config").json()

        assert found["oidc_endpoint"] == f"{server.url}/oidc"


@pytest.mark.parametrize(("when", "created"), [("before", 404), ("after", 200)])
def test_a_dropped_connection_has_no_answer(when, created):
    workspace = Workspace()
    workspace.faults.add(Fault(method="POST", when=when, drop=True))
    with RunningServer(workspace) as server, httpx.Client(base_url=server.url) as http:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            http.post(ENDPOINTS, json={"name": "chat"}, headers=AUTHORIZED)

        assert http.get(f"{ENDPOINTS}/chat", headers=AUTHORIZED).status_code == created


@pytest.mark.parametrize("fault", [Fault(status=None, delay=60), Fault(drop=True, delay=60)])
def test_a_slow_answer_takes_real_time(fault):
    workspace = Workspace()
    workspace.faults.add(fault)
    with RunningServer(workspace) as server, httpx.Client(base_url=server.url) as http:
        with pytest.raises(httpx.ReadTimeout):
            http.get(ENDPOINTS, headers=AUTHORIZED, timeout=0.1)

        assert http.get(ENDPOINTS, headers=AUTHORIZED).status_code == 200


def test_a_slow_answer_comes_in_the_end():
    workspace = Workspace()
    workspace.faults.add(Fault(status=None, delay=0.05))
    with RunningServer(workspace) as server:
        answer = httpx.get(f"{server.url}{ENDPOINTS}", headers=AUTHORIZED)

    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.elapsed.total_seconds() >= 0.05


def test_a_stream_that_its_client_cuts_ends_without_a_word(caplog):
    workspace = Workspace()
    entity = external()
    body = json.dumps({**messages("w " * 200_000), "stream": True}).encode()
    head = (
        "POST /serving-endpoints/chat/invocations HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\nAuthorization: Bearer dapi-emulator\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with RunningServer(workspace) as server:
        httpx.post(f"{server.url}{ENDPOINTS}", json=endpoint(entity), headers=AUTHORIZED)
        # Which part of the stream is cut depends on the moment.
        for _ in range(10):
            address = ("127.0.0.1", httpx.URL(server.url).port)
            with socket.create_connection(address) as client:
                client.sendall(head.encode() + body)
                client.recv(100)

    assert [query.status_code for query in workspace.queries] == [200] * 10
    assert caplog.messages == []


def test_a_failure_in_html_arrives_as_such():
    workspace = Workspace()
    workspace.faults.add(Fault(status=502, form="html", message="Bad gateway"))
    with RunningServer(workspace) as server:
        answer = httpx.get(f"{server.url}{ENDPOINTS}", headers=AUTHORIZED)

    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "<h1>Bad gateway</h1>" in answer.text


def test_several_people_use_one_server():
    workspace = Workspace()
    with RunningServer(workspace) as server, httpx.Client(base_url=server.url) as http:
        added = http.post("/_emulator/users", json={"user_name": "ann@example.com"}).json()
        ann = {"Authorization": f"Bearer {added['token']}"}
        http.post(ENDPOINTS, json={"name": "chat"}, headers=AUTHORIZED)
        refused = http.get(f"{ENDPOINTS}/chat", headers=ann)
        told = http.get("/api/2.0/preview/scim/v2/Me", headers=ann)

    assert (refused.status_code, refused.json()["error_code"]) == (403, "PERMISSION_DENIED")
    assert told.json()["userName"] == "ann@example.com"


def test_a_stopped_server_gives_its_port_back():
    with RunningServer(Workspace()) as server:
        port = httpx.URL(server.url).port

    with RunningServer(Workspace(), port=port) as again:
        assert httpx.get(again.url).status_code == 200


def test_a_port_in_use_is_an_error():
    with RunningServer(Workspace()) as server:
        second = RunningServer(Workspace(), port=httpx.URL(server.url).port)

        with pytest.raises(OSError, match="in use"), second:
            pass


def test_the_controls_need_the_token_where_others_can_reach_them():
    with RunningServer(Workspace(), host="0.0.0.0") as server:  # the sockets of this test only
        local = server.url.replace("0.0.0.0", "127.0.0.1")
        without = httpx.get(f"{local}/_emulator/calls")
        with_token = httpx.get(f"{local}/_emulator/calls", headers=AUTHORIZED)

    assert (without.status_code, with_token.status_code) == (401, 200)


def test_an_ipv6_address_is_shown_in_brackets():
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with socket.socket(socket.AF_INET6) as probe:
        if probe.connect_ex(("::1", 9)) == errno.EADDRNOTAVAIL:
            pytest.skip("this machine has no IPv6 loopback")

    with RunningServer(Workspace(), host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert httpx.get(server.url).status_code == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("dbc", False)],
)
def test_loopback_is_what_only_this_machine_reaches(host, loopback):
    assert is_loopback(host) is loopback
