"""The official client's typed answers, compared with what came over the wire."""

from __future__ import annotations

from databricks.sdk.service import serving

PERMISSIONS = "/api/2.0/permissions/serving-endpoints"
SECRETS = "/api/2.0/secrets"
# What answers of real workspaces have though the client knows nothing of it (contract §5.8).
UNDOCUMENTED = {
    "creator_display_name",
    "creator_kind",
    "endpoint_type",
    "effective_budget_policy_id",
    "resource_credential_strategy",
    "state.suspend",
    "config.served_entities.type",
    "config.served_entities.batching_config.enabled",
    "config.served_entities.min_dbus",
    "config.served_entities.max_dbus",
    "config.served_models.max_provisioned_throughput",
    "pending_config.served_entities.type",
}


def leaves(content, path=""):
    """Where the values of some JSON are, each with its value; the places in lists do not count."""
    if isinstance(content, dict):
        for key, inner in content.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(content, list):
        for inner in content:
            yield from leaves(inner, path)
    else:
        yield path, content


def custom(version):
    return serving.ServedEntityInput(
        name="main",
        entity_name="ml.prod.churn",
        entity_version=version,
        workload_size="Small",
        scale_to_zero_enabled=True,
        environment_vars={"STAGE": "prod"},
    )


def external():
    return serving.ServedEntityInput(
        name="main",
        external_model=serving.ExternalModel(
            provider=serving.ExternalModelProvider.OPENAI,
            name="gpt-4o",
            task="llm/v1/chat",
            openai_config=serving.OpenAiConfig(openai_api_key_plaintext="sk-made-up"),
        ),
    )


def by_tokens():
    return serving.ServedEntityInput(
        entity_name="system.ai.llama", entity_version="1", max_provisioned_throughput=9500
    )


def by_units():
    entity = serving.PtServedModel(
        entity_name="system.ai.llama", entity_version="1", provisioned_model_units=50
    )
    return serving.PtEndpointCoreConfig(served_entities=[entity])


def furnish(endpoints, workspace):
    """Endpoints of four kinds, one of them in an update."""
    workspace.deployments.plan(polls=0)
    for name, entity in {"churn": custom("1"), "chat": external(), "tokens": by_tokens()}.items():
        endpoints.create(
            name,
            config=serving.EndpointCoreConfigInput(name=name, served_entities=[entity]),
            budget_policy_id="b-1",
            tags=[serving.EndpointTag("team", "ml")],
            route_optimized=name == "churn",
        )
    endpoints.create_provisioned_throughput_endpoint("units", config=by_units())
    workspace.deployments.plan("churn", seconds=600)
    endpoints.update_config("churn", served_entities=[custom("2")])


def test_the_client_knows_every_documented_field_of_an_endpoint(client, workspace):
    endpoints = client.serving_endpoints
    furnish(endpoints, workspace)

    known, sent = set(), set()
    for name in ("churn", "chat", "tokens", "units"):
        wire = client.api_client.do("GET", f"/api/2.0/serving-endpoints/{name}")
        known |= {(name, *leaf) for leaf in leaves(endpoints.get(name).as_dict())}
        sent |= {(name, *leaf) for leaf in leaves(wire)}

    assert known <= sent
    assert {path for _, path, _ in sent - known} == UNDOCUMENTED


def test_the_client_knows_every_documented_field_of_the_list(client, workspace):
    furnish(client.serving_endpoints, workspace)

    wire = client.api_client.do("GET", "/api/2.0/serving-endpoints")
    known = [one.as_dict() for one in client.serving_endpoints.list()]

    left = set(leaves(wire["endpoints"])) - set(leaves(known))
    assert {path for path, _ in left} == {
        "creator_display_name",
        "creator_kind",
        "endpoint_type",
        "state.suspend",
    }


def test_the_client_knows_every_field_of_permissions(client):
    client.serving_endpoints.create("chat")
    endpoint_id = client.serving_endpoints.get("chat").id
    path = f"{PERMISSIONS}/{endpoint_id}"

    found = client.serving_endpoints.get_permissions(endpoint_id)
    levels = client.serving_endpoints.get_permission_levels(endpoint_id)

    assert found.as_dict() == client.api_client.do("GET", path)
    assert levels.as_dict() == client.api_client.do("GET", f"{path}/permissionLevels")


def test_the_client_knows_every_field_of_secrets(client):
    client.secrets.create_scope("llm")
    client.secrets.put_secret("llm", "openai", string_value="sk-made-up")

    wire = {
        what: client.api_client.do("GET", f"{SECRETS}/{what}", query={"scope": "llm"})
        for what in ("scopes/list", "list", "acls/list")
    }

    assert wire == {
        "scopes/list": {"scopes": [one.as_dict() for one in client.secrets.list_scopes()]},
        "list": {"secrets": [one.as_dict() for one in client.secrets.list_secrets("llm")]},
        "acls/list": {"items": [one.as_dict() for one in client.secrets.list_acls("llm")]},
    }


def test_the_client_knows_every_field_of_its_own_identity(client):
    wire = client.api_client.do("GET", "/api/2.0/preview/scim/v2/Me")

    assert client.current_user.me().as_dict() == wire
