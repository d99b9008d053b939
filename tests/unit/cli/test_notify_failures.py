"""`dbserving notify` where GitHub refuses, fails, or asks to wait."""

from __future__ import annotations

import pytest

from support.fake_github import TOKEN, Planned
from support.posts import PULL, drifted, finding, posting, report

COMMENTS = f"/issues/{PULL}/comments"
FORBIDDEN = {"message": "Resource not accessible by integration"}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
NOON = "Sun, 22 Nov 2026 12:00:00 GMT"
NOON_SECONDS = 1795348800


@pytest.fixture
def hub(tmp_path):
    with posting(tmp_path) as one:
        yield one


def test_where_a_fork_may_not_post_the_report_goes_to_the_summary_of_the_step(hub, capsys):
    hub.summary.write_text("what an earlier command said\n")
    hub.github.plan("POST", COMMENTS, Planned(403, FORBIDDEN))

    code = hub.comment(drifted())

    assert code == 0
    assert hub.bodies == []
    summary = hub.summary.read_text(encoding="utf-8")
    assert summary.startswith("what an earlier command said\n")
    assert "chat" in summary
    said = capsys.readouterr()
    assert "GitHub answered 403: Resource not accessible by integration." in said.err
    assert "docs/notify.md" in said.err
    assert said.out == ""


def test_a_change_of_a_comment_that_is_forbidden_is_no_failure_either(hub):
    hub.comment(drifted("10:00"))
    hub.github.plan("PATCH", "/issues/comments/1", Planned(403, FORBIDDEN))

    code = hub.comment(drifted("11:00", actual=900))

    assert code == 0
    assert "900" in hub.summary.read_text(encoding="utf-8")


def test_where_there_is_no_summary_the_report_is_printed(hub, capsys):
    del hub.environment["GITHUB_STEP_SUMMARY"]
    hub.github.plan("POST", COMMENTS, Planned(403, FORBIDDEN))

    code = hub.comment(drifted())

    assert code == 0
    assert "chat" in capsys.readouterr().out


def test_where_the_summary_cannot_be_written_the_report_is_printed(hub, capsys):
    hub.environment["GITHUB_STEP_SUMMARY"] = str(hub.summary.parent / "gone" / "summary.md")
    hub.github.plan("GET", COMMENTS, Planned(403, {"message": "not accessible by integration"}))

    code = hub.comment(drifted())

    assert code == 0
    said = capsys.readouterr()
    assert "chat" in said.out
    assert "The report follows instead." in said.err


def test_a_summary_is_never_filled_above_what_github_takes(hub):
    hub.summary.write_text("x" * 990_000)
    hub.github.plan("POST", COMMENTS, Planned(403, FORBIDDEN))
    findings = tuple(finding(f"endpoint-{n}") for n in range(2000))

    code = hub.comment(report(findings=findings))

    assert code == 0
    assert 990_500 < hub.summary.stat().st_size <= 1_000_000


def test_where_the_summary_is_full_the_report_is_printed(hub, capsys):
    hub.summary.write_text("x" * 999_990)
    hub.github.plan("POST", COMMENTS, Planned(403, FORBIDDEN))

    code = hub.comment(drifted())

    assert code == 0
    assert hub.summary.stat().st_size == 999_990
    assert "chat" in capsys.readouterr().out


def test_an_issue_that_may_not_be_opened_is_a_failure(hub, capsys):
    hub.github.plan("POST", "/issues", Planned(403, FORBIDDEN))

    code = hub.issue(drifted())

    assert code == 1
    assert "issues: write" in capsys.readouterr().err


def test_a_repository_that_is_not_there_is_a_failure_of_its_own(hub, capsys):
    hub.environment["GITHUB_REPOSITORY"] = "shop/other"

    code = hub.comment(drifted())

    assert code == 1
    said = capsys.readouterr().err
    assert "the report was not posted to shop/other" in said
    assert "a token without access to a private repository gets the same answer" in said


def test_a_token_that_is_not_valid_is_a_failure_that_does_not_repeat_it(hub, capsys):
    hub.environment["GITHUB_TOKEN"] = "ghs_old-and-gone"

    code = hub.comment(drifted())

    assert code == 1
    said = capsys.readouterr()
    assert "GitHub answered 401: Bad credentials." in said.err
    assert "ghs_old-and-gone" not in said.out + said.err


@pytest.mark.parametrize("more", ["\nsecond", "é"])
def test_a_token_that_no_header_can_have_is_not_repeated(hub, capsys, more):
    hub.environment["GITHUB_TOKEN"] = f"ghs_first{more}"

    code = hub.comment(drifted())

    assert code == 1
    said = capsys.readouterr()
    assert "a character that no HTTP header can have" in said.err
    assert "ghs_first" not in said.out + said.err


def test_an_answer_that_repeats_the_token_is_told_without_it(hub, capsys):
    hub.github.plan("GET", COMMENTS, Planned(404, {"message": f"no: {TOKEN}"}))

    code = hub.comment(drifted())

    assert code == 1
    said = capsys.readouterr()
    assert "no: ***" in said.err
    assert TOKEN not in said.out + said.err


def test_a_500_is_asked_again(hub):
    hub.comment(drifted("10:00"))
    hub.github.plan("GET", COMMENTS, Planned(500), Planned(502))
    hub.github.plan("PATCH", "/issues/comments/1", Planned(500))

    code = hub.comment(drifted("11:00", actual=900))

    assert code == 0
    assert "900" in hub.bodies[0]
    assert hub.clock.waits == [1, 2, 1]


def test_a_500_that_stays_is_a_failure(hub, capsys):
    hub.github.plan("GET", COMMENTS, *[Planned(503)] * 4)

    code = hub.comment(drifted())

    assert code == 1
    assert hub.clock.waits == [1, 2, 4]
    assert "GitHub answered 503: planned." in capsys.readouterr().err


def test_a_comment_that_was_made_before_the_500_is_not_made_twice(hub):
    hub.github.plan("POST", COMMENTS, Planned(500, after=True))

    code = hub.comment(drifted())

    assert code == 0
    assert len(hub.bodies) == 1


def test_a_comment_whose_answer_got_lost_is_not_made_twice(hub):
    hub.github.plan("POST", COMMENTS, Planned(201, after=True, cut=True))

    code = hub.comment(drifted(), mode="new")

    assert code == 0
    assert len(hub.bodies) == 1


def test_recreate_folds_the_comment_before_even_where_the_answer_got_lost(hub):
    hub.comment(drifted("10:00"), mode="recreate")
    hub.github.plan("POST", COMMENTS, Planned(500, after=True))

    code = hub.comment(drifted("11:00", actual=900), mode="recreate")

    assert code == 0
    assert [one["minimized"] is not None for one in hub.github.of(PULL)] == [True, False]


def test_an_issue_that_was_opened_before_the_500_is_not_opened_twice(hub):
    hub.github.plan("POST", "/issues", Planned(503, after=True))

    code = hub.issue(drifted())

    assert code == 0
    assert len(hub.github.issues) == 1


def test_a_comment_that_was_not_made_before_the_500_is_made(hub):
    hub.github.plan("POST", COMMENTS, Planned(500))

    code = hub.comment(drifted())

    assert code == 0
    assert len(hub.bodies) == 1


def test_a_create_that_never_gets_a_sure_answer_says_that_it_may_be_run_again(hub, capsys):
    hub.github.plan("POST", COMMENTS, *[Planned(500)] * 3)

    code = hub.comment(drifted())

    assert code == 1
    assert "running it again is safe" in capsys.readouterr().err


@pytest.mark.parametrize("status", [403, 429])
def test_retry_after_is_heeded(hub, capsys, status):
    hub.github.plan("POST", COMMENTS, Planned(status, SECONDARY, {"Retry-After": "17"}))

    code = hub.comment(drifted())

    assert code == 0
    assert len(hub.bodies) == 1
    assert hub.clock.waits == [17]
    assert "GitHub asks to slow down; waiting 17 s." in capsys.readouterr().err


def test_a_limit_that_says_when_it_ends_is_waited_for_by_githubs_own_clock(hub):
    headers = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(NOON_SECONDS + 40),
        "Date": NOON,
    }
    hub.github.plan("GET", COMMENTS, Planned(403, SECONDARY, headers))

    code = hub.comment(drifted())

    assert code == 0
    assert hub.clock.waits == [41]


def test_a_limit_that_says_nothing_is_waited_for_a_minute_and_then_twice_as_long(hub):
    hub.github.plan("POST", COMMENTS, Planned(403, SECONDARY), Planned(403, SECONDARY))

    code = hub.comment(drifted())

    assert code == 0
    assert hub.clock.waits == [60, 120]
    assert len(hub.bodies) == 1


def test_a_limit_that_lasts_too_long_is_a_failure_and_not_a_wait(hub, capsys):
    hub.github.plan("POST", COMMENTS, Planned(403, SECONDARY, {"Retry-After": "3000"}))

    code = hub.comment(drifted())

    assert code == 1
    assert hub.clock.waits == []
    assert "The rate limit lasts longer than this command waits" in capsys.readouterr().err


def test_a_graphql_call_that_answers_errors_is_a_failure(hub, capsys):
    answer = {"data": None, "errors": [{"message": "Something went wrong"}]}
    hub.github.plan("POST", "viewer", Planned(200, answer))

    code = hub.comment(drifted())

    assert code == 1
    assert "Something went wrong" in capsys.readouterr().err


def test_an_address_where_nobody_answers_is_a_failure(hub, capsys):
    hub.environment["GITHUB_API_URL"] = "http://127.0.0.1:9"

    code = hub.comment(drifted())

    assert code == 1
    assert "GitHub cannot be reached" in capsys.readouterr().err
