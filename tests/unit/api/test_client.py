"""Which workspace it is, and how many connections there are."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import pytest

from databricks_serving.api import WorkspaceApi, WorkspaceIdentity
from databricks_serving.api.transport import WriteRefused
from databricks_serving.errors import NoCredentials, Unreachable
from support.clock import FakeClock
from support.context import CANARY, credentials, without_canary
from support.transports import Altered, Script

HOST = "https://dbc-emulator.cloud.databricks.com"
NO = httpx.Response(404, json={"error_code": "ENDPOINT_NOT_FOUND", "message": "No API."})


def me(**headers):
    return httpx.Response(200, json={"userName": "ann@example.com"}, headers=headers)


def api_of(script):
    return WorkspaceApi(credentials(), FakeClock(), script)


@pytest.mark.parametrize(
    "write",
    [
        lambda api: api.create_scope({"scope": "keys"}),
        lambda api: api.put_config("chat", {}),
        lambda api: api.patch_telemetry("chat", {}),
        lambda api: api.delete_endpoint("chat"),
    ],
    ids=["POST", "PUT", "PATCH", "DELETE"],
)
def test_a_client_that_only_reads_sends_no_write(write):
    script = Script()
    api = WorkspaceApi(credentials(), FakeClock(), script, read_only=True)

    with pytest.raises(WriteRefused, match="in a run that only reads"):
        write(api)

    assert script.sent == []


def test_the_discovery_document_tells_the_workspace():
    script = Script(httpx.Response(200, json={"workspace_id": "42", "cloud": "aws"}))

    identity = api_of(script).identity()

    assert identity == WorkspaceIdentity(HOST, "42")
    assert script.sent == ["GET /.well-known/databricks-config"]


@pytest.mark.parametrize(
    "discovery",
    [
        pytest.param(NO, id="none"),
        pytest.param(httpx.Response(200, json={"cloud": "aws"}), id="without-id"),
        pytest.param(httpx.Response(200, content="<html>Sign in</html>"), id="login-page"),
    ],
)
def test_else_a_header_of_the_callers_own_page_tells_it(discovery):
    script = Script(discovery, me(**{"X-Databricks-Org-Id": "42"}))

    identity = api_of(script).identity()

    assert identity == WorkspaceIdentity(HOST, "42")
    assert script.sent[1] == "GET /api/2.0/preview/scim/v2/Me"


@pytest.mark.parametrize("page", [pytest.param(me(), id="no-header"), pytest.param(NO, id="none")])
def test_else_the_address_has_to_do(page):
    identity = api_of(Script(NO, page)).identity()

    assert identity == WorkspaceIdentity(HOST, None)


def test_the_identity_is_asked_once():
    script = Script(httpx.Response(200, json={"workspace_id": 42}))
    api = api_of(script)

    identities = {api.identity(), api.identity()}

    assert identities == {WorkspaceIdentity(HOST, "42")}
    assert len(script.requests) == 1


def test_an_address_that_does_not_answer_is_no_identity():
    with pytest.raises(Unreachable):
        api_of(Script(httpx.ConnectError)).identity()


@pytest.mark.parametrize(
    ("here", "recorded", "same"),
    [
        (("https://a", "1"), ("https://b", "1"), True),
        (("https://a", "1"), ("https://a", "2"), False),
        (("https://a", "1"), ("https://a", None), True),
        (("https://a", None), ("https://b", "1"), False),
    ],
)
def test_ids_decide_whether_it_is_the_same_workspace_and_addresses_where_one_is_missing(
    here, recorded, same
):
    assert WorkspaceIdentity(*here).same_as(WorkspaceIdentity(*recorded)) is same


def test_the_caller_is_named():
    assert api_of(Script(me())).caller() == "ann@example.com"


class Connected(BaseHTTPRequestHandler):
    """Answers over connections that stay open, and keeps their addresses."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, int]]] = []

    def do_GET(self):
        self.seen.append(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", "15")
        self.end_headers()
        self.wfile.write(b'{"name":"chat"}')

    def log_message(self, *_args):
        pass


def test_every_thread_has_a_connection_of_its_own():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Connected)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    api = WorkspaceApi(credentials(host=address), FakeClock())
    both = threading.Barrier(2)

    def ask_twice():
        both.wait()
        api.get_endpoint("chat")
        api.get_endpoint("chat")
        both.wait()

    threads = [threading.Thread(target=ask_twice) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    api.close()
    server.shutdown()
    server.server_close()

    assert len(Connected.seen) == 4
    assert len(set(Connected.seen)) == 2


def test_a_token_with_a_line_break_is_an_error_that_does_not_show_it():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        api = WorkspaceApi(credentials(f"{CANARY}\nmore", address), FakeClock())

        with pytest.raises(NoCredentials, match="a line break perhaps") as caught:
            api.get_endpoint("chat")
        api.close()

    without_canary(caught.value, repr(caught.value))


def test_a_wrong_address_is_said_at_once():
    api = WorkspaceApi(credentials(host="htps://dbc.test"), FakeClock())

    with pytest.raises(Unreachable, match=r"htps://dbc.test is no address of a workspace"):
        api.get_endpoint("chat")


def test_each_request_carries_the_credentials_of_its_moment():
    tokens = iter(["first", "second"])
    seen = []

    def record(request, answer):
        seen.append(request.headers["Authorization"])
        return answer()

    fresh = credentials()
    fresh = type(fresh)(fresh.host, lambda: {"Authorization": f"Bearer {next(tokens)}"})
    script = Altered(Script(httpx.Response(200, json={"name": "chat"})), record)
    api = WorkspaceApi(fresh, FakeClock(), script)

    api.get_endpoint("chat")
    api.get_endpoint("chat")

    assert seen == ["Bearer first", "Bearer second"]
