"""Endpoints at work: stop and start, logs, metrics, and how they are queried."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external

NAME = "databricks-claude-sonnet-4"


def ready(entity, **switches):
    client = Client(**switches)
    client.create(endpoint(entity))
    client.settle("chat")
    return client


def stop(client):
    return client.does("POST", f"{ENDPOINTS}/chat/config:stop")


def start(client):
    return client.does("POST", f"{ENDPOINTS}/chat/config:start")


def test_a_stopped_endpoint_keeps_its_config_and_is_not_ready():
    client = ready(custom())

    answer = stop(client)

    assert answer["state"] == {
        "ready": "NOT_READY",
        "config_update": "NOT_UPDATING",
        "suspend": "STOPPED",
    }
    assert answer["config"]["config_version"] == 1
    assert client.get("chat") == answer


def test_a_started_endpoint_deploys_the_same_config_as_a_new_version():
    client = ready(custom())
    stop(client)

    during = start(client)
    after = client.settle("chat")

    assert during["state"] == {
        "ready": "NOT_READY",
        "config_update": "IN_PROGRESS",
        "suspend": "NOT_SUSPENDED",
    }
    assert during["pending_config"]["config_version"] == 2
    assert after["state"]["ready"] == "READY"
    assert after["config"]["config_version"] == 2
    assert after["config"]["served_entities"][0]["name"] == "churn-1"


def test_an_endpoint_that_does_not_start_rests_stopped():
    client = ready(custom())
    stop(client)
    client.workspace.deployments.plan(outcome="failed", polls=0)

    answer = start(client)

    assert answer["state"] == {
        "ready": "NOT_READY",
        "config_update": "UPDATE_FAILED",
        "suspend": "STOPPED",
    }


def test_an_update_starts_a_stopped_endpoint():
    client = ready(custom())
    stop(client)

    client.put_config("chat", {"served_entities": [custom(entity_version="2")]})

    assert client.settle("chat")["state"] == {
        "ready": "READY",
        "config_update": "NOT_UPDATING",
        "suspend": "NOT_SUSPENDED",
    }


def test_stopping_needs_the_end_of_an_update():
    client = Client()
    client.create(endpoint(custom()))

    refused = client.refuses("POST", f"{ENDPOINTS}/chat/config:stop")

    assert refused[:2] == (409, "RESOURCE_CONFLICT")


@pytest.mark.parametrize("action", ["config:stop", "config:start"])
def test_only_custom_models_can_be_stopped_and_started(action):
    client = ready(external())

    refused = client.refuses("POST", f"{ENDPOINTS}/chat/{action}")

    assert refused == (
        400,
        "INVALID_PARAMETER_VALUE",
        "Only endpoints that serve custom models can be stopped and started.",
    )


def test_what_failed_to_deploy_at_first_cannot_be_stopped():
    client = Client()
    client.workspace.deployments.plan(outcome="failed", polls=0)
    client.create(endpoint(custom()))

    refused = client.refuses("POST", f"{ENDPOINTS}/chat/config:stop")

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_nothing_is_stopped_or_started_twice():
    client = ready(custom())

    started = client.refuses("POST", f"{ENDPOINTS}/chat/config:start")
    stop(client)
    stopped = client.refuses("POST", f"{ENDPOINTS}/chat/config:stop")

    assert started[2] == "Endpoint chat is not stopped."
    assert stopped[2] == "Endpoint chat is stopped already."


def test_a_colon_may_be_percent_encoded():
    client = ready(custom())

    client.does("POST", f"{ENDPOINTS}/chat/config%3Astop")

    assert client.get("chat")["state"]["suspend"] == "STOPPED"


def test_the_build_log_tells_how_far_the_build_is():
    client = Client()
    client.create(endpoint(custom()))
    path = f"{ENDPOINTS}/chat/served-models/churn-1/build-logs"

    during = client.does("GET", path)["logs"]
    client.settle("chat")
    after = client.does("GET", path)["logs"]

    assert during == "[2026-01-05T00:00:00Z] Building image for ml.prod.churn version 1.\n"
    assert after == during + "[2026-01-05T00:00:00Z] Image built.\n"


def test_the_build_log_tells_why_it_failed():
    client = Client()
    client.workspace.deployments.plan(outcome="failed", polls=0, message="no such package")
    client.create(endpoint(custom()))

    log = client.does("GET", f"{ENDPOINTS}/chat/served-models/churn-1/build-logs")["logs"]

    assert log.endswith("Build failed: no such package\n")


def test_only_what_runs_has_a_service_log():
    client = Client()
    client.create(endpoint(custom()))
    path = f"{ENDPOINTS}/chat/served-models/churn-1/logs"

    during = client.does("GET", path)
    client.settle("chat")
    ready = client.does("GET", path)
    stop(client)
    stopped = client.does("GET", path)

    assert during == stopped == {"logs": ""}
    assert ready == {"logs": "[2026-01-05T00:00:00Z] churn-1 is listening.\n"}


def test_an_external_model_has_nothing_to_build():
    client = ready(external())

    assert client.does("GET", f"{ENDPOINTS}/chat/served-models/main/build-logs") == {"logs": ""}


@pytest.mark.parametrize("log", ["logs", "build-logs"])
def test_an_entity_that_is_not_served_has_no_logs(log):
    client = ready(custom())

    refused = client.refuses("GET", f"{ENDPOINTS}/chat/served-models/nope/{log}")

    assert refused == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "Served entity 'nope' does not exist in endpoint 'chat'.",
    )


def test_metrics_are_text_that_prometheus_reads():
    answer = ready(custom()).http.get(f"{ENDPOINTS}/chat/metrics")

    lines = answer.text.splitlines()
    labels = '{endpoint_name="chat",served_model_name="churn-1"}'
    assert answer.headers["content-type"].startswith("text/plain")
    assert lines[:3] == [
        "# HELP cpu_usage_percentage Average CPU usage of all replicas, in percent.",
        "# TYPE cpu_usage_percentage gauge",
        f"cpu_usage_percentage{labels} 0",
    ]
    assert f"provisioned_concurrent_requests_total{labels} 4" in lines


def test_metrics_need_an_endpoint_that_is_ready():
    client = Client()
    client.create(endpoint(custom()))

    refused = client.refuses("GET", f"{ENDPOINTS}/chat/metrics")
    client.settle("chat")
    stop(client)
    stopped = client.refuses("GET", f"{ENDPOINTS}/chat/metrics")

    assert refused == stopped == (400, "BAD_REQUEST", "Endpoint chat is not ready.")


def asked_and_answered(client, name="chat"):
    document = client.does("GET", f"{ENDPOINTS}/{name}/openapi")
    operation = document["paths"]["/invocations"]["post"]
    shapes = (operation["requestBody"], operation["responses"]["200"])
    return [
        sorted(shape["content"]["application/json"]["schema"]["properties"]) for shape in shapes
    ]


@pytest.mark.parametrize(
    ("task", "asked", "answered"),
    [
        (
            "llm/v1/chat",
            ["max_tokens", "messages", "n", "temperature"],
            ["choices", "id", "usage"],
        ),
        (
            "llm/v1/completions",
            ["max_tokens", "n", "prompt", "temperature"],
            ["choices", "id", "usage"],
        ),
        ("llm/v1/embeddings", ["input"], ["data", "usage"]),
    ],
)
def test_the_interface_of_an_external_model_follows_its_task(task, asked, answered):
    client = ready(external(task=task))

    assert asked_and_answered(client) == [asked, answered]


def test_the_interface_of_a_custom_model_takes_tables():
    client = ready(custom())

    assert asked_and_answered(client) == [
        ["dataframe_records", "dataframe_split", "inputs", "instances"],
        ["predictions"],
    ]


def test_the_interface_of_a_feature_spec_answers_outputs():
    client = ready({"entity_name": "ml.online.spec", "workload_size": "Small"})

    assert asked_and_answered(client) == [["dataframe_records"], ["outputs"]]


def test_the_interface_carries_the_version_of_the_config():
    client = ready(external())
    client.put_config("chat", {"served_entities": [external()]})
    client.settle("chat")

    document = client.does("GET", f"{ENDPOINTS}/chat/openapi")

    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "chat", "version": "2"}
    assert document["servers"] == [{"url": "/serving-endpoints/chat"}]


def test_what_serves_nothing_has_no_interface():
    client = Client()
    client.create({"name": "chat"})

    refused = client.refuses("GET", f"{ENDPOINTS}/chat/openapi")

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("POST", "config:stop"),
        ("POST", "config:start"),
        ("GET", "served-models/a/logs"),
        ("GET", "served-models/a/build-logs"),
        ("GET", "metrics"),
        ("GET", "openapi"),
    ],
)
def test_a_missing_endpoint_has_nothing_to_tell(method, route):
    refused = Client().refuses(method, f"{ENDPOINTS}/nope/{route}")

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_pay_per_token_endpoint_cannot_be_stopped():
    client = Client(foundation_models=(NAME,))

    refused = client.refuses("POST", f"{ENDPOINTS}/{NAME}/config:stop")

    assert refused[:2] == (403, "PERMISSION_DENIED")
