"""The story of a pull request: what it does, and what on-call's manual changes it would overwrite.

`docs/stories/pull-request` has what `dbserving plan` printed in it;
`DBSERVING_RECORD=stories pytest tests/engine/test_review.py` writes it anew.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from support.programs import QUICKSTART

STORY = Path(__file__).parents[2] / "docs/stories/pull-request"
ANEW = os.environ.get("DBSERVING_RECORD") == "stories"
CHAT = "/api/2.0/serving-endpoints/chat"
HOST = "dbc-shop.cloud.databricks.com"
#: The pull request: another model, and a tag that somebody has set by hand already.
CHANGED = QUICKSTART.replace('"gpt-4"', '"gpt-4o"').replace('"gen-ai"', '"platform"')


def dbserving(project, *arguments):
    """A run in the project's directory, as in a job for the pull request."""
    inherited = {
        name: value
        for name, value in project.pulumi.environment().items()
        if not name.startswith(("DBSERVING_", "GITHUB_", "CI", "FORCE_COLOR"))
    }
    return subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", *arguments],
        cwd=project.directory,
        env={**inherited, "DBSERVING_RUN_ID": "pull-request-7"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def covered(text):
    """A report without what every run makes up: address, times, what follows from those."""
    text = re.sub(r"127\.0\.0\.1:\d+", HOST, text)
    text = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", text)
    text = re.sub(r" run=[^ ]+ digest=[0-9a-f]+ ", " run=pull-request-7 digest=0 ", text)
    text = re.sub(r'("fingerprint": ")[0-9a-f]{16}', rf"\g<1>{'0' * 16}", text)
    text = re.sub(r'("started": ")[^"]*', r"\g<1>2026-01-05T00:00:00Z", text)
    text = re.sub(r'("duration_ms": )\d+', r"\g<1>0", text)
    return re.sub(r'("version": ")[^"]*', r"\g<1>0.1.0", text)


def told(project, name):
    """What a run printed into this file, beside what the story has."""
    printed = covered((project.directory / name).read_text())
    if ANEW:
        STORY.mkdir(parents=True, exist_ok=True)
        (STORY / name).write_text(printed)
    return printed, (STORY / name).read_text()


def on_call(project):
    """The rate limit is lowered in the UI, a tag is added, and another one changed."""
    limits = [{"calls": 20, "key": "user", "renewal_period": "minute"}]
    project.workspace.ui("PUT", f"{CHAT}/ai-gateway", {"rate_limits": limits})
    tags = [{"key": "incident", "value": "INC-4711"}, {"key": "team", "value": "platform"}]
    project.workspace.ui("PATCH", f"{CHAT}/tags", {"add_tags": tags})
    project.workspace.clear_calls()


def test_a_pull_request_is_told_with_the_manual_changes_that_it_would_overwrite(project):
    project.write(QUICKSTART)
    project.up()
    on_call(project)
    project.write(CHANGED)

    plan = ("plan", "--stack", "dev", "--confirm-delay", "0s")
    files = ("-f", "text=plan.txt", "-f", "markdown=plan.md", "-f", "json=plan.json")
    reviewed = dbserving(project, *plan, *files)
    guarded = dbserving(project, *plan, "--fail-on", "overwrites")
    comment = dbserving(project, "notify", "plan.json", "--to", "github-pr", "--dry-run")
    (project.directory / "comment.md").write_text(comment.stdout)

    assert (reviewed.returncode, reviewed.stderr) == (0, "")
    assert guarded.returncode == 2
    for name in ("plan.txt", "plan.md", "plan.json", "comment.md"):
        printed, kept = told(project, name)
        assert printed == kept
    report = json.loads((project.directory / "plan.json").read_text())
    assert [
        (change["path"], change["origin"])
        for finding in report["findings"]
        for change in finding["changes"]
    ] == [
        ("ai_gateway.rate_limits.user.calls", "outside"),
        ("config.served_entities.gpt.external_model.name", "code"),
        ("tags.incident", "outside"),
        ("tags.team", "converged"),
    ]
    assert project.sent() == []

    project.up()

    assert sorted(project.sent()) == [
        ("PATCH", f"{CHAT}/tags"),
        ("PUT", f"{CHAT}/ai-gateway"),
        ("PUT", f"{CHAT}/config"),
    ]
    after = dbserving(project, *plan, "-f", "json", "--fail-on", "changes")
    assert after.returncode == 0
    assert json.loads(after.stdout)["findings"] == []


def test_a_program_that_cannot_be_previewed_is_an_error_with_pulumis_own_words(project):
    project.write(QUICKSTART)
    project.up()
    on_call(project)
    project.write(QUICKSTART.replace('"provider": "openai"', '"provider": "opanai"'))

    ran = dbserving(project, "plan", "--stack", "dev", "--confirm-delay", "0s", "-f", "json")

    report = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert "config.served_entities[0].external_model.provider" in report["errors"][0]["message"]
    assert report["errors"][0]["resource"] == "ServingEndpoint/chat"
    assert [name.rsplit(":", 1)[-1] for name in report["in_sync"]] == [
        "Secret/llm-keys/openai",
        "SecretScope/llm-keys",
    ]
    assert project.sent() == []
