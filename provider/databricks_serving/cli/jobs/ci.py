"""Where a run takes place: what the CI system says of it, and where in a repository."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from databricks_serving.cli.configuration_file import upward
from databricks_serving.report.model import Finding, SourceLine

#: What the parts of one run share, so that their reports can be merged; anything may set it.
RUN_ID = "DBSERVING_RUN_ID"
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")
_PAGES = ("CI_JOB_URL", "BUILD_URL")


def run_id(environment: Mapping[str, str], now: datetime) -> str:
    """The id of this run: the pipeline's where there is one, so that its jobs have the same."""
    if said := environment.get(RUN_ID):
        return said
    if number := environment.get("GITHUB_RUN_ID"):
        return f"{number}-{environment.get('GITHUB_RUN_ATTEMPT', '1')}"
    if number := environment.get("CI_PIPELINE_ID"):
        return number
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def page(environment: Mapping[str, str]) -> str:
    """The address of this run's page; empty where there is none."""
    github = tuple(
        environment.get(name, "")
        for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    if all(github):
        return "{}/{}/actions/runs/{}".format(*github)
    return next((environment[name] for name in _PAGES if environment.get(name)), "")


def commit(environment: Mapping[str, str]) -> str:
    """The commit that is looked at; empty where nobody says."""
    return next((environment[name] for name in _COMMITS if environment.get(name)), "")


def in_repository(finding: Finding, start: Path | None = None) -> Finding:
    """A finding whose line is told from the repository's root on, as annotations need it.

    A state tells files from the project's directory on, which is where Pulumi.yaml is.
    """
    line = finding.source
    above = upward((start or Path.cwd()).resolve())
    project = next((one for one in above if (one / "Pulumi.yaml").is_file()), above[0])
    if line is None or project == above[-1]:
        return finding
    file = (project.relative_to(above[-1]) / line.file).as_posix()
    return finding.model_copy(update={"source": SourceLine(file=file, line=line.line)})
