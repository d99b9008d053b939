"""What GitHub's REST API shows of users, comments, issues and pull requests, as far as we look."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Answered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class User(_Answered):
    """Who wrote something."""

    login: str


class Comment(_Answered):
    """A comment of an issue or a pull request. `user` None: the account is gone.

    `minimized`: None where it is shown in full, and where the server (Enterprise) does not say.
    """

    id: int
    node_id: str
    html_url: str
    user: User | None
    body: str = ""
    minimized: dict[str, Any] | None = None


class Issue(_Answered):
    """An issue, or a pull request, which GitHub lists among them."""

    number: int
    html_url: str
    state: str
    body: str | None = None
    pull_request: dict[str, Any] | None = None


class Head(_Answered):
    """The commit that a pull request ends with."""

    sha: str


class Pull(_Answered):
    """A pull request."""

    number: int
    head: Head
