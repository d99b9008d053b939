"""The GitLab recipe, on the real engine and an emulated workspace."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from support.ci_stage import PASSPHRASE, ROBOT
from support.pipelines import Pipeline
from support.workflows import loaded

RECIPE = Path(__file__).parents[2] / "examples/ci/gitlab/.gitlab-ci.yml"
ACCOUNT = "7a1e5a3c-0000-4000-8000-2f6f0c9b1a77"


def pipeline(stage, source, **more):
    variables = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_PIPELINE_ID": "4711",
        "CI_PIPELINE_SOURCE": source,
        "CI_JOB_URL": "https://gitlab.com/shop/infra/-/jobs/1",
        "CI_COMMIT_SHA": "0" * 40,
        "CI_PROJECT_PATH": "shop/infra",
        "CI_MERGE_REQUEST_PROJECT_PATH": "shop/infra",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "shop/infra",
        "DATABRICKS_HOST": stage.url,
        "DATABRICKS_CLIENT_ID": ROBOT,
        "DATABRICKS_ACCOUNT_ID": ACCOUNT,
        "PULUMI_BACKEND_URL": stage.backend,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        **more,
    }
    return Pipeline(RECIPE, stage.repository, stage.home / source, stage.environment, variables)


def test_a_merge_request_has_its_plan_and_a_schedule_is_orange_where_something_drifted(stage):
    stage.deploy()
    stage.limit(20)
    stage.change("gpt-4o")
    review = pipeline(stage, "merge_request_event", CI_MERGE_REQUEST_IID="7")
    schedule = pipeline(stage, "schedule")

    plan = review.run("plan", STACK="prod")
    drift = schedule.run("drift", STACK="prod")

    assert [review.jobs(), schedule.jobs()] == [["plan"], ["drift"]]
    # Neither in the fork nor, by "Run pipeline", in the parent is there a plan of a fork's.
    fork = {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "mallory/infra"}
    assert pipeline(stage, "merge_request_event", **fork).jobs() == []
    assert (
        pipeline(stage, "merge_request_event", **fork, CI_PROJECT_PATH="mallory/infra").jobs() == []
    )
    assert plan.verdict == "passed"
    assert plan.artifacts == (
        "plan/prod.json",
        "plan/prod.md",
        "plan/prod.tfplan.json",
        "plan/prod.xml",
    )
    [widget] = plan.reports["terraform"]
    assert json.loads(widget.read_text()) == {"create": 0, "update": 1, "delete": 0}
    assert [drift.verdict, drift.code] == ["warning", 2]
    assert drift.artifacts == ("drift/prod.json", "drift/prod.md", "drift/prod.xml")
    for job in (plan, drift):
        [junit] = job.reports["junit"]
        assert ET.parse(junit).getroot().get("tests") == "3"
    assert set(stage.door.vouched) == {("gitlab", ACCOUNT, ROBOT)}
    assert stage.writes() == []


def test_it_can_be_included_for_it_has_no_stages_of_its_own():
    said = loaded(RECIPE)

    assert "stages" not in said
    assert {said[job]["stage"] for job in ("plan", "drift")} == {"test"}
