"""What of httpx's own client a call still has, though it passes by it: proxies, usual headers."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from databricks_serving.api.auth import Credentials
from databricks_serving.api.transport import Transport
from support.clock import FakeClock


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

    answered = transport.get("/api/2.0/x", {"of": "a b"})

    transport.close()
    [(path, headers)] = noting.asked
    assert answered == {}
    assert path == "http://workspace.invalid/api/2.0/x?of=a+b"
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
