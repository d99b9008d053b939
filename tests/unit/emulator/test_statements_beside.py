"""Many statements at a time: who waits for one keeps nobody else waiting, nor the server's end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from databricks_serving_emulator import Response, RunningServer, Workspace
from databricks_serving_emulator.statements import KEPT_SECONDS, Statement, Statements
from databricks_serving_emulator.turns import Turns
from unit.emulator.bodies import ENDPOINTS
from unit.emulator.tables import ENDLESS, LOGGED, STATEMENTS, USAGE, record, statement, with_chat

NO_DOOR = pytest.mark.one_door("needs none")
SERVERS = pytest.mark.one_door("starts servers of its own")
AUTHORIZED = {"Authorization": "Bearer dapi-emulator"}


class Held:
    """Statements that take their turns and run until `finish`; `ran`: which did."""

    def __init__(self, most):
        self.turns = Turns(most)
        self.statements = Statements()
        self.begun = threading.Semaphore(0)
        self.finish = threading.Event()
        self.ran = []

    def send(self, name):
        sent = Statement(name, 0.0)
        self.statements.add(sent)
        self.turns.take(sent, lambda: self._run(sent))
        return sent

    def _run(self, sent):
        self.ran.append(sent.sender)
        self.begun.release()
        self.finish.wait(30)
        self.statements.end(sent, {})


@NO_DOOR
def test_statements_run_in_their_order_and_only_those_that_run_have_a_thread():
    held = Held(most=1)
    threads = threading.active_count()
    sent = [held.send(name) for name in "abc"]
    held.begun.acquire(timeout=30)

    more = threading.active_count() - threads

    held.finish.set()
    for one in sent:
        one.ended.result(30)
    assert (more, held.ran) == (1, ["a", "b", "c"])


@NO_DOOR
def test_a_statement_that_is_canceled_or_forgotten_loses_its_turn():
    held = Held(most=1)
    first, canceled = held.send("a"), held.send("b")
    held.begun.acquire(timeout=30)
    held.statements.cancel(canceled)
    waiting = held.send("c")
    for sent in (KEPT_SECONDS, KEPT_SECONDS):
        held.statements.add(Statement("d", sent))

    forgotten = waiting.ended.done(), waiting.answer, waiting.stop.is_set()

    held.finish.set()
    held.turns.close()
    assert forgotten == (True, {"status": {"state": "CANCELED"}}, True)
    assert (first.stop.is_set(), held.ran) == (True, ["a"])


def test_a_statement_reads_the_tables_as_they_are_when_its_turn_comes():
    client = with_chat(LOGGED)
    busy = [
        client.does("POST", STATEMENTS, statement(ENDLESS, wait_timeout="0s"))["statement_id"]
        for _ in range(2)
    ]
    body = statement(f"SELECT count(*) FROM {USAGE}", wait_timeout="0s")
    sent = client.does("POST", STATEMENTS, body)["statement_id"]
    record(client)

    for one in busy:
        client.does("POST", f"{STATEMENTS}/{one}/cancel")

    while (answer := client.does("GET", f"{STATEMENTS}/{sent}"))["status"]["state"] != "SUCCEEDED":
        assert answer["status"]["state"] in {"PENDING", "RUNNING"}
    assert answer["result"]["data_array"] == [["1"]]


class Counted(Workspace):
    """`arrived`: released for each statement that was taken."""

    def __init__(self):
        super().__init__()
        self.arrived = threading.Semaphore(0)

    def begin_answer(self, request) -> Response:
        response = super().begin_answer(request)
        if response.waited:
            self.arrived.release()
        return response


def waiting(pool, workspace, url, how_many):
    """Clients that wait for statements without an end: what they will be answered."""
    body = statement(ENDLESS, wait_timeout="50s")
    asked = [
        pool.submit(httpx.post, f"{url}{STATEMENTS}", json=body, headers=AUTHORIZED, timeout=60)
        for _ in range(how_many)
    ]
    for _ in asked:
        assert workspace.arrived.acquire(timeout=30)
    return asked


@SERVERS
def test_statements_that_are_waited_for_keep_no_other_call_waiting_and_end_with_the_server():
    workspace = Counted()
    with ThreadPoolExecutor(45) as pool:
        with RunningServer(workspace) as server:
            # More than there are threads for requests.
            asked = waiting(pool, workspace, server.url, 45)
            url = f"{server.url}{ENDPOINTS}"

            read = httpx.get(url, headers=AUTHORIZED, timeout=30)
            written = httpx.post(url, headers=AUTHORIZED, json={"name": "chat"}, timeout=30)

        answers = [one.result(30) for one in asked]
    assert (read.status_code, written.status_code) == (200, 200)
    states = [(answer.status_code, answer.json()["status"]) for answer in answers]
    assert states == [(200, {"state": "CANCELED"})] * 45


@SERVERS
def test_a_statement_that_ends_is_answered_at_once_over_http():
    workspace = Counted()
    with RunningServer(workspace) as server:
        body = statement("SELECT 1", wait_timeout="50s")

        answer = httpx.post(f"{server.url}{STATEMENTS}", json=body, headers=AUTHORIZED, timeout=20)

    assert answer.json()["result"]["data_array"] == [["1"]]
