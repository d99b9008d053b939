"""The life of an endpoint of each kind: created, changed, drifted, put right, deleted."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving.errors import InvalidRequest, Refused
from databricks_serving_emulator import Fault, RegisteredModel
from support.context import ENDPOINTS, wired
from support.endpoints import config, limit, program, registered, units
from support.ups import created, inputs_of, prepared, preview

AGENT = RegisteredModel(name="main.ml.churn", kind="agent")
TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml"}
NO = {"status": 400, "error_code": "INVALID_PARAMETER_VALUE", "message": "Not in place."}


def without(said, *names):
    return {name: value for name, value in said.items() if name not in names}


@dataclass(frozen=True)
class Life:
    """An entity, then another version of it, and how the service calls the task of both."""

    first: dict
    second: dict
    task: str | None = None
    create: str = "POST serving-endpoints"
    change: str = "PUT serving-endpoints/chat/config"
    models: tuple[RegisteredModel, ...] = ()


TOKENS = {**without(units(), "provisioned_model_units"), "max_provisioned_throughput": 9500}
LIVES = {
    "a registered model": Life(registered(), registered(entity_version="2")),
    "an agent": Life(
        registered(), registered(entity_version="2"), task="agent/v1/chat", models=(AGENT,)
    ),
    "a feature spec": Life(
        without(registered(), "entity_version"),
        without(registered(workload_size="Medium"), "entity_version"),
    ),
    "a feature spec that says no size": Life(
        {"name": "features", "entity_name": "main.ml.features"},
        {"name": "features", "entity_name": "main.ml.other"},
    ),
    "throughput by tokens": Life(
        TOKENS, {**TOKENS, "max_provisioned_throughput": 19000}, task="llm/v1/chat"
    ),
    "throughput by model units": Life(
        units(),
        units(provisioned_model_units=100, burst_scaling_enabled=False),
        task="llm/v1/chat",
        create="POST serving-endpoints/pt",
        change="PUT serving-endpoints/pt/chat/config",
    ),
}

lives = pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())


def born(life):
    """A bench with the endpoint of a life's first version, its inputs and its outputs."""
    bench = prepared()
    for model in life.models:
        bench.workspace.serving.register_model(model)
    return (bench, *created(bench, program(config=config(life.first))))


@lives
def test_it_is_created_and_waited_for(life):
    bench = prepared()
    for model in life.models:
        bench.workspace.serving.register_model(model)

    outputs = bench.create(endpoint, inputs_of(bench, program(config=config(life.first)))).outputs

    assert bench.sent == [life.create]
    assert outputs["task"] == life.task
    assert outputs["state"] == {"ready": "READY", "config_update": "NOT_UPDATING"}


@lives
def test_it_is_changed_in_place(life):
    bench, _, outputs = born(life)
    said = inputs_of(bench, program(config=config(life.second)))

    after = bench.update(endpoint, "chat", outputs, said)

    assert preview(bench, outputs, said) == Verdict(changed=True)
    assert bench.sent == [life.change]
    assert after["endpoint_id"] == outputs["endpoint_id"]
    assert preview(bench, after, said) == Verdict()


@lives
def test_what_somebody_changed_shows_and_is_put_right(life):
    bench, inputs, outputs = born(life)
    body = config(without(life.second, "burst_scaling_enabled"))
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/config", body)
    bench.clock.advance(60)

    reading = bench.read(endpoint, "chat", outputs, inputs)
    after = bench.update(endpoint, "chat", reading.outputs, inputs)

    assert preview(bench, reading.outputs, inputs) == Verdict(changed=True)
    assert bench.sent == [life.change]
    assert preview(bench, after, inputs) == Verdict()


@lives
def test_it_is_deleted_by_the_one_call_for_all(life):
    bench, inputs, outputs = born(life)

    bench.delete(endpoint, "chat", outputs)

    assert bench.sent == ["DELETE serving-endpoints/chat"]
    assert bench.read(endpoint, "chat", outputs, inputs) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [(registered(), units()), (units(), registered()), (units(), TOKENS), (TOKENS, units())],
    ids=["to units", "away from units", "units to tokens", "tokens to units"],
)
def test_a_step_to_or_from_model_units_goes_by_the_usual_call(first, second):
    bench = prepared()
    _, outputs = created(bench, program(config=config(first)))
    said = inputs_of(bench, program(config=config(second)))

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert preview(bench, outputs, said) == Verdict()


@pytest.mark.parametrize(
    ("first", "second"), [(registered(), units()), (units(), TOKENS)], ids=["to", "from"]
)
def test_a_step_of_model_units_that_the_service_refuses_is_told_with_the_way_out(first, second):
    bench = prepared()
    _, outputs = created(bench, program(config=config(first)))
    bench.workspace.faults.add(Fault("PUT", f"{ENDPOINTS}/chat/config", **NO))
    said = inputs_of(bench, program(config=config(second)))

    failed = bench.fails(Refused, bench.update, endpoint, "chat", outputs, said)

    assert "the workspace answered 400" in str(failed)
    assert "a step to or from provisioned_model_units" in str(failed)
    assert "`pulumi up --replace URN`" in str(failed)


def test_another_change_that_the_service_refuses_is_told_in_its_own_words():
    bench = prepared()
    _, outputs = created(bench, program(config=config(TOKENS)))
    bench.workspace.faults.add(Fault("PUT", f"{ENDPOINTS}/chat/config", **NO))
    said = inputs_of(bench, program(config=config({**TOKENS, "max_provisioned_throughput": 19000})))

    failed = bench.fails(InvalidRequest, bench.update, endpoint, "chat", outputs, said)

    assert "provisioned_model_units" not in str(failed)


def test_throughput_that_says_it_scales_to_zero_comes_up_and_never_drifts():
    bench = prepared()
    said = program(config=config({**TOKENS, "scale_to_zero_enabled": True}))

    inputs, outputs = created(bench, said)
    reading = bench.read(endpoint, "chat", outputs, inputs)

    (served,) = bench.served()["config"]["served_entities"]
    assert served["scale_to_zero_enabled"] is False
    assert preview(bench, outputs, inputs) == preview(bench, reading.outputs, inputs) == Verdict()
    assert reading.inputs["config"] == inputs["config"]


def test_an_endpoint_without_configuration_gets_model_units_by_the_usual_call():
    bench = prepared()
    _, outputs = created(bench, program(config=None))

    bench.update(endpoint, "chat", outputs, inputs_of(bench, program(config=config(units()))))

    assert bench.sent == ["PUT serving-endpoints/chat/config"]


def test_an_agent_has_an_inference_table():
    bench = prepared()
    bench.workspace.serving.register_model(AGENT)
    said = program(config=config(registered()), ai_gateway={"inference_table_config": TABLE})

    inputs, outputs = created(bench, said)

    assert preview(bench, outputs, inputs) == Verdict()
    assert outputs["inference_table"] == "main.ml.chat_payload"


def test_limits_of_an_agent_are_refused_by_the_service_and_the_rest_stays():
    bench = prepared()
    bench.workspace.serving.register_model(AGENT)
    inputs, outputs = created(bench, program(config=config(registered())))
    said = {**inputs, "tags": {"team": "ml"}, "ai_gateway": {"rate_limits": [limit()]}}

    left = bench.fails(InvalidRequest, bench.update, endpoint, "chat", outputs, said)

    assert "Agent endpoints support only inference tables" in str(left)
    assert left.outputs["__applied"] == wired(outputs)["__applied"] | {"tags": {"team": "ml"}}
