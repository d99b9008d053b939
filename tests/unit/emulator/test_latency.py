"""The switch that holds every answer back."""

from __future__ import annotations

import asyncio
import socket
import threading

import httpx
import pytest

from databricks_serving_emulator import Behaviour, Fault, Request, RunningServer, Workspace
from databricks_serving_emulator.connections import Connections
from unit.emulator.bodies import ENDPOINTS, Client

MOVES_THE_CLOCK = pytest.mark.one_door("over HTTP, a slow answer takes real time")
SERVERS = pytest.mark.one_door("starts servers of its own")
NO_DOOR = pytest.mark.one_door("needs none")

AUTHORIZED = {"Authorization": "Bearer dapi-emulator"}
ANN, BOB = ("127.0.0.1", 1001), ("127.0.0.1", 1002)


def on_a_loop(work):
    """What the coroutine answers; unlike `asyncio.run`, it leaves this thread's own loop alone.

    Pulumi's mocks, which other tests of the same process use, need that one.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


@MOVES_THE_CLOCK
def test_every_answer_of_the_api_is_held_back():
    client = Client(behaviour=Behaviour(latency=0.5))
    before = client.clock.now()

    client.create({"name": "chat"})
    client.get("chat")
    client.refuses("GET", f"{ENDPOINTS}/nope")

    assert client.clock.now() - before == 1.5


@MOVES_THE_CLOCK
def test_controls_are_not_held_back():
    client = Client(behaviour=Behaviour(latency=0.5))
    before = client.clock.now()

    client.does("GET", "/_emulator/calls")

    assert client.clock.now() == before


@MOVES_THE_CLOCK
def test_it_comes_on_top_of_a_planned_delay():
    client = Client(behaviour=Behaviour(latency=0.5))
    client.workspace.faults.add(Fault(delay=4))
    client.workspace.faults.add(Fault(drop=True, delay=4))
    before = client.clock.now()

    failed, _ = client.call("GET", ENDPOINTS)
    with pytest.raises(httpx.ConnectError):
        client.http.get(ENDPOINTS)

    assert (failed, client.clock.now() - before) == (503, 9)


@MOVES_THE_CLOCK
def test_it_ends_when_the_switch_is_turned_back():
    client = Client(behaviour=Behaviour(latency=0.5))
    client.does("PATCH", "/_emulator/behaviour", {"latency": 0})
    before = client.clock.now()

    client.does("GET", ENDPOINTS)

    assert client.clock.now() == before


@SERVERS
def test_many_wait_at_the_same_time_without_a_thread_for_each():
    workspace = Workspace(behaviour=Behaviour(latency=600))
    with RunningServer(workspace) as server:
        threads = threading.active_count()
        waiting = [asking(server.url) for _ in range(64)]
        while len(workspace.calls) < 64:
            pass  # they have not all come yet

        # Fewer, where one of another test has ended meanwhile.
        assert threading.active_count() <= threads
        assert len(httpx.get(f"{server.url}/_emulator/calls").json()["calls"]) == 64

    # The server has stopped, and nobody had to wait for it.
    assert [answer(connection) for connection in waiting] == ["HTTP/1.1 200 OK"] * 64


def asking(url):
    at = httpx.URL(url)
    connection = socket.create_connection((at.host, at.port), timeout=30)
    head = f"GET {ENDPOINTS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer dapi-emulator\r\n"
    connection.sendall(f"{head}\r\n".encode())
    return connection


def answer(connection):
    with connection:
        return connection.recv(4096).partition(b"\r\n")[0].decode()


class Busy:
    """A workspace whose writes take until `finish`, and whose reads wait for them."""

    def __init__(self):
        self._workspace = Workspace()
        self._lock = threading.Lock()
        self.settings = self._workspace.settings
        self.hurried = self._workspace.hurried
        self.begun = threading.Semaphore(0)
        self.finish = threading.Event()

    def begin_answer(self, request: Request):
        self.begun.release()
        with self._lock:
            if request.method == "POST":
                self.finish.wait(60)
            return self._workspace.begin_answer(request)


@SERVERS
def test_a_write_that_takes_long_does_not_keep_the_server_from_listening():
    busy = Busy()
    with RunningServer(busy) as server, httpx.Client(headers=AUTHORIZED) as http:
        asked = []
        for method in ("POST", "GET"):
            asked.append(threading.Thread(target=http.request, args=(method, server.url)))
            asked[-1].start()
            busy.begun.acquire()

        refused = httpx.get(
            f"{server.url}/_emulator/calls", headers={"Origin": "http://evil.example"}, timeout=10
        )

        busy.finish.set()
        for thread in asked:
            thread.join()
    assert refused.status_code == 403


class Transport:
    def __init__(self, client):
        self._client = client

    def get_extra_info(self, name):
        return {"peername": self._client}[name]


def waited(*, meanwhile, seconds=600.0):
    """Whether the wait for Ann has ended after that."""

    async def wait():
        connections = Connections()
        connections.opened(Transport(ANN))
        connections.opened(Transport(BOB))
        waiting = asyncio.ensure_future(connections.wait(ANN, seconds))
        await asyncio.sleep(0)
        meanwhile(connections)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        done = waiting.done()
        waiting.cancel()
        return done

    return on_a_loop(wait())


@NO_DOOR
def test_nobody_waits_for_no_time():
    assert waited(meanwhile=lambda _: None, seconds=0.0)


@NO_DOOR
def test_a_wait_ends_when_its_client_goes_away():
    assert waited(meanwhile=lambda connections: connections.closed(Transport(ANN)))


@NO_DOOR
def test_a_wait_goes_on_when_somebody_else_goes_away():
    assert not waited(meanwhile=lambda connections: connections.closed(Transport(BOB)))


@NO_DOOR
def test_a_wait_ends_when_the_server_stops():
    assert waited(meanwhile=Connections.hurry)


@NO_DOOR
def test_nobody_waits_for_a_client_who_has_gone():
    async def wait():
        connections = Connections()
        connections.opened(Transport(ANN))
        connections.closed(Transport(ANN))
        await asyncio.wait_for(connections.wait(ANN, 600.0), timeout=30)

    on_a_loop(wait())
