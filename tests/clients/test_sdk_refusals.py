"""What a workspace refuses arrives as the official client's own errors, and changes nothing."""

from __future__ import annotations

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
    ResourceAlreadyExists,
    ResourceConflict,
)
from databricks.sdk.service import serving
from databricks.sdk.service.workspace import AclPermission

from databricks_serving_emulator import RunningServer, Workspace
from support.called import public_methods

FOUNDATION = "databricks-gte-large-en"
NOWHERE = "e58f7a9b1c2d4e3f90817263544536a7"
CHURN = serving.ServedEntityInput(
    entity_name="ml.prod.churn",
    entity_version="1",
    workload_size="Small",
    scale_to_zero_enabled=True,
)
UNITS = serving.PtEndpointCoreConfig(
    served_entities=[
        serving.PtServedModel(
            entity_name="system.ai.llama", entity_version="1", provisioned_model_units=50
        )
    ]
)
NO_UNITS = serving.PtEndpointCoreConfig(served_entities=[])
MANY = [serving.RateLimit(calls=-1, renewal_period=serving.RateLimitRenewalPeriod.MINUTE)]
NO_AMOUNT = [
    serving.AiGatewayRateLimit(renewal_period=serving.AiGatewayRateLimitRenewalPeriod.MINUTE)
]
NO_LEVEL = [serving.ServingEndpointAccessControlRequest(group_name="data")]

MISSING = r"^Endpoint with name 'nope' does not exist\."
MISSING_ID = rf"^Serving endpoint with ID '{NOWHERE}' does not exist\."
MISSING_SCOPE = r"^Scope nope does not exist!"
TAKEN = r"^Endpoint with name 'chat' already exists\."
UPDATING = r"^Endpoint churn is currently updating\."

# Whoever gets an answer at all gets this one; for who gets none, see test_sdk_auth.
NEVER_REFUSED = {"list", "list_scopes"}
# What speaks to other services, or makes another library's client, is no part of serving.
NOT_HERE = {
    "http_request",
    "get_open_ai_client",
    "get_langchain_chat_open_ai_client",
}

# Calls on the serving endpoints: method, arguments, the client's error, how its text begins.
ENDPOINTS = [
    ("build_logs", ("nope", "main"), NotFound, MISSING),
    ("build_logs", ("chat", "nope"), NotFound, "^Served entity 'nope' does not exist"),
    ("create", ("chat",), ResourceAlreadyExists, TAKEN),
    ("create", ("a chat",), InvalidParameterValue, "^Endpoint name must have 1 to 63 characters"),
    ("create", ("databricks-chat",), InvalidParameterValue, "are reserved"),
    ("create_and_wait", ("chat",), ResourceAlreadyExists, TAKEN),
    ("create_provisioned_throughput_endpoint", ("chat", UNITS), ResourceAlreadyExists, TAKEN),
    (
        "create_provisioned_throughput_endpoint",
        ("llama", NO_UNITS),
        InvalidParameterValue,
        r"^Missing required field: config\.served_entities",
    ),
    (
        "create_provisioned_throughput_endpoint_and_wait",
        ("chat", UNITS),
        ResourceAlreadyExists,
        TAKEN,
    ),
    ("delete", ("nope",), NotFound, MISSING),
    ("delete", (FOUNDATION,), PermissionDenied, "is managed by Databricks"),
    ("export_metrics", ("nope",), NotFound, MISSING),
    ("export_metrics", ("bare",), BadRequest, r"^Endpoint bare is not ready\."),
    ("get", ("nope",), NotFound, MISSING),
    ("get_open_api", ("nope",), NotFound, MISSING),
    ("get_permission_levels", (NOWHERE,), NotFound, MISSING_ID),
    ("get_permissions", (NOWHERE,), NotFound, MISSING_ID),
    ("logs", ("nope", "main"), NotFound, MISSING),
    ("patch", ("nope",), NotFound, MISSING),
    ("patch_telemetry_config", ("nope",), NotFound, MISSING),
    (
        "patch_telemetry_config",
        ("bare",),
        InvalidParameterValue,
        "^Telemetry configuration is not supported for endpoint type 'NO_CONFIG'",
    ),
    ("patch_telemetry_config", ("churn",), ResourceConflict, UPDATING),
    ("put", ("nope",), NotFound, MISSING),
    ("put", ("chat", {"rate_limits": MANY}), InvalidParameterValue, r"^rate_limits\[0\]\.calls"),
    ("put_ai_gateway", ("nope",), NotFound, MISSING),
    (
        "put_ai_gateway",
        ("chat", {"rate_limits": NO_AMOUNT}),
        InvalidParameterValue,
        "at least one of calls and tokens must be given",
    ),
    ("query", ("nope",), NotFound, MISSING),
    ("query", ("bare",), BadRequest, r"^Endpoint bare is not ready\."),
    ("set_permissions", (NOWHERE,), NotFound, MISSING_ID),
    ("update_config", ("nope",), NotFound, MISSING),
    ("update_config", ("chat", {"served_entities": []}), BadRequest, "^At least one"),
    ("update_config", ("churn", {"served_entities": [CHURN]}), ResourceConflict, UPDATING),
    ("update_config", (FOUNDATION,), PermissionDenied, "is managed by Databricks"),
    ("update_config_and_wait", ("churn", {"served_entities": [CHURN]}), ResourceConflict, UPDATING),
    ("update_notifications", ("nope",), NotFound, MISSING),
    ("update_permissions", (NOWHERE, {"access_control_list": NO_LEVEL}), NotFound, MISSING_ID),
    ("update_provisioned_throughput_endpoint_config", ("nope", UNITS), NotFound, MISSING),
    (
        "update_provisioned_throughput_endpoint_config",
        ("chat", UNITS),
        InvalidParameterValue,
        r"^Endpoint chat has no provisioned throughput\.",
    ),
    ("update_provisioned_throughput_endpoint_config_and_wait", ("nope", UNITS), NotFound, MISSING),
    ("wait_get_serving_endpoint_not_updating", ("nope",), NotFound, MISSING),
]

SECRETS = [
    ("create_scope", ("LLM",), ResourceAlreadyExists, "^Scope LLM already exists!"),
    ("create_scope", ("l m",), InvalidParameterValue, "^scope must have 1 to 128 characters"),
    ("delete_acl", ("nope", "data"), NotFound, MISSING_SCOPE),
    ("delete_acl", ("llm", "data"), NotFound, "data"),
    ("delete_scope", ("nope",), NotFound, MISSING_SCOPE),
    ("delete_secret", ("llm", "nope"), NotFound, "^Secret does not exist with scope: llm and key"),
    ("get_acl", ("llm", "data"), NotFound, "data"),
    ("get_secret", ("llm", "nope"), NotFound, "^Secret does not exist with scope: llm and key"),
    ("list_acls", ("nope",), NotFound, MISSING_SCOPE),
    ("list_secrets", ("nope",), NotFound, MISSING_SCOPE),
    ("put_acl", ("nope", "data", AclPermission.READ), NotFound, MISSING_SCOPE),
    ("put_secret", ("nope", "key", {"string_value": "v"}), NotFound, MISSING_SCOPE),
    ("put_secret", ("llm", "key"), InvalidParameterValue, "^Exactly one of string_value"),
    ("put_secret", ("llm", "key", {"bytes_value": "?"}), BadRequest, "is not valid base64"),
]


@pytest.fixture(scope="module")
def client():
    """A client of a workspace in which something of each kind stands; nothing here changes it."""
    workspace = Workspace(strict=True, foundation_models=(FOUNDATION,))
    with RunningServer(workspace) as server:
        config = Config(
            host=server.url,
            token="dapi-emulator",
            auth_type="pat",
            retry_timeout_seconds=30,
            http_timeout_seconds=10,
        )
        sdk = WorkspaceClient(config=config)
        furnish(sdk, workspace)
        yield sdk
        sdk.api_client._api_client._session.close()


def furnish(sdk, workspace):
    sdk.secrets.create_scope("llm")
    sdk.secrets.put_secret("llm", "openai", string_value="sk-made-up")
    model = serving.ExternalModel(
        provider=serving.ExternalModelProvider.OPENAI,
        name="gpt-4o",
        task="llm/v1/chat",
        openai_config=serving.OpenAiConfig(openai_api_key="{{secrets/llm/openai}}"),
    )
    served = {
        "chat": serving.ServedEntityInput(name="main", external_model=model),
        "churn": CHURN,
    }
    workspace.deployments.plan("churn", seconds=600)
    for name, entity in served.items():
        config = serving.EndpointCoreConfigInput(name=name, served_entities=[entity])
        sdk.serving_endpoints.create(name, config=config)
    sdk.serving_endpoints.create("bare")


def standing(sdk):
    """All that the workspace holds."""
    names = [one.name for one in sdk.serving_endpoints.list()]
    return (
        [sdk.serving_endpoints.get(name).as_dict() for name in names],
        [scope.as_dict() for scope in sdk.secrets.list_scopes()],
        [secret.as_dict() for secret in sdk.secrets.list_secrets("llm")],
        [acl.as_dict() for acl in sdk.secrets.list_acls("llm")],
    )


def call(service, method, arguments):
    """Call it; a dict at the end of the arguments is given by keyword. Lists are read out."""
    named = arguments[-1] if isinstance(arguments[-1], dict) else {}
    placed = arguments[:-1] if named else arguments
    answer = getattr(service, method)(*placed, **named)
    return list(answer) if method.startswith("list_") else answer


@pytest.mark.parametrize(("method", "arguments", "error", "text"), ENDPOINTS)
def test_a_refusal_of_serving_is_the_client_s_own_error(client, method, arguments, error, text):
    before = standing(client)

    with pytest.raises(error, match=text):
        call(client.serving_endpoints, method, arguments)

    assert standing(client) == before


@pytest.mark.parametrize(("method", "arguments", "error", "text"), SECRETS)
def test_a_refusal_of_secrets_is_the_client_s_own_error(client, method, arguments, error, text):
    before = standing(client)

    with pytest.raises(error, match=text):
        call(client.secrets, method, arguments)

    assert standing(client) == before


@pytest.mark.parametrize(
    ("service", "refusals"), [("serving_endpoints", ENDPOINTS), ("secrets", SECRETS)]
)
def test_every_method_that_can_be_refused_is_refused_here(client, service, refusals):
    methods = public_methods(type(getattr(client, service))) - NEVER_REFUSED - NOT_HERE

    assert {method for method, *_ in refusals} == methods
