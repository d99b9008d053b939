"""Bad input in a program that is deployed: one clear paragraph, nothing sent, no state lost."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import RunningServer, Workspace
from support.programs import QUICKSTART

CHAT = "pulumi-python:dynamic/databricks_serving:ServingEndpoint resource 'chat' has a problem: "
IN_PROGRAM = {
    "a misspelt field": (
        ('"served_entities"', '"served_entites"'),
        CHAT + "config.served_entites: no such field; did you mean 'served_entities'? "
        "[unknown-field]",
    ),
    "a wrong type": (
        ('"calls": 100', '"calls": 10.5'),
        CHAT + "ai_gateway.rate_limits[0].calls: takes a whole number [type]",
    ),
    "a pasted key": (
        ("key.reference", '"sk-PASTED-0001"'),
        CHAT + "config.served_entities[0].external_model.openai_config.openai_api_key: takes a "
        "reference such as {{secrets/my_scope/my_key}}, and what stands here is none. It is not "
        "repeated, for it may be the credential itself. Put that into a `Secret` and write "
        "`secret.reference` here, or move it to the field of the same name with `_plaintext` added "
        "[secret-reference]",
    ),
}


@pytest.mark.parametrize("case", IN_PROGRAM)
def test_a_mistake_in_the_program_is_named_in_preview_and_nothing_is_sent(project, case):
    (right, wrong), message = IN_PROGRAM[case]
    project.write(QUICKSTART)
    project.up()
    before = project.state()
    project.sent()

    project.write(QUICKSTART.replace(right, wrong))
    printed = project.preview(expect=1)

    assert [line.strip() for line in printed.splitlines() if "error:" in line] == [
        f"error: {message}"
    ]
    assert "Traceback" not in printed
    assert "sk-PASTED-0001" not in printed
    assert project.up(expect=1).count("Traceback") == 0
    assert project.sent() == []
    assert project.state() == before


IN_ENVIRONMENT = {
    "no credentials": (
        {"DATABRICKS_HOST": "", "DATABRICKS_TOKEN": "", "HOME": "/nonexistent"},
        "No credentials for a Databricks workspace",
        "Set DATABRICKS_HOST and DATABRICKS_TOKEN",
    ),
    "a bad token": (
        {"DATABRICKS_TOKEN": "dapi-wrong"},
        "the workspace answered 403: Invalid access token.",
        "Set DATABRICKS_HOST and DATABRICKS_TOKEN",
    ),
    "nothing listening": (
        {"DATABRICKS_HOST": "http://127.0.0.1:1"},
        "http://127.0.0.1:1 cannot be reached",
        "start it with `dbserving emulator`",
    ),
    "a host that is none": (
        {"DATABRICKS_HOST": "http://no-such-host.invalid"},
        "http://no-such-host.invalid cannot be reached",
        "Check DATABRICKS_HOST and the network",
    ),
}


@pytest.mark.parametrize("case", IN_ENVIRONMENT)
def test_a_mistake_in_the_environment_is_named_and_no_state_is_lost(project, case):
    environment, message, remedy = IN_ENVIRONMENT[case]
    project.write(QUICKSTART)
    project.up()
    before = project.state()
    project.sent()

    project.pulumi.more.update(environment)
    printed = project.up(expect=1)
    project.pulumi.more.clear()

    assert message in printed
    assert remedy in printed
    assert "Traceback" not in printed
    assert project.sent() == []
    assert project.state() == before
    project.preview("--expect-no-changes")


def test_credentials_of_another_workspace_are_an_error_and_not_a_vanished_endpoint(project):
    project.write(QUICKSTART)
    project.up()
    before = project.state()

    with RunningServer(Workspace(token="dapi-engine-tests", workspace_id="99")) as elsewhere:
        project.pulumi.more["DATABRICKS_HOST"] = elsewhere.url
        printed = project.run("refresh", "--yes", "--skip-preview", expect=1)
        project.pulumi.more.clear()

    assert "is recorded in workspace 1234567890123456" in printed
    assert "Set credentials for the recorded workspace" in printed
    assert project.state() == before


def test_an_error_of_the_service_is_one_paragraph_of_ours(project):
    project.write(QUICKSTART)
    project.workspace.ui("POST", "/api/2.0/serving-endpoints", {"name": "chat"})

    printed = project.up(expect=1)

    assert "An endpoint called chat exists already" in printed
    assert "adopt=True" in printed
    assert "Traceback" not in printed
    assert [r["urn"].rsplit("::", 1)[1] for r in project.state()] == ["keys", "openai"]
