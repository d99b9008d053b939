"""All parts of an endpoint at once on the real engine: declared, looked at, edited outside."""

from __future__ import annotations

import json
from collections.abc import Callable

from databricks_serving_emulator import Behaviour
from databricks_serving_emulator.wire import Request

ENDPOINTS = "/api/2.0/serving-endpoints"

PROGRAM = """
scope = SecretScope("keys", name="ml")
token = Secret("token", scope=scope.name, key="token", value=config.require_secret("key"))
endpoint = ServingEndpoint(
    "churn",
    name="churn",
    config={{
        "served_entities": [
            {{
                "name": name,
                "entity_name": "ml.prod.churn",
                "entity_version": version,
                "workload_size": "Small",
                "scale_to_zero_enabled": "true",
                "environment_vars": {{"LOG_LEVEL": "info", "TOKEN": token.reference}},
            }}
            for name, version in (("old", 1.0), ("new", "2"))
        ],
        "traffic_config": {{
            "routes": [
                {{"served_model_name": "old", "traffic_percentage": "90"}},
                {{"served_entity_name": "new", "traffic_percentage": 10}},
            ]
        }},
        "auto_capture_config": {{
            "catalog_name": "ml", "schema_name": "logs", "table_name_prefix": "churn",
            "enabled": True,
        }},
    }},
    ai_gateway={{
        "rate_limits": [{{"calls": 0, "renewal_period": "minute"}}],
        "usage_tracking_config": {{"enabled": True}},
        "inference_table_config": {{
            "enabled": True, "catalog_name": "ml", "schema_name": "{schema}",
            "table_name_prefix": "churn",
        }},
    }},
    tags=[{{"key": "team", "value": "crm"}}, {{"key": "empty"}}],
    description="Who leaves",
    email_notifications={{
        "on_update_failure": ["b@example.com", "a@example.com"], "on_update_success": [],
    }},
    telemetry_config={{
        "table_names": {{"logs_table": "ml.logs.churn"}},
        "inference_table_config": {{"sampling_fraction": 0.5}},
    }},
    route_optimized=True,
    budget_policy_id="policy-1",
)
pulumi.export("table", endpoint.inference_table)
"""

GUARDED = """
ServingEndpoint(
    "chat",
    name="chat",
    config={
        "served_entities": [
            {
                "external_model": {
                    "name": "claude-3.5",
                    "provider": "anthropic",
                    "task": "llm/v1/chat",
                    "anthropic_config": {
                        "anthropic_api_key_plaintext": config.require_secret("key")
                    },
                },
            }
        ]
    },
    ai_gateway={
        "guardrails": {
            "input": {
                "safety": False,
                "pii": {"behavior": "NONE"},
                "invalid_keywords": ["zebra", "apple"],
            },
            "output": {"pii": {"behavior": "MASK"}},
        },
        "fallback_config": {"enabled": False},
        "rate_limits": [],
    },
)
"""


def edit(project, method: str, path: str, change: Callable[[dict], dict]) -> None:
    """Change one endpoint as somebody in the UI would: read it, and send what has changed."""
    endpoint = answered(project, "GET", path.rsplit("/", 1)[0])
    answered(project, method, path, change(endpoint))
    project.workspace.clear_calls()


def answered(project, method: str, path: str, body: dict | None = None) -> dict:
    """What the workspace answers to somebody else."""
    headers = {"authorization": f"Bearer {project.workspace.settings.token}"}
    said = b"" if body is None else json.dumps(body).encode()
    answer = project.workspace.answer(Request(method, path, headers=headers, body=said))
    assert answer.status == 200, answer.json()
    return answer.json()


def test_an_endpoint_with_all_parts_is_made_by_one_call_and_is_then_no_difference(project):
    project.write(PROGRAM.format(schema="logs"))

    printed = project.up()

    assert "ml.logs.churn_payload" in printed
    assert project.sent() == [
        ("POST", "/api/2.0/secrets/scopes/create"),
        ("POST", "/api/2.0/secrets/put"),
        ("POST", ENDPOINTS),
    ]
    project.preview("--expect-no-changes")
    assert project.drift(expect=0)
    project.workspace.behaviour = Behaviour(shuffle=True)
    assert project.drift(expect=0)
    assert project.sent() == []


def test_an_inference_table_that_moves_is_switched_off_first(project):
    project.write(PROGRAM.format(schema="logs"))
    project.up()
    project.sent()

    project.write(PROGRAM.format(schema="audit"))
    project.up()

    assert project.sent() == [("PUT", f"{ENDPOINTS}/churn/ai-gateway")] * 2
    project.preview("--expect-no-changes")


def test_a_guardrail_that_somebody_changed_is_named_and_put_back(project):
    project.write(GUARDED)
    project.up()
    assert project.drift(expect=0)

    def without_masking(endpoint: dict) -> dict:
        gateway = endpoint["ai_gateway"]
        gateway["guardrails"]["output"]["pii"]["behavior"] = "NONE"
        gateway["guardrails"]["input"]["invalid_keywords"] = ["apple"]
        return gateway

    edit(project, "PUT", f"{ENDPOINTS}/chat/ai-gateway", without_masking)
    drift = project.drift(expect=7)

    assert '"MASK" => "NONE"' in drift
    assert "zebra" in drift
    project.up()
    assert project.sent() == [("PUT", f"{ENDPOINTS}/chat/ai-gateway")]
    assert project.drift(expect=0)
