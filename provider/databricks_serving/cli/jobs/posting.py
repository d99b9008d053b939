"""A text of ours on a pull request or in an issue: looked for, judged, written; in this order.

All of it may be run again at any time: what an earlier attempt has done is found by its marker.
GitHub has no write on a condition, so two runs at once can both find nothing and both write. Each
looks again after it made something: the one that was made first stays, whoever made a later one
takes that away and goes on with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from databricks_serving.api.github import GitHub
from databricks_serving.api.github_models import Comment, Issue
from databricks_serving.report.sticky import Marker, Standing, Verdict, marker_in, standing

LABEL = "dbserving-drift"
_NEWER = "is of a newer run, and stays"
_EQUAL = "says so already"


class Mode(str, Enum):
    """What becomes of the comment before."""

    UPDATE = "update"
    RECREATE = "recreate"
    NEW = "new"


@dataclass(frozen=True)
class Post:
    """What to post. `body` begins with the marker's line. `quiet`: not worth a first comment."""

    marker: Marker
    body: str
    title: str
    verdict: Verdict
    quiet: bool
    run_url: str = ""


@dataclass(frozen=True)
class _Ours:
    comment: Comment
    marker: Marker


def post_comment(github: GitHub, number: int, post: Post, mode: Mode) -> str:
    """Comment on a pull request; what was done, for a person. Raises `GitHubError`."""
    me = github.viewer()
    ours = _comments(github, number, me, post.marker.key)
    newest = max(ours, key=lambda one: (one.marker.run, -one.comment.id), default=None)
    if newest is None and post.quiet:
        return "Nothing to report, and no comment to update; --always posts one."
    if mode is Mode.NEW:
        # Of this very run: an attempt whose answer got lost.
        same = next((one.comment for one in ours if one.marker == post.marker), None)
        if same is not None:
            return f"{same.html_url} {_EQUAL}."
        return f"Posted {github.create_comment(number, post.body).html_url}."
    if newest is None:
        made = github.create_comment(number, post.body)
        return _alone(github, number, me, post, made)
    return _in_place_of(github, number, post, mode, newest, ours)


def _in_place_of(
    github: GitHub, number: int, post: Post, mode: Mode, newest: _Ours, ours: Sequence[_Ours]
) -> str:
    """Put the post in place of the comment there is, unless that is newer or says the same."""
    stands = standing(post.marker, newest.marker)
    if stands is Standing.NEWER:
        return f"{newest.comment.html_url} {_NEWER}."
    if stands is Standing.EQUAL:
        if post.marker.run != newest.marker.run:  # else a late run between the two would win
            github.update_comment(newest.comment.id, post.body)
        if mode is Mode.RECREATE:  # an earlier attempt may have ended before it folded
            _fold(github, [one.comment for one in ours if one is not newest])
        return f"{newest.comment.html_url} {_EQUAL}."
    if mode is Mode.UPDATE:
        github.update_comment(newest.comment.id, post.body)
        return f"Updated {newest.comment.html_url}."
    made = github.create_comment(number, post.body)
    _fold(github, [one.comment for one in ours])
    return f"Posted {made.html_url}, and folded the one before."


def _comments(github: GitHub, number: int, me: str, key: str) -> list[_Ours]:
    """Our own comments of exactly this key: anybody could write a marker."""
    found = (
        (comment, marker_in(comment.body))
        for comment in github.comments(number)
        if comment.user is not None and comment.user.login == me
    )
    return [_Ours(c, marker) for c, marker in found if marker is not None and marker.key == key]


def _fold(github: GitHub, comments: Sequence[Comment]) -> None:
    for comment in comments:
        if comment.minimized is None:
            github.minimize(comment.node_id)


def _alone(github: GitHub, number: int, me: str, post: Post, made: Comment) -> str:
    """After the first comment: whether another run made one before it, at the same time."""
    ours = _comments(github, number, me, post.marker.key)
    first = min(ours, key=lambda one: one.comment.id, default=None)
    if first is None or first.comment.id >= made.id:
        return f"Posted {made.html_url}."
    github.delete_comment(made.id)
    if standing(post.marker, first.marker) is Standing.OLDER:
        github.update_comment(first.comment.id, post.body)
    return f"Another run posted at the same time; {first.comment.html_url} has the newer of both."


def post_issue(github: GitHub, post: Post) -> str:
    """Open, change, close or reopen the issue of this key; what was done, for a person.

    Raises `GitHubError`.
    """
    me = github.viewer()
    ours = _issues(github, me, post.marker.key)
    if not ours:
        if post.verdict is not Verdict.DRIFT:
            return "No drift to open an issue for."
        made = github.create_issue(post.title, post.body, (LABEL,))
        ours = _issues(github, me, post.marker.key)
        if not ours or ours[0].number >= made.number:
            return f"Opened {made.html_url}."
    for later in ours[1:]:
        if later.state == "open":
            github.update_issue(later.number, state="closed", state_reason="not_planned")
    return _brought_up_to_date(github, ours[0], post)


def _issues(github: GitHub, me: str, key: str) -> list[Issue]:
    """Our own issues of exactly this key, whatever title, labels and state, the first first."""
    found = ((issue, marker_in(issue.body or "")) for issue in github.issues_by(me))
    ours = [issue for issue, marker in found if marker is not None and marker.key == key]
    return sorted(ours, key=lambda issue: issue.number)


def _brought_up_to_date(github: GitHub, issue: Issue, post: Post) -> str:
    there = marker_in(issue.body or "")
    stands = standing(post.marker, there)
    url, is_open = issue.html_url, issue.state == "open"
    if stands is Standing.NEWER:
        return f"{url} {_NEWER}."
    if post.verdict is Verdict.UNKNOWN:
        return f"Not all could be looked at; {url} stays as it is."
    # A person who closed it for this very drift, or opened it again after the end of one, has the
    # last word on that.
    if stands is Standing.EQUAL:
        if there is not None and post.marker.run != there.run:
            github.update_issue(issue.number, body=post.body)
        return f"{url} {_EQUAL}."
    if post.verdict is Verdict.DRIFT:
        return (_changed if is_open else _reopened)(github, issue, post)
    return _closed(github, issue, post) if is_open else f"No drift; {url} stays closed."


def _changed(github: GitHub, issue: Issue, post: Post) -> str:
    github.update_issue(issue.number, body=post.body)
    return f"Updated {issue.html_url}."


def _reopened(github: GitHub, issue: Issue, post: Post) -> str:
    github.update_issue(issue.number, body=post.body, state="open", state_reason="reopened")
    return f"Reopened {issue.html_url}."


def _closed(github: GitHub, issue: Issue, post: Post) -> str:
    """The comment first: where the second call fails, the next run says it again and closes."""
    light = post.verdict is Verdict.LIGHT
    seen = f" [This run]({post.run_url}) found {'it' if light else 'none'}." if post.run_url else ""
    gone = "What is left of the drift fails no run." if light else "The drift is gone."
    github.create_comment(
        issue.number, f"{gone}{seen} This issue is reopened when there is another."
    )
    github.update_issue(issue.number, body=post.body, state="closed", state_reason="completed")
    return f"Closed {issue.html_url}: {gone[:1].lower()}{gone[1:]}"
