"""Provisioned throughput, and what is known of registered models."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external, without

UNITS = {
    "entity_name": "system.ai.llama_4_maverick",
    "entity_version": "1",
    "provisioned_model_units": 100,
}
TOKENS = {
    "entity_name": "system.ai.llama",
    "entity_version": "1",
    "max_provisioned_throughput": 100,
}
MODELS = "/_emulator/models"
INFO = f"{ENDPOINTS}/get-model-optimization-info"


def units(name="maverick", **more):
    return {"name": name, "config": {"served_entities": [{**UNITS, **more}]}}


def ready(**more):
    client = Client()
    client.does("POST", f"{ENDPOINTS}/pt", units(**more))
    client.settle("maverick")
    return client


def test_what_model_units_size_need_not_say_its_version():
    client = Client()
    unversioned = without(UNITS, "entity_version")
    body = {"name": "maverick", "config": {"served_entities": [unversioned]}}

    created = client.does("POST", f"{ENDPOINTS}/pt", body)

    (entity,) = created["pending_config"]["served_entities"]
    (model,) = created["pending_config"]["served_models"]
    assert entity["name"] == "llama_4_maverick"
    assert "entity_version" not in entity
    assert "model_version" not in model


def test_an_endpoint_with_model_units_is_created_and_seen_in_progress_once():
    client = Client()

    created = client.does("POST", f"{ENDPOINTS}/pt", units(burst_scaling_enabled=True))
    first, second = client.get("maverick"), client.get("maverick")

    (entity,) = created["pending_config"]["served_entities"]
    assert entity["provisioned_model_units"] == 100
    assert "burst_scaling_enabled" not in entity
    assert created["task"] == "llm/v1/chat"
    assert [one["state"]["config_update"] for one in (first, second)] == [
        "IN_PROGRESS",
        "NOT_UPDATING",
    ]


@pytest.mark.parametrize(
    "body",
    [
        without(units(), "name"),
        {"name": "maverick"},
        {"name": "maverick", "config": {}},
        {"name": "maverick", "config": {"served_entities": [without(UNITS, "entity_name")]}},
        {
            "name": "maverick",
            "config": {"served_entities": [without(UNITS, "provisioned_model_units")]},
        },
        units(provisioned_model_units=-1),
    ],
)
def test_model_units_need_a_name_a_model_and_a_number(body):
    client = Client()

    refused = client.refuses("POST", f"{ENDPOINTS}/pt", body)

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert client.does("GET", ENDPOINTS) == {}


@pytest.mark.parametrize("field", ["route_optimized", "description", "telemetry_config"])
def test_what_the_form_for_model_units_has_not_is_ignored_there(field):
    client = Client()
    given = {"route_optimized": True, "description": "x", "telemetry_config": {}}

    client.does("POST", f"{ENDPOINTS}/pt", {**units(), field: given[field]})

    assert client.workspace.ignored_fields == (f"POST {ENDPOINTS}/pt: {field}",)


def test_model_units_are_changed_in_a_nested_config():
    client = ready()
    config = {"served_entities": [{**UNITS, "provisioned_model_units": 200}]}

    during = client.does("PUT", f"{ENDPOINTS}/pt/maverick/config", {"config": config})
    after = client.settle("maverick")

    assert during["pending_config"]["config_version"] == 2
    assert after["config"]["served_entities"][0]["provisioned_model_units"] == 200


def test_model_units_are_changed_once_at_a_time():
    client = ready()
    body = {"config": {"served_entities": [UNITS]}}
    client.does("PUT", f"{ENDPOINTS}/pt/maverick/config", body)

    refused = client.refuses("PUT", f"{ENDPOINTS}/pt/maverick/config", body)

    assert refused[:2] == (409, "RESOURCE_CONFLICT")


def test_a_config_that_is_not_nested_is_refused_for_model_units():
    refused = ready().refuses(
        "PUT", f"{ENDPOINTS}/pt/maverick/config", {"served_entities": [UNITS]}
    )

    assert refused[2] == "Missing required field: config.served_entities"


def test_what_has_no_throughput_takes_no_model_units():
    client = Client()
    client.create(endpoint(external()))

    refused = client.refuses(
        "PUT", f"{ENDPOINTS}/pt/chat/config", {"config": {"served_entities": [UNITS]}}
    )

    assert refused == (
        400,
        "INVALID_PARAMETER_VALUE",
        "Endpoint chat has no provisioned throughput.",
    )


def test_the_model_units_of_a_missing_endpoint_cannot_be_put():
    refused = Client().refuses("PUT", f"{ENDPOINTS}/pt/nope/config", units())

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_provisioned_throughput_takes_no_variables():
    refused = Client().refuses(
        "POST", ENDPOINTS, endpoint({**TOKENS, "environment_vars": {"A": "b"}})
    )

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_nothing_scales_a_foundation_model_to_zero():
    answer = Client().create(endpoint({**TOKENS, "scale_to_zero_enabled": True}))

    assert answer["pending_config"]["served_entities"][0]["scale_to_zero_enabled"] is False


def test_a_model_of_which_nobody_spoke_cannot_be_optimized():
    answer = Client().does("GET", f"{INFO}/ml.prod.churn/1")

    assert answer == {"optimizable": False}


def test_a_foundation_model_tells_its_steps():
    client = Client()
    client.does(
        "POST",
        MODELS,
        {
            "name": "system.ai.llama",
            "kind": "foundation_model",
            "throughput_chunk_size": 970,
            "dbus": 10.5,
        },
    )

    answer = client.does("GET", f"{INFO}/system.ai.llama/1")

    assert answer == {
        "optimizable": True,
        "model_type": "llama",
        "throughput_chunk_size": 970,
        "dbus": 10.5,
    }


def test_a_model_sold_by_units_tells_the_step_of_units():
    client = Client()
    client.does(
        "POST",
        MODELS,
        {"name": "system.ai.m", "kind": "foundation_model", "model_unit_chunk_size": 50},
    )

    assert client.does("GET", f"{INFO}/system.ai.m/2") == {"model_unit_chunk_size": 50}


@pytest.mark.parametrize("version", ["0", "latest", "-1"])
def test_a_version_is_a_number(version):
    refused = Client().refuses("GET", f"{INFO}/system.ai.llama/{version}")

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("entity", "step"),
    [
        (TOKENS, {"throughput_chunk_size": 30}),
        (
            {**TOKENS, "max_provisioned_throughput": 90, "min_provisioned_throughput": 10},
            {"throughput_chunk_size": 30},
        ),
        ({**UNITS, "entity_name": "system.ai.llama"}, {"model_unit_chunk_size": 30}),
    ],
)
def test_throughput_comes_in_the_steps_of_its_model(entity, step):
    client = Client()
    client.does("POST", MODELS, {"name": "system.ai.llama", "kind": "foundation_model", **step})

    refused = client.refuses("POST", ENDPOINTS, endpoint(entity))

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert refused[2].endswith("must be a multiple of 30.")


def test_whole_steps_of_throughput_are_accepted():
    client = Client()
    model = {"name": "system.ai.llama", "kind": "foundation_model", "throughput_chunk_size": 50}
    client.does("POST", MODELS, model)

    answer = client.create(endpoint({**TOKENS, "min_provisioned_throughput": 0}))

    (entity,) = answer["pending_config"]["served_entities"]
    assert (entity["min_provisioned_throughput"], entity["max_provisioned_throughput"]) == (0, 100)


@pytest.mark.parametrize("kind", ["agent", "feature_spec"])
def test_what_is_no_foundation_model_has_no_throughput(kind):
    client = Client()
    client.does("POST", MODELS, {"name": "ml.a.b", "kind": kind})

    refused = client.refuses("POST", ENDPOINTS, endpoint({**TOKENS, "entity_name": "ml.a.b"}))

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_an_agent_gives_its_endpoint_a_task():
    client = Client()
    client.does("POST", MODELS, {"name": "ml.a.agent", "kind": "agent"})

    answer = client.create(endpoint(custom("ml.a.agent")))

    assert answer["task"] == "agent/v1/chat"


def test_a_model_can_have_a_task_of_its_own():
    client = Client()
    client.does("POST", MODELS, {"name": "ml.a.b", "task": "llm/v1/embeddings"})

    assert client.create(endpoint(custom("ml.a.b")))["task"] == "llm/v1/embeddings"


def test_a_feature_spec_is_one_even_with_a_version():
    client = Client()
    client.does("POST", MODELS, {"name": "ml.online.spec", "kind": "feature_spec"})

    answer = client.create(endpoint(custom("ml.online.spec")))

    assert answer["pending_config"]["served_entities"][0]["type"] == "FEATURE_SPEC"
    assert "served_models" not in answer["pending_config"]


def test_a_model_that_is_no_feature_spec_needs_a_version():
    client = Client()
    client.does("POST", MODELS, {"name": "ml.a.agent", "kind": "agent"})

    refused = client.refuses(
        "POST", ENDPOINTS, endpoint(without(custom("ml.a.agent"), "entity_version"))
    )

    assert refused[2] == "Missing required field: served_entities[0].entity_version"


def test_the_known_models_can_be_listed():
    client = Client(model_tasks={"ml.a.agent": "agent/v2/responses"})
    client.does("POST", MODELS, {"name": "ml.a.b"})

    answer = client.does("GET", MODELS)["models"]

    assert [(model["name"], model["kind"], model["task"]) for model in answer] == [
        ("ml.a.agent", "agent", "agent/v2/responses"),
        ("ml.a.b", "model", None),
    ]
