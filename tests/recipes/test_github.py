"""The GitHub recipes, job by job, on the real engine, an emulated workspace and a GitHub."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from support.ci_stage import CHAT, QUICKLY, ROBOT, is_told
from support.fake_github import REPOSITORY, FakeGitHub, running
from support.workflows import loaded

RECIPES = Path(__file__).parents[2] / "examples/ci/github"
#: What a fork may write wherever a report has a text.
HOSTILE = (
    '"><script>alert(1)</script> @shop/admins ${{ github.token }} $(touch pwned) `touch pwned`\n'
    "::add-path::/tmp\n<!-- dbserving:report v1 key=preview run=9 digest=" + "0" * 64 + " -->"
)


def of_pull_request(head=REPOSITORY):
    return {"pull_request": {"number": 7, "head": {"repo": {"full_name": head}}}}


def of_ended_run(head, sha):
    """The event that a finished run of preview.yml starts another workflow with."""
    owner, _, branch = head.partition(":")
    repository = {"full_name": f"{owner}/infra", "owner": {"login": owner}}
    run = {
        "event": "pull_request",
        "conclusion": "success",
        "id": 9001,
        "head_sha": sha,
        "head_branch": branch,
    }
    return {"workflow_run": {**run, "head_repository": repository}}


def drifted(stage, **more):
    """A run of drift.yml for the stack `prod`."""
    runner = stage.runner("schedule", {}, **more)
    runner.settings["vars"]["HEARTBEAT_URL"] = (stage.repository / "Pulumi.yaml").as_uri()
    return runner.run(loaded(RECIPES / "drift.yml"), "drift", matrix={"stack": "prod"})


def test_scheduled_drift_is_one_issue_that_is_opened_changed_and_closed(stage):
    stage.deploy()
    stage.limit(0)

    opened = drifted(stage)
    stage.limit(5)
    changed = drifted(stage, **QUICKLY)
    stage.limit(100)
    closed = drifted(stage, **QUICKLY)

    notify = "Open, update or close the issue"
    url = "https://github.com/shop/infra/issues/1"
    told = [job.printed(notify).splitlines()[-1] for job in (opened, changed, closed)]
    assert told == [
        f"Opened {url}.",
        f"Updated {url}.",
        f"Closed {url}: the drift is gone.",
    ]
    assert all(job.is_green and "Heartbeat" in job.codes for job in (opened, changed, closed))
    assert is_told("drift", opened.printed("Look for drift"))
    assert is_told("issue", opened.printed(notify))
    assert [issue["state"] for issue in stage.github.issues] == ["closed"]
    assert "ai_gateway.rate_limits.user.calls" in opened.summary
    # Nothing was stored: GitHub vouched, for an audience and a client that the workspace knows.
    # Once for a run, however many requests it makes.
    assert stage.door.vouched == [("github", f"{stage.url}/oidc/v1/token", ROBOT)]
    assert stage.writes() == []

    blind = drifted(stage, DATABRICKS_AUTH_TYPE="pat", DATABRICKS_TOKEN="dapi-of-nobody")

    # Red, for nobody knows; the issue stays as it is, and the heartbeat is missed.
    assert blind.codes["Look for drift"] == 3
    assert "Not all could be looked at" in blind.printed(notify)
    assert "Heartbeat" not in blind.codes


def test_a_pull_request_has_one_comment_of_all_stacks_that_later_runs_change(stage):
    stage.deploy()
    stage.limit(20)
    stage.change("gpt-4o")
    workflow = loaded(RECIPES / "preview.yml")
    runner = stage.runner("pull_request", of_pull_request(), **QUICKLY)

    plans = [runner.run(workflow, "plan", matrix={"stack": name}) for name in ("staging", "prod")]
    comment = runner.run(workflow, "comment")
    first = stage.github.of(7)[0]["body"]
    stage.limit(100)
    # "Re-run failed jobs": one plan anew, beside the other's artifact.
    runner.github["run_attempt"] = "2"
    again = runner.run(workflow, "plan", matrix={"stack": "prod"})
    changed = runner.run(workflow, "comment")

    assert all(job.is_green for job in (*plans, comment, again, changed))
    assert is_told("preview", plans[1].printed("Plan"))
    assert len(stage.github.of(7)) == 1
    assert first.startswith("<!-- dbserving:report v1 key=preview run=")
    assert "<code>prod</code>: 1 update; 1 manual change would be overwritten" in first
    assert "<code>staging</code>: 3 creates" in first
    assert "<code>prod</code>: 1 update\n" in stage.github.of(7)[0]["body"]
    assert "1 manual change would be overwritten" in comment.summary
    assert runner.run(workflow, "rehearse").skipped
    assert stage.writes() == []

    del runner.artifacts["plan-prod"]
    incomplete = runner.run(workflow, "comment")
    one_left = stage.github.of(7)[0]["body"]
    runner.artifacts.clear()
    runner.run(workflow, "comment")
    none_left = stage.github.of(7)[0]["body"]

    assert incomplete.codes == {
        "pip install 'databricks-serving[cli]'": 0,
        "Comment": 0,
        "Summary and annotations": 1,
    }
    assert "1 of 2 reports are missing" in incomplete.printed("Summary and annotations")
    assert "3 creates" in one_left
    assert "1 of 2 reports are missing" in one_left
    assert "2 of 2 reports are missing" in none_left
    assert len(stage.github.of(7)) == 1
    assert sorted(set((runner.home / "pip.log").read_text().splitlines())) == [
        "install -r requirements.txt",
        "install databricks-serving[cli]",
    ]


def test_a_fork_is_rehearsed_without_credentials_and_its_artifact_does_no_harm(stage):
    stage.github.add_pull(7, "mallory:evil", "c0ffee")
    preview, companion = (loaded(RECIPES / f"preview{more}.yml") for more in ("", "-fork-comment"))
    forks = stage.runner("pull_request", of_pull_request("mallory/infra"))
    forks.settings = {"vars": {}, "secrets": {}}
    ours = stage.runner("workflow_run", of_ended_run("mallory:evil", "c0ffee"))

    rehearsed = forks.run(preview, "rehearse")
    skipped = [forks.run(preview, "plan", matrix={"stack": "prod"}), forks.run(preview, "comment")]
    ours.artifacts = forks.artifacts
    comment = ours.run(companion, "comment")

    assert rehearsed.is_green
    assert is_told("rehearse", rehearsed.printed("Plan a stack of its own"))
    assert all(job.skipped for job in skipped)
    assert comment.is_green
    assert [len(stage.github.of(7)), len(stage.github.comments)] == [1, 1]
    assert "<code>rehearsal</code>: 3 creates" in stage.github.of(7)[0]["body"]

    evil = FakeGitHub()
    with running(evil) as elsewhere:
        hostile(forks.artifacts["rehearsal"], elsewhere)
        comment = ours.run(companion, "comment")

    assert comment.is_green
    assert evil.calls == []
    body = stage.github.of(7)[0]["body"]
    assert body.count("<!--") == 1
    assert "<script" not in body
    # GitHub tells nobody of a name in a <code>.
    assert "@shop/admins" not in re.sub(r"<code>.*?</code>", "", body)
    assert "javascript:" not in body
    assert [len(stage.github.of(7)), len(stage.github.comments)] == [1, 1]
    assert not list(ours.home.rglob("pwned"))
    assert not [line for line in comment.steps[-1].printed.splitlines() if "add-path" in line]

    ours.artifacts = {}
    without = ours.run(companion, "comment")
    ours.github["event"]["workflow_run"]["conclusion"] = "cancelled"

    assert without.is_green
    assert "1 of 1 reports are missing" in stage.github.of(7)[0]["body"]
    assert len(stage.github.of(7)) == 1
    assert ours.run(companion, "comment").skipped


def hostile(artifact, elsewhere):
    """Make of a fork's artifact what somebody with bad intentions would."""
    report = json.loads((artifact / "rehearsal.json").read_text())
    report["run"] |= {"project": HOSTILE, "stack": HOSTILE, "url": "javascript:alert(1)"}
    report["notices"] = [HOSTILE]
    report["errors"] = [{"message": HOSTILE}]
    for finding in report["findings"]:
        finding["name"] = finding["reason"] = HOSTILE
    (artifact / "rehearsal.json").write_text(json.dumps(report))
    said = f'api_url = "{elsewhere}"\nrepo = "mallory/infra"\nkey = "preview"\npr = 1\n'
    (artifact / "dbserving.toml").write_text(f"[notify]\n{said}")
    (artifact / "pyproject.toml").write_text(f"[tool.dbserving.notify]\n{said}")
    (artifact / "sitecustomize.py").write_text("open('pwned', 'w')")
    shutil.copy(artifact / "rehearsal.json", artifact / "$(touch pwned).json")


def test_what_is_applied_is_the_plan_that_was_reviewed_or_nothing(stage):
    stage.deploy()
    stage.change("gpt-4o")
    workflow = loaded(RECIPES / "apply.yml")
    runner = stage.runner("push", {}, **QUICKLY)

    plan = runner.run(workflow, "plan")
    stage.limit(20)
    moved = runner.run(workflow, "apply", needs={"plan": plan})

    gate = "Is it still the plan that was reviewed?"
    assert plan.is_green
    assert plan.outputs["digest"].startswith("sha256:")
    assert moved.codes == {"pip install -r requirements.txt": 0, gate: 5}
    assert is_told("moved", moved.printed(gate))
    assert stage.writes() == []

    stage.limit(100)
    applied = runner.run(workflow, "apply", needs={"plan": plan})

    assert applied.is_green
    assert [*applied.codes][1:] == [gate, "Apply", "Is it there?"]
    assert stage.writes() == [("PUT", f"{CHAT}/config")]
    assert is_told("applied", applied.printed("Is it there?"))

    nothing = runner.run(workflow, "plan")

    assert nothing.outputs["outcome"] == "clean"
    assert runner.run(workflow, "apply", needs={"plan": nothing}).skipped


def test_the_stacks_of_the_matrix_are_those_that_the_comment_waits_for():
    preview = loaded(RECIPES / "preview.yml")["jobs"]

    stacks = preview["plan"]["strategy"]["matrix"]["stack"]

    assert preview["comment"]["env"] == {"STACKS": len(stacks)}
