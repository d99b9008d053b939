"""How the command reads a stack through the real engine, and from the file backend's own files."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import pytest

from support.programs import plaintext_endpoint


def dbserving(project, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", *arguments],
        cwd=project.directory,
        env={**project.pulumi.environment(), **more},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_a_stack_is_read_without_its_passphrase_and_in_every_way(project, tmp_path):
    project.write(plaintext_endpoint("chat"))
    project.up()
    (checkpoint,) = (project.pulumi.home / "backend").glob(".pulumi/stacks/**/dev.json")
    packed = tmp_path / "dev.json.gz"
    packed.write_bytes(gzip.compress(checkpoint.read_bytes()))
    without = {"PULUMI_CONFIG_PASSPHRASE": "another"}

    ways = [
        dbserving(project, "drift", "--stack", "dev", "-f", "json", **without),
        dbserving(project, "drift", "-f", "json", **without),
        dbserving(project, "drift", "--state", str(checkpoint), "-f", "json", **without),
        dbserving(project, "drift", "--state", str(packed), "-f", "json", **without),
    ]

    assert [way.returncode for way in ways] == [0] * 4, [way.stderr for way in ways]
    told = [json.loads(way.stdout) for way in ways]
    assert [(one["run"]["project"], one["run"]["stack"]) for one in told] == [("shop", "dev")] * 4
    assert [len(one["in_sync"]) for one in told] == [1] * 4
    assert project.sent() == [("POST", "/api/2.0/serving-endpoints")]


@pytest.mark.parametrize("command", ["drift", "plan"])
def test_what_the_engine_does_not_know_is_6_and_one_paragraph(project, command):
    unknown = dbserving(project, command, "--stack", "prod")
    project.run("stack", "unselect")
    none = dbserving(project, command)
    (project.directory / "Pulumi.yaml").unlink()
    no_project = dbserving(project, command, "--stack", "dev")

    for ended in (unknown, none, no_project):
        assert (ended.returncode, ended.stdout) == (6, "")
        assert len(ended.stderr.splitlines()) == 1
    assert "no stack named 'prod' found" in unknown.stderr
    assert "no stack selected" in none.stderr


def test_a_stack_that_was_never_deployed_has_nothing_to_report(project):
    ended = dbserving(project, "drift", "--stack", "dev", "-f", "json")

    told = json.loads(ended.stdout)
    assert (ended.returncode, told["run"]["stack"], told["findings"]) == (0, "dev", [])
