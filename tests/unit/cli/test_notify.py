"""`dbserving notify --to github-pr`: one comment that later runs find again."""

from __future__ import annotations

import pytest

from databricks_serving.cli.configuration import NotifySettings, settings_of
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.notify import run_notify
from databricks_serving.report.sticky import LIMIT_BYTES, marker_in
from support.posts import PULL, drifted, finding, posting, report


@pytest.fixture
def hub(tmp_path):
    with posting(tmp_path) as one:
        yield one


def test_a_first_report_becomes_a_comment(hub, capsys):
    code = hub.comment(drifted())

    assert code == 0
    assert len(hub.bodies) == 1
    assert "chat" in hub.bodies[0]
    assert hub.github.writes == [("POST", f"/repos/shop/infra/issues/{PULL}/comments")]
    assert "Posted https://github.com/shop/infra/pull/7#issuecomment-1." in capsys.readouterr().err


def test_a_later_run_changes_that_comment(hub):
    hub.comment(drifted("10:00", actual=500))

    code = hub.comment(drifted("11:00", actual=900))

    assert code == 0
    assert len(hub.bodies) == 1
    assert marker_in(hub.github.of(PULL)[0]["body"]).run == "20261122T110000.000000Z-run-11:00"


def test_what_says_the_same_moves_the_run_alone(hub, capsys):
    hub.comment(drifted("10:00"))

    code = hub.comment(drifted("11:00"))

    assert code == 0
    assert len(hub.bodies) == 1
    assert marker_in(hub.github.of(PULL)[0]["body"]).run == "20261122T110000.000000Z-run-11:00"
    assert "says so already" in capsys.readouterr().err


def test_a_report_that_is_missing_is_told_and_so_are_all_of_them(hub):
    hub.comment(report(mode="plan", stack="staging"), expect=2, key="one")
    hub.comment(expect=2, key="none")

    one_left, none_left = hub.bodies
    assert "1 of 2 reports are missing: what they looked at is not known." in one_left
    assert "staging" in one_left
    assert "2 of 2 reports are missing" in none_left


@pytest.mark.parametrize(
    ("said", "why"),
    [({}, "There is no report to post"), ({"expect": 2}, "--expect-shards goes with --key")],
)
def test_without_a_report_their_number_and_a_key_have_to_be_said(hub, said, why):
    with pytest.raises(UsageMistake, match=why):
        hub.comment(**said)


def test_a_late_run_does_not_win_over_one_that_said_the_same_as_before(hub, capsys):
    hub.comment(drifted("10:00", actual=500))
    hub.comment(drifted("12:00", actual=500))

    code = hub.comment(drifted("11:00", actual=900))

    assert code == 0
    assert "is of a newer run, and stays" in capsys.readouterr().err
    assert marker_in(hub.github.of(PULL)[0]["body"]).run == "20261122T120000.000000Z-run-12:00"


def test_the_very_same_run_writes_nothing(hub):
    hub.comment(drifted("10:00"))
    hub.github.calls.clear()

    code = hub.comment(drifted("10:00"))

    assert code == 0
    assert hub.github.writes == []


def test_an_older_run_that_comes_late_leaves_the_newer_comment_alone(hub, capsys):
    hub.comment(drifted("11:00", actual=900))
    there = hub.github.of(PULL)[0]["body"]

    code = hub.comment(drifted("10:00", actual=500))

    assert code == 0
    assert [one["body"] for one in hub.github.of(PULL)] == [there]
    assert "is of a newer run, and stays" in capsys.readouterr().err


@pytest.mark.parametrize("linked", [True, False])
def test_the_comment_is_found_on_whichever_page_it_stands(tmp_path, linked):
    with posting(tmp_path, linked=linked) as hub:
        for number in range(130):
            hub.github.add_comment(PULL, f"comment {number}", by="a-person")
        hub.comment(drifted("10:00"))
        for number in range(120):
            hub.github.add_comment(PULL, f"later comment {number}", by="a-person")
        hub.github.calls.clear()

        hub.comment(drifted("11:00", actual=900))

        ours = [one for one in hub.github.of(PULL) if marker_in(one["body"])]
        assert len(ours) == 1
        assert marker_in(ours[0]["body"]).run.endswith("run-11:00")
        listings = [call for call in hub.github.calls if call[0] == "GET"]
        assert len(listings) == 3


def test_just_a_full_page_without_a_link_is_followed_by_an_empty_one(tmp_path):
    with posting(tmp_path, linked=False) as hub:
        for number in range(100):
            hub.github.add_comment(PULL, f"comment {number}", by="a-person")

        code = hub.comment(drifted())

        assert code == 0
        assert len(hub.github.of(PULL)) == 101


@pytest.mark.parametrize(
    "key",
    [
        "prod",
        "non-prod",
        "-->",
        "a b",
        "a\nb",
        "<script>alert(1)</script>",
        "prod run=9 digest=0",
        "---",
        "prod.*",
        "pröd 🚀",
        "100%",
        "a+b",
        "a%20b",
    ],
)
def test_keys_never_match_one_another(hub, key):
    others = ["prod", "non-prod", "prod-2", "PROD", "a-b", "a%0Ab", "a%2520b", "-"]
    for other in others:
        if other != key:
            hub.comment(drifted("10:00"), key=other)
    before = [one["body"] for one in hub.github.of(PULL)]

    hub.comment(drifted("10:00"), key=key)
    hub.comment(drifted("11:00", actual=900), key=key)

    after = [one["body"] for one in hub.github.of(PULL)]
    assert after[:-1] == before
    assert marker_in(after[-1]).key == key
    assert marker_in(after[-1]).run.endswith("run-11:00")


def test_a_marker_in_somebody_elses_comment_is_not_ours(hub):
    hub.comment(drifted("10:00"))
    forged = hub.github.of(PULL)[0]["body"].replace("20261122", "99991122")
    hub.github.add_comment(PULL, forged, by="mallory")

    hub.comment(drifted("11:00", actual=900))

    assert hub.github.of(PULL)[1]["body"] == forged
    assert marker_in(hub.github.of(PULL)[0]["body"]).run.endswith("run-11:00")


def test_a_marker_that_is_quoted_further_down_is_none(hub):
    hub.comment(drifted("10:00"))
    quoted = "> " + hub.github.of(PULL)[0]["body"]
    hub.github.comments.clear()
    hub.github.add_comment(PULL, quoted)

    hub.comment(drifted("11:00"))

    first, second = hub.github.of(PULL)
    assert first["body"] == quoted
    assert marker_in(second["body"]) is not None


def test_a_clean_run_says_so_in_the_comment_that_warned(hub):
    hub.comment(drifted("10:00"))

    code = hub.comment(report("11:00"))

    assert code == 0
    assert len(hub.bodies) == 1
    assert "nothing to check" in hub.bodies[0].splitlines()[0].lower()
    assert "rate_limits" not in hub.bodies[0]


def test_a_clean_run_makes_no_comment(hub, capsys):
    code = hub.comment(report())

    assert code == 0
    assert hub.bodies == []
    assert "--always posts one" in capsys.readouterr().err


def test_a_clean_run_makes_one_where_that_is_asked_for(hub):
    code = hub.comment(report(), always=True)

    assert code == 0
    assert len(hub.bodies) == 1


def test_a_run_that_failed_is_posted(hub):
    code = hub.comment(report(outcome="error", errors=("chat cannot be read",)))

    assert code == 0
    assert len(hub.bodies) == 1


def test_recreate_posts_anew_and_folds_the_comment_before(hub):
    hub.comment(drifted("10:00"), mode="recreate")
    hub.comment(drifted("11:00", actual=900), mode="recreate")

    code = hub.comment(drifted("12:00", actual=901), mode="recreate")

    assert code == 0
    assert [one["minimized"] is not None for one in hub.github.of(PULL)] == [True, True, False]
    folds = [call for call in hub.github.calls if call[1].startswith("minimize")]
    assert folds == [("POST", "minimize IC_1"), ("POST", "minimize IC_2")]


def test_recreate_leaves_a_newer_comment_and_one_that_says_the_same(hub):
    hub.comment(drifted("11:00"), mode="recreate")

    hub.comment(drifted("10:00", actual=900), mode="recreate")
    hub.comment(drifted("12:00"), mode="recreate")

    assert len(hub.bodies) == 1


def test_new_posts_one_comment_for_each_run_and_no_second_for_the_same(hub):
    hub.comment(drifted("10:00"), mode="new")
    hub.comment(drifted("11:00"), mode="new")

    code = hub.comment(drifted("11:00"), mode="new")

    assert code == 0
    assert len(hub.bodies) == 2


def test_after_several_comments_of_one_key_the_newest_is_the_one_that_changes(hub):
    hub.comment(drifted("11:00"), mode="new")
    hub.comment(drifted("10:00"), mode="new")

    hub.comment(drifted("12:00", actual=900))

    runs = [marker_in(one["body"]).run[-5:] for one in hub.github.of(PULL)]
    assert runs == ["12:00", "10:00"]


def test_several_reports_are_one_comment(hub):
    code = hub.comment(drifted(stack="prod"), report(stack="staging"))

    assert code == 0
    assert len(hub.bodies) == 1
    assert "prod" in hub.bodies[0]
    assert "staging" in hub.bodies[0]
    assert marker_in(hub.github.of(PULL)[0]["body"]).key == "drift:shop/prod,shop/staging"


def test_five_thousand_findings_fit_into_a_comment(hub):
    findings = tuple(finding(f"endpoint-{n}-ü{'x' * 60}") for n in range(5000))

    code = hub.comment(report(findings=findings))

    assert code == 0
    body = hub.github.of(PULL)[0]["body"]
    assert 30_000 < len(body.encode()) <= LIMIT_BYTES
    assert "endpoint-0-" in body


def test_two_runs_at_once_end_with_one_comment_that_has_the_newer(hub):
    """The other run posts between our look and our write."""
    other = drifted("11:00", actual=900)

    def meanwhile(method, path):
        if path.endswith("/comments") and method == "POST":
            hub.github.before = lambda *_: None
            assert hub.comment(other) == 0

    hub.github.before = meanwhile

    code = hub.comment(drifted("10:00"))

    assert code == 0
    (left,) = hub.github.of(PULL)
    assert marker_in(left["body"]).run.endswith("run-11:00")


def test_of_two_runs_at_once_the_newer_may_be_the_one_that_comes_second(hub):
    def meanwhile(method, path):
        if path.endswith("/comments") and method == "POST":
            hub.github.before = lambda *_: None
            hub.comment(drifted("10:00"))

    hub.github.before = meanwhile

    hub.comment(drifted("11:00", actual=900))

    (left,) = hub.github.of(PULL)
    assert left["id"] == 1
    assert marker_in(left["body"]).run.endswith("run-11:00")


def test_the_file_says_where_to_and_how(hub, tmp_path, monkeypatch, capsys):
    (tmp_path / "dbserving.toml").write_text("[notify]\nto = 'github-pr'\nkey = 'nightly'\n")
    monkeypatch.chdir(tmp_path)

    code = run_notify(hub.saved(drifted()), {}, dry_run=True)

    assert (code, "key=nightly " in capsys.readouterr().out) == (0, True)


def test_a_file_cannot_lead_the_token_away_from_the_server_that_github_names(tmp_path, monkeypatch):
    (tmp_path / "dbserving.toml").write_text('[notify]\napi_url = "https://evil.test"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_API_URL", "https://api.github.com")

    in_a_workflow = settings_of(NotifySettings, {})
    asked_for = settings_of(NotifySettings, {"api_url": "https://ghe.test/api/v3"})
    monkeypatch.delenv("GITHUB_API_URL")
    elsewhere = settings_of(NotifySettings, {})

    urls = [one.api_url for one in (in_a_workflow, asked_for, elsewhere)]
    assert urls == ["https://api.github.com", "https://ghe.test/api/v3", "https://evil.test"]


def test_where_to_has_to_be_said(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageMistake, match="Say where to: --to github-pr or --to github-issue"):
        run_notify(hub.saved(drifted()), {})


def test_a_dry_run_prints_what_it_would_post_and_calls_nothing(hub, capsys):
    del hub.environment["GITHUB_TOKEN"]

    code = hub.comment(drifted(), dry_run=True, key="prod")

    assert code == 0
    assert hub.github.calls == []
    said = capsys.readouterr()
    assert said.out.startswith("<!-- dbserving:report v1 key=prod run=20261122T100000.000000Z-")
    assert "Not posted" in said.err


@pytest.mark.parametrize("secret", ["sk-C4N4RY-of-nobody", "sk_C4N4RY|`of`_*nobody*"])
def test_a_secret_of_the_environment_is_covered(hub, secret):
    hub.environment["OPENAI_API_KEY"] = secret

    hub.comment(report(findings=(finding(f"chat-{secret}"),)))

    assert "chat-" in hub.bodies[0]
    assert "C4N4RY" not in hub.bodies[0]
