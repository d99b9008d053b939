"""Deleting an endpoint, and only the one that is recorded."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.errors import Interrupted, Refused, ServingError
from databricks_serving_emulator import Fault
from support.clock import FakeClock
from support.context import ENDPOINTS, Bench
from support.transports import Altered
from unit.apply.said import chat, churn

ONE = f"{ENDPOINTS}/chat"


def created(**switches):
    bench = Bench(**switches)
    outputs = bench.create(endpoint, chat(churn())).outputs
    bench.workspace.clear_calls()
    return bench, outputs


class GoneAfter:
    """A deletion that takes so many seconds until GET answers 404."""

    def __init__(self, bench, seconds):
        self.bench, self.seconds, self.last, self.until = bench, seconds, None, 0.0

    def __call__(self, request, answer):
        given = answer()
        if request.method == "DELETE":
            self.until = self.bench.clock.now() + self.seconds
        if request.method != "GET" or not request.url.path.endswith("/chat"):
            return given
        if given.status_code == 404 and self.bench.clock.now() < self.until:
            return self.last
        self.last = httpx.Response(200, content=given.content)
        return given


def test_a_delete_returns_when_the_name_is_free():
    bench, recorded = created()
    before = bench.clock.passed
    transport = Altered(bench.workspace.transport(), GoneAfter(bench, 20))

    bench.delete(endpoint, "chat", recorded, transport=transport)

    assert bench.sent == ["DELETE serving-endpoints/chat"]
    assert 20 <= bench.clock.passed - before < 30
    assert "being deleted" in bench.lines


def test_a_delete_that_takes_too_long_is_an_error():
    bench, recorded = created()
    before = bench.clock.passed
    transport = Altered(bench.workspace.transport(), GoneAfter(bench, 3600))

    failed = bench.fails(
        ServingError, bench.delete, endpoint, "chat", recorded, transport=transport, timeout=60.0
    )

    assert str(failed) == "Endpoint chat is still there 1m after it was deleted. Run again."
    assert bench.clock.passed - before == 60


def test_ctrl_c_ends_the_wait_for_a_deletion():
    bench, recorded = created()
    bench.clock.called_off_after = len(bench.clock.waits) + 1
    transport = Altered(bench.workspace.transport(), GoneAfter(bench, 3600))

    bench.fails(Interrupted, bench.delete, endpoint, "chat", recorded, transport=transport)


@pytest.mark.parametrize("moment", ["already", "meanwhile"])
def test_one_that_is_gone_is_deleted(moment):
    bench, recorded = created()

    def somebody(request, answer):
        if request.method == "DELETE" or moment == "already":
            bench.workspace.reset()
        return answer()

    transport = Altered(bench.workspace.transport(), somebody)

    bench.delete(endpoint, "chat", recorded, transport=transport)


def test_one_that_somebody_made_again_is_refused():
    bench, recorded = created()
    bench.workspace.ui("DELETE", ONE)
    bench.workspace.ui("POST", ENDPOINTS, {"name": "chat"})

    refused = bench.fails(Refused, bench.delete, endpoint, "chat", recorded)

    assert "is not the one that this stack made" in str(refused)


def test_one_that_somebody_made_again_is_refused_after_a_refresh_too():
    bench, recorded = created()
    bench.workspace.ui("DELETE", ONE)
    bench.workspace.ui("POST", ENDPOINTS, {"name": "chat"})
    refreshed = bench.read(endpoint, "chat", recorded, {}).outputs

    refused = bench.fails(Refused, bench.delete, endpoint, "chat", refreshed)

    assert "is not the one that this stack made" in str(refused)
    assert bench.sent == []


def test_one_that_we_made_again_is_deleted():
    bench, recorded = created()
    bench.workspace.ui("DELETE", ONE)
    bench.create(endpoint, chat(churn()))
    bench.workspace.clear_calls()

    bench.delete(endpoint, "chat", recorded)

    assert bench.sent == ["DELETE serving-endpoints/chat"]


def test_one_that_is_being_updated_is_deleted_all_the_same():
    bench, recorded = created()
    bench.workspace.deployments.plan(seconds=900)
    bench.workspace.ui("PUT", f"{ONE}/config", {"served_entities": [churn("2")]})

    bench.delete(endpoint, "chat", recorded)

    assert bench.sent == ["DELETE serving-endpoints/chat"]


def test_where_the_answer_is_lost_the_deletion_counts():
    bench = Bench(clock=FakeClock())
    recorded = bench.create(endpoint, chat(churn())).outputs
    bench.workspace.faults.add(Fault("DELETE", ONE, drop=True, when="after"))

    bench.delete(endpoint, "chat", recorded)

    assert [call.status for call in bench.workspace.writes[1:]] == [0, 404]
