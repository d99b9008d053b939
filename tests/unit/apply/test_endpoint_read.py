"""Reading an endpoint back: what a refresh shows."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.errors import ApiError, PermissionDenied
from support.context import CANARY, ENDPOINTS, HOST, Bench, wired
from support.transports import Altered
from unit.apply.said import KEY, LIMIT, chat, churn, gpt, split

TWO = [churn(name="b-side"), churn(name="a-side")]
SAID = chat(*TWO, tags={"team": "a"}, ai_gateway={"rate_limits": [LIMIT]})
SAID["config"] |= split(**{"b-side": 60, "a-side": 40})


def recorded(said=SAID):
    bench = Bench()
    outputs = bench.create(endpoint, said).outputs
    bench.workspace.clear_calls()
    return bench, outputs


def test_what_nobody_touched_is_read_as_it_was_said():
    bench, outputs = recorded()

    reading = bench.read(endpoint, "chat", outputs, SAID)

    assert reading.inputs == SAID
    assert reading.outputs == outputs
    assert reading.unfinished is None
    assert bench.sent == []


def test_credentials_and_settings_are_handed_through():
    said = chat(deploy={"timeout": "2h"}, workspace={"host": HOST})
    bench, outputs = recorded(said)

    reading = bench._watched(
        lambda: endpoint.read("chat", wired(outputs), said, bench.context()).outputs
    )
    inputs = endpoint.read("chat", wired(outputs), said, bench.context()).inputs

    assert reading["deploy"] == {"timeout": "2h"}
    assert inputs == said
    assert inputs["credentials"] == {"gpt": dict.fromkeys(KEY, CANARY)}


def test_what_changed_outside_shows_in_outputs_and_inputs():
    bench, outputs = recorded()
    path = f"{ENDPOINTS}/chat"
    bench.workspace.ui("PATCH", f"{path}/tags", {"add_tags": [{"key": "by", "value": "hand"}]})
    bench.workspace.ui("PUT", f"{path}/ai-gateway", {})
    bench.workspace.deployments.plan(polls=0)
    served = [churn("7", name="a-side"), churn(name="b-side")]
    routes = split(**{"a-side": 50, "b-side": 50})
    bench.workspace.ui("PUT", f"{path}/config", {"served_entities": served, **routes})

    reading = bench.read(endpoint, "chat", outputs, SAID)

    shown = {
        "name": "chat",
        "config": {
            "served_entities": [churn(name="b-side"), churn("7", name="a-side")],
            **split(**{"b-side": 50, "a-side": 50}),
        },
        "tags": {"team": "a", "by": "hand"},
        "ai_gateway": {"rate_limits": []},
    }
    assert reading.inputs == shown
    assert {name: reading.outputs[name] for name in shown} == shown
    assert reading.outputs["__applied"] == wired(outputs)["__applied"]
    assert reading.outputs["config_version"] == 2


def test_parts_that_are_not_managed_stay_out_of_sight():
    bench, outputs = recorded(chat(churn()))
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": [LIMIT]})

    reading = bench.read(endpoint, "chat", outputs, chat(churn()))

    assert sorted(reading.inputs) == ["config", "name"]
    assert "ai_gateway" not in reading.outputs


def test_an_endpoint_that_is_gone_is_none():
    bench, outputs = recorded()
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")

    assert bench.read(endpoint, "chat", outputs, SAID) is None


def test_one_made_again_under_the_name_shows_its_own_id():
    bench, outputs = recorded()
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    bench.workspace.ui("POST", ENDPOINTS, {"name": "chat"})

    reading = bench.read(endpoint, "chat", outputs, SAID)

    assert reading.outputs["endpoint_id"] != outputs["endpoint_id"]
    assert reading.outputs["__applied"]["endpoint_id"] == outputs["endpoint_id"]


@pytest.mark.parametrize(
    ("wait", "unfinished"),
    [("ready", "endpoint chat is still being updated"), ("accepted", None)],
)
def test_one_that_is_being_updated_is_unfinished_where_its_program_waits(wait, unfinished):
    said = chat(churn(), deploy={"wait": wait})
    bench, outputs = recorded(chat(churn()))
    outputs["deploy"] = said["deploy"]
    bench.workspace.deployments.plan(seconds=900)
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/config", {"served_entities": [churn("2")]})

    reading = bench.read(endpoint, "chat", outputs, said)

    assert reading.unfinished == unfinished
    assert reading.inputs["config"] == {"served_entities": [churn("2")]}


def test_one_whose_first_deployment_failed_has_no_configuration():
    bench = Bench()
    bench.workspace.deployments.plan(polls=0, outcome="failed")
    left = bench.fails(Exception, bench.create, endpoint, chat(churn()))

    reading = bench.read(endpoint, "chat", left.outputs, chat(churn()))

    assert "config" not in reading.inputs
    assert reading.outputs["state"] == {"ready": "NOT_READY", "config_update": "UPDATE_FAILED"}
    assert endpoint.diff(wired(reading.outputs), chat(churn()), bench.context().stack).changed


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(httpx.Response(403, json={"message": "No."}), PermissionDenied, id="403"),
        pytest.param(httpx.Response(404, content="<html>proxy</html>"), ApiError, id="proxy"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_never_gone(answer, error):
    bench, outputs = recorded()

    def no(request, given):
        return answer if request.url.path.endswith("/chat") else given()

    transport = Altered(bench.workspace.transport(), no)

    bench.fails(error, bench.read, endpoint, "chat", outputs, SAID, transport=transport)


def test_a_field_that_this_release_does_not_know_is_no_error():
    bench, outputs = recorded()

    def newer(request, given):
        answer = given()
        if not request.url.path.endswith("/chat"):
            return answer
        return httpx.Response(200, json={**answer.json(), "tile": {"of": "tomorrow"}})

    transport = Altered(bench.workspace.transport(), newer)

    reading = bench.read(endpoint, "chat", outputs, SAID, transport=transport)

    assert reading.inputs == SAID


def test_the_plain_credential_is_in_no_output():
    said = chat(gpt("one"), credential=CANARY)
    _, outputs = recorded(said)

    entity = outputs["config"]["served_entities"][0]

    assert entity["external_model"]["openai_config"] == {}
