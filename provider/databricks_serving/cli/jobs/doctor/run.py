"""Where the command runs: which CI, and what its terminal shows."""

from __future__ import annotations

import json
import os
from pathlib import Path

from databricks_serving.cli.terminal import is_ci, is_terminal, looks

from .check import Check, Finding, Surroundings, ok, skipped, warning

_GROUP = "This run"
_FORK = (
    "Run `dbserving plan -f json=report.json` there without secrets of the repository, keep the "
    "report as an artifact, and post it from a `workflow_run` job with `dbserving notify`."
)


def ci(around: Surroundings) -> Finding:
    """What the CI gives to a run, and what comments will need."""
    environment = around.environment
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(around)
    if environment.get("GITLAB_CI"):
        return _gitlab(around)
    if is_ci(environment):
        return ok("a CI of another kind: reports by -f, exit codes as documented")
    return skipped("not in CI")


def _github(around: Surroundings) -> Finding:
    environment = around.environment
    event = environment.get("GITHUB_EVENT_NAME", "")
    if _is_fork(environment.get("GITHUB_EVENT_PATH", "")):
        if event == "pull_request_target":
            return warning(
                "GitHub, pull_request_target from a fork: the run has the repository's secrets, "
                "and its token may write",
                f"Check out or run nothing of the fork here. {_FORK}",
            )
        return warning(
            "GitHub, a pull request from a fork: it gets no secrets, and its token only reads",
            _FORK,
        )
    summary = environment.get("GITHUB_STEP_SUMMARY", "")
    if not _is_writable(summary):
        return warning(
            "GitHub: the step summary cannot be written",
            "Run it in a step of a job, and in a container with the runner's files mounted.",
        )
    if event.startswith("pull_request") and not environment.get("GITHUB_TOKEN"):
        return warning(
            "GitHub, a pull request: no GITHUB_TOKEN, so `dbserving notify` cannot comment",
            "Give the step `env: GITHUB_TOKEN: ${{ github.token }}`, and the job `permissions: "
            "pull-requests: write`.",
        )
    return ok(
        f"GitHub, {event or 'no event'}. `notify --to github-pr` needs `pull-requests: write`, "
        f"`--to github-issue` needs `issues: write`"
    )


def _gitlab(around: Surroundings) -> Finding:
    environment = around.environment
    source = environment.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    if source is not None and source != environment.get("CI_MERGE_REQUEST_PROJECT_ID"):
        return warning(
            "GitLab, a merge request from a fork: protected variables are not there",
            "Run the pipeline in the parent project after looking at the change.",
        )
    request = environment.get("CI_MERGE_REQUEST_IID")
    what = f"merge request {request}" if request else environment.get("CI_PIPELINE_SOURCE", "")
    return ok(f"GitLab, {what or 'a pipeline'}")


def _is_fork(event_path: str) -> bool:
    """Whether the event that started a workflow is a pull request from another repository."""
    try:
        event = json.loads(Path(event_path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    request = event.get("pull_request") if isinstance(event, dict) else None
    names = [
        (request.get(side) or {}).get("repo") or {} if isinstance(request, dict) else {}
        for side in ("head", "base")
    ]
    return names[0].get("full_name") != names[1].get("full_name")


def _is_writable(path: str) -> bool:
    if not path:
        return False
    return os.access(path if Path(path).exists() else Path(path).parent, os.W_OK)


def terminal(around: Surroundings) -> Finding:
    """What the standard output can show."""
    how = looks(around.stdout, around.environment)
    encoding = getattr(around.stdout, "encoding", None) or "no encoding"
    kind = "a terminal" if is_terminal(around.stdout) else "no terminal"
    width = f"{how.width} columns" if how.width else "lines of any length"
    told = f"{kind}, {width}, {'colours' if how.color else 'no colours'}, {encoding}"
    if how.ascii and around.environment.get("TERM") != "dumb":
        return warning(
            f"{told}: marks are told in ASCII, names in other scripts may be lost",
            "Set PYTHONUTF8=1, or a UTF-8 locale such as LANG=C.UTF-8.",
        )
    return ok(told)


CHECKS = (
    Check("ci", _GROUP, "CI", ci, here=True),
    Check("terminal", _GROUP, "Terminal", terminal, here=True),
)
