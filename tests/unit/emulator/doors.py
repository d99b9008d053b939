"""The doors of a workspace: in process, and over HTTP on loopback."""

from __future__ import annotations

import contextlib
import uuid
import weakref

import httpx

from databricks_serving_emulator import RunningServer, Workspace

ADDRESSEE = "X-Test-Workspace"


def in_process(workspace):
    return workspace.transport()


_used = [in_process]


def transport(workspace):
    """A transport for `httpx.Client`, through the door that is used now."""
    return _used[-1](workspace)


@contextlib.contextmanager
def through(door):
    """Whatever becomes a client meanwhile, it goes through that door: a transport's maker."""
    _used.append(door)
    try:
        yield door
    finally:
        _used.remove(door)


class Building:
    """One server for many workspaces: a start for every test would take too long.

    It hands each request to the workspace that a header names; all else is the server's own.
    """

    def __init__(self):
        self._workspaces = weakref.WeakValueDictionary()
        self.settings = Workspace().settings

    def __enter__(self):
        self._network = httpx.HTTPTransport()
        self._server = RunningServer(self).__enter__()
        return self

    def __exit__(self, *error):
        self._network.close()
        self._server.__exit__(*error)

    def begin_answer(self, request):
        return self._workspaces[request.header(ADDRESSEE)].begin_answer(request)

    @contextlib.contextmanager
    def hurried(self):
        yield

    def over_http(self, workspace):
        number = str(uuid.uuid4())
        self._workspaces[number] = workspace
        return _Street(workspace, httpx.URL(self._server.url), self._network, number)


class _Street(httpx.BaseTransport):
    """As through a proxy that ends TLS, so that a workspace has the same address at both doors."""

    def __init__(self, workspace, server, network, number):
        self._workspace = workspace  # which lives as long as somebody can call it
        self._server = server
        self._network = network
        self._headers = {ADDRESSEE: number}

    def handle_request(self, request):
        to = request.url.copy_with(
            scheme=self._server.scheme, host=self._server.host, port=self._server.port
        )
        proxied = {"X-Forwarded-Proto": request.url.scheme, **self._headers}
        if to.path.startswith("/_emulator"):
            # No proxy stands before the controls: they are for this machine alone.
            proxied["Host"] = self._server.netloc.decode()
        return self._network.handle_request(
            httpx.Request(
                request.method,
                to,
                headers=httpx.Headers({**request.headers, **httpx.Headers(proxied)}),
                stream=request.stream,
                extensions=request.extensions,
            )
        )
