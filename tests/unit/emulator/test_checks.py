"""What a real workspace refuses, the emulator refuses."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Behaviour
from unit.emulator.bodies import (
    ENDPOINTS,
    Client,
    custom,
    endpoint,
    external,
    split,
    vendor,
    without,
)

OPENAI_KEY = {"openai_api_key_plaintext": "sk-made-up"}
AZURE = {
    "openai_api_base": "https://x.openai.azure.com",
    "openai_api_version": "2024-10-21",
    "openai_deployment_name": "gpt",
}
ENTRA = {"microsoft_entra_client_id": "i", "microsoft_entra_tenant_id": "t"}
BEDROCK = {"aws_region": "us-east-1", "bedrock_provider": "Anthropic"}
THROUGHPUT = {
    "entity_name": "system.ai.llama",
    "entity_version": "1",
    "max_provisioned_throughput": 100,
}


def many(count):
    entities = [custom(name=f"model-{index}") for index in range(count)]
    shares = {f"model_{index}": 100 if index == 0 else 0 for index in range(count)}
    return endpoint(*entities, routes=shares)


REFUSED_BODIES = {
    "a name with a dot": {"name": "a.b"},
    "a name of 64 characters": {"name": "a" * 64},
    "a reserved name": {"name": "databricks-mine"},
    "no name": {"description": "x"},
    "a long description": {"name": "x", "description": "a" * 1001},
    "16 entities": many(16),
    "one name twice": endpoint(external("a"), external("a"), routes={"a": 100}),
    "an illegal entity name": endpoint(external("a.b")),
    "external and custom": endpoint(external("a"), custom(name="b"), routes={"a": 50, "b": 50}),
    "custom and throughput": endpoint(
        custom(name="a"), {**THROUGHPUT, "name": "b"}, routes={"a": 50, "b": 50}
    ),
    "two tasks": endpoint(
        external("a"), external("b", task="llm/v1/embeddings"), routes={"a": 50, "b": 50}
    ),
    "external with a size": endpoint({**external(), "workload_size": "Small"}),
    "external with a flag": endpoint({**external(), "scale_to_zero_enabled": False}),
    "external with variables": endpoint({**external(), "environment_vars": {"A": "b"}}),
    "an unknown provider": endpoint(vendor("acme", "openai_config", OPENAI_KEY)),
    "an unknown task": endpoint(vendor("openai", "openai_config", OPENAI_KEY, task="chat")),
    "no model name": endpoint(vendor("openai", "openai_config", OPENAI_KEY, name="")),
    "another provider's config": endpoint(vendor("anthropic", "openai_config", OPENAI_KEY)),
    "no key": endpoint(vendor("openai", "openai_config", {})),
    "a key in both forms": endpoint(
        vendor(
            "anthropic",
            "anthropic_config",
            {"anthropic_api_key": "{{secrets/a/b}}", "anthropic_api_key_plaintext": "k"},
        )
    ),
    "a key that is no reference": endpoint(external(openai_api_key="sk-made-up")),
    "an empty key": endpoint(external(openai_api_key_plaintext="")),
    "an empty key of another vendor": endpoint(
        vendor("cohere", "cohere_config", {"cohere_api_key_plaintext": ""})
    ),
    "an empty half of a key pair": endpoint(
        vendor(
            "amazon-bedrock",
            "amazon_bedrock_config",
            {
                **BEDROCK,
                "aws_access_key_id_plaintext": "",
                "aws_secret_access_key_plaintext": "s",
            },
        )
    ),
    "an empty token of a custom provider": endpoint(
        vendor(
            "custom",
            "custom_provider_config",
            {"custom_provider_url": "https://x", "bearer_token_auth": {"token_plaintext": ""}},
        )
    ),
    "a secret scope that does not exist": endpoint(external(openai_api_key="{{secrets/no/key}}")),
    "an unknown api type": endpoint(external(**OPENAI_KEY, **AZURE, openai_api_type="bing")),
    "azure without deployment": endpoint(
        external(**OPENAI_KEY, openai_api_type="azure", openai_api_base="b", openai_api_version="v")
    ),
    "openai with deployment": endpoint(external(**OPENAI_KEY, openai_deployment_name="d")),
    "azuread with an api key": endpoint(
        external(
            **OPENAI_KEY,
            openai_api_type="azuread",
            **AZURE,
            **ENTRA,
            microsoft_entra_client_secret_plaintext="s",
        )
    ),
    "azuread without client secret": endpoint(
        external(openai_api_type="azuread", **AZURE, **ENTRA)
    ),
    "bedrock without credentials": endpoint(
        vendor("amazon-bedrock", "amazon_bedrock_config", BEDROCK)
    ),
    "bedrock with two kinds of credentials": endpoint(
        vendor(
            "amazon-bedrock",
            "amazon_bedrock_config",
            {**BEDROCK, "instance_profile_arn": "a", "uc_service_credential_name": "c"},
        )
    ),
    "bedrock with half a key pair": endpoint(
        vendor(
            "amazon-bedrock",
            "amazon_bedrock_config",
            {**BEDROCK, "aws_access_key_id_plaintext": "a"},
        )
    ),
    "an unknown bedrock provider": endpoint(
        vendor(
            "amazon-bedrock",
            "amazon_bedrock_config",
            {"aws_region": "r", "bedrock_provider": "acme", "instance_profile_arn": "a"},
        )
    ),
    "vertex without region": endpoint(
        vendor(
            "google-cloud-vertex-ai",
            "google_cloud_vertex_ai_config",
            {"project_id": "p", "private_key_plaintext": "k"},
        )
    ),
    "a custom provider without credentials": endpoint(
        vendor("custom", "custom_provider_config", {"custom_provider_url": "https://x"})
    ),
    "a custom provider with an incomplete key": endpoint(
        vendor(
            "custom",
            "custom_provider_config",
            {"custom_provider_url": "https://x", "api_key_auth": {"value_plaintext": "v"}},
        )
    ),
    "neither entity nor external model": endpoint({"name": "a"}),
    "custom without size": endpoint(without(custom(), "workload_size")),
    "custom of an empty size": endpoint(custom(workload_size="")),
    "an empty size and concurrency": endpoint(
        custom(workload_size="", min_provisioned_concurrency=4, max_provisioned_concurrency=8)
    ),
    "no concurrency without scale to zero": endpoint(
        without(
            custom(
                min_provisioned_concurrency=0,
                max_provisioned_concurrency=8,
                scale_to_zero_enabled=False,
            ),
            "workload_size",
        )
    ),
    "no concurrency of a feature spec without scale to zero": endpoint(
        {
            "entity_name": "ml.online.spec",
            "min_provisioned_concurrency": 0,
            "max_provisioned_concurrency": 4,
        }
    ),
    "concurrency of a feature spec not by four": endpoint(
        {
            "entity_name": "ml.online.spec",
            "min_provisioned_concurrency": 4,
            "max_provisioned_concurrency": 6,
        }
    ),
    "units and throughput": endpoint({**THROUGHPUT, "provisioned_model_units": 50}),
    "units and least throughput": endpoint(
        {
            "entity_name": "system.ai.m",
            "entity_version": "1",
            "provisioned_model_units": 50,
            "min_provisioned_throughput": 0,
        }
    ),
    "more than all requests": endpoint(
        custom(),
        telemetry_config={
            "telemetry_profile_id": "p",
            "inference_table_config": {"sampling_fraction": 7},
        },
    ),
    "fewer than no requests": endpoint(
        custom(),
        telemetry_config={
            "telemetry_profile_id": "p",
            "inference_table_config": {"sampling_fraction": "-0.1"},
        },
    ),
    "size and concurrency": endpoint(
        custom(min_provisioned_concurrency=4, max_provisioned_concurrency=8)
    ),
    "concurrency not by four": endpoint(
        without(
            custom(min_provisioned_concurrency=2, max_provisioned_concurrency=8), "workload_size"
        )
    ),
    "concurrency upside down": endpoint(
        without(
            custom(min_provisioned_concurrency=8, max_provisioned_concurrency=4), "workload_size"
        )
    ),
    "throughput without version": endpoint(without(THROUGHPUT, "entity_version")),
    "throughput upside down": endpoint({**THROUGHPUT, "min_provisioned_throughput": 200}),
    "a variable that refers to nothing": endpoint(
        custom(environment_vars={"TOKEN": "{{secrets/no/key}}"})
    ),
    "two entities without traffic": endpoint(external("a"), external("b")),
    "traffic of 90": endpoint(external("a"), external("b"), routes={"a": 50, "b": 40}),
    "traffic to nobody": endpoint(external("a"), routes={"b": 100}),
    "traffic twice": endpoint(
        external("a"), config={"traffic_config": {"routes": split(a=50) + split(a=50)}}
    ),
    "negative traffic": endpoint(external("a"), external("b"), routes={"a": 110, "b": -10}),
    "two names in one route": endpoint(
        external("a"),
        config={
            "traffic_config": {
                "routes": [
                    {"served_entity_name": "a", "served_model_name": "b", "traffic_percentage": 100}
                ]
            }
        },
    ),
    "entities and models": endpoint(
        custom(), config={"served_models": [{"model_name": "a", "model_version": "1"}]}
    ),
    "tables for an external model": endpoint(
        external(), config={"auto_capture_config": {"catalog_name": "c", "schema_name": "s"}}
    ),
    "tables without schema": endpoint(
        custom(), config={"auto_capture_config": {"catalog_name": "c"}}
    ),
    "a route-optimized external model": endpoint(external(), route_optimized=True),
    "both forms of rate limits": endpoint(
        external(),
        rate_limits=[{"calls": 1, "renewal_period": "minute"}],
        ai_gateway={"rate_limits": [{"calls": 1, "renewal_period": "minute"}]},
    ),
    "a legacy limit by group": endpoint(
        external(), rate_limits=[{"calls": 1, "renewal_period": "minute", "key": "user_group"}]
    ),
    "a legacy limit by the hour": endpoint(
        external(), rate_limits=[{"calls": 1, "renewal_period": "hour"}]
    ),
    "a legacy limit of nothing": endpoint(external(), rate_limits=[{"renewal_period": "minute"}]),
    "a tag without key": {"name": "x", "tags": [{"value": "v"}]},
}


@pytest.mark.parametrize("case", REFUSED_BODIES)
def test_a_body_that_breaks_a_rule_is_refused_and_nothing_is_created(case):
    client = Client()

    refused = client.refuses("POST", ENDPOINTS, REFUSED_BODIES[case])

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert "sk-made-up" not in refused[2]
    assert client.does("GET", ENDPOINTS) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("route_optimized", "perhaps"),
        ("tags", 5),
        ("tags", {"team": "x"}),
        ("config", []),
        ("description", ["x"]),
        ("rate_limits", [{"calls": 10.5}]),
        ("rate_limits", [{"calls": True}]),
    ],
)
def test_a_value_of_the_wrong_type_is_a_malformed_request(name, value):
    refused = Client().refuses("POST", ENDPOINTS, {"name": "x", name: value})

    assert refused[:2] == (400, "MALFORMED_REQUEST")
    assert name in refused[2]


def test_a_body_that_is_not_json_is_a_malformed_request():
    answer = Client().http.post(ENDPOINTS, content=b"name=x")

    assert (answer.status_code, answer.json()["error_code"]) == (400, "MALFORMED_REQUEST")


ACCEPTED_ENTITIES = {
    "openai": external(openai_organization="o", **OPENAI_KEY),
    "azure": external(openai_api_type="azure", **AZURE, **OPENAI_KEY),
    "azuread": external(
        openai_api_type="azuread",
        **AZURE,
        **ENTRA,
        microsoft_entra_client_secret_plaintext="s",
    ),
    "anthropic": vendor("anthropic", "anthropic_config", {"anthropic_api_key_plaintext": "k"}),
    "cohere": vendor("cohere", "cohere_config", {"cohere_api_key_plaintext": "k"}),
    "ai21labs": vendor("ai21labs", "ai21labs_config", {"ai21labs_api_key_plaintext": "k"}),
    "palm": vendor("palm", "palm_config", {"palm_api_key_plaintext": "k"}),
    "bedrock by profile": vendor(
        "amazon-bedrock", "amazon_bedrock_config", {**BEDROCK, "instance_profile_arn": "arn"}
    ),
    "bedrock by keys": vendor(
        "amazon-bedrock",
        "amazon_bedrock_config",
        {**BEDROCK, "aws_access_key_id_plaintext": "a", "aws_secret_access_key_plaintext": "b"},
    ),
    "vertex": vendor(
        "google-cloud-vertex-ai",
        "google_cloud_vertex_ai_config",
        {"project_id": "p", "region": "r", "private_key_plaintext": "{}"},
    ),
    "databricks": vendor(
        "databricks-model-serving",
        "databricks_model_serving_config",
        {"databricks_workspace_url": "https://x", "databricks_api_token_plaintext": "t"},
    ),
    "custom by key": vendor(
        "custom",
        "custom_provider_config",
        {"custom_provider_url": "https://x", "api_key_auth": {"key": "X", "value_plaintext": "v"}},
    ),
    "an instance profile": external() | {"instance_profile_arn": "arn:aws:iam::1:x"},
    "concurrency bounds": without(
        custom(min_provisioned_concurrency=4, max_provisioned_concurrency=8), "workload_size"
    ),
    "an unusual size": custom(workload_size="4XLarge", workload_type="GPU_HUGE"),
    "no concurrency with scale to zero": without(
        custom(min_provisioned_concurrency=0, max_provisioned_concurrency=8), "workload_size"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED_ENTITIES)
def test_a_complete_entity_is_accepted_and_its_plaintext_never_shown(case):
    client = Client()

    client.create(endpoint(ACCEPTED_ENTITIES[case]))

    assert "_plaintext" not in str(client.get("chat"))


def test_fifteen_entities_are_accepted():
    answer = Client().create(many(15))

    assert len(answer["pending_config"]["served_entities"]) == 15


def test_a_workspace_has_room_for_a_thousand_endpoints():
    client = Client()
    for index in range(1000):
        client.create({"name": f"chat-{index}"})

    refused = client.refuses("POST", ENDPOINTS, {"name": "one-more"})

    assert refused[:2] == (400, "RESOURCE_LIMIT_EXCEEDED")


@pytest.mark.parametrize(("before", "after"), [(external(), custom()), (custom(), external())])
def test_an_endpoint_never_changes_between_external_and_custom(before, after):
    client = Client()
    client.workspace.deployments.plan(polls=0)
    client.create(endpoint(before))

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", {"served_entities": [after]})

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_an_empty_config_is_refused():
    client = Client()
    client.create(endpoint(external()))

    assert client.refuses("PUT", f"{ENDPOINTS}/chat/config", {})[0] == 400


def test_the_config_of_a_missing_endpoint_cannot_be_put():
    refused = Client().refuses("PUT", f"{ENDPOINTS}/nope/config", {})

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_pay_per_token_endpoint_takes_a_gateway_and_nothing_else():
    name = "databricks-gte-large-en"
    client = Client(foundation_models=(name,))

    put = client.refuses("PUT", f"{ENDPOINTS}/{name}/config", {"served_entities": [custom()]})
    deleted = client.refuses("DELETE", f"{ENDPOINTS}/{name}")
    client.put_gateway(name, {"usage_tracking_config": {"enabled": False}})

    assert put[:2] == deleted[:2] == (403, "PERMISSION_DENIED")
    assert client.get(name)["ai_gateway"] == {"usage_tracking_config": {"enabled": False}}
    assert client.get(name)["task"] == "llm/v1/embeddings"


def test_the_older_rule_of_a_single_external_model_can_be_switched_on():
    client = Client(behaviour=Behaviour(single_external_entity=True))
    two = endpoint(external("a"), external("b"), routes={"a": 50, "b": 50})

    refused = client.refuses("POST", ENDPOINTS, two)

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_the_status_of_a_duplicate_can_be_409():
    client = Client(behaviour=Behaviour(duplicate_status=409))
    client.create({"name": "chat"})

    refused = client.refuses("POST", ENDPOINTS, {"name": "chat"})

    assert refused[:2] == (409, "RESOURCE_ALREADY_EXISTS")


def test_the_status_of_a_missing_secret_can_be_404():
    client = Client(behaviour=Behaviour(missing_secret_status=404))

    refused = client.refuses(
        "POST", ENDPOINTS, endpoint(external(openai_api_key="{{secrets/a/b}}"))
    )

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_tables_cannot_move_while_they_are_enabled():
    client = Client()
    client.workspace.deployments.plan(polls=0)
    tables = {"catalog_name": "c", "schema_name": "s"}
    created = client.create(endpoint(custom(), config={"auto_capture_config": tables}))
    moved = {"served_entities": [custom()], "auto_capture_config": {**tables, "schema_name": "t"}}

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", moved)

    assert created["config"]["auto_capture_config"] == {
        "catalog_name": "c",
        "schema_name": "s",
        "table_name_prefix": "chat",
        "enabled": True,
        "state": {"payload_table": {"name": "chat_payload"}},
    }
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_tables_that_were_disabled_can_move():
    client = Client()
    client.workspace.deployments.plan(polls=0)
    tables = {"catalog_name": "c", "schema_name": "s"}
    client.create(endpoint(custom(), config={"auto_capture_config": tables}))
    for change in ({"enabled": False}, {"schema_name": "t"}):
        config = {"served_entities": [custom()], "auto_capture_config": {**tables, **change}}
        answer = client.put_config("chat", config)

    assert answer["config"]["auto_capture_config"]["schema_name"] == "t"


def test_tables_that_are_left_out_stay_where_they_are():
    client = Client()
    client.workspace.deployments.plan(polls=0)
    tables = {"catalog_name": "c", "schema_name": "s"}
    client.create(endpoint(custom(), config={"auto_capture_config": tables}))
    moved = {"served_entities": [custom()], "auto_capture_config": {**tables, "schema_name": "t"}}

    left_out = client.put_config("chat", {"served_entities": [custom()]})
    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/config", moved)

    assert left_out["config"]["auto_capture_config"]["schema_name"] == "s"
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_disabled_tables_are_in_no_state():
    client = Client()
    tables = {"catalog_name": "c", "schema_name": "s", "enabled": False}

    answer = client.create(endpoint(custom(), config={"auto_capture_config": tables}))

    assert answer["pending_config"]["auto_capture_config"] == tables


def test_a_missing_endpoint_cannot_be_deleted():
    refused = Client().refuses("DELETE", f"{ENDPOINTS}/nope")

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
