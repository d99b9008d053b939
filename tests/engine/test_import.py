"""`dbserving import` on the real engine: a workspace that nobody declared becomes a stack."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from databricks_serving_emulator import Fault
from support.imports import furnish

ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"
CLAUDE = "databricks-claude"
IMPORT = ("import", "--file", "import.json", "--yes", "--protect=false", "--generate-code=false")
CANARY = "sk-CANARY-5c1f"  # conftest: no output of the engine may hold it


@pytest.fixture
def imported(project):
    """Runs `dbserving import` in the project, then what it says to run, up to the import itself."""

    def run(*arguments):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "databricks_serving.cli.main",
                "import",
                "--out",
                ".",
                *arguments,
            ],
            cwd=project.directory,
            env=project.pulumi.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        written = [path.read_text() for path in project.directory.iterdir() if path.is_file()]
        assert CANARY not in "".join([done.stdout, done.stderr, *written])
        for key in re.findall(r"pulumi config set --secret (\w+)", done.stdout):
            project.run("config", "set", "--secret", key, f"another value of {key}")
        (command,) = re.findall(r"  pulumi (import .*)", done.stdout)
        assert tuple(command.split()) == IMPORT
        project.run(*IMPORT)
        return done.stdout

    return run


def edit(project, before, after):
    """Change the program in one place."""
    file = project.directory / "__main__.py"
    source = file.read_text()
    assert source.count(before) == 1
    file.write_text(source.replace(before, after))


def secret(workspace, scope="llm", key="openai"):
    workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": scope})
    put = {"scope": scope, "key": key, "string_value": CANARY}
    workspace.ui("POST", f"{SECRETS}/put", put)


def chat(**openai_config):
    """What makes an endpoint with an external model."""
    model = {
        "name": "gpt-4o",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": openai_config,
    }
    entity = {"name": "gpt", "external_model": model}
    return {"name": "chat", "config": {"served_entities": [entity]}}


def test_a_whole_workspace_is_imported_and_then_there_is_nothing_to_do(project, imported):
    value = "sk-IMPORT-that-nobody-may-see"
    names = furnish(project.workspace, value)
    limits = [{"calls": 7, "key": "user", "renewal_period": "minute"}]
    project.workspace.ui("PUT", f"{ENDPOINTS}/{CLAUDE}/ai-gateway", {"rate_limits": limits})
    project.workspace.clear_calls()

    said = imported("--include-system")
    project.run("preview", "--refresh=false", "--expect-no-changes")
    project.preview("--refresh", "--expect-no-changes")
    project.drift(expect=0)
    project.up()

    ours = project.state()
    assert {resource["type"].rpartition(":")[2] for resource in ours} == {
        "ServingEndpoint",
        "AiGateway",
        "SecretScope",
        "Secret",
        "SecretAcl",
        "EndpointPermissions",
    }
    assert {r["id"] for r in ours if r["type"].endswith(":ServingEndpoint")} == names
    assert project.sent() == []
    assert "To know:" not in said
    files = [path.read_text() for path in project.directory.iterdir() if path.is_file()]
    # With all secrets of the state in clear.
    _, exported = project.pulumi.run("stack", "export", "--show-secrets")
    assert "another value of llmOpenai" in exported
    assert value not in "".join([said, exported, *files])


def test_an_edit_of_what_was_imported_sends_exactly_that(project, imported):
    furnish(project.workspace, CANARY)
    imported("--select", "churn", "--select", "llm")
    project.sent()

    edit(project, '{"team": "crm"}', '{"team": "crm", "tier": "1"}')
    shown = project.preview()
    project.up()
    tagged = project.sent()
    project.run("config", "set", "--secret", "llmOpenai", "the next value")
    refusing = Fault("POST", f"{SECRETS}/put", status=403, error_code="PERMISSION_DENIED")
    project.workspace.faults.add(refusing)
    project.up(expect=1)
    project.sent()
    edit(project, 'permission="READ"', 'permission="WRITE"')
    project.up()
    changed = project.sent()
    state = project.resource("churn")
    project.preview("--refresh", "--expect-no-changes")

    assert "~ 1 to update" in shown
    assert tagged == [("PATCH", f"{ENDPOINTS}/churn/tags")]
    # The other value is put, also by the run after one that failed; the first was never.
    assert "value: taken to be the one that is there" in shown
    assert sorted(changed) == [("POST", f"{SECRETS}/acls/put"), ("POST", f"{SECRETS}/put")]
    # The import file has no key; the first update makes one, which the engine keeps encrypted.
    assert state["outputs"]["__key"] == "[secret]"


def test_secrets_from_the_environment_need_no_value_until_they_are_put(project, imported):
    secret(project.workspace)
    project.workspace.clear_calls()

    said = imported("--secrets-from", "environment")

    project.preview("--expect-no-changes")
    project.up()
    nothing = project.sent()
    edit(project, 'value_from_env="LLM_OPENAI"', 'value_from_env="LLM_OPENAI", version="2"')
    refused = project.up(expect=1)
    project.pulumi.more["LLM_OPENAI"] = "the next value"
    project.up()
    assert "config set" not in said
    assert nothing == []
    assert "LLM_OPENAI, which is not set. Nothing was sent." in refused
    assert project.sent() == [("POST", f"{SECRETS}/put")]
    project.preview("--expect-no-changes")


def test_an_endpoint_with_a_plaintext_credential_is_adopted_by_the_next_up(project, imported):
    project.workspace.ui("POST", ENDPOINTS, chat(openai_api_key_plaintext=CANARY))
    project.workspace.clear_calls()

    said = imported()
    shown = project.preview()
    project.up()

    assert "pulumi preview    # 1 to create: what is not in the import file" in said
    assert "+ 1 to create" in shown
    assert "to update" not in shown
    assert "to replace" not in shown
    assert project.sent() == [("PUT", f"{ENDPOINTS}/chat/config")]
    project.preview("--expect-no-changes")


def test_what_was_imported_is_destroyed_and_what_stood_elsewhere_stays(project, imported):
    secret(project.workspace)
    project.workspace.ui("POST", ENDPOINTS, chat(openai_api_key="{{secrets/llm/openai}}"))
    limits = {"rate_limits": [{"calls": 7, "key": "user", "renewal_period": "minute"}]}
    project.workspace.ui("PUT", f"{ENDPOINTS}/{CLAUDE}/ai-gateway", limits)
    imported("--include-system")
    project.up()
    project.sent()

    printed = project.destroy()

    listed = project.workspace.ui("GET", ENDPOINTS).json()["endpoints"]
    claude = project.workspace.ui("GET", f"{ENDPOINTS}/{CLAUDE}").json()
    assert [endpoint["name"] for endpoint in listed] == [CLAUDE]
    assert project.workspace.ui("GET", f"{SECRETS}/scopes/list").json() == {}
    # What stood there before is not known of what was found as it is.
    assert claude["ai_gateway"]["rate_limits"] == limits["rate_limits"]
    assert "what stood there before is not known" in printed
