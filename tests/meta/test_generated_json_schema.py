"""The JSON Schemas: they take what the parser takes, and refuse what can be told from JSON."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from databricks_serving_schema import RESOURCES, SECRET_REFERENCE, seconds
from support.valid_programs import VALID

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    resource.name: json.loads((ROOT / "schema" / f"{resource.name}.schema.json").read_text("utf-8"))
    for resource in RESOURCES
}
PAGES = {
    path.stem: json.loads(path.read_text("utf-8"))["body"]
    for path in sorted((ROOT / "tests" / "fixtures" / "pages").glob("*_post.json"))
}
CHAT = {
    "name": "chat",
    "config": {
        "served_entities": [
            {
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": "{{secrets/llm/openai}}"},
                }
            }
        ]
    },
}
MODEL = "config.served_entities.0.external_model"
CALLS = "ai_gateway.rate_limits.0.calls"

#: Of each resource a whole one, in the forms that JSON has.
WHOLE = {
    "ServingEndpoint": {
        **CHAT,
        "ai_gateway": {
            "rate_limits": [{"calls": "100", "renewal_period": "minute"}],
            "guardrails": {"input": {"safety": "true", "invalid_keywords": ["secret"]}},
        },
        "tags": [{"key": "team", "value": "ml"}],
        "email_notifications": {"on_update_failure": ["ops@example.com"]},
        "budget_policy_id": "b-1",
        "telemetry_config": {
            "table_names": {"logs_table": "main.logs.chat"},
            "inference_table_config": {"sampling_fraction": 0.5},
            "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"],
        },
        "deploy": {"wait": "accepted", "timeout": "1h30m", "redeploy_on": ["a", 1, None]},
        "adopt": True,
        "workspace": {"profile": "prod"},
    },
    "AiGateway": {
        "endpoint_name": "databricks-llama",
        "usage_tracking_config": {"enabled": True},
        "mode": "authoritative",
        "on_delete": "keep",
    },
    "RateLimits": {
        "endpoint_name": "chat",
        "rate_limits": [{"tokens": 1000, "key": "user", "renewal_period": "minute"}],
    },
    "SecretScope": {
        "name": "llm-keys",
        "scope_backend_type": "AZURE_KEYVAULT",
        "backend_azure_keyvault": {"resource_id": "/vault", "dns_name": "https://vault"},
    },
    "Secret": {"scope": "llm-keys", "key": "openai", "value_from_env": "OPENAI_API_KEY"},
    "SecretAcl": {"scope": "llm-keys", "principal": "analysts", "permission": "READ"},
    "EndpointPermissions": {
        "endpoint_name": "chat",
        "access_control": [{"group_name": "analysts", "permission_level": "CAN_QUERY"}],
    },
}

#: A resource, where its whole program above is changed, to what, and where the schema says no.
REFUSED = {
    "a misspelt field": ("ServingEndpoint", "ai_gatway", {}, "$"),
    "a misspelt field inside": ("ServingEndpoint", f"{MODEL}.tsk", "llm/v1/chat", f"$.{MODEL}"),
    "another type": ("ServingEndpoint", "config", [], "$.config"),
    "an unknown choice": ("ServingEndpoint", f"{MODEL}.task", "chat", f"$.{MODEL}.task"),
    "half a call": ("ServingEndpoint", CALLS, 10.5, f"$.{CALLS}"),
    "less than no calls": ("ServingEndpoint", CALLS, -1, f"$.{CALLS}"),
    "a truth value in words": ("ServingEndpoint", "adopt", "yes", "$.adopt"),
    "no multiple of 4": (
        "ServingEndpoint",
        "config.served_entities.0.min_provisioned_concurrency",
        3,
        "$.config.served_entities.0.min_provisioned_concurrency",
    ),
    "more than the whole": (
        "ServingEndpoint",
        "telemetry_config.inference_table_config.sampling_fraction",
        1.5,
        "$.telemetry_config.inference_table_config.sampling_fraction",
    ),
    "a name with a space": ("ServingEndpoint", "name", "a chat", "$.name"),
    "a name with a prefix beside it": ("ServingEndpoint", "name", " chat", "$.name"),
    "a description too long": ("ServingEndpoint", "description", "x" * 1001, "$.description"),
    "a word too long": (
        "ServingEndpoint",
        "ai_gateway.guardrails.input.invalid_keywords",
        ["x" * 101],
        "$.ai_gateway.guardrails.input.invalid_keywords.0",
    ),
    "words too many": (
        "ServingEndpoint",
        "ai_gateway.guardrails.input.invalid_keywords",
        [str(number) for number in range(51)],
        "$.ai_gateway.guardrails.input.invalid_keywords",
    ),
    "an address twice": (
        "ServingEndpoint",
        "email_notifications.on_update_failure",
        ["ops@example.com", "ops@example.com"],
        "$.email_notifications.on_update_failure",
    ),
    "a key where a reference belongs": (
        "ServingEndpoint",
        f"{MODEL}.openai_config.openai_api_key",
        "sk-1",
        f"$.{MODEL}.openai_config.openai_api_key",
    ),
    "a reference and the key itself": (
        "ServingEndpoint",
        f"{MODEL}.openai_config.openai_api_key_plaintext",
        "sk-1",
        f"$.{MODEL}.openai_config",
    ),
    "another provider's object": (
        "ServingEndpoint",
        f"{MODEL}.cohere_config",
        {"cohere_api_key": "{{secrets/llm/cohere}}"},
        f"$.{MODEL}",
    ),
    "two workspaces": ("ServingEndpoint", "workspace.host", "https://w", "$.workspace"),
    "a tag without a key": ("ServingEndpoint", "tags", [{"value": "ml"}], "$.tags"),
    "a tag with an empty key": ("ServingEndpoint", "tags", {"": "ml"}, "$.tags"),
    "no duration": ("ServingEndpoint", "deploy.timeout", "2 hours", "$.deploy.timeout"),
    "an unknown mode": ("AiGateway", "mode", "strict", "$.mode"),
    "an endpoint without a name": ("RateLimits", "endpoint_name", "", "$.endpoint_name"),
    "a limit without a period": ("RateLimits", "rate_limits", [{"calls": 1}], "$.rate_limits.0"),
    "a vault without an address": (
        "SecretScope",
        "backend_azure_keyvault",
        {"resource_id": "/vault"},
        "$.backend_azure_keyvault",
    ),
    "a key with a colon": ("Secret", "key", "a:b", "$.key"),
    "two values": ("Secret", "value", "v", "$"),
    "an unknown permission": ("SecretAcl", "permission", "read", "$.permission"),
    "a grant for two": (
        "EndpointPermissions",
        "access_control.0.user_name",
        "a@example.com",
        "$.access_control.0",
    ),
}


def refused_at(resource, said):
    """Where the schema of the resource says no: `$.config.served_entities.0`."""
    errors = Draft202012Validator(SCHEMAS[resource]).iter_errors(said)
    return {".".join(["$", *map(str, error.absolute_path)]) for error in errors}


def changed(said, where, value):
    said = copy.deepcopy(said)
    inner, *steps = said, *where.split(".")
    for step in steps[:-1]:
        inner = inner[int(step) if isinstance(inner, list) else step]
    inner[steps[-1]] = value
    return said


@pytest.mark.parametrize("resource", SCHEMAS)
def test_each_is_a_json_schema(resource):
    Draft202012Validator.check_schema(SCHEMAS[resource])


@pytest.mark.parametrize("resource", SCHEMAS)
def test_a_whole_program_is_accepted(resource):
    assert refused_at(resource, WHOLE[resource]) == set()


@pytest.mark.parametrize("program", VALID)
def test_every_valid_program_is_accepted(program):
    assert refused_at("ServingEndpoint", VALID[program]) == set()


@pytest.mark.parametrize(
    "page", [name for name, body in PAGES.items() if "served_models" not in body.get("config", {})]
)
def test_a_sample_of_the_documentation_is_accepted(page):
    assert refused_at("ServingEndpoint", PAGES[page]) == set()


@pytest.mark.parametrize("case", REFUSED)
def test_what_json_can_tell_is_refused_where_it_stands(case):
    resource, where, value, at = REFUSED[case]

    assert refused_at(resource, changed(WHOLE[resource], where, value)) == {at}


@pytest.mark.parametrize(
    ("resource", "said", "at"),
    [
        ("Secret", {"scope": "s", "key": "k"}, "$"),
        (
            "EndpointPermissions",
            {"endpoint_name": "e", "access_control": [{"permission_level": "CAN_VIEW"}]},
            "$.access_control.0",
        ),
    ],
)
def test_where_one_of_several_must_be_said_none_is_refused(resource, said, at):
    assert refused_at(resource, said) == {at}


@pytest.mark.parametrize("resource", SCHEMAS)
def test_what_must_be_said_is_required(resource):
    assert (
        SCHEMAS[resource].get("required", [])
        == {
            "ServingEndpoint": [],
            "AiGateway": ["endpoint_name"],
            "RateLimits": ["endpoint_name", "rate_limits"],
            "SecretScope": [],
            "Secret": ["scope", "key"],
            "SecretAcl": ["scope", "principal", "permission"],
            "EndpointPermissions": ["endpoint_name", "access_control"],
        }[resource]
    )


def test_a_field_says_what_is_known_of_it():
    properties = SCHEMAS["ServingEndpoint"]["properties"]

    assert properties["description"] == {
        "type": "string",
        "maxLength": 1000,
        "description": "What the endpoint is for.",
        "default": "",
        "x-on-change": "refuse",
        "x-readback": "defaulted",
        "x-severity": "low",
        "x-because": "no public call changes the description; replacing a live endpoint for a "
        "text would be an outage",
    }
    assert properties["rate_limits"]["deprecated"] is True
    assert properties["config"]["x-part"] is True


def test_what_is_secret_is_written_only():
    secret = SCHEMAS["Secret"]["properties"]

    assert [name for name, said in secret.items() if said.get("writeOnly")] == [
        "value",
        "value_base64",
    ]


DURATION = SCHEMAS["ServingEndpoint"]["$defs"]["Deploy"]["properties"]["timeout"]["pattern"]


@pytest.mark.parametrize("text", ["2h", "45m", "1h30m", "90s", "1h2m3s"])
def test_a_duration_of_the_parser_is_one_of_the_schema(text):
    assert seconds(text)
    assert re.search(DURATION, text)


@pytest.mark.parametrize("text", ["", "h", "2", "2d", "2h later", "30m1h", " 2h "])
def test_what_is_no_duration_of_the_parser_is_none_of_the_schema(text):
    with pytest.raises(ValueError, match="takes a duration"):
        seconds(text)
    assert not re.search(DURATION, text)


def test_a_reference_is_what_the_parser_takes_for_one():
    config = SCHEMAS["ServingEndpoint"]["$defs"]["CohereConfig"]["properties"]

    assert config["cohere_api_key"]["pattern"] == SECRET_REFERENCE.pattern
