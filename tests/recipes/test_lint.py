"""Each recipe by its ecosystem's own linter, all of them offline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from actionlint import NoGoError, obtain
from engine_surroundings import Surroundings

from support.workflows import loaded

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "examples/ci"
WORKFLOWS = sorted((RECIPES / "github").glob("*.yml"))
#: What each job may do: one that runs a pull request's code changes nothing on GitHub.
RIGHTS = {
    "apply.yml": {
        "plan": {"contents": "read", "id-token": "write"},
        "apply": {"contents": "read", "id-token": "write"},
    },
    "drift.yml": {"drift": {"contents": "read", "id-token": "write", "issues": "write"}},
    "preview-fork-comment.yml": {"comment": {"actions": "read", "pull-requests": "write"}},
    "preview.yml": {
        "plan": {"contents": "read", "id-token": "write"},
        "comment": {"pull-requests": "write"},
        "rehearse": {"contents": "read"},
    },
}


def linted(*command):
    own = Path(sys.executable).parent
    ran = subprocess.run(
        [str(own / command[0]), *map(str, command[1:])],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.gitlab-ci", [RECIPES / "gitlab/.gitlab-ci.yml"]),
    ],
)
def test_a_recipe_is_what_its_system_s_schema_says(schema, files):
    code, printed = linted("check-jsonschema", "--builtin-schema", schema, *files)

    assert code == 0, printed


def test_actionlint_finds_nothing_in_the_workflows():
    try:
        actionlint = obtain(Surroundings(os.environ, print))
    except NoGoError as why:
        pytest.skip(str(why))

    # Without programs that may or may not be on PATH.
    ran = subprocess.run(
        [actionlint, "-shellcheck=", "-pyflakes=", *WORKFLOWS],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert ran.returncode == 0, ran.stdout


def test_the_cron_job_is_valid_for_kubernetes_1_31_to_the_last_field():
    manifest = RECIPES / "kubernetes/cronjob.yaml"

    code, printed = linted("kubernetes-validate", "-k", "1.31", "--strict", manifest)

    assert code == 0, printed


def test_pre_commit_takes_its_configuration_and_the_hooks_that_we_offer():
    config = RECIPES / "pre-commit/.pre-commit-config.yaml"

    answers = [
        linted("pre-commit", "validate-config", config),
        linted("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"),
    ]

    assert [code for code, _ in answers] == [0, 0], answers


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_pastes_nothing_into_scripts_and_each_job_has_the_least_rights(path):
    said = loaded(path)

    jobs = said["jobs"]
    scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]

    assert scripts
    assert not [script for script in scripts if "${{" in script]
    assert said["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == RIGHTS[path.name]
    assert all("timeout-minutes" in job for job in jobs.values())
    checkouts = [
        step
        for job in jobs.values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert path.name != "preview-fork-comment.yml" or not checkouts
