"""`dbserving cancel` beside the real engine: an update that hangs, and the stack afterwards."""

from __future__ import annotations

import subprocess
import sys

ENDPOINTS = "/api/2.0/serving-endpoints"
CONFIG = f"{ENDPOINTS}/chat/config"
DBSERVING = [sys.executable, "-m", "databricks_serving.cli.main"]
PROGRAM = """
entity = {
    "name": "churn",
    "entity_name": "ml.prod.churn",
    "entity_version": "1",
    "workload_size": "Small",
    "scale_to_zero_enabled": True,
}
ServingEndpoint("chat", name="chat", config={"served_entities": [entity]}, tags={"team": "crm"})
"""


def cancelled(project, *arguments):
    """What `dbserving cancel` says in the project's directory; the exit code, both streams."""
    return subprocess.run(
        [*DBSERVING, "cancel", "chat", *arguments],
        cwd=project.directory,
        env=project.pulumi.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def hangs(project, version):
    """Somebody in the UI deploys another version, and that takes a while."""
    entity = {
        "name": "churn",
        "entity_name": "ml.prod.churn",
        "entity_version": version,
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
    }
    project.workspace.deployments.plan(polls=3, times=1)
    project.workspace.ui("PUT", CONFIG, {"served_entities": [entity]})
    project.workspace.deployments.plan(polls=0)


def test_what_the_stack_applied_takes_the_place_of_an_update_that_hangs(project):
    project.workspace.deployments.plan(polls=0)
    project.write(PROGRAM)
    project.up()
    project.sent()
    hangs(project, "2")

    looked = cancelled(project, "--stack", "dev")
    superseded = cancelled(project, "--supersede", "--stack", "dev")

    assert looked.returncode == 64
    assert "Endpoint chat: an update is under way since" in looked.stdout
    assert (superseded.returncode, superseded.stdout) == (
        0,
        "Endpoint chat is ready: it serves the configuration that the stack applied.\n",
    )
    assert project.sent() == [("PUT", CONFIG)]
    project.preview("--expect-no-changes")
    assert project.sent() == []


def test_a_stack_that_is_not_there_is_exit_6(project):
    project.write(PROGRAM)

    ended = cancelled(project, "--supersede", "--stack", "prod")

    assert ended.returncode == 6
    assert "prod" in ended.stderr
    assert project.sent() == []
