"""The calls to GitHub, each held against its published OpenAPI description."""

from __future__ import annotations

import pytest

from databricks_serving.api.github import GitHub
from databricks_serving.api.github_answers import (
    BUDGET_SECONDS,
    Forbidden,
    GitHubError,
    Unanswered,
    until_sure,
)
from databricks_serving.errors import Interrupted
from support.clock import FakeClock
from support.fake_github import (
    BOT,
    REPOSITORY,
    TOKEN,
    Breach,
    Description,
    FakeGitHub,
    Planned,
    running,
)


class Calls:
    """A client, the fake that it talks to, and the clock between them."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def __init__(self, url, fake, clock=None):
        self.url = url
        self.fake = fake
        self.clock = clock or FakeClock()
        self.lines = []
        self.client = GitHub(REPOSITORY, TOKEN, self.clock, api_url=url, waiting=self.lines.append)


@pytest.fixture
def calls():
    fake = FakeGitHub()
    with running(fake) as url, Calls(url, fake) as one:
        yield one


def test_the_caller_is_asked_for_by_graphql(calls):
    login = calls.client.viewer()

    assert login == BOT


def test_a_comment_is_made_listed_changed_folded_and_taken_away(calls):
    made = calls.client.create_comment(7, "first")
    calls.client.update_comment(made.id, "second")
    calls.client.minimize(made.node_id)
    (listed,) = calls.client.comments(7)
    calls.client.delete_comment(made.id)

    assert made.minimized is None
    assert (listed.body, listed.user.login) == ("second", BOT)
    assert listed.minimized == {"reason": "outdated"}
    assert calls.client.comments(7) == ()


def test_an_issue_is_opened_listed_closed_and_reopened(calls):
    made = calls.client.create_issue("title", "body", ("a", "b"))
    calls.client.update_issue(made.number, state="closed", state_reason="completed")
    closed = calls.client.issues_by(BOT)
    calls.client.update_issue(made.number, body="again", state="open", state_reason="reopened")
    reopened = calls.client.issues_by(BOT)

    assert [(issue.state, issue.body) for issue in closed] == [("closed", "body")]
    assert [(issue.state, issue.body) for issue in reopened] == [("open", "again")]


def test_a_change_of_an_issue_sends_what_is_given_and_nothing_else(calls):
    calls.client.create_issue("title", "body", ("a",))

    calls.client.update_issue(1, body="other")

    (issue,) = calls.fake.issues
    assert (issue["title"], issue["body"], issue["state"]) == ("title", "other", "open")
    assert issue["labels"] == [{"name": "a"}]


def test_pull_requests_are_no_issues_though_github_lists_them_so(calls):
    calls.fake.add_issue("a pull request", "body", pull_request=True)
    calls.fake.add_issue("an issue", None)

    found = calls.client.issues_by(BOT)

    assert [(issue.number, issue.body) for issue in found] == [(2, None)]


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 250])
def test_all_pages_are_read_each_once(linked, count):
    fake = FakeGitHub(linked=linked)
    for number in range(count):
        fake.add_comment(7, f"comment {number}")
    with running(fake) as url, Calls(url, fake) as calls:
        found = calls.client.comments(7)

    assert [comment.body for comment in found] == [f"comment {n}" for n in range(count)]


def test_the_address_of_a_link_header_is_not_followed(calls):
    """It leads to api.github.com here: the token would go where nobody said."""
    for number in range(101):
        calls.fake.add_comment(7, f"comment {number}")

    found = calls.client.comments(7)

    assert len(found) == 101
    assert calls.fake.calls == [("GET", f"/repos/{REPOSITORY}/issues/7/comments")] * 2


def test_a_repository_that_was_renamed_is_followed(calls):
    there = f"{calls.url}/repos/{REPOSITORY}/issues?state=all&creator={BOT}&per_page=100&page=1"
    calls.fake.plan(
        "GET", "/issues", Planned(301, {"message": "Moved Permanently"}, {"Location": there})
    )
    calls.fake.add_issue("an issue", "body")

    found = calls.client.issues_by(BOT)

    assert [issue.number for issue in found] == [1]


def test_of_the_pull_requests_of_a_branch_the_one_with_the_commit_is_found(calls):
    calls.fake.add_pull(1, "me:fix", "aaa")
    calls.fake.add_pull(2, "me:fix", "bbb")

    found = calls.client.pull_of("me:fix", "bbb"), calls.client.pull_of("me:fix", "ccc")

    assert found == (2, None)


def test_a_missing_right_is_told_from_a_limit(calls):
    path = "/issues/7/comments"
    calls.fake.plan("POST", path, Planned(403, {"message": "Resource not accessible"}))

    with pytest.raises(Forbidden) as told:
        calls.client.create_comment(7, "body")

    assert calls.clock.waits == []
    assert str(told.value) == (
        f"POST /repos/{REPOSITORY}/issues/7/comments: GitHub answered 403: Resource not accessible."
    )


def test_what_github_finds_wrong_with_a_field_is_told(calls):
    answer = {
        "message": "Validation Failed",
        "documentation_url": "https://docs.github.com",
        "errors": [{"code": "custom", "message": "body is too long", "field": "body"}],
    }
    calls.fake.plan("PATCH", "/issues/comments/1", Planned(422, answer))

    with pytest.raises(GitHubError, match="422: Validation Failed: body is too long"):
        calls.client.update_comment(1, "body")


def test_the_page_of_a_proxy_is_no_answer(calls):
    calls.fake.plan("POST", "viewer", Planned(200, "<html>Sign in</html>"))

    with pytest.raises(GitHubError, match="POST /graphql: no data in the answer"):
        calls.client.viewer()


def test_json_of_another_shape_is_no_answer(calls):
    calls.fake.plan("POST", "/issues/7/comments", Planned(200, {"id": "seven"}))

    with pytest.raises(GitHubError, match="something that is not what GitHub answers"):
        calls.client.create_comment(7, "body")


def test_waits_of_one_call_add_up_to_five_minutes_at_most(calls):
    limit = Planned(429, {"message": "slow down"}, {"Retry-After": "100"})
    calls.fake.plan("GET", "/issues/7/comments", *[limit] * 4)

    with pytest.raises(GitHubError, match="lasts longer"):
        calls.client.comments(7)

    assert calls.clock.waits == [100, 100, 100]
    assert sum(calls.clock.waits) <= BUDGET_SECONDS
    assert calls.lines == ["GitHub asks to slow down; waiting 100 s."] * 3


def test_a_limit_is_waited_for_before_a_create_is_sent_again_for_it_was_not_taken(calls):
    limit = Planned(429, {"message": "slow down"}, {"Retry-After": "5"})
    calls.fake.plan("POST", "/issues/7/comments", limit)

    calls.client.create_comment(7, "body")

    assert len(calls.fake.of(7)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_create_without_a_sure_answer_is_not_sent_again(calls, status):
    calls.fake.plan("POST", "/issues/7/comments", Planned(status))

    with pytest.raises(Unanswered):
        calls.client.create_comment(7, "body")

    assert len(calls.fake.calls) == 1
    assert calls.clock.waits == []


def test_ctrl_c_ends_a_wait():
    fake = FakeGitHub()
    with running(fake) as url, Calls(url, fake, FakeClock(called_off_after=0)) as calls:
        fake.plan("GET", "/issues/7/comments", Planned(500))

        with pytest.raises(Interrupted):
            calls.client.comments(7)


def test_work_of_doubtful_end_is_begun_anew_three_times():
    clock, tries = FakeClock(), []

    def work():
        tries.append(clock.passed)
        raise Unanswered("POST /x", "answered 500")

    with pytest.raises(Unanswered):
        until_sure(work, clock)

    assert tries == [0, 2, 6]


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "wrong"),
    [
        ("GET", "/repos/a/b/issues/7/comment", {}, b"", "is no operation"),
        ("PUT", "/repos/a/b/issues/7", {}, b"{}", "is no operation"),
        ("GET", "/repos/a/b/issues/seven/comments", {}, b"", "issue_number"),
        ("GET", "/repos/a/b/issues/7/comments", {"perpage": "9"}, b"", "no such query"),
        ("GET", "/repos/a/b/issues/7/comments", {"per_page": "101"}, b"", "at most 100"),
        ("GET", "/repos/a/b/issues", {"state": "both"}, b"", "state"),
        ("POST", "/repos/a/b/issues/7/comments", {}, b"{}", "'body' is a required property"),
        ("POST", "/repos/a/b/issues/7/comments", {}, b'{"body": 1}', "is not of type 'string'"),
        ("POST", "/repos/a/b/issues/7/comments", {}, b'{"body": "", "x": 1}', "no such fields"),
        ("PATCH", "/repos/a/b/issues/7", {}, b'{"state": "done"}', "is not one of"),
    ],
)
def test_the_fake_refuses_what_github_does_not_describe(method, path, query, body, wrong):
    with pytest.raises(Breach, match=wrong):
        Description().operation(method, path, query, body)
