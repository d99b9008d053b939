"""The door over HTTP. The only module that knows Starlette and uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .connections import Connections
from .errors import ConnectionLostError
from .steering import refusal
from .wire import Request, Response

if TYPE_CHECKING:
    from typing_extensions import Self

    from .workspace import Workspace

_START_SECONDS = 10.0


def serve(
    workspace: Workspace,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    announce: Callable[[str], None] | None = None,
) -> int | None:
    """Serve until SIGINT or SIGTERM, and return which signal it was.

    port: 0 takes a free one
    announce: called with the URL as soon as requests are accepted

    Raises OSError when the address cannot be had.
    """
    with _listen(host, port) as listener:
        server = _server(workspace, host, announce=announce, url=_url(host, listener))
        with _until_signal(server) as received:
            server.run(sockets=[listener])
    return received[0] if received else None


class RunningServer:
    """A workspace's server in a thread, for as long as the `with` block lasts; `url` is where.

    port: 0 takes a free one
    """

    def __init__(self, workspace: Workspace, host: str = "127.0.0.1", port: int = 0) -> None:
        self._workspace = workspace
        self._address = (host, port)
        self._ready = threading.Event()
        self.url = ""

    def __enter__(self) -> Self:
        """Start, and return when requests are accepted; OSError when the address is taken."""
        host, port = self._address
        listener = _listen(host, port)
        self.url = _url(host, listener)
        self._server = _server(
            self._workspace, host, announce=lambda _: self._ready.set(), url=self.url
        )
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name="emulator", daemon=True
        )
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            self.__exit__(None, None, None)
            raise RuntimeError(f"the emulator did not start within {_START_SECONDS:.0f} s")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and return when the port is free again."""
        self._server.should_exit = True
        self._thread.join()

    def _run(self, listener: socket.socket) -> None:
        with listener:
            self._server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it accepts requests, and leaves signals to whoever runs it."""

    def __init__(
        self,
        config: uvicorn.Config,
        workspace: Workspace,
        connections: Connections,
        announce: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._workspace = workspace
        self._connections = connections
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        with self._workspace.hurried():
            self._connections.hurry()
            await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(
    workspace: Workspace, host: str, *, announce: Callable[[str], None] | None, url: str
) -> _Server:
    connections = Connections()

    class Protocol(H11Protocol):
        """Keeps the connection of each client at hand, so that a fault can cut it."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in H11Protocol
            connections.opened(transport)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self.transport)
            super().connection_lost(exc)

        def shutdown(self) -> None:
            super().shutdown()
            if self.cycle is not None and self.cycle.more_body:
                self.transport.abort()  # what its client still has to say, nobody waits for

    config = uvicorn.Config(
        _application(workspace, host, connections),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    return _Server(config, workspace, connections, lambda: announce(url) if announce else None)


def _application(workspace: Workspace, host: str, connections: Connections) -> ASGIApp:
    in_threads = 0

    async def own_answer(request: Request) -> Response:
        nonlocal in_threads
        # No GET takes long or waits for anything but the workspace's lock, which nobody has while
        # no thread is at work: the way there and back would take as long as the answer.
        if request.method == "GET" and not in_threads:
            return workspace.begin_answer(request)
        in_threads += 1
        try:
            return await run_in_threadpool(workspace.begin_answer, request)
        finally:
            in_threads -= 1

    async def answer(http: HttpRequest) -> HttpResponse:
        request = _request(http, await http.body())
        refused = refusal(request, host, workspace.settings.token)
        if refused is not None:
            return _http(refused)
        try:
            response = await own_answer(request)
            if waited := response.waited:
                await connections.wait(http.client, waited.seconds, waited.ended)
                response = response.arrived()
            await connections.wait(http.client, response.delay)
            return _http(response)
        except ConnectionLostError as lost:
            await connections.wait(http.client, lost.delay)
            connections.cut(http.client)
            while not await http.is_disconnected():
                await asyncio.sleep(0)
            return HttpResponse()  # which nobody gets

    # No router: an unheard-of method is for the workspace, too, which records it.
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await answer(HttpRequest(scope, receive))
        except ClientDisconnect:
            response = HttpResponse()  # which nobody gets
        await response(scope, receive, send)

    return application


def _request(http: HttpRequest, body: bytes) -> Request:
    raw: bytes = http.scope["raw_path"]
    sent: list[tuple[bytes, bytes]] = http.scope["headers"]
    # Of a header that was sent twice, the first one counts.
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in reversed(sent)}
    query = dict(http.query_params) if http.scope["query_string"] else {}
    return Request(http.method, raw.decode("latin-1"), query, headers, body)


def _http(response: Response) -> HttpResponse:
    headers = dict(response.headers)
    if response.parts:
        return StreamingResponse(_in_turn(response.parts), response.status, headers=headers)
    return HttpResponse(response.body, response.status, headers=headers)


async def _in_turn(parts: tuple[bytes, ...]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        # Whether the client is still there shows between two turns of the loop.
        await asyncio.sleep(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or else asyncio does not switch off Nagle's algorithm: 40 ms for every answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


@contextlib.contextmanager
def _until_signal(server: uvicorn.Server) -> Iterator[list[int]]:
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        server.force_exit = bool(received)
        received.append(number)
        server.should_exit = True

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, was in before.items():
            signal.signal(number, was)
