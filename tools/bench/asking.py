"""Clients that take next to nothing themselves, so that a server is what is measured.

A process of its own: `python -m bench.asking URL PATH CLIENTS COUNT` sends that many GETs by so
many connections that are kept, each the next one as soon as it has its answer, and prints the
seconds. With `httpx` for CLIENTS, one usual client sends them, and what is printed are its own
seconds of CPU. `#` in the path stands for a number, from 0 to 999.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from .recording import TOKEN

ENDPOINTS = 1000


@dataclass
class _Connection:
    socket: socket.socket
    got: bytes = b""

    def ask(self, host: str, path: str) -> None:
        self.got = b""
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nUser-Agent: bench\r\n"
        self.socket.sendall(f"{head}Authorization: Bearer {TOKEN}\r\n\r\n".encode())

    def is_answered(self) -> bool:
        """Read on; whether the whole answer is there. Raises `SystemExit` for any but 200."""
        self.got += self.socket.recv(1 << 20)
        head, blank, body = self.got.partition(b"\r\n\r\n")
        if not blank:
            return False
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"The answer is {head.decode('latin-1')}")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return len(body) >= int(length)


def ask(url: str, path: str, clients: int, count: int) -> float:
    """Seconds of wall clock for that many GETs by so many clients."""
    at = urlsplit(url)
    ready = selectors.DefaultSelector()
    connections = [_connection(at.hostname or "", at.port or 80) for _ in range(clients)]
    numbers = iter(range(count))
    begun = time.perf_counter()
    for connection, number in zip(connections, numbers, strict=False):
        ready.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(at.netloc, _numbered(path, number))
    while ready.get_map():
        for key, _ in ready.select():
            connection = key.data
            if connection.is_answered():
                following = next(numbers, None)
                if following is None:
                    ready.unregister(connection.socket)
                else:
                    connection.ask(at.netloc, _numbered(path, following))
    return time.perf_counter() - begun


def by_httpx(url: str, path: str, count: int) -> float:
    """Seconds of CPU that httpx takes for that many GETs, one after the other."""
    import httpx  # noqa: PLC0415 - not for the clients that take next to nothing

    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        client.get(_numbered(path, 0)).raise_for_status()
        begun = time.process_time()
        for number in range(count):
            client.get(_numbered(path, number)).raise_for_status().json()
        return time.process_time() - begun


def _connection(host: str, port: int) -> _Connection:
    opened = socket.create_connection((host, port), timeout=60)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(opened)


def _numbered(path: str, number: int) -> str:
    return path.replace("#", str(number % ENDPOINTS))


if __name__ == "__main__":
    asked_url, asked_path, by, how_many = sys.argv[1:]
    if by == "httpx":
        print(by_httpx(asked_url, asked_path, int(how_many)))
    else:
        print(ask(asked_url, asked_path, int(by), int(how_many)))
