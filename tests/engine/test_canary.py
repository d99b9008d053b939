"""A credential, and secrets in ordinary places, are nowhere in clear: files, output, logs."""

from __future__ import annotations

import base64

from databricks_serving_emulator import Fault
from support.programs import plaintext_endpoint

CANARY = "sk-CANARY-5c1f"
LOUD = ("-v=7", "--logtostderr")
PROGRAM = """
secret = config.require_secret("key")
scope = SecretScope("keys", name="llm-keys")
key = Secret("openai", scope=scope.name, key="openai", value=secret, version=secret)
Secret("bytes", scope=scope.name, key="bytes", value_base64=config.require_secret("encoded"))
SecretAcl("readers", scope=scope.name, principal="users", permission="READ")
churn = ServingEndpoint(
    "churn",
    name="churn",
    config={
        "served_entities": [
            {
                "name": "churn",
                "entity_name": "ml.prod.churn",
                "entity_version": "1",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
                "environment_vars": {"ENDPOINT": secret},
            }
        ]
    },
    deploy={"redeploy_on": [key.value_fingerprint, secret]},
)
ServingEndpoint(
    "azure",
    name="azure",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {
                        "openai_api_type": "azuread",
                        "openai_api_base": "https://shop.openai.azure.com",
                        "openai_api_version": "2024-02-01",
                        "openai_deployment_name": "gpt",
                        "microsoft_entra_tenant_id": secret,
                        "microsoft_entra_client_id": "client",
                        "microsoft_entra_client_secret": key.reference,
                    },
                },
            }
        ]
    },
)
AiGateway(
    "gateway",
    endpoint_name=churn.name,
    inference_table_config={
        "enabled": True,
        "catalog_name": "ml",
        "schema_name": "logs",
        "table_name_prefix": secret,
    },
)
RateLimits(
    "limits",
    endpoint_name="databricks-claude",
    rate_limits=[{"calls": config.require_secret_int("calls"), "renewal_period": "minute"}],
)
EndpointPermissions(
    "callers",
    endpoint_name=churn.name,
    access_control=[{"group_name": secret, "permission_level": "CAN_QUERY"}],
)
""" + plaintext_endpoint("plain", more='tags={"owner": secret},')


def test_the_canary_is_in_no_state_output_or_log_up_to_level_7(project):
    encoded = base64.b64encode(CANARY.encode()).decode()
    project.run("config", "set", "--secret", "encoded", encoded)
    project.run("config", "set", "--secret", "calls", "271828")
    project.write(PROGRAM)
    printed = []

    printed.append(project.up(*LOUD))
    sent = str([call.body for call in project.workspace.writes])
    printed.append(project.preview("--expect-no-changes", *LOUD))
    printed.append(project.drift(expect=0))
    project.workspace.ui("DELETE", "/api/2.0/serving-endpoints/plain")
    echo = Fault("POST", "/api/2.0/serving-endpoints", status=400, error_code="X", echo=True)
    project.workspace.faults.add(echo)
    printed.append(project.up(*LOUD, expect=1))
    printed.append(project.destroy(*LOUD))
    files = [file for file in project.pulumi.home.rglob("*") if file.is_file()]

    assert sent.count(CANARY) == 7
    assert encoded in sent
    for form in (CANARY, encoded, CANARY.encode().hex(), "271828"):
        assert [text for text in printed if form in text] == []
        assert [str(file) for file in files if form.encode() in file.read_bytes()] == []


def test_a_secret_that_a_limit_is_told_apart_by_is_in_no_state(project):
    limit = '{"calls": 5, "key": "user_group", "principal": config.require_secret("key")}'
    program = f'RateLimits("l", endpoint_name="databricks-claude", rate_limits=[{limit}])'
    project.write(program.replace('"calls"', '"renewal_period": "minute", "calls"'))
    project.up()

    assert CANARY not in project.run("stack", "export")
