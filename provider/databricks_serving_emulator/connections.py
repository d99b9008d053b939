"""The connections of a server's clients."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Future


class Connections:
    """The connections by client: one can be cut, and who goes away is not waited for."""

    def __init__(self) -> None:
        self._transports: dict[object, asyncio.Transport] = {}
        self._waits: dict[object, asyncio.Future[None]] = {}
        self._is_hurried = False

    def opened(self, transport: asyncio.Transport) -> None:
        """A client has come."""
        self._transports[_peer(transport)] = transport

    def closed(self, transport: asyncio.Transport) -> None:
        """A client has gone."""
        client = _peer(transport)
        self._transports.pop(client, None)
        _end(self._waits.get(client))

    def cut(self, client: object) -> None:
        """Break the connection with a client."""
        if client in self._transports:
            self._transports[client].abort()

    async def wait(self, client: object, seconds: float, ended: Future[None] | None = None) -> None:
        """Let that many seconds pass, or fewer: until `ended` is done.

        It ends, too, when the client goes away, or the server stops.
        """
        if not seconds or self._is_hurried or client not in self._transports:
            return
        # A timer and no task: thousands may wait at the same time.
        loop = asyncio.get_running_loop()
        wait = self._waits[client] = loop.create_future()
        timer = loop.call_later(seconds, _end, wait)
        if ended is not None:
            ended.add_done_callback(lambda _: _end_from_afar(loop, wait))
        try:
            await wait
        finally:
            timer.cancel()
            del self._waits[client]

    def hurry(self) -> None:
        """Nobody waits for a slow answer any more."""
        self._is_hurried = True
        for wait in self._waits.values():
            _end(wait)


def _end(wait: asyncio.Future[None] | None) -> None:
    if wait is not None and not wait.done():
        wait.set_result(None)


def _end_from_afar(loop: asyncio.AbstractEventLoop, wait: asyncio.Future[None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
        loop.call_soon_threadsafe(_end, wait)


def _peer(transport: asyncio.BaseTransport) -> object:
    # The same pair as in the ASGI scope's "client".
    name = transport.get_extra_info("peername")
    return tuple(name[:2]) if name else None
