"""mlflow's client for Databricks, with the snippets of its documentation, over HTTP."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from requests import HTTPError

from databricks_serving_emulator import Fault, Workspace
from support.called import calls_in, public_methods
from support.endpoints import FIXTURES

FOUNDATION = "databricks-dbrx-instruct"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
PER_USER = {"key": "user", "renewal_period": "minute", "calls": 5}

TESTED = {
    "create_endpoint": "test_an_endpoint_is_created_by_its_whole_request",
    "delete_endpoint": "test_a_deleted_endpoint_is_gone_for_mlflow",
    "get_endpoint": "test_an_endpoint_is_created_by_its_whole_request",
    "list_endpoints": "test_endpoints_are_listed",
    "predict": "test_an_endpoint_is_asked",
    "predict_stream": "test_an_answer_is_streamed",
    "update_endpoint": "test_the_older_update_sets_config_or_rate_limits",
    "update_endpoint_ai_gateway": "test_a_gateway_is_set",
    "update_endpoint_config": "test_a_config_is_updated",
    "update_endpoint_rate_limits": "test_rate_limits_of_a_pay_per_token_endpoint_are_set",
    "update_endpoint_tags": "test_tags_are_set",
}
NOT_COVERED = {
    "explain": "belongs to deployments elsewhere: this client does not implement it",
    "create_deployment": "this client does not implement it",
    "delete_deployment": "this client does not implement it",
    "get_deployment": "this client does not implement it",
    "list_deployments": "this client does not implement it",
    "update_deployment": "this client does not implement it",
}


@pytest.fixture
def workspace():
    found = Workspace(strict=True, foundation_models=(FOUNDATION,))
    found.ui("POST", "/api/2.0/secrets/scopes/create", {"scope": "scope"})
    for key in ("key", "openai-api-key"):
        secret = {"scope": "scope", "key": key, "string_value": "sk-made-up"}
        found.ui("POST", "/api/2.0/secrets/put", secret)
    access = {"scope": "scope", "principal": "users", "permission": "READ"}
    found.ui("POST", "/api/2.0/secrets/acls/put", access)
    return found


@pytest.fixture
def deploy_client(monkeypatch, server):
    """What `get_deploy_client` makes of a target and of the environment.

    mlflow is imported here: it takes a while, and first of all it reports its use to its makers,
    and keeps an id for that in the home directory, unless the environment forbids it.
    """
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("DATABRICKS_HOST", server.url)

    def made(target="databricks", **settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return importlib.import_module("mlflow.deployments").get_deploy_client(target)

    return made


@pytest.fixture
def mlflow(deploy_client):
    return deploy_client(DATABRICKS_TOKEN="dapi-emulator")


def page(name):
    return json.loads((FIXTURES / "pages" / f"{name}.json").read_text())["body"]


def openai(name="gpt-4", key="openai-api-key"):
    return {
        "name": "test",
        "external_model": {
            "name": name,
            "provider": "openai",
            "task": "llm/v1/chat",
            "openai_config": {"openai_api_key": f"{{{{secrets/scope/{key}}}}}"},
        },
    }


def with_chat(mlflow, name="chat"):
    config = {"served_entities": [openai()]}
    return mlflow.create_endpoint(config={"name": name, "config": config})


def test_an_endpoint_is_created_by_its_whole_request(mlflow, workspace):
    created = mlflow.create_endpoint(
        config={
            "name": "chat",
            "config": {"served_entities": [openai()]},
            "tags": [{"key": "foo", "value": "bar"}],
            "rate_limits": [PER_USER],
        }
    )

    found = mlflow.get_endpoint(endpoint="chat")
    assert found == created
    assert (found.name, found.task, found.endpoint_type, found.permission_level) == (
        "chat",
        "llm/v1/chat",
        "EXTERNAL_MODEL",
        "CAN_MANAGE",
    )
    assert found.tags == [{"key": "foo", "value": "bar"}]
    assert found.config.served_entities[0]["external_model"] == openai()["external_model"]
    assert (workspace.unknown_calls, workspace.ignored_fields) == ((), ())


def test_an_endpoint_is_created_by_name_and_config_as_the_page_says(mlflow, workspace):
    with pytest.warns(UserWarning, match="as separate parameters is deprecated"):
        created = mlflow.create_endpoint(
            name="chat",
            config={
                "served_entities": [openai()],
                "tags": [{"key": "foo", "value": "bar"}],
                "rate_limits": [PER_USER],
            },
        )

    assert (created.id, created.state) == (
        mlflow.get_endpoint("chat").id,
        {"ready": "READY", "config_update": "NOT_UPDATING", "suspend": "NOT_SUSPENDED"},
    )
    assert workspace.writes[0].body == page("external_models_mlflow_tags_rate_limits_post")


def test_the_older_update_sets_config_or_rate_limits(mlflow):
    with_chat(mlflow)

    with pytest.warns(FutureWarning), pytest.warns(UserWarning, match="is deprecated"):
        updated = mlflow.update_endpoint(
            endpoint="chat", config={"served_entities": [openai("gpt-4o-mini")]}
        )
    with pytest.warns(FutureWarning), pytest.warns(UserWarning, match="is deprecated"):
        limits = mlflow.update_endpoint(endpoint="chat", config={"rate_limits": [PER_USER]})

    assert updated.state["config_update"] == "IN_PROGRESS"
    assert updated.pending_config["config_version"] == 2
    assert limits == {"rate_limits": [PER_USER]}


def test_a_config_is_updated(mlflow):
    with_chat(mlflow)

    mlflow.update_endpoint_config(
        endpoint="chat", config={"served_entities": [openai("gpt-4o-mini", "key")]}
    )

    before, after = mlflow.get_endpoint("chat"), mlflow.get_endpoint("chat")
    assert before.config["served_entities"][0]["external_model"]["name"] == "gpt-4"
    assert after.config["served_entities"][0]["external_model"]["name"] == "gpt-4o-mini"
    assert "pending_config" not in after


def test_tags_are_set(mlflow):
    with_chat(mlflow)

    updated = mlflow.update_endpoint_tags(
        endpoint="chat", config={"add_tags": [{"key": "project", "value": "test"}]}
    )

    assert updated == {"tags": [{"key": "project", "value": "test"}]}


def test_rate_limits_of_a_pay_per_token_endpoint_are_set(mlflow):
    limits = {"rate_limits": [{"calls": 10, "key": "endpoint", "renewal_period": "minute"}]}

    updated = mlflow.update_endpoint_rate_limits(endpoint=FOUNDATION, config=limits)

    assert updated == limits


def test_rate_limits_of_an_external_model_are_set(mlflow, workspace):
    with_chat(mlflow)
    limits = page("rate_limits_legacy_rest_reference_put")

    updated = mlflow.update_endpoint_rate_limits(endpoint="chat", config=limits)

    assert updated == limits
    assert "rate_limits" not in mlflow.get_endpoint("chat")
    assert workspace.writes[-1].path == "/api/2.0/serving-endpoints/chat/rate-limits"


def test_a_gateway_is_set(mlflow):
    with_chat(mlflow, "test")

    updated = mlflow.update_endpoint_ai_gateway(
        endpoint="test", config=page("ai_gateway_mlflow_usage_inference_put")
    )

    assert updated == {
        "usage_tracking_config": {"enabled": True},
        "inference_table_config": {
            "catalog_name": "my_catalog",
            "schema_name": "my_schema",
            "table_name_prefix": "test",
            "enabled": True,
        },
    }
    assert mlflow.get_endpoint("test").ai_gateway == updated


def test_endpoints_are_listed(mlflow):
    with_chat(mlflow)

    assert [one["name"] for one in mlflow.list_endpoints()] == [FOUNDATION, "chat"]


def test_a_deleted_endpoint_is_gone_for_mlflow(mlflow):
    with_chat(mlflow)

    answer = mlflow.delete_endpoint(endpoint="chat")

    assert answer == {}
    with pytest.raises(HTTPError, match="404 Client Error: Endpoint with name 'chat' does not"):
        mlflow.get_endpoint("chat")


def test_a_field_at_the_wrong_place_is_refused_where_fields_are_checked(mlflow):
    wrong = page("odd/mlflow_route_optimized_inside_config_post")

    with pytest.raises(HTTPError, match=r"unknown field config\.route_optimized"):
        mlflow.create_endpoint(config=wrong)

    assert [one["name"] for one in mlflow.list_endpoints()] == [FOUNDATION]


def test_refusals_are_errors_of_http_with_the_service_s_words(mlflow):
    with_chat(mlflow)
    mlflow.update_endpoint_config("chat", {"served_entities": [openai("gpt-4o")]})

    with pytest.raises(HTTPError, match="Endpoint with name 'chat' already exists"):
        with_chat(mlflow)
    with pytest.raises(HTTPError, match="RESOURCE_CONFLICT"):
        mlflow.update_endpoint_config("chat", {"served_entities": [openai("gpt-5")]})
    with pytest.raises(HTTPError, match="is managed by Databricks"):
        mlflow.delete_endpoint(FOUNDATION)


def test_mlflow_tries_again_after_an_internal_error(deploy_client, workspace):
    mlflow = deploy_client(
        DATABRICKS_TOKEN="dapi-emulator",
        MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="0",
        MLFLOW_HTTP_REQUEST_BACKOFF_JITTER="0",
    )
    workspace.faults.add(Fault(status=500, error_code="INTERNAL_ERROR", message="Oops."))

    assert [one["name"] for one in mlflow.list_endpoints()] == [FOUNDATION]
    assert [call.status for call in workspace.calls] == [500, 200]


def test_an_endpoint_is_asked(mlflow, workspace):
    with_chat(mlflow)
    inputs = {"messages": [{"role": "user", "content": "Hello!"}]}

    answer = mlflow.predict(endpoint="chat", inputs=inputs)

    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hello!"}
    assert answer["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
    assert [query.endpoint_name for query in workspace.queries] == ["chat"]


def test_an_answer_is_streamed(mlflow):
    inputs = {"messages": [{"role": "user", "content": "Hello there!"}], "temperature": 0.0}

    chunks = list(mlflow.predict_stream(endpoint=FOUNDATION, inputs=inputs))

    pieces = [chunk["choices"][0]["delta"]["content"] for chunk in chunks]
    assert pieces == ["Hello ", "there!", ""]
    assert chunks[-1]["usage"]["total_tokens"] == 8


def test_what_is_refused_is_an_error_for_mlflow(mlflow):
    with_chat(mlflow)

    with pytest.raises(HTTPError, match="takes exactly one of messages: it has prompt"):
        mlflow.predict(endpoint="chat", inputs={"prompt": "Hello!"})


def test_a_service_principal_deploys_with_its_secret(deploy_client, workspace):
    workspace.identities.add_service_principal(
        "ci", application_id=ROBOT, client_secret="dose-made-up"
    )
    mlflow = deploy_client(DATABRICKS_CLIENT_ID=ROBOT, DATABRICKS_CLIENT_SECRET="dose-made-up")

    created = with_chat(mlflow)

    assert (created.creator, created.creator_kind) == (ROBOT, "ServicePrincipal")


def test_a_target_names_a_profile(deploy_client, workspace, server, tmp_path, monkeypatch):
    workspace.identities.add_user("ann@example.com", token="token-of-ann")
    profile = f"[ann]\nhost = {server.url}\ntoken = token-of-ann\n"
    (tmp_path / "databrickscfg").write_text(profile)
    monkeypatch.delenv("DATABRICKS_HOST")
    mlflow = deploy_client("databricks://ann")

    assert with_chat(mlflow).creator == "ann@example.com"


def test_a_wrong_token_is_no_permission_for_mlflow(deploy_client):
    mlflow = deploy_client(DATABRICKS_TOKEN="dapi-other")

    with pytest.raises(HTTPError, match=r"Invalid access token\."):
        mlflow.list_endpoints()


def test_every_method_of_mlflow_s_client_has_a_test_or_a_reason(mlflow):
    calls = calls_in(Path(__file__).parent)

    assert public_methods(type(mlflow)) == TESTED.keys() | NOT_COVERED.keys()
    assert [name for name, test in TESTED.items() if name not in calls[test]] == []
