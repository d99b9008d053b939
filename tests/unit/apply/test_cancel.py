"""Cancelling by hand: what each strategy sends, what it refuses, and how its wait ends."""

from __future__ import annotations

import re

import pytest

from databricks_serving.apply import cancel, endpoint, put_again
from databricks_serving.apply.wait import Deadline
from databricks_serving.errors import (
    Interrupted,
    Refused,
    StillUpdating,
    UpdateCanceled,
    UpdateFailed,
)
from databricks_serving_emulator import Behaviour
from databricks_serving_schema import ExternalModel, config_of, parse_endpoint_answer
from support.clock import FakeClock
from support.context import CANARY, ENDPOINTS, HOST, MARK, SECRETS, Bench, wired
from support.transports import Altered
from unit.apply.said import chat, churn, gpt, split

CONFIG = f"{ENDPOINTS}/chat/config"
PUT = "PUT serving-endpoints/chat/config"
HOUR = 3600
ONE, TWO = chat(churn()), chat(churn("2"))
REFERENCE = "{{secrets/llm/openai}}"
UNITS = {
    "name": "llama",
    "entity_name": "system.ai.llama",
    "entity_version": "1",
    "provisioned_model_units": 50,
}


def served(said=ONE, **switches):
    """A bench with an endpoint that serves what is said, its calls forgotten, and the outputs."""
    bench = Bench(**switches)
    bench.workspace.deployments.plan(polls=0, times=1)
    recorded = wired(bench.create(endpoint, said).outputs)
    bench.clock.advance(60)
    bench.workspace.clear_calls()
    return bench, recorded


def someone_deploys(bench, *entities, seconds=HOUR, outcome="ready", **more):
    """Somebody in the UI deploys another configuration, and that takes long."""
    bench.workspace.deployments.plan(seconds=seconds, outcome=outcome, times=1)
    bench.workspace.ui("PUT", CONFIG, {"served_entities": list(entities), **more})
    bench.workspace.deployments.plan(seconds=5)


def supersede(bench, recorded=None, *, context=None, seconds=2 * HOUR):
    """`--supersede`, with a state or without one; whether anything had to be sent."""
    context = context or bench.context()
    answer = cancel.found("chat", context)
    left = (
        put_again.as_serving("chat", answer)
        if recorded is None
        else put_again.as_applied("chat", recorded)
    )
    return cancel.supersede("chat", left, context, Deadline.after(bench.clock, seconds))


def abandon(bench, recorded=None, *, context=None):
    """`--abandon`, with a state or without one."""
    context = context or bench.context()
    cancel.abandon("chat", recorded, context, Deadline.after(bench.clock, HOUR))


def versions(bench):
    """The versions of the entities that serve."""
    return [e["entity_version"] for e in bench.served()["config"]["served_entities"]]


def test_what_is_under_way_is_told_entity_by_entity_with_the_page_of_the_button():
    bench, _ = served()
    someone_deploys(bench, churn("2"))
    begun = int(bench.clock.seconds * 1000)
    context = bench.context()

    running = cancel.under_way(cancel.found("chat", context), context)

    assert running == cancel.UnderWay(
        name="chat",
        since=begun,
        entities=(("churn", "DEPLOYMENT_CREATING", "Creating resources for served entity."),),
        first=False,
        owner=MARK,
        page=f"{HOST}/ml/endpoints/chat",
    )
    assert bench.sent == []


def test_a_settled_endpoint_has_nothing_under_way():
    bench, _ = served()
    context = bench.context()

    assert cancel.under_way(cancel.found("chat", context), context) is None


def test_an_endpoint_that_is_not_there_is_one_paragraph():
    bench = Bench()

    with pytest.raises(Refused, match="There is no endpoint called chat at https://dbc-emulator"):
        cancel.found("chat", bench.context())


def test_superseding_waits_until_the_update_has_ended_and_sends_what_served_before():
    bench, _ = served(chat(churn(environment_vars={"LOG_LEVEL": "info"})))
    someone_deploys(bench, churn("2", environment_vars={"DEBUG": "1"}))

    was_sent = supersede(bench)

    assert was_sent
    assert bench.sent == [PUT]
    assert HOUR <= bench.clock.passed - 60 < HOUR + 60
    assert versions(bench) == ["1"]
    body = bench.workspace.writes[0].body
    assert body["served_entities"] == [
        churn(workload_type="CPU", environment_vars={"LOG_LEVEL": "info"})
    ]
    assert bench.served()["state"] == {
        "ready": "READY",
        "config_update": "NOT_UPDATING",
        "suspend": "NOT_SUSPENDED",
    }


def test_superseding_with_a_state_sends_what_the_stack_applied_and_a_preview_is_empty_then():
    bench, recorded = served()
    someone_deploys(bench, churn("2"), {**churn("3"), "name": "more"}, **split(churn=50, more=50))

    was_sent = supersede(bench, recorded)
    seen = bench.read(endpoint, "chat", recorded, ONE)

    assert was_sent
    assert bench.sent == [PUT]
    assert versions(bench) == ["1"]
    assert endpoint.diff(wired(seen.outputs), wired(ONE), bench.context().stack).changed is False


def test_an_update_that_fails_is_superseded_by_what_an_interrupted_up_had_sent():
    bench, recorded = served()
    bench.workspace.deployments.plan(seconds=HOUR, outcome="failed", times=1)
    bench.clock.called_off_after = len(bench.clock.waits) + 2
    left = bench.fails(Interrupted, bench.update, endpoint, "chat", recorded, TWO)
    bench.clock.called_off_after = None
    bench.workspace.clear_calls()

    was_sent = supersede(bench, wired(left.outputs))

    assert was_sent
    assert bench.sent == [PUT]
    assert versions(bench) == ["2"]


@pytest.mark.parametrize("with_state", [True, False])
def test_where_the_update_fails_and_the_wanted_configuration_serves_nothing_is_sent(with_state):
    bench, recorded = served()
    someone_deploys(bench, churn("2"), outcome="failed")

    was_sent = supersede(bench, recorded if with_state else None)

    assert not was_sent
    assert bench.sent == []
    assert versions(bench) == ["1"]


@pytest.mark.parametrize("with_state", [True, False])
def test_whoever_presses_the_button_meanwhile_ends_it_and_nothing_is_sent(with_state):
    bench, recorded = served()
    someone_deploys(bench, churn("2"))
    gets = 0

    def pressed(_request, answer):
        nonlocal gets
        gets += 1
        if gets == 4:
            bench.workspace.press_cancel_update("chat")
        return answer()

    transport = Altered(bench.workspace.transport(), pressed)

    with pytest.raises(UpdateCanceled, match="was cancelled with the button"):
        supersede(
            bench, recorded if with_state else None, context=bench.context(transport=transport)
        )

    assert bench.sent == []
    assert bench.clock.passed - 60 < 60


def test_what_was_sent_and_is_cancelled_with_the_button_is_cancelled_too():
    bench, _ = served()
    someone_deploys(bench, churn("2"), seconds=10)
    bench.workspace.deployments.plan(seconds=HOUR)

    def pressed(request, answer):
        if bench.sent and request.method == "GET":
            bench.workspace.press_cancel_update("chat")
        return answer()

    transport = Altered(bench.workspace.transport(), pressed)

    with pytest.raises(UpdateCanceled):
        supersede(bench, context=bench.context(transport=transport))

    assert bench.sent == [PUT]


def test_what_was_sent_and_fails_is_told_with_the_services_reason():
    bench, _ = served()
    someone_deploys(bench, churn("2"))
    bench.workspace.deployments.plan(outcome="failed", message="out of GPUs", seconds=5)

    with pytest.raises(UpdateFailed, match="churn: DEPLOYMENT_FAILED: out of GPUs"):
        supersede(bench)


def test_when_the_time_is_up_nothing_was_sent_and_the_option_is_named():
    bench, recorded = served()
    someone_deploys(bench, churn("2"))

    with pytest.raises(StillUpdating) as caught:
        supersede(bench, recorded, seconds=600)

    assert bench.clock.passed == 660
    assert str(caught.value) == (
        "Endpoint chat is still updating after 10m. Nothing was sent. What served before keeps "
        "serving. --timeout gives it more time, for example --timeout 4h."
    )
    assert bench.sent == []


def test_ctrl_c_stops_waiting_and_says_that_nothing_was_sent():
    bench, recorded = served()
    someone_deploys(bench, churn("2"))
    bench.clock.called_off_after = len(bench.clock.waits) + 3

    with pytest.raises(Interrupted) as caught:
        supersede(bench, recorded)

    assert str(caught.value) == (
        "Stopped waiting for endpoint chat; the update goes on in the workspace. Nothing was sent. "
        "What served before keeps serving. Run it again to go on from here."
    )
    assert bench.sent == []


def test_ctrl_c_after_the_write_says_that_it_was_sent():
    bench, _ = served()
    someone_deploys(bench, churn("2"), seconds=1)
    bench.workspace.deployments.plan(seconds=HOUR)

    def calls_off(request, answer):
        if request.method == "PUT":
            bench.clock.called_off_after = len(bench.clock.waits) + 1
        return answer()

    transport = Altered(bench.workspace.transport(), calls_off)

    with pytest.raises(Interrupted, match="The wanted configuration was sent"):
        supersede(bench, context=bench.context(transport=transport))

    assert bench.sent == [PUT]


def test_a_new_update_that_begins_in_between_is_waited_for_as_well():
    bench, _ = served()
    someone_deploys(bench, churn("2"), seconds=20)
    puts = 0

    def another(request, answer):
        nonlocal puts
        if request.method == "PUT":
            puts += 1
            if puts == 1:
                someone_deploys(bench, churn("3"), seconds=30)
        return answer()

    transport = Altered(bench.workspace.transport(), another)

    assert supersede(bench, context=bench.context(transport=transport))

    assert puts == 2
    assert versions(bench) == ["1"]


def test_model_units_go_by_their_own_route():
    bench, recorded = served(chat(UNITS))
    bench.workspace.deployments.plan(seconds=HOUR, times=1)
    more = {"config": {"served_entities": [{**UNITS, "provisioned_model_units": 100}]}}
    bench.workspace.ui("PUT", f"{ENDPOINTS}/pt/chat/config", more)

    for state in (None, recorded):
        bench.workspace.clear_calls()
        bench.workspace.deployments.plan(seconds=HOUR, times=1)
        if bench.served()["state"]["config_update"] != "IN_PROGRESS":
            bench.workspace.ui("PUT", f"{ENDPOINTS}/pt/chat/config", more)
        assert supersede(bench, state)

        assert bench.sent == ["PUT serving-endpoints/pt/chat/config"]
        assert bench.served()["config"]["served_entities"][0]["provisioned_model_units"] == 50


@pytest.mark.parametrize("with_state", [True, False])
def test_a_plaintext_credential_is_refused_before_anything_is_waited_for(with_state):
    bench, recorded = served(chat(gpt()))
    bench.workspace.deployments.plan(seconds=HOUR)
    bench.workspace.serving.redeploy("chat")
    waits = len(bench.clock.waits)

    with pytest.raises(Refused) as caught:
        supersede(bench, recorded if with_state else None)

    assert "openai_config" in str(caught.value)
    assert "`pulumi up` has" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert "hmac" not in str(caught.value)
    assert len(bench.clock.waits) == waits
    assert bench.sent == []


@pytest.mark.parametrize(
    ("provider", "config"), [*config_of(ExternalModel).items(), ("newer", "newer_config")]
)
def test_of_every_vendor_an_answer_without_its_credential_cannot_be_sent_again(provider, config):
    # What GET shows where the credential was plaintext: all but that.
    settings = {"region": "eu-west-1"} if provider == "newer" else {}
    model = {"name": "m", "provider": provider, "task": "llm/v1/chat", config: settings}
    answer = parse_endpoint_answer(
        {
            "name": "chat",
            "state": {"ready": "READY", "config_update": "IN_PROGRESS"},
            "config": {"served_entities": [{"name": "e", "external_model": model}]},
        }
    )

    with pytest.raises(Refused, match=r"served_entities\[0\]\.external_model"):
        put_again.as_serving("chat", answer)


@pytest.mark.parametrize("with_state", [True, False])
def test_a_credential_that_is_a_reference_is_sent_as_it_is(with_state):
    bench = Bench()
    bench.workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})
    secret = {"scope": "llm", "key": "openai", "string_value": "sk-1"}
    bench.workspace.ui("POST", f"{SECRETS}/put", secret)
    model = gpt()
    model["external_model"]["openai_config"] = {"openai_api_key": REFERENCE}
    said = {"name": "chat", "config": {"served_entities": [model]}}
    recorded = wired(bench.create(endpoint, said).outputs)
    bench.workspace.clear_calls()
    other = {**model, "external_model": {**model["external_model"], "name": "gpt-5"}}
    someone_deploys(bench, other)

    assert supersede(bench, recorded if with_state else None)

    assert bench.sent == [PUT]
    [sent] = bench.workspace.writes[0].body["served_entities"]
    assert sent["external_model"] == model["external_model"]


def test_a_value_that_the_program_marks_as_secret_is_refused_with_its_path():
    marked = [["config", "served_entities", 0, "environment_vars", "TOKEN"]]
    variables = churn(environment_vars={"TOKEN": "t0k3n-in-clear"})
    bench, recorded = served({**chat(variables), "__secret_leaves": marked})
    someone_deploys(bench, churn("2"))

    path = re.escape("config.served_entities.churn.environment_vars.TOKEN")
    with pytest.raises(Refused, match=path) as caught:
        supersede(bench, recorded)

    assert "t0k3n" not in str(caught.value)
    assert bench.sent == []


def test_a_first_deployment_has_nothing_that_could_be_sent_without_a_state():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=HOUR)
    bench.create(endpoint, {**ONE, "deploy": {"wait": "accepted"}})
    bench.workspace.clear_calls()

    with pytest.raises(Refused, match="has never served: there is no configuration to go back to"):
        supersede(bench)

    assert bench.sent == []


def test_a_state_without_a_configuration_has_none_to_send():
    bench, _ = served()

    with pytest.raises(Refused, match="records no configuration of endpoint chat"):
        put_again.as_applied("chat", {"__applied": {"name": "chat", "tags": {}}})

    assert bench.sent == []


def test_an_endpoint_that_somebody_made_anew_is_not_touched():
    bench, recorded = served()
    bench.workspace.deployments.plan(seconds=HOUR, times=1)
    bench.workspace.serving.recreate("chat")

    with pytest.raises(Refused, match="is not the one that this stack made"):
        supersede(bench, recorded)
    with pytest.raises(Refused, match="is not the one that this stack made"):
        abandon(bench, recorded)

    assert bench.sent == []


def test_a_model_that_became_an_external_one_meanwhile_cannot_be_put_back():
    bench, recorded = served()
    bench.workspace.deployments.plan(seconds=10, times=1)
    bench.workspace.serving.redeploy("chat")

    def recreated(request, answer):
        response = answer()
        if request.method == "GET" and b'"NOT_UPDATING"' in response.read():
            body = response.json()
            body["config"]["served_entities"] = [gpt()]
            return type(response)(200, json=body)
        return response

    transport = Altered(bench.workspace.transport(), recreated)

    with pytest.raises(Refused, match="would have to be replaced"):
        supersede(bench, recorded, context=bench.context(transport=transport))

    assert bench.sent == []


@pytest.mark.parametrize("with_state", [True, False])
def test_abandoning_deletes_a_first_deployment_and_returns_once_its_name_is_free(with_state):
    bench = Bench()
    bench.workspace.deployments.plan(seconds=HOUR)
    recorded = wired(bench.create(endpoint, {**ONE, "deploy": {"wait": "accepted"}}).outputs)
    bench.workspace.clear_calls()
    bench.workspace.behaviour = Behaviour(stale_seconds=30)
    context = bench.context()

    running = cancel.under_way(cancel.found("chat", context), context)
    abandon(bench, recorded if with_state else None)

    assert running is not None
    assert running.first
    assert bench.clock.passed >= 30
    assert bench.sent == ["DELETE serving-endpoints/chat"]
    assert bench.context().api.get_endpoint("chat") is None


def test_abandoning_refuses_what_has_ever_served():
    bench, recorded = served()
    someone_deploys(bench, churn("2"))

    with pytest.raises(Refused, match="has a configuration that served before: it is not deleted"):
        abandon(bench, recorded)

    assert bench.sent == []


def test_abandoning_refuses_where_nothing_is_under_way_any_more():
    bench = Bench()
    bench.workspace.deployments.plan(seconds=5, outcome="failed")
    bench.fails(UpdateFailed, bench.create, endpoint, ONE)
    bench.workspace.clear_calls()

    with pytest.raises(Refused, match="Nothing is under way at endpoint chat any more"):
        abandon(bench)

    assert bench.sent == []


def test_ctrl_c_while_an_update_of_hours_is_waited_for_leaves_the_clock_alone():
    bench = Bench(clock=FakeClock())
    bench.workspace.deployments.plan(polls=0, times=1)
    bench.create(endpoint, ONE)
    bench.workspace.clear_calls()
    someone_deploys(bench, churn("2"), seconds=20 * HOUR)
    bench.clock.called_off_after = len(bench.clock.waits)

    with pytest.raises(Interrupted):
        supersede(bench)

    assert bench.clock.passed == 0
