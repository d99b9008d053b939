"""The official client's other calls on serving endpoints."""

from __future__ import annotations

import re

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service import serving

from databricks_serving_emulator import RunningServer, Workspace


@pytest.fixture
def workspace():
    workspace = Workspace(strict=True)
    workspace.deployments.plan(polls=0)
    return workspace


@pytest.fixture
def client(workspace):
    with RunningServer(workspace) as server:
        config = Config(
            host=server.url,
            token="dapi-emulator",
            auth_type="pat",
            retry_timeout_seconds=30,
            http_timeout_seconds=10,
        )
        sdk = WorkspaceClient(config=config)
        yield sdk
        sdk.api_client._api_client._session.close()


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
