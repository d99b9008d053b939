"""The official client's other calls on serving endpoints."""

from __future__ import annotations

import re

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service import serving

from databricks_serving_emulator import Workspace


@pytest.fixture
def workspace():
    workspace = Workspace(strict=True)
    workspace.deployments.plan(polls=0)
    return workspace


@pytest.fixture
def churn(client):
    entity = serving.ServedEntityInput(
        entity_name="ml.prod.churn",
        entity_version="1",
        workload_size="Small",
        scale_to_zero_enabled=True,
    )
    config = serving.EndpointCoreConfigInput(name="churn", served_entities=[entity])
    client.serving_endpoints.create("churn", config=config)
    return client.serving_endpoints


def units(count):
    entity = serving.PtServedModel(
        entity_name="system.ai.llama", entity_version="1", provisioned_model_units=count
    )
    return serving.PtEndpointCoreConfig(served_entities=[entity])


def test_logs_are_read(churn):
    built = churn.build_logs("churn", "churn-1")
    written = churn.logs("churn", "churn-1")

    assert built.logs.endswith("Image built.\n")
    assert written.logs.endswith("churn-1 is listening.\n")
    with pytest.raises(NotFound):
        churn.logs("churn", "nope")


def test_an_endpoint_is_queried(churn):
    answer = churn.query("churn", inputs=[1, 2], client_request_id="mine")

    assert answer.predictions == [1, 2]
    assert answer.served_model_name == "churn-1"
    with pytest.raises(BadRequest, match="takes exactly one of"):
        churn.query("churn", prompt="Hello")


def test_metrics_and_the_interface_are_streams(churn):
    metrics = churn.export_metrics("churn").contents.read()
    document = churn.get_open_api("churn").contents.read()

    assert metrics.startswith(b"# HELP cpu_usage_percentage ")
    assert document.startswith(b'{"openapi": "3.1.0"')


def test_mails_are_set(churn):
    mails = serving.EmailNotifications(on_update_failure=["oncall@example.com"])

    answer = churn.update_notifications("churn", email_notifications=mails)

    assert (answer.name, answer.email_notifications) == ("churn", mails)
    assert churn.get("churn").email_notifications == mails


def test_telemetry_is_set_and_removed(churn):
    wanted = serving.TelemetryConfig(
        table_names=serving.UnityCatalogTableNames(logs_table="ml.obs.churn"),
        inference_table_config=serving.TelemetryInferenceTableConfig(sampling_fraction=0.5),
    )

    answer = churn.patch_telemetry_config("churn", telemetry_config=wanted).telemetry_config
    churn.patch_telemetry_config("churn")

    assert re.fullmatch(r"[0-9a-f-]{36}", answer.telemetry_profile_id)
    assert answer.inference_table_config.name == "ml.obs.churn_payload"
    assert answer.table_names is None
    assert churn.get("churn").telemetry_config is None


def test_the_older_rate_limits_are_set(churn):
    limit = serving.RateLimit(calls=3, renewal_period=serving.RateLimitRenewalPeriod.MINUTE)

    answer = churn.put("churn", rate_limits=[limit])

    assert [(one.calls, one.key) for one in answer.rate_limits] == [
        (3, serving.RateLimitKey.ENDPOINT)
    ]


def test_model_units_are_bought_and_changed(client):
    endpoints = client.serving_endpoints
    endpoints.create_provisioned_throughput_endpoint("llama", config=units(50))

    answer = endpoints.update_provisioned_throughput_endpoint_config("llama", config=units(100))

    config = answer.response.config
    assert config.config_version == 2
    assert config.served_entities[0].provisioned_model_units == 100


def test_model_units_are_for_provisioned_throughput(churn):
    with pytest.raises((BadRequest, InvalidParameterValue), match="no provisioned throughput"):
        churn.update_provisioned_throughput_endpoint_config("churn", config=units(50))


def external(name="main", model="gpt-4o"):
    key = serving.OpenAiConfig(openai_api_key_plaintext="sk-made-up")
    return serving.ServedEntityInput(
        name=name,
        external_model=serving.ExternalModel(
            provider=serving.ExternalModelProvider.OPENAI,
            name=model,
            task="llm/v1/chat",
            openai_config=key,
        ),
    )


def test_all_that_a_creation_says_is_found_again(client):
    gateway = serving.AiGatewayConfig(
        fallback_config=serving.FallbackConfig(enabled=True),
        guardrails=serving.AiGatewayGuardrails(
            input=serving.AiGatewayGuardrailParameters(safety=True, invalid_keywords=["merger"])
        ),
        rate_limits=[
            serving.AiGatewayRateLimit(
                key=serving.AiGatewayRateLimitKey.USER_GROUP,
                principal="data",
                renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE,
                tokens=9000,
            )
        ],
        usage_tracking_config=serving.AiGatewayUsageTrackingConfig(enabled=True),
    )
    mails = serving.EmailNotifications(on_update_success=["team@example.com"])
    tags = [serving.EndpointTag(key="team", value="gen-ai"), serving.EndpointTag(key="trial")]

    created = client.serving_endpoints.create(
        "chat",
        config=serving.EndpointCoreConfigInput(name="chat", served_entities=[external()]),
        description="Answers questions.",
        ai_gateway=gateway,
        email_notifications=mails,
        tags=tags,
    )

    found = client.serving_endpoints.get("chat")
    assert found == created.response
    assert (found.description, found.task) == ("Answers questions.", "llm/v1/chat")
    assert (found.ai_gateway, found.email_notifications) == (gateway, mails)
    assert found.tags == tags
    assert found.config.served_entities[0].external_model.openai_config == serving.OpenAiConfig()
    assert found.config.traffic_config.routes[0].traffic_percentage == 100


def test_a_config_is_replaced_as_a_whole(client):
    client.serving_endpoints.create(
        "chat", config=serving.EndpointCoreConfigInput(name="chat", served_entities=[external()])
    )
    split = [
        serving.Route(served_model_name="new", traffic_percentage=10),
        serving.Route(served_model_name="old", traffic_percentage=90),
    ]

    client.serving_endpoints.update_config(
        "chat",
        served_entities=[external("new", "gpt-5"), external("old")],
        traffic_config=serving.TrafficConfig(routes=split),
    )

    found = client.serving_endpoints.get("chat").config
    assert [one.name for one in found.served_entities] == ["new", "old"]
    assert [
        (one.served_entity_name, one.traffic_percentage) for one in found.traffic_config.routes
    ] == [
        ("new", 10),
        ("old", 90),
    ]


def test_the_older_form_of_served_models_is_taken(client):
    model = serving.ServedModelInput(
        name="main",
        model_name="churn",
        model_version="7",
        workload_size="Small",
        scale_to_zero_enabled=True,
    )
    client.serving_endpoints.create(
        "churn", config=serving.EndpointCoreConfigInput(name="churn", served_models=[model])
    )

    found = client.serving_endpoints.get("churn").config

    assert (found.served_models[0].model_name, found.served_models[0].model_version) == (
        "churn",
        "7",
    )
    assert (found.served_entities[0].entity_name, found.served_entities[0].entity_version) == (
        "churn",
        "7",
    )


def test_tags_are_added_changed_and_deleted(churn):
    tag = serving.EndpointTag
    churn.patch("churn", add_tags=[tag("team", "ml"), tag("trial"), tag("stage", "dev")])

    answer = churn.patch("churn", add_tags=[tag("stage", "prod")], delete_tags=["trial"])

    assert answer.tags == [tag("stage", "prod"), tag("team", "ml")]
    assert churn.get("churn").tags == answer.tags


def test_a_gateway_is_cleared_by_an_empty_one(churn):
    tracking = serving.AiGatewayUsageTrackingConfig(enabled=True)
    answer = churn.put_ai_gateway("churn", usage_tracking_config=tracking)

    churn.put_ai_gateway("churn")

    assert answer.usage_tracking_config == tracking
    assert churn.get("churn").ai_gateway is None


def test_a_deleted_endpoint_is_gone(churn):
    churn.delete("churn")

    assert list(churn.list()) == []
    with pytest.raises(NotFound):
        churn.delete("churn")
