"""Every example on the real engine: its first preview as printed beside it, and a whole life.

`DBSERVING_RECORD=examples pytest tests/engine/test_examples.py` writes the expected previews anew;
what an example may bring along stands in tests/support/examples.py.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from dataclasses import replace

import pytest

from databricks_serving_emulator import RunningServer, Workspace
from support import examples
from support.mini_engine.stand import Door

CANARY = "sk-CANARY-5c1f"
TOKEN = "dapi-emulator"  # which the profiles of examples have
ANEW = os.environ.get("DBSERVING_RECORD") == "examples"
ENDPOINTS = "/api/2.0/serving-endpoints"
SCOPES = "/api/2.0/secrets/scopes/list"


def seeded(seed, number):
    """A strict workspace with what the example needs beforehand; each has an id of its own."""
    made = Workspace(
        token=TOKEN,
        strict=True,
        workspace_id=f"{1234567890123456 + number}",
        foundation_models=tuple(seed.foundation_models),
    )
    # None waits here: how long a deployment takes is no example's matter.
    made.deployments.plan(polls=0)
    seed.sow(made)
    made.clear_calls()
    return made


def grants_of(workspace, endpoint):
    """Who may do what with an endpoint."""
    path = f"/api/2.0/permissions/serving-endpoints/{endpoint['id']}"
    return workspace.ui("GET", path).json()["access_control_list"]


def what_is_there(workspace):
    """The endpoints of a workspace with their gateways and grants, and its scopes."""
    endpoints = workspace.ui("GET", ENDPOINTS).json().get("endpoints", [])
    return [
        *((each["name"], each.get("ai_gateway"), grants_of(workspace, each)) for each in endpoints),
        *(one["name"] for one in workspace.ui("GET", SCOPES).json().get("scopes", [])),
    ]


def printed_as_for_a_reader(printed, addresses):
    """A preview with the addresses that `dbserving emulator` takes."""
    for number, address in enumerate(addresses):
        port = examples.FIRST_PORT + number
        printed = printed.replace(address.removeprefix("http://"), f"127.0.0.1:{port}")
    return re.sub(r"[ \t]+$", "", printed, flags=re.MULTILINE)


def expected(example, printed):
    """What stands beside the example."""
    if ANEW:
        example.expected_preview.write_text(printed)
    return example.expected_preview.read_text()


def blocks(preview):
    """A preview by resource: those that nothing links come in any order."""
    begins = r"^(?= *\+ [\w:/-]+: \(create\)$|warning: |    --outputs:--$|Resources:$)"
    return sorted(re.split(begins, preview, flags=re.MULTILINE))


@pytest.mark.parametrize("example", examples.found(), ids=lambda each: each.name)
def test_an_example_previews_as_printed_settles_shows_no_secret_and_is_gone(example, opened):
    workspaces = [seeded(example.seed, number) for number in range(example.workspaces)]
    before = [what_is_there(each) for each in workspaces]
    with ExitStack() as running:
        doors = [Door(each) for each in workspaces]
        addresses = [running.enter_context(RunningServer(each)).url for each in doors]  # type: ignore[arg-type]  # asks for answers and the token
        project = opened(doors[0], addresses[0])
        example.copy(project.directory, addresses=addresses)
        variables = dict.fromkeys(example.variables, CANARY)
        profiles = project.directory / "databrickscfg"
        if profiles.exists():
            variables["DATABRICKS_CONFIG_FILE"] = str(profiles)
        project.pulumi = replace(project.pulumi, more={**project.pulumi.more, **variables})
        project.run("stack", "init", example.stack)
        if example.secrets:
            given = [f"{name}={CANARY}" for name in example.secrets]
            project.run("config", "set-all", *(p for one in given for p in ("--secret", one)))

        preview = printed_as_for_a_reader(project.preview(), addresses)
        looked_only = [each.writes for each in workspaces]
        project.up()
        written = [each.writes for each in workspaces]
        kept = next((project.pulumi.home / "backend").rglob(f"stacks/**/{example.stack}.json"))
        state = kept.read_text()
        project.preview("--expect-no-changes")
        writes_after = [each.writes for each in workspaces]
        project.destroy("--refresh=false")

    assert blocks(preview) == blocks(expected(example, preview))
    assert looked_only == [()] * len(workspaces)
    assert [n for n, writes in enumerate(written) if writes] == example.meant
    assert writes_after == written
    assert examples.project_name(example) in state
    assert CANARY not in state
    assert [what_is_there(each) for each in workspaces] == before
    assert [each.unknown_calls for each in workspaces] == [()] * len(workspaces)
