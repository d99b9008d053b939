"""The emulator rebuilds the answers that real workspaces gave, and the ones modelled on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from unit.emulator.bodies import (
    ENDPOINTS,
    NEW_YEAR,
    SECRETS,
    Client,
    FakeClock,
    custom,
    endpoint,
    external,
    fixture,
    split,
)

LAST_MARCH = 1_743_085_336  # when the endpoint without a config was created, in seconds
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
ENVIRONMENT = {"LOG_LEVEL": "info", "FEATURE_STORE_TOKEN": "{{secrets/ml/feature_store_token}}"}
CHURN_1 = custom(environment_vars=ENVIRONMENT)
CHURN_2 = custom(entity_version="2")


def same(answer, expected, *apart_from):
    """Whether two answers agree but for ids and the named top-level fields."""
    ignored = {"id", *apart_from}
    kept = [
        {key: inner for key, inner in side.items() if key not in ignored}
        for side in (answer, expected)
    ]
    assert kept[0] == kept[1]
    return True


def pass_time(client, seconds):
    client.does("POST", "/_emulator/clock/advance", {"seconds": seconds})


def plan(client, **deployment):
    client.does("POST", "/_emulator/deployments", deployment)


def ci_deployer(client):
    """A client by which the service principal of some fixtures calls."""
    return client.service_principal("admins", application_id=ROBOT, display_name="ci-deployer")


def openai_embeddings(client):
    client.put_secret("my_scope", "my_openai_api_key")
    key = "{{secrets/my_scope/my_openai_api_key}}"
    model = "text-embedding-3-small"
    entity = external("openai_embeddings", model, "llm/v1/embeddings", openai_api_key=key)
    tags = [{"key": "team", "value": "gen-ai"}]
    return client.create(endpoint(entity, name="openai_endpoint", tags=tags))


def chat_gateway(client):
    client.put_secret("llm", "openai")
    client.put_secret("llm", "anthropic")
    gpt = external("gpt-main", openai_api_key="{{secrets/llm/openai}}")
    claude = {
        "name": "claude-fallback",
        "external_model": {
            "provider": "anthropic",
            "name": "claude-sonnet-4-5",
            "task": "llm/v1/chat",
            "anthropic_config": {"anthropic_api_key": "{{secrets/llm/anthropic}}"},
        },
    }
    expected = fixture("02_external_multi_gateway")
    client.create(
        endpoint(
            external("first"),
            name="chat-gateway",
            description="Chat gateway with fallback",
            tags=expected["tags"],
            email_notifications=expected["email_notifications"],
        )
    )
    pass_time(client, 60)
    for percentages in (
        {"gpt_main": 100, "claude_fallback": 0},
        {"gpt_main": 50, "claude_fallback": 50},
    ):
        routes = {"routes": split(**percentages)}
        client.put_config(
            "chat-gateway", {"served_entities": [gpt, claude], "traffic_config": routes}
        )
        client.settle("chat-gateway")
    pass_time(client, 86_340)
    client.put_gateway("chat-gateway", expected["ai_gateway"])
    return client.get("chat-gateway")


def churn_ready(client):
    client.put_secret("ml", "feature_store_token")
    tags = [{"key": "team", "value": "crm"}]
    client.create(endpoint(CHURN_1, name="churn", tags=tags))
    return client.settle("churn")


@pytest.mark.one_door("calls nothing")
def test_everything_happens_by_what_any_client_can_call():
    source = Path(__file__).read_text(encoding="utf-8")

    assert re.findall(r"client\.(?:workspace|clock)\b", source) == []


def test_a_single_external_endpoint_is_ready_at_once():
    answer = openai_embeddings(Client())

    assert same(answer, fixture("01_external_openai_ready"))


def test_two_external_models_with_a_full_gateway():
    answer = chat_gateway(Client())

    assert same(answer, fixture("02_external_multi_gateway"))


def test_a_plaintext_secret_is_dropped_and_its_rotation_keeps_the_entity():
    client = ci_deployer(Client())
    expected = fixture("03_external_azure_entra_redacted")
    (shown,) = expected["config"]["served_entities"]
    openai = shown["external_model"]["openai_config"]
    first, second = (
        external(shown["name"], **openai, microsoft_entra_client_secret_plaintext=value)
        for value in ("first", "second")
    )
    client.create(endpoint(first, name="azure-gpt"))
    pass_time(client, 3600)

    client.put_config("azure-gpt", {"served_entities": [second]})

    assert same(client.settle("azure-gpt"), expected)


def test_bedrock_gets_its_default_name():
    client = Client()
    client.put_secret("aws", "bedrock_id")
    client.put_secret("aws", "bedrock_secret")
    expected = fixture("04_external_bedrock_keys")
    model = expected["config"]["served_entities"][0]["external_model"]

    answer = client.create(
        endpoint(
            {"external_model": model}, name="bedrock-claude", ai_gateway=expected["ai_gateway"]
        )
    )

    assert same(answer, expected)


def test_a_custom_provider_with_a_bearer_token():
    client = Client()
    client.put_secret("llm", "vllm")
    expected = fixture("05_external_custom_provider")
    shown = expected["config"]["served_entities"][0]
    entity = {"name": shown["name"], "external_model": shown["external_model"]}

    answer = client.create(endpoint(entity, name="vllm-proxy"))

    assert same(answer, expected)


def test_the_first_deployment_of_a_custom_model_is_pending():
    answer = Client().create(endpoint(custom(), name="churn"))

    assert same(answer, fixture("06_custom_first_deploy_in_progress"))


def test_a_custom_model_is_ready_after_its_polls():
    answer = churn_ready(Client())

    assert same(answer, fixture("07_custom_ready"))


def test_the_old_config_serves_while_the_update_is_pending():
    client = Client()
    churn_ready(client)
    pass_time(client, 7200)
    routes = split(churn_1=80, churn_2=20)

    answer = client.put_config(
        "churn", {"served_entities": [CHURN_1, CHURN_2], "traffic_config": {"routes": routes}}
    )

    assert same(answer, fixture("08_custom_update_in_progress"))


def test_a_failed_update_leaves_the_old_config_serving():
    client = Client()
    churn_ready(client)
    pass_time(client, 7200)
    plan(client, name="churn", outcome="aborted")

    client.put_config("churn", {"served_entities": [CHURN_2]})

    assert same(client.settle("churn"), fixture("09_custom_update_failed"))


def test_a_failed_first_deployment_has_no_config():
    client = Client()
    plan(client, outcome="failed")

    client.create(endpoint(custom("ml.prod.fraud", "3"), name="fraud"))

    assert same(client.settle("fraud"), fixture("10_custom_first_deploy_failed"))


def test_a_cancelled_update_is_a_state_of_its_own():
    client = Client()
    churn_ready(client)
    pass_time(client, 7200)
    client.put_config("churn", {"served_entities": [CHURN_2]})
    pass_time(client, 300)

    client.does("POST", "/_emulator/endpoints/churn/cancel-update")

    assert same(client.get("churn"), fixture("11_custom_update_canceled"))


def test_a_route_optimized_endpoint_has_its_own_url_and_its_telemetry():
    client = Client()
    ranker = {
        "entity_name": "ml.prod.ranker",
        "entity_version": "7",
        "workload_type": "GPU_SMALL",
        "scale_to_zero_enabled": False,
        "min_provisioned_concurrency": 8,
        "max_provisioned_concurrency": 32,
    }
    created = client.create(endpoint(ranker, name="ranker", route_optimized=True))
    client.settle("ranker")
    for _ in range(3):
        pass_time(client, 33_000)
        client.put_config("ranker", {"served_entities": [ranker]})
        client.settle("ranker")
    tables = {"table_names": {"logs_table": "ml.obs.ranker_logs"}}
    sampling = {"inference_table_config": {"sampling_fraction": 0.1}}

    answer = client.does(
        "PATCH",
        f"{ENDPOINTS}/ranker/telemetry-config",
        {"telemetry_config": {**tables, **sampling}},
    )

    expected = fixture("12_custom_route_optimized_telemetry")
    made_up = answer["telemetry_config"]["telemetry_profile_id"]
    expected["telemetry_config"]["telemetry_profile_id"] = made_up
    info = expected["data_plane_info"]["query_info"]
    for shown in (expected, info):
        # The emulator's is at its own address: there is no other that leads to it.
        path = shown["endpoint_url"].partition(".com")[2]
        shown["endpoint_url"] = f"https://dbc.test{path}"
    info["authorization_details"] = info["authorization_details"].replace(
        expected["id"], created["id"]
    )
    assert same(answer, expected)


def test_provisioned_throughput_by_tokens_is_sized_by_the_service():
    entity = {
        "entity_name": "system.ai.meta_llama_v3_1_8b_instruct",
        "entity_version": "3",
        "min_provisioned_throughput": 0,
        "max_provisioned_throughput": 9500,
    }

    answer = Client().create(endpoint(entity, name="llama31-8b-pt"))

    assert same(answer, fixture("13_pt_throughput_creating"))


def test_provisioned_throughput_by_units_is_sized_by_the_service():
    client = Client()
    expected = fixture("14_pt_model_units_ready")
    entity = {
        "entity_name": "system.ai.llama_4_maverick",
        "entity_version": "1",
        "provisioned_model_units": 100,
        "burst_scaling_enabled": True,
    }
    config = {"config": {"served_entities": [entity]}}
    gateway = expected["ai_gateway"]
    client.does("POST", f"{ENDPOINTS}/pt", {"name": "maverick-pt", "ai_gateway": gateway, **config})
    client.settle("maverick-pt")
    pass_time(client, 5400)

    client.does("PUT", f"{ENDPOINTS}/pt/maverick-pt/config", config)

    assert same(client.settle("maverick-pt"), expected)


def test_a_pay_per_token_endpoint_comes_with_the_workspace():
    name = "databricks-meta-llama-3-3-70b-instruct"
    answer = Client(foundation_models=(name,)).get(name)

    expected = fixture("15_foundation_ppt_ready")
    for side in (answer, expected):
        for text in ("display_name", "description"):
            side["config"]["served_entities"][0]["foundation_model"].pop(text)
    assert same(answer, expected)


def test_a_feature_spec_has_no_version_and_no_served_models():
    client = Client()
    spec = {"name": "ml.online.user_features_spec", "kind": "feature_spec"}
    client.does("POST", "/_emulator/models", spec)
    entity = {
        "entity_name": "ml.online.user_features_spec",
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
    }

    client.create(endpoint(entity, name="user-features"))

    assert same(client.settle("user-features"), fixture("16_feature_spec_ready"))


def test_an_agent_has_a_task_and_an_inference_table():
    client = Client()
    client.does("POST", "/_emulator/models", {"name": "ml.agents.support_agent", "kind": "agent"})
    client.put_secret("agents", "vs_token")
    expected = fixture("17_agent_ready")
    shown = expected["config"]["served_entities"][0]
    agent = custom("ml.agents.support_agent", "5", environment_vars=shown["environment_vars"])
    name = "agents_ml-agents-support_agent"
    plan(client, polls=0)
    first = custom("ml.agents.support_agent")
    ci_deployer(client).create(endpoint(first, name=name, tags=expected["tags"]))
    for _ in range(4):
        client.put_config(name, {"served_entities": [agent]})
    pass_time(client, 500_000)

    client.put_gateway(name, expected["ai_gateway"])

    assert same(client.get(name), expected)


def test_an_endpoint_without_config_is_neither_ready_nor_updating():
    answer = empty_endpoint(Client(clock=FakeClock(LAST_MARCH)))

    assert same(answer, fixture("18_no_config"))


def empty_endpoint(client):
    return ci_deployer(client).create({"name": "empty-endpoint"})


def test_the_list_answers_summaries():
    name = "databricks-meta-llama-3-3-70b-instruct"
    client = Client(foundation_models=(name,), clock=FakeClock(LAST_MARCH))
    plan(client, name="fraud", polls=0, outcome="failed")
    empty_endpoint(client)
    pass_time(client, NEW_YEAR - LAST_MARCH)
    openai_embeddings(client)
    churn_ready(client)
    client.create(endpoint(custom("ml.prod.fraud", "3"), name="fraud"))
    chat_gateway(client)

    answer = by_name(client.does("GET", ENDPOINTS))

    expected = by_name(fixture("19_list_endpoints"))
    for listed in (answer, expected):
        for text in ("display_name", "description"):
            listed[name]["config"]["served_entities"][0]["foundation_model"].pop(text)
    assert len(answer) == 6
    assert answer.keys() == expected.keys()
    assert all(same(answer[name], expected[name]) for name in expected)


def by_name(listed):
    """Endpoints by name: nobody knows the order of a real list."""
    return {found["name"]: found for found in listed["endpoints"]}


def secrets(client):
    client.put_secret("llm", "anthropic", "my-secret-value")
    pass_time(client, 1)
    client.put_secret("llm", "openai", "another")
    vault = fixture("21_secrets")["GET /api/2.0/secrets/scopes/list"]["scopes"][1]
    scope = {
        "scope": "kv",
        "scope_backend_type": "AZURE_KEYVAULT",
        "backend_azure_keyvault": vault["keyvault_metadata"],
    }
    path = f"{SECRETS}/scopes/create"
    client.does("POST", "/_emulator/ui", {"method": "POST", "path": path, "body": scope})
    grants = fixture("21_secrets")["GET /api/2.0/secrets/acls/list?scope=llm"]["items"][1:]
    for grant in grants:
        client.does("POST", f"{SECRETS}/acls/put", {"scope": "llm", **grant})
    client.does("POST", f"{SECRETS}/scopes/create", {"scope": "empty"})


@pytest.mark.parametrize(
    "call",
    [
        "GET /api/2.0/secrets/list?scope=llm",
        "GET /api/2.0/secrets/list?scope=empty",
        "GET /api/2.0/secrets/acls/list?scope=llm",
        "GET /api/2.0/secrets/acls/get?scope=llm&principal=data-science",
    ],
)
def test_secrets_are_listed_as_on_a_real_workspace(call):
    client = Client()
    secrets(client)

    answer = client.does(*call.split(" "))

    assert answer == fixture("21_secrets")[call]


def test_scopes_are_listed_with_their_backend():
    client = Client()
    secrets(client)

    answer = client.does("GET", f"{SECRETS}/scopes/list")

    expected = fixture("21_secrets")["GET /api/2.0/secrets/scopes/list"]["scopes"]
    assert answer["scopes"][:2] == expected


def test_a_secret_is_read_in_base64():
    client = Client()
    client.put_secret("llm", "demo", "my-secret-value")

    answer = client.does("GET", f"{SECRETS}/get?scope=llm&key=demo")

    assert answer == fixture("21_secrets")["GET /api/2.0/secrets/get?scope=llm&key=demo"]


FAULTS = {
    "throttled": {
        "status": 429,
        "error_code": "REQUEST_LIMIT_EXCEEDED",
        "message": "Too many requests.",
        "headers": {"Retry-After": "2"},
    },
    "unavailable": {"headers": {"Retry-After": "1"}},
}


def provoke(client, case):
    """Do what leads to that error, and return the answer."""
    client.put_secret("llm", "openai")
    client.create(endpoint(custom(), name="churn"))
    client.create(endpoint(external(), name="gpt"))
    azure = dict.fromkeys(("openai_api_base", "openai_api_version", "openai_deployment_name"), "x")
    azure |= {
        "openai_api_type": "azure",
        "openai_api_key_plaintext": "k",
        "openai_organization": "o",
    }
    no_flag = {"entity_name": "a.b.c", "entity_version": "1", "workload_size": "Small"}
    calls = {
        "endpoint_not_found": ("GET", f"{ENDPOINTS}/nope", None),
        "invalid_pat": ("GET", ENDPOINTS, None),
        "scope_exists": ("POST", f"{SECRETS}/scopes/create", {"scope": "llm"}),
        "scope_missing": ("GET", f"{SECRETS}/list?scope=nope", None),
        "secret_missing": ("GET", f"{SECRETS}/get?scope=llm&key=nope", None),
        "scale_to_zero_missing": ("POST", ENDPOINTS, endpoint(no_flag)),
        "openai_org_on_azure": ("POST", ENDPOINTS, endpoint(external(**azure))),
        "config_conflict": (
            "PUT",
            f"{ENDPOINTS}/churn/config",
            {"served_entities": [custom()]},
        ),
        "endpoint_exists": ("POST", ENDPOINTS, {"name": "churn"}),
        "telemetry_conflict": ("PATCH", f"{ENDPOINTS}/churn/telemetry-config", {}),
        "telemetry_unsupported": ("PATCH", f"{ENDPOINTS}/gpt/telemetry-config", {}),
    }
    if case in FAULTS:
        client.does("POST", "/_emulator/faults", FAULTS[case])
    method, path, body = calls.get(case, ("GET", ENDPOINTS, None))
    if case == "invalid_pat":
        client.http.headers["Authorization"] = "Bearer dapi-other"
    return client.http.request(method, path, json=body)


@pytest.mark.parametrize("case", fixture("22_errors"))
def test_errors_are_those_of_a_real_workspace(case):
    answer = provoke(Client(), case)

    expected = fixture("22_errors")[case]
    body = answer.json()
    shown = {key: body[key] for key in ("error_code", "message")}
    wanted = {key: expected["body"][key] for key in ("error_code", "message")}
    assert (answer.status_code, shown) == (expected["status"], wanted)
    for name, text in expected.get("headers", {}).items():
        assert answer.headers[name] == text
