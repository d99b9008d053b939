"""The official client waits for deployments: it asks, sleeps a second or more, and asks again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from databricks.sdk.errors import OperationFailed, ResourceAlreadyExists
from databricks.sdk.service import serving

SHORTLY = timedelta(seconds=30)
UPDATING = serving.EndpointStateConfigUpdate.IN_PROGRESS
FAILED = serving.EndpointStateConfigUpdate.UPDATE_FAILED
READY = serving.EndpointStateReady.READY
NOT_READY = serving.EndpointStateReady.NOT_READY


def churn(version="1"):
    return serving.ServedEntityInput(
        name="main",
        entity_name="ml.prod.churn",
        entity_version=version,
        workload_size="Small",
        scale_to_zero_enabled=True,
    )


def config(*entities):
    return serving.EndpointCoreConfigInput(name="churn", served_entities=list(entities))


def units(count):
    entity = serving.PtServedModel(
        entity_name="system.ai.llama", entity_version="1", provisioned_model_units=count
    )
    return serving.PtEndpointCoreConfig(served_entities=[entity])


@pytest.fixture
def endpoints(client):
    return client.serving_endpoints


@pytest.fixture
def serving_churn(endpoints, workspace):
    """The endpoints, of which one serves a custom model at its version 1."""
    workspace.deployments.plan("churn", polls=0, times=1)
    endpoints.create("churn", config=config(churn()))
    return endpoints


def test_a_creation_is_waited_for(endpoints, workspace):
    workspace.deployments.plan("churn", polls=1)

    created = endpoints.create_and_wait("churn", config=config(churn()), timeout=SHORTLY)

    assert (created.state.ready, created.config.config_version) == (READY, 1)
    assert created.pending_config is None
    assert [call.method for call in workspace.calls] == ["POST", "GET", "GET"]


def test_every_poll_is_told_until_the_deployment_ends(endpoints, workspace):
    workspace.deployments.plan("churn", polls=2)
    begun = endpoints.create("churn", config=config(churn()))
    seen = []

    done = endpoints.wait_get_serving_endpoint_not_updating(
        "churn", timeout=SHORTLY, callback=lambda found: seen.append(found.state)
    )

    assert begun.response.state.ready is NOT_READY
    assert begun.response.pending_config.config_version == 1
    assert [(state.ready, state.config_update) for state in seen] == [(NOT_READY, UPDATING)] * 2
    assert done.state.ready is READY


def test_a_creation_without_config_is_over_at_once_and_not_ready(endpoints):
    created = endpoints.create_and_wait("churn", timeout=SHORTLY)

    assert (created.state.ready, created.config) == (NOT_READY, None)


def test_a_creation_that_fails_is_a_failed_operation(endpoints, workspace):
    workspace.deployments.plan("churn", polls=1, outcome="failed")

    with pytest.raises(OperationFailed, match=r"UPDATE_FAILED$"):
        endpoints.create_and_wait("churn", config=config(churn()), timeout=SHORTLY)

    left = endpoints.get("churn")
    assert (left.state.ready, left.state.config_update, left.config) == (NOT_READY, FAILED, None)
    told = left.pending_config.served_entities[0].state
    assert told.deployment is serving.ServedModelStateDeployment.DEPLOYMENT_FAILED
    assert told.deployment_state_message == (
        "Failed to build the model container. Please see build logs for more information."
    )


def test_a_creation_of_what_is_there_is_not_waited_for(serving_churn, workspace):
    workspace.clear_calls()

    with pytest.raises(ResourceAlreadyExists):
        serving_churn.create_and_wait("churn", timeout=SHORTLY)

    assert [(call.method, call.status) for call in workspace.calls] == [("POST", 400)]


def test_the_old_config_serves_while_an_update_is_waited_for(serving_churn, workspace):
    workspace.deployments.plan("churn", polls=1)
    seen = []

    update = serving_churn.update_config("churn", served_entities=[churn("2")])
    done = update.result(timeout=SHORTLY, callback=seen.append)

    served = [(one.state.ready, one.config.served_entities[0].entity_version) for one in seen]
    assert served == [(READY, "1")]
    assert [one.pending_config.served_entities[0].entity_version for one in seen] == ["2"]
    assert done.config.served_entities[0].entity_version == "2"


def test_an_update_is_waited_for(serving_churn, workspace):
    workspace.deployments.plan("churn", polls=1)

    updated = serving_churn.update_config_and_wait(
        "churn", served_entities=[churn("2")], timeout=SHORTLY
    )

    assert updated.state.config_update is serving.EndpointStateConfigUpdate.NOT_UPDATING
    assert updated.config.config_version == 2


def test_an_update_that_times_out_leaves_the_old_config(serving_churn, workspace):
    workspace.deployments.plan("churn", polls=0, outcome="timed_out")

    with pytest.raises(OperationFailed, match=r"UPDATE_FAILED$"):
        serving_churn.update_config_and_wait("churn", served_entities=[churn("2")], timeout=SHORTLY)

    left = serving_churn.get("churn")
    assert (left.state.ready, left.config.served_entities[0].entity_version) == (READY, "1")
    told = left.pending_config.served_entities[0].state
    assert told.deployment is serving.ServedModelStateDeployment.DEPLOYMENT_ABORTED
    assert told.deployment_state_message == (
        "Served model creation aborted because the endpoint update timed out. "
        "Please see service logs for more information."
    )


def test_after_a_failure_the_next_update_goes_through(serving_churn, workspace):
    workspace.deployments.plan("churn", polls=0)
    workspace.deployments.plan("churn", polls=0, outcome="failed", times=1)
    with pytest.raises(OperationFailed):
        serving_churn.update_config_and_wait("churn", served_entities=[churn("2")])

    updated = serving_churn.update_config_and_wait("churn", served_entities=[churn("3")])

    assert updated.config.served_entities[0].entity_version == "3"
    assert updated.pending_config is None


def test_an_update_that_somebody_cancels_is_a_failed_operation(serving_churn, workspace):
    workspace.deployments.plan("churn", seconds=600)
    update = serving_churn.update_config("churn", served_entities=[churn("2")])
    workspace.press_cancel_update("churn")

    with pytest.raises(OperationFailed, match=r"UPDATE_CANCELED$"):
        update.result(timeout=SHORTLY)

    assert serving_churn.get("churn").config.served_entities[0].entity_version == "1"


def test_whoever_stops_waiting_finds_the_update_still_under_way(serving_churn, workspace):
    workspace.deployments.plan("churn", seconds=600)

    with pytest.raises(TimeoutError, match=r"timed out after 0:00:01: .*IN_PROGRESS$"):
        serving_churn.update_config_and_wait(
            "churn", served_entities=[churn("2")], timeout=timedelta(seconds=1)
        )

    assert serving_churn.get("churn").state.config_update is UPDATING


def test_model_units_are_waited_for(endpoints, workspace):
    workspace.deployments.plan("llama", polls=1)

    created = endpoints.create_provisioned_throughput_endpoint_and_wait(
        "llama", config=units(50), timeout=SHORTLY
    )

    assert created.state.ready is READY
    assert created.config.served_entities[0].provisioned_model_units == 50


def test_a_change_of_model_units_is_waited_for(endpoints, workspace):
    workspace.deployments.plan("llama", polls=0)
    endpoints.create_provisioned_throughput_endpoint("llama", config=units(50))
    workspace.deployments.plan("llama", polls=1)

    updated = endpoints.update_provisioned_throughput_endpoint_config_and_wait(
        "llama", config=units(100), timeout=SHORTLY
    )

    assert updated.config.config_version == 2
    assert updated.config.served_entities[0].provisioned_model_units == 100
