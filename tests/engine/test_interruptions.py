"""Ctrl-C during each kind of wait: it ends at once, says so, and the next `up` goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from databricks_serving_emulator import Behaviour, Fault
from support.engine_crashes import kill_session
from support.programs import plaintext_endpoint

ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"
HOUR = 3600.0
WAITING = """
def model(name, version, **more):
    entity = {{
        "name": "m",
        "entity_name": "ml.prod.churn",
        "entity_version": str(version),
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
    }}
    return ServingEndpoint(name, name=name, config={{"served_entities": [entity]}}, **more)


model("deploying", {version})
model("foreign", {version})
model("telemetry", 1, telemetry_config={{"table_names": {{"logs_table": "ml.logs.{table}"}}}})
model("tagged", 1, tags={{"team": "{table}"}})
EndpointPermissions(
    "throttled",
    endpoint_name="databricks-claude",
    access_control=[{{"group_name": "users", "permission_level": "{level}"}}],
)
scope = SecretScope("keys")
SecretAcl("access", scope=scope.name, principal="users", permission="{permission}")
"""


def interrupted(project, waiting) -> str:
    """What an `up` says that gets a Ctrl-C as soon as `waiting()`."""
    running = project.pulumi.start(
        "up", "--yes", "--skip-preview", "--parallel", "16", session=True
    )
    deadline = time.monotonic() + 60
    while not waiting():
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < deadline, project.door.asked
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    try:
        printed, _ = running.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        kill_session(running.pid)
        raise
    assert running.returncode not in (0, -signal.SIGINT)
    assert "Traceback" not in printed
    return printed


def id_of_claude(project) -> str:
    """The id of Databricks' own endpoint."""
    return project.workspace.ui("GET", f"{ENDPOINTS}/databricks-claude").json()["id"]


def unfinished(project) -> list[str]:
    """The resources of the state that the next `up` has to finish."""
    found = (r["urn"].rsplit("::", 1)[1] for r in project.state() if r.get("initErrors"))
    return sorted(found)


def test_ctrl_c_ends_every_wait_for_what_goes_on_in_the_workspace(project):
    first = {"version": 1, "table": "a", "level": "CAN_VIEW", "permission": "READ"}
    then = {"version": 2, "table": "b", "level": "CAN_QUERY", "permission": "WRITE"}
    project.workspace.deployments.plan(polls=0)
    project.write(WAITING.format(**first))
    project.up()
    project.sent()
    project.workspace.deployments.plan(seconds=HOUR)
    for name in ("foreign", "telemetry"):
        project.workspace.serving.redeploy(name)
    project.workspace.behaviour = Behaviour(stale_acl_seconds=HOUR)
    slow_down = {"Retry-After": "500"}
    path = "/api/2.0/permissions/serving-endpoints/*"
    project.workspace.faults.add(Fault("PATCH", path, status=429, headers=slow_down, times=None))
    path = f"{ENDPOINTS}/tagged/tags"
    project.workspace.faults.add(Fault("PATCH", path, headers={"Retry-After": "250"}, times=None))

    project.write(WAITING.format(**then))
    printed = interrupted(project, lambda: len(project.workspace.writes) >= 4)
    sent = project.sent()
    left = unfinished(project)
    project.workspace.clock.advance(HOUR)
    project.workspace.behaviour = Behaviour()
    project.workspace.faults.clear()
    project.workspace.deployments.plan(polls=0)
    project.up()

    for name in ("deploying", "foreign", "telemetry"):
        assert f"Stopped waiting for endpoint {name}, which is updating." in printed
    assert f"Stopped before another attempt. PATCH {ENDPOINTS}/tagged/tags: " in printed
    assert "Stopped while PATCH /api/2.0/permissions/serving-endpoints/" in printed
    assert " waited for its turn: the workspace asks to slow down. It was not carried" in printed
    assert "Stopped while the access list of scope keys was being looked at again." in printed
    grants = ("PATCH", f"/api/2.0/permissions/serving-endpoints/{id_of_claude(project)}")
    tags = ("PATCH", f"{ENDPOINTS}/tagged/tags")
    assert sorted(sent) == [
        grants,
        tags,
        ("POST", f"{SECRETS}/acls/put"),
        ("PUT", f"{ENDPOINTS}/deploying/config"),
    ]
    # Of the two that were refused, nothing had been done.
    assert left == ["access", "deploying", "foreign", "telemetry"]
    assert sorted(project.sent()) == [
        grants,
        tags,
        ("PATCH", f"{ENDPOINTS}/telemetry/telemetry-config"),
        ("PUT", f"{ENDPOINTS}/foreign/config"),
    ]
    assert unfinished(project) == []
    project.preview("--expect-no-changes")


def test_ctrl_c_ends_the_wait_for_a_deletion_and_the_one_for_a_write_to_show(project):
    gone = 'description="{}", deploy={{"replace_on": ["description"]}},'
    tags = 'tags={{"team": "{}"}},'
    one, two = (
        plaintext_endpoint("gone", gone.format(value))
        + plaintext_endpoint("late", tags.format(value))
        for value in ("one", "two")
    )
    project.write(one)
    project.up()
    project.sent()
    project.workspace.behaviour = Behaviour(stale_seconds=HOUR)

    project.write(two)
    printed = interrupted(project, lambda: len(project.workspace.writes) >= 2)
    sent = project.sent()
    left = unfinished(project)
    project.workspace.behaviour = Behaviour()
    project.workspace.clock.advance(HOUR)
    project.up()

    for name in ("gone", "late"):
        assert f"Stopped while endpoint {name} was being looked at again. What was sent" in printed
    assert sorted(sent) == [
        ("DELETE", f"{ENDPOINTS}/gone"),
        ("PATCH", f"{ENDPOINTS}/late/tags"),
    ]
    assert left == ["late"]
    assert project.sent() == [("POST", ENDPOINTS)]
    assert unfinished(project) == []
    project.preview("--expect-no-changes")
