"""Where to post to: what the command line says, else the job of GitHub Actions around us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from databricks_serving.api.github import API_URL, GitHub
from databricks_serving.cli.exits import UsageMistake

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_PULL_REF = re.compile(r"refs/pull/(\d+)/(?:merge|head)")
_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")


@dataclass(frozen=True)
class Place:
    """A repository, and the token to post with."""

    repository: str
    token: str = field(repr=False)
    api_url: str


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Numbered(_Event):
    number: int


class _Issue(_Numbered):
    pull_request: dict[str, object] | None = None


class _Owner(_Event):
    login: str


class _Repository(_Event):
    owner: _Owner


class _WorkflowRun(_Event):
    head_sha: str
    head_branch: str | None = None
    head_repository: _Repository | None = None


class _Payload(_Event):
    """What of an event's payload says which pull request it is about."""

    pull_request: _Numbered | None = None
    issue: _Issue | None = None
    workflow_run: _WorkflowRun | None = None


def place_of(
    environment: Mapping[str, str],
    *,
    repository: str | None,
    token_from: str | None,
    api_url: str | None,
) -> Place:
    """The repository and the token. Raises `UsageMistake` where one is not known."""
    said = repository or environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(said):
        what = f"{said!r} is no OWNER/NAME" if said else "No repository is known"
        raise UsageMistake(
            f"{what}: say --repo OWNER/NAME, or set GITHUB_REPOSITORY.", id="no-repository"
        )
    names = (token_from,) if token_from else _TOKENS
    token = next((environment[name].strip() for name in names if environment.get(name)), "")
    if not token:
        raise UsageMistake(
            f"No token to post with: set {' or '.join(names)}. In a workflow: "
            "`env: {GITHUB_TOKEN: ${{ github.token }}}` at the step.",
            id="no-github-token",
        )
    return Place(said, token, api_url or environment.get("GITHUB_API_URL") or API_URL)


def number_of(environment: Mapping[str, str], github: GitHub, said: int | None) -> int | None:
    """The number of the pull request; None where it is closed, or got another commit since.

    After a `workflow_run` (the way for forks) it is looked up by the branch and the commit that
    GitHub names in the event: a number out of an artifact of that run could be anybody's.

    Raises `UsageMistake` where this job is about no pull request, and `GitHubError`.
    """
    if said is not None:
        return said
    event = _event(environment)
    if event.pull_request is not None:
        return event.pull_request.number
    if event.issue is not None and event.issue.pull_request is not None:
        return event.issue.number
    run = event.workflow_run
    if run is not None and run.head_repository is not None and run.head_branch:
        head = f"{run.head_repository.owner.login}:{run.head_branch}"
        return github.pull_of(head, run.head_sha)
    if found := _PULL_REF.fullmatch(environment.get("GITHUB_REF", "")):
        return int(found[1])
    raise UsageMistake("This job is about no pull request: say --pr NUMBER.", id="no-pull-request")


def _event(environment: Mapping[str, str]) -> _Payload:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return _Payload()
    try:
        return _Payload.model_validate(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        raise UsageMistake(
            f"GITHUB_EVENT_PATH names {path}, which is no event of GitHub: say --pr NUMBER.",
            id="bad-event",
        ) from None
