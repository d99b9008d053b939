"""Waiting: what counts as done, what as failed, and when it ends."""

from __future__ import annotations

import json

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.errors import (
    Interrupted,
    NotFound,
    Refused,
    StillUpdating,
    UpdateFailed,
)
from support.clock import FakeClock
from support.context import CANARY, ENDPOINTS, HOST, Bench
from support.transports import Altered
from unit.apply.said import LIMIT, chat, churn

CONFIG = f"{ENDPOINTS}/chat/config"
ONE, TWO = chat(churn()), chat(churn("2"))


def ready(**switches):
    """A bench with an endpoint that serves version 1, its calls forgotten, and the outputs."""
    bench = Bench(**switches)
    bench.workspace.deployments.plan(polls=0, times=1)
    recorded = bench.create(endpoint, ONE).outputs
    bench.clock.advance(60)
    bench.workspace.clear_calls()
    return bench, recorded


def test_a_create_returns_when_the_endpoint_serves():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=1500)

    created = bench.create(endpoint, ONE)

    assert created.outputs["state"] == {"ready": "READY", "config_update": "NOT_UPDATING"}
    assert 1500 <= bench.clock.passed < 1510
    assert max(bench.clock.waits) == 10
    assert bench.lines[0] == "churn DEPLOYMENT_CREATING (0s)"
    assert bench.lines[-2].startswith("churn DEPLOYMENT_CREATING (24m5")
    assert bench.lines[-1] == "ready (25m5s)"


def test_accepted_is_enough_where_the_program_says_so():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=1500)

    created = bench.create(endpoint, {**ONE, "deploy": {"wait": "accepted"}})

    assert bench.clock.passed == 0
    assert created.outputs["state"] == {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    assert created.outputs["config"] == {"served_entities": [churn()]}


def test_an_accepted_update_returns_at_once_too():
    bench, recorded = ready()
    bench.workspace.deployments.plan(seconds=1500)
    before = bench.clock.passed

    bench.update(endpoint, "chat", recorded, {**TWO, "deploy": {"wait": "accepted"}})

    assert bench.clock.passed == before
    assert bench.served()["state"]["config_update"] == "IN_PROGRESS"


@pytest.mark.parametrize(("said", "seconds"), [("45m", 2700), ("1m30s", 90), ("1h30m", 5400)])
def test_the_time_that_the_program_sets_is_kept_to_the_second(said, seconds):
    bench = Bench()
    bench.workspace.deployments.plan(seconds=7200)

    left = bench.fails(StillUpdating, bench.create, endpoint, {**ONE, "deploy": {"timeout": said}})

    assert bench.clock.passed == seconds
    assert f"Endpoint chat is still updating after {said}." in str(left)
    assert bench.sent == ["POST serving-endpoints"]


def test_pulumis_own_timeout_counts_where_the_program_sets_none():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=7200)

    bench.fails(StillUpdating, bench.create, endpoint, ONE, timeout=600.0)

    assert bench.clock.passed == 600


def test_after_the_time_is_up_the_next_run_goes_on_waiting_and_sends_nothing():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=4200)
    said = {**ONE, "deploy": {"timeout": "45m"}}

    left = bench.fails(StillUpdating, bench.create, endpoint, said)
    outputs = bench.update(endpoint, left.name, left.outputs, said)

    assert left.outputs["__applied"]["config"] == {"served_entities": {"churn": churn()}}
    assert bench.sent == ["POST serving-endpoints"]
    assert outputs["state"]["ready"] == "READY"
    assert 4200 <= bench.clock.passed < 4210


def test_the_next_run_with_another_program_waits_and_then_sends_it():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=1200, times=1)

    left = bench.fails(StillUpdating, bench.create, endpoint, {**ONE, "deploy": {"timeout": "10m"}})
    outputs = bench.update(endpoint, left.name, left.outputs, TWO)

    assert bench.sent == ["POST serving-endpoints", "PUT serving-endpoints/chat/config"]
    assert outputs["config"] == {"served_entities": [churn("2")]}


def test_ctrl_c_ends_the_wait_and_leaves_something_to_go_on_with():
    bench = Bench(clock=FakeClock(called_off_after=3))
    bench.workspace.deployments.plan(seconds=1200)

    left = bench.fails(Interrupted, bench.create, endpoint, ONE)
    bench.clock.called_off_after = None
    outputs = bench.update(endpoint, left.name, left.outputs, ONE)

    assert "the next `pulumi up` goes on from here" in str(left)
    assert left.outputs["state"]["config_update"] == "IN_PROGRESS"
    assert bench.sent == ["POST serving-endpoints"]
    assert outputs["state"]["ready"] == "READY"


def test_a_failed_first_deployment_says_which_entity_and_why():
    bench = Bench()
    bench.workspace.deployments.plan(polls=2, outcome="failed", message="No module named foo")

    left = bench.fails(UpdateFailed, bench.create, endpoint, ONE)

    assert "endpoint chat: churn: DEPLOYMENT_FAILED: No module named foo." in str(left)
    assert f"The endpoint's page: {HOST}/ml/endpoints/chat\n" in str(left)
    assert str(left).endswith(
        "The end of the build log of churn:\n"
        "  [2026-01-05T00:00:00Z] Building image for ml.prod.churn version 1.\n"
        "  [2026-01-05T00:00:00Z] Build failed: No module named foo"
    )
    assert left.name == "chat"
    assert left.outputs["state"] == {"ready": "NOT_READY", "config_update": "UPDATE_FAILED"}
    assert "config" not in left.outputs
    assert bench.sent == ["POST serving-endpoints"]


def test_a_log_that_repeats_credentials_is_told_without_them():
    bench = Bench()
    said = f"no answer with {CANARY}, Bearer abcdefghij, dapi0123456789abcdef0123456789abcdef"
    told = "no answer with ***, ***, ***"
    bench.workspace.deployments.plan(polls=2, outcome="failed", message=said)
    marked = [["config", "served_entities", 0, "environment_vars", "TOKEN"]]
    variables = churn() | {"environment_vars": {"TOKEN": CANARY}}

    left = bench.fails(
        UpdateFailed, bench.create, endpoint, {**chat(variables), "__secret_leaves": marked}
    )

    assert f"churn: DEPLOYMENT_FAILED: {told}. What served" in str(left)
    assert str(left).endswith(f"Build failed: {told}")


def test_a_log_that_cannot_be_read_hides_no_failure():
    bench = Bench()
    bench.workspace.deployments.plan(polls=2, outcome="failed", message="No module named foo")

    def lost(request, answer):
        if request.url.path.endswith("/build-logs"):
            raise httpx.UnsupportedProtocol("no way there", request=request)
        return answer()

    transport = Altered(bench.workspace.transport(), lost)

    left = bench.fails(UpdateFailed, bench.create, endpoint, ONE, transport=transport)

    assert "churn: DEPLOYMENT_FAILED: No module named foo." in str(left)
    assert "The build log of churn could not be read: " in str(left)


def test_a_failed_update_leaves_the_former_configuration_serving():
    bench, recorded = ready()
    bench.workspace.deployments.plan(polls=1, outcome="aborted")

    left = bench.fails(UpdateFailed, bench.update, endpoint, "chat", recorded, TWO)

    assert "Served model creation aborted because the endpoint update timed out" in str(left)
    assert left.outputs["config"] == {"served_entities": [churn()]}
    assert left.outputs["config_version"] == 1
    assert left.outputs["__applied"]["config"] == {"served_entities": {"churn": churn("2")}}


def test_after_a_failed_update_the_corrected_program_takes_one_put():
    bench, recorded = ready()
    bench.workspace.deployments.plan(polls=1, outcome="failed", times=1)
    left = bench.fails(UpdateFailed, bench.update, endpoint, "chat", recorded, TWO)
    bench.workspace.clear_calls()
    bench.clock.advance(60)

    outputs = bench.update(endpoint, "chat", left.outputs, chat(churn("3")))

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert outputs["config"] == {"served_entities": [churn("3")]}


def test_an_update_that_fails_while_nobody_waits_is_sent_again_by_the_next_run():
    bench, recorded = ready()
    bench.workspace.deployments.plan(seconds=900, outcome="failed", times=1)
    short = {**TWO, "deploy": {"timeout": "5m"}}

    left = bench.fails(StillUpdating, bench.update, endpoint, "chat", recorded, short)
    outputs = bench.update(endpoint, "chat", left.outputs, TWO)

    assert bench.sent == ["PUT serving-endpoints/chat/config"] * 2
    assert outputs["config"] == {"served_entities": [churn("2")]}


def test_an_update_that_fails_again_is_never_success():
    bench, recorded = ready()
    bench.workspace.deployments.plan(seconds=900, outcome="failed")
    short = {**TWO, "deploy": {"timeout": "5m"}}

    left = bench.fails(StillUpdating, bench.update, endpoint, "chat", recorded, short)

    bench.fails(UpdateFailed, bench.update, endpoint, "chat", left.outputs, TWO)


def test_an_update_cancelled_with_the_button_is_an_error_of_its_own():
    bench, recorded = ready()
    bench.workspace.deployments.plan(seconds=900)

    def cancelling(request, answer):
        given = answer()
        if request.method == "GET" and bench.clock.passed > 100 and not pressed:
            pressed.append(bench.workspace.press_cancel_update("chat"))
        return given

    pressed = []
    transport = Altered(bench.workspace.transport(), cancelling)

    left = bench.fails(
        UpdateFailed, bench.update, endpoint, "chat", recorded, TWO, transport=transport
    )

    assert "was cancelled with the button in the Serving UI" in str(left)
    assert left.outputs["state"]["config_update"] == "UPDATE_CANCELED"
    assert left.outputs["config"] == {"served_entities": [churn()]}


class Stale:
    """GETs show what was before a PUT, for so many seconds after it."""

    def __init__(self, bench, seconds):
        self.bench, self.seconds, self.kept, self.until = bench, seconds, None, 0.0

    def __call__(self, request, answer):
        now = self.bench.clock.now()
        if request.method == "PUT":
            self.until = now + self.seconds
        if request.method == "GET" and now < self.until and self.kept is not None:
            return self.kept
        given = answer()
        if request.method == "GET" and request.url.path.endswith("/chat"):
            self.kept = httpx.Response(200, content=given.content)
        return given


def test_a_failure_of_an_earlier_attempt_is_not_taken_for_ours():
    bench, recorded = ready()
    bench.workspace.deployments.plan(polls=1, outcome="failed", times=1)
    left = bench.fails(UpdateFailed, bench.update, endpoint, "chat", recorded, TWO)
    bench.clock.advance(60)
    bench.workspace.deployments.plan(seconds=300)
    transport = Altered(bench.workspace.transport(), Stale(bench, 30))

    outputs = bench.update(endpoint, "chat", left.outputs, TWO, transport=transport)

    assert outputs["config"] == {"served_entities": [churn("2")]}
    assert outputs["state"]["config_update"] == "NOT_UPDATING"


def test_what_stood_before_a_put_is_not_taken_for_its_outcome():
    bench, recorded = ready()
    bench.workspace.deployments.plan(seconds=300)
    transport = Altered(bench.workspace.transport(), Stale(bench, 30))

    outputs = bench.update(endpoint, "chat", recorded, TWO, transport=transport)

    assert outputs["config_version"] == 2
    assert bench.sent == ["PUT serving-endpoints/chat/config"]


def with_state(**state):
    """GETs answer with another `state`."""

    def alter(request, answer):
        given = answer()
        if request.method != "GET" or not request.url.path.endswith("/chat") or given.is_error:
            return given
        body = json.loads(given.content)
        return httpx.Response(200, json={**body, "state": {**body["state"], **state}})

    return alter


def test_an_endpoint_that_is_not_ready_is_no_success_though_nothing_is_under_way():
    bench = Bench()
    bench.workspace.deployments.plan(polls=0)
    transport = Altered(bench.workspace.transport(), with_state(ready="NOT_READY"))
    said = {**ONE, "deploy": {"timeout": "10m"}}

    left = bench.fails(StillUpdating, bench.create, endpoint, said, transport=transport)

    assert "Endpoint chat is still not ready after 10m." in str(left)
    assert bench.clock.passed == 600


def test_an_endpoint_that_is_deleted_during_the_wait_is_named():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=900)

    def deleting(_request, answer):
        if bench.clock.passed > 100 and not bench.workspace.ui_calls:
            bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
        return answer()

    transport = Altered(bench.workspace.transport(), deleting)

    left = bench.fails(NotFound, bench.create, endpoint, ONE, transport=transport)

    assert "somebody deleted it meanwhile" in str(left)
    assert left.outputs["name"] == "chat"


def someone_updates(bench, version, seconds=900, outcome="ready"):
    bench.workspace.deployments.plan(seconds=seconds, outcome=outcome, times=1)
    bench.workspace.ui("PUT", CONFIG, {"served_entities": [churn(version)]})


def test_somebody_elses_update_is_waited_for_and_then_superseded():
    bench, recorded = ready()
    someone_updates(bench, "9")

    outputs = bench.update(endpoint, "chat", recorded, TWO)

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert outputs["config_version"] == 3
    assert "waiting for the update that is under way; no call cancels one" in bench.lines


def test_tags_go_through_during_somebody_elses_update():
    bench, recorded = ready()
    someone_updates(bench, "9")
    said = {**TWO, "tags": {"team": "a"}, "deploy": {"timeout": "60s"}}

    bench.fails(StillUpdating, bench.update, endpoint, "chat", recorded, said)

    assert bench.sent == ["PATCH serving-endpoints/chat/tags"]


def test_an_update_of_a_configuration_that_nobody_here_declares_is_not_waited_for():
    bench, _ = ready()
    adopted = bench.create(endpoint, {"name": "chat", "adopt": True}).outputs
    someone_updates(bench, "9")
    before = bench.clock.passed

    bench.update(
        endpoint, "chat", adopted, {"name": "chat", "ai_gateway": {"rate_limits": [LIMIT]}}
    )

    assert bench.sent == ["PUT serving-endpoints/chat/ai-gateway"]
    assert bench.clock.passed == before


def test_an_update_that_already_makes_what_is_wanted_is_waited_for_and_nothing_is_sent():
    bench, recorded = ready()
    someone_updates(bench, "2")
    before = bench.clock.passed

    outputs = bench.update(endpoint, "chat", recorded, TWO)

    assert bench.sent == []
    assert 900 <= bench.clock.passed - before < 910
    assert outputs["config_version"] == 2


def test_where_the_update_that_would_have_made_it_fails_ours_is_sent():
    bench, recorded = ready()
    someone_updates(bench, "2", outcome="failed")

    outputs = bench.update(endpoint, "chat", recorded, TWO)

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert outputs["config"] == {"served_entities": [churn("2")]}


def test_fail_ends_at_an_update_under_way():
    bench, recorded = ready()
    someone_updates(bench, "9")
    said = {**TWO, "deploy": {"on_update_in_progress": "fail"}}

    refused = bench.fails(Refused, bench.update, endpoint, "chat", recorded, said)

    assert "The configuration was not sent" in str(refused)
    assert bench.sent == []


def test_abandon_deletes_a_first_deployment_that_never_became_ready():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=7200, times=1)
    left = bench.fails(StillUpdating, bench.create, endpoint, {**ONE, "deploy": {"timeout": "10m"}})
    said = {**TWO, "deploy": {"on_update_in_progress": "abandon"}}

    outputs = bench.update(endpoint, "chat", left.outputs, said)

    assert bench.sent == [
        "POST serving-endpoints",
        "DELETE serving-endpoints/chat",
        "POST serving-endpoints",
    ]
    assert outputs["endpoint_id"] != left.outputs["endpoint_id"]
    assert outputs["__applied"]["endpoint_id"] == outputs["endpoint_id"]


def test_abandon_never_deletes_an_endpoint_that_has_served():
    bench, recorded = ready()
    someone_updates(bench, "9")
    said = {**TWO, "deploy": {"on_update_in_progress": "abandon"}}

    outputs = bench.update(endpoint, "chat", recorded, said)

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert outputs["endpoint_id"] == recorded["endpoint_id"]


def test_abandon_leaves_a_first_deployment_that_brings_what_is_wanted():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=1200)
    left = bench.fails(StillUpdating, bench.create, endpoint, {**ONE, "deploy": {"timeout": "10m"}})

    said = {**ONE, "deploy": {"on_update_in_progress": "abandon"}}
    bench.update(endpoint, "chat", left.outputs, said)

    assert bench.sent == ["POST serving-endpoints"]


def test_the_time_counts_from_when_the_service_took_the_write():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=250)
    busy = [httpx.Response(429, headers={"Retry-After": "100"})] * 3

    def throttled(request, answer):
        return busy.pop() if busy and request.method == "POST" else answer()

    transport = Altered(bench.workspace.transport(), throttled)
    short = {**ONE, "deploy": {"timeout": "5m"}}

    outputs = bench.create(endpoint, short, transport=transport).outputs

    assert outputs["state"]["ready"] == "READY"
    assert bench.clock.passed > 500
