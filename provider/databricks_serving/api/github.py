"""GitHub's REST API, as far as posting a report takes it, over a client of its own.

`dbserving notify` alone uses it; nothing here knows what a report is. The operations are those of
tests/fixtures/github-openapi.json; two things have no REST call and go by GraphQL (who the caller
is, for the token of a workflow may not ask `GET /user`; minimizing a comment).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from .github_answers import (
    Lost,
    TryLater,
    Unanswered,
    asks_to_wait,
    json_of,
    message_of,
    patiently,
    refusal,
    worth_repeating,
)
from .github_models import Comment, Issue, Pull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from databricks_serving.clock import Clock

T = TypeVar("T")
API_URL = "https://api.github.com"
_PAGE = 100
_TIMEOUT_SECONDS = 30.0
_VIEWER = "query { viewer { login } }"
_MINIMIZE = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) "
    "{ minimizedComment { isMinimized } } }"
)


_COMMENTS = TypeAdapter(list[Comment])
_ISSUES = TypeAdapter(list[Issue])
_PULLS = TypeAdapter(list[Pull])


class GitHub:
    """One repository, with one token.

    repository: `owner/name`
    api_url: of Enterprise `https://HOST/api/v3`
    waiting: told that GitHub asks to slow down

    Every method raises `GitHubError`, whose text never has the token. Waits that GitHub asks for,
    and answers that may pass, are gone through here, up to five minutes for each call.
    """

    def __init__(
        self,
        repository: str,
        token: str,
        clock: Clock,
        *,
        api_url: str = API_URL,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self._repository = f"/repos/{repository}"
        self._token = token
        self._clock = clock
        self._waiting = waiting
        base = api_url.rstrip("/")
        # https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql
        root = base.removesuffix("/v3") if base.endswith("/api/v3") else base
        self._graphql_url = f"{root}/graphql"
        self._client = httpx.Client(
            base_url=base,
            timeout=_TIMEOUT_SECONDS,
            follow_redirects=True,  # of a repository that was renamed, on the same host
            headers={
                "Accept": "application/vnd.github+json",
                "User-Agent": "databricks-serving",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def viewer(self) -> str:
        """The login that this token writes as: `github-actions[bot]`, or a person's."""
        answered = self._graphql(_VIEWER, {})
        viewer = answered.get("viewer")
        if not isinstance(viewer, dict) or not isinstance(viewer.get("login"), str):
            raise refusal("POST /graphql", None, "it does not say who the token belongs to")
        return str(viewer["login"])

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of an issue or pull request, the oldest first."""
        return self._listed(f"{self._repository}/issues/{number}/comments", {}, _COMMENTS)

    def create_comment(self, number: int, body: str) -> Comment:
        """The comment as it was made. Raises `Unanswered` where it may have been made."""
        path = f"{self._repository}/issues/{number}/comments"
        return self._parsed(self._ask("POST", path, body={"body": body}), TypeAdapter(Comment))

    def update_comment(self, comment: int, body: str) -> None:
        """Put another text in place of a comment's."""
        self._ask("PATCH", f"{self._repository}/issues/comments/{comment}", body={"body": body})

    def delete_comment(self, comment: int) -> None:
        """Take a comment away."""
        self._ask("DELETE", f"{self._repository}/issues/comments/{comment}")

    def minimize(self, node_id: str) -> None:
        """Fold a comment, as outdated."""
        self._graphql(_MINIMIZE, {"id": node_id})

    def issues_by(self, creator: str) -> tuple[Issue, ...]:
        """All issues that somebody opened, closed ones too, the oldest first."""
        query = {"state": "all", "creator": creator, "sort": "created", "direction": "asc"}
        found = self._listed(f"{self._repository}/issues", query, _ISSUES)
        return tuple(issue for issue in found if issue.pull_request is None)

    def create_issue(self, title: str, body: str, labels: tuple[str, ...]) -> Issue:
        """The issue as it was opened. Raises `Unanswered` where it may have been opened."""
        said = {"title": title, "body": body, "labels": list(labels)}
        answer = self._ask("POST", f"{self._repository}/issues", body=said)
        return self._parsed(answer, TypeAdapter(Issue))

    def update_issue(
        self,
        number: int,
        *,
        body: str | None = None,
        state: Literal["open", "closed"] | None = None,
        state_reason: Literal["completed", "not_planned", "reopened"] | None = None,
    ) -> None:
        """Change what is given of an issue."""
        said = {"body": body, "state": state, "state_reason": state_reason}
        self._ask(
            "PATCH",
            f"{self._repository}/issues/{number}",
            body={name: value for name, value in said.items() if value is not None},
        )

    def pull_of(self, head: str, sha: str) -> int | None:
        """The open pull request of the branch `owner:branch` whose newest commit is that one."""
        found = self._listed(f"{self._repository}/pulls", {"state": "open", "head": head}, _PULLS)
        return next((pull.number for pull in found if pull.head.sha == sha), None)

    def _listed(
        self, path: str, query: Mapping[str, str], kind: TypeAdapter[list[T]]
    ) -> tuple[T, ...]:
        """Everything of all pages.

        By number and not by the address in the Link header: the token goes nowhere else.
        """
        found: list[T] = []
        page = 1
        while True:
            asked = {**query, "per_page": str(_PAGE), "page": str(page)}
            answer = self._ask("GET", path, query=asked)
            items = self._parsed(answer, kind)
            found += items
            linked = answer.headers.get("Link")
            more = "next" in answer.links if linked is not None else len(items) == _PAGE
            if not more:
                return tuple(found)
            page += 1

    def _graphql(self, document: str, variables: Mapping[str, str]) -> dict[str, Any]:
        body = {"query": document, "variables": dict(variables)}
        # Both documents may be sent twice: one reads, and what is folded stays folded.
        answer = self._ask("POST", self._graphql_url, body=body, repeatable=True)
        said = json_of(answer)
        data = said.get("data") if isinstance(said, dict) else None
        errors = said.get("errors") if isinstance(said, dict) else None
        if not isinstance(data, dict) or errors:
            first = errors[0] if isinstance(errors, list) and errors else {}
            why = first.get("message") if isinstance(first, dict) else None
            raise refusal("POST /graphql", None, self._covered(str(why or "no data in the answer")))
        return data

    def _parsed(self, answer: httpx.Response, kind: TypeAdapter[T]) -> T:
        try:
            return kind.validate_json(answer.content)
        except ValidationError:
            call = f"{answer.request.method} {answer.request.url.path}"
            raise refusal(call, None, "something that is not what GitHub answers") from None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """A success. A POST is not sent again where the first one may have had its effect."""
        again = method != "POST" if repeatable is None else repeatable
        return patiently(
            lambda: self._once(method, path, query, body, repeatable=again),
            self._clock,
            self._waiting,
        )

    def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        *,
        repeatable: bool,
    ) -> httpx.Response:
        call = f"{method} {httpx.URL(path).path}"
        try:
            response = self._client.request(
                method,
                path,
                params=query,
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
            )
        except (
            httpx.LocalProtocolError,
            UnicodeEncodeError,
            httpx.InvalidURL,
            httpx.UnsupportedProtocol,
        ) as wrong:
            # The first two repeat the header that they refuse: the token.
            what = (
                "the token holds a character that no HTTP header can have"
                if isinstance(wrong, (httpx.LocalProtocolError, UnicodeEncodeError))
                else f"{self._client.base_url} is no address"
            )
            raise refusal(call, None, what) from None
        except httpx.RequestError as failed:
            never_left = isinstance(failed, (httpx.ConnectError, httpx.ConnectTimeout))
            why = self._covered(str(failed)) or type(failed).__name__
            if repeatable or never_left:
                raise TryLater(Lost(call, why)) from None
            raise Unanswered(call, why) from None
        if response.is_success:
            return response
        error = refusal(call, response.status_code, self._covered(message_of(response)))
        wait = asks_to_wait(response, error)
        if wait is not None:
            raise wait
        if worth_repeating(response.status_code):
            if repeatable:
                raise TryLater(error)
            raise Unanswered(call, f"answered {response.status_code}")
        raise error

    def _covered(self, text: str) -> str:
        return text.replace(self._token, "***")
