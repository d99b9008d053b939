"""What of httpx's own client a call still has, though it passes by it: proxies, usual headers."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from databricks_serving.api.auth import Credentials
from databricks_serving.api.transport import Transport
from databricks_serving.api.wire import Wire
from databricks_serving.errors import NoCredentials, Unreachable
from support.clock import FakeClock
from support.context import CANARY, without_canary


class Noting(BaseHTTPRequestHandler):
    """Answers every GET with an empty object, and notes what was asked for."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def noting():
    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def asking(host):
    return Transport(Credentials(host, lambda: {"Authorization": "Bearer t"}), FakeClock())


def test_a_proxy_of_the_environment_is_asked_in_place_of_the_workspace(noting, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{noting.server_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    transport = asking("http://workspace.invalid")

    answered = transport.get("/api/2.0/x", {"of": "a&b"})

    transport.close()
    [(path, headers)] = noting.asked
    assert answered == {}
    assert path == "http://workspace.invalid/api/2.0/x?of=a%26b"
    assert headers["Authorization"] == "Bearer t"


def test_a_host_that_needs_no_proxy_is_asked_itself(noting, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    transport = asking(f"http://127.0.0.1:{noting.server_port}")

    transport.get("/api/2.0/x")

    transport.close()
    assert [path for path, _ in noting.asked] == ["/api/2.0/x"]


def test_a_request_has_the_headers_that_a_client_of_httpx_sends(monkeypatch, noting):
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.delenv("http_proxy", raising=False)
    host = f"http://127.0.0.1:{noting.server_port}"
    transport = asking(host)

    transport.get("/api/2.0/x")
    with httpx.Client(base_url=host, headers={"User-Agent": "databricks-serving"}) as client:
        client.get("/api/2.0/x", headers={"Authorization": "Bearer t"})

    transport.close()
    ours, usual = ({k.lower(): v for k, v in headers.items()} for _, headers in noting.asked)
    assert ours == usual


@pytest.fixture
def bare(monkeypatch):
    """An environment without proxies and authorities of its own; gives what sets one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return monkeypatch.setenv


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("host", "verified"), [("HTTPS://dbc.test", 1), ("http://dbc.test", 0)])
def test_the_scheme_decides_whether_authorities_are_loaded_however_it_is_written(host, verified):
    loaded = []

    def context():
        loaded.append(host)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    Wire(host, None, context).close()

    assert len(loaded) == verified


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    "host", ["http://[::1", "ftp://dbc.test", "https://", "https://dbc test", "https://dbc..test"]
)
def test_a_host_that_is_no_address_is_told_so_and_not_as_a_network_that_fails(host):
    with pytest.raises(Unreachable, match="is no address of a workspace") as caught:
        asking(host).get("/api/2.0/x")

    assert caught.value.id == "not-an-address"


@pytest.mark.parametrize(
    ("variable", "value", "id_"),
    [
        ("SSL_CERT_FILE", "{directory}/none.pem", "unusable-authorities"),
        ("SSL_CERT_FILE", "{directory}", "unusable-authorities"),
        ("SSL_CERT_FILE", __file__, "unusable-authorities"),
        ("HTTPS_PROXY", f"ftp://joe:{CANARY}@127.0.0.1:1", "unusable-proxy"),
        ("https_proxy", "http://127.0.0.1:x", "unusable-proxy"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "unusable-proxy"),
        ("NO_PROXY", "http://[::1", "unusable-proxy"),
    ],
)
def test_what_the_environment_sets_up_wrong_is_told_by_its_variable(
    bare, tmp_path, variable, value, id_
):
    bare("HTTP_PROXY", "http://127.0.0.1:1")
    bare(variable, value.format(directory=tmp_path))

    with pytest.raises(Unreachable, match=f"^{variable} ") as caught:
        asking("https://dbc.test").get("/api/2.0/x")

    assert caught.value.id == id_
    without_canary(caught.value, repr(caught.value))


@pytest.mark.usefixtures("bare")
def test_a_token_that_is_no_ascii_is_told_as_a_credential_and_not_shown():
    transport = Transport(
        Credentials("http://127.0.0.1:1", lambda: {"Authorization": f"{CANARY} é"}), FakeClock()
    )

    with pytest.raises(NoCredentials) as caught:
        transport.get("/api/2.0/x")

    assert caught.value.id == "credentials-characters"
    without_canary(caught.value, repr(caught.value))
