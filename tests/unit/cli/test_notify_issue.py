"""`dbserving notify --to github-issue`: one issue that is open while there is drift."""

from __future__ import annotations

import pytest

from databricks_serving.cli.exits import UsageMistake
from databricks_serving.report.sticky import marker_in
from support.posts import drifted, finding, posting, report


@pytest.fixture
def hub(tmp_path):
    with posting(tmp_path) as one:
        yield one


def run_in(issue):
    return marker_in(issue["body"]).run[-5:]


def test_drift_opens_an_issue(hub, capsys):
    code = hub.issue(drifted())

    assert code == 0
    (issue,) = hub.github.issues
    assert issue["title"] == "Drift: shop/prod"
    assert [label["name"] for label in issue["labels"]] == ["dbserving-drift"]
    assert issue["state"] == "open"
    assert "500" in issue["body"]
    assert marker_in(issue["body"]).key == "drift:shop/prod"
    assert "Opened https://github.com/shop/infra/issues/1." in capsys.readouterr().err


def test_no_drift_opens_none(hub):
    code = hub.issue(report())

    assert code == 0
    assert hub.github.issues == []


def test_other_drift_changes_it_in_place(hub):
    hub.issue(drifted("10:00"))

    code = hub.issue(drifted("11:00", actual=900))

    assert code == 0
    (issue,) = hub.github.issues
    assert "900" in issue["body"]
    assert hub.github.of(1) == []


def test_the_same_drift_moves_the_run_alone(hub):
    hub.issue(drifted("10:00"))

    code = hub.issue(drifted("11:00"))

    assert code == 0
    (issue,) = hub.github.issues
    assert (issue["state"], run_in(issue)) == ("open", "11:00")


def test_a_late_clean_run_does_not_close_it(hub):
    hub.issue(drifted("10:00"))
    hub.issue(drifted("12:00"))

    code = hub.issue(report("11:00"))

    assert code == 0
    (issue,) = hub.github.issues
    assert (issue["state"], run_in(issue)) == ("open", "12:00")


def test_the_end_of_the_drift_closes_it_with_a_comment(hub):
    hub.issue(drifted("10:00"))

    code = hub.issue(report("11:00"))

    assert code == 0
    (issue,) = hub.github.issues
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert run_in(issue) == "11:00"
    (comment,) = hub.github.of(1)
    assert comment["body"] == (
        "The drift is gone. [This run](https://github.com/shop/infra/actions/runs/1100) found "
        "none. This issue is reopened when there is another."
    )


def test_a_clean_run_after_that_leaves_it_closed(hub):
    hub.issue(drifted("10:00"))
    hub.issue(report("11:00"))

    hub.issue(report("12:00"))
    code = hub.issue(report("13:00", commit="def5678"))

    assert code == 0
    (issue,) = hub.github.issues
    assert (issue["state"], run_in(issue)) == ("closed", "12:00")


def test_drift_that_comes_back_reopens_it(hub):
    hub.issue(drifted("10:00"))
    hub.issue(report("11:00"))

    code = hub.issue(drifted("12:00"))

    assert code == 0
    (issue,) = hub.github.issues
    assert (issue["state"], issue["state_reason"]) == ("open", "reopened")
    assert run_in(issue) == "12:00"


def test_drift_that_fails_no_run_is_not_said_to_be_gone(hub):
    hub.issue(drifted("10:00"))

    hub.issue(report("11:00", findings=(finding(),), outcome="clean"))

    (issue,) = hub.github.issues
    (comment,) = hub.github.of(1)
    assert issue["state"] == "closed"
    assert comment["body"].startswith("What is left of the drift fails no run. [This run](")


def test_an_issue_that_a_person_closed_stays_closed_while_the_drift_is_the_same(hub):
    hub.issue(drifted("10:00"))
    hub.github.issues[0]["state"] = "closed"

    hub.issue(drifted("11:00"))
    same = hub.github.issues[0]["state"]
    hub.issue(drifted("12:00", actual=900))
    other = hub.github.issues[0]["state"]

    assert (same, other) == ("closed", "open")


def test_an_older_run_that_comes_late_changes_nothing(hub):
    hub.issue(drifted("10:00"))
    hub.issue(report("12:00"))
    hub.github.calls.clear()

    code = hub.issue(drifted("11:00", actual=900))

    assert code == 0
    assert hub.github.writes == []
    assert hub.github.issues[0]["state"] == "closed"


@pytest.mark.parametrize("outcome", ["error", "incomplete", "timed_out", "not_authorized"])
def test_a_run_that_could_not_look_neither_closes_nor_opens(hub, outcome):
    hub.issue(drifted("10:00"))
    hub.github.calls.clear()

    code = hub.issue(report("11:00", outcome=outcome, errors=("chat cannot be read",)))

    assert code == 0
    assert hub.github.writes == []
    assert hub.github.issues[0]["state"] == "open"


def test_a_clean_run_that_was_ended_early_closes_nothing(hub):
    hub.issue(drifted("10:00"))

    hub.issue(report("11:00", outcome="clean", complete=False))

    assert hub.github.issues[0]["state"] == "open"


def test_drift_that_a_failed_run_did_see_opens_one(hub):
    code = hub.issue(drifted(outcome="error", errors=("other cannot be read",)))

    assert code == 0
    assert len(hub.github.issues) == 1


def test_each_key_has_an_issue_of_its_own(hub):
    hub.issue(drifted("10:00"), key="prod")
    hub.issue(drifted("10:00"), key="non-prod")

    hub.issue(report("11:00"), key="prod")

    assert [(i["title"], i["state"]) for i in hub.github.issues] == [
        ("Drift: prod", "closed"),
        ("Drift: non-prod", "open"),
    ]


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("a\nb\tc", "Drift: a b c"),
        ("not \udcff text", "Drift: not ? text"),
        ("x" * 200, "Drift: " + "x" * 193),
    ],
)
def test_a_title_is_one_line_of_text_whatever_the_key(hub, key, title):
    hub.issue(drifted("10:00"), key=key)

    hub.issue(drifted("11:00", actual=900), key=key)

    assert [issue["title"] for issue in hub.github.issues] == [title]


def test_an_issue_of_the_same_title_is_not_ours(hub):
    hub.github.add_issue("Drift: shop/prod", "by hand", labels=["dbserving-drift"])

    hub.issue(drifted())

    by_hand, ours = hub.github.issues
    assert by_hand["body"] == "by hand"
    assert marker_in(ours["body"]) is not None


def test_a_title_that_a_person_changed_and_a_label_taken_off_do_not_matter(hub):
    hub.issue(drifted("10:00"))
    hub.github.issues[0].update(title="Somebody raised a limit", labels=[])

    hub.issue(drifted("11:00", actual=900))

    (issue,) = hub.github.issues
    assert issue["title"] == "Somebody raised a limit"
    assert run_in(issue) == "11:00"


def test_a_marker_in_somebody_elses_issue_or_in_a_pull_request_is_not_ours(hub):
    hub.issue(drifted("10:00"))
    body = hub.github.issues[0]["body"]
    hub.github.issues.clear()
    hub.github.add_issue("forged", body, by="mallory")
    hub.github.add_issue("a pull request", body, pull_request=True)

    hub.issue(drifted("11:00"))

    assert [issue["title"] for issue in hub.github.issues][2:] == ["Drift: shop/prod"]


def test_the_issue_is_found_on_whichever_page_it_stands(hub):
    for number in range(150):
        hub.github.add_issue(f"issue {number}", "of another job")
    hub.issue(drifted("10:00"))
    for number in range(100):
        hub.github.add_issue(f"later issue {number}", "of another job", state="closed")

    hub.issue(drifted("11:00", actual=900))

    ours = [issue for issue in hub.github.issues if marker_in(issue["body"])]
    assert len(ours) == 1
    assert run_in(ours[0]) == "11:00"


def test_two_runs_at_once_leave_one_issue_open(hub):
    def meanwhile(method, path):
        if method == "POST" and path.endswith("/issues"):
            hub.github.before = lambda *_: None
            hub.issue(drifted("11:00", actual=900))

    hub.github.before = meanwhile

    code = hub.issue(drifted("10:00"))

    assert code == 0
    first, second = hub.github.issues
    assert (first["state"], run_in(first)) == ("open", "11:00")
    assert (second["state"], second["state_reason"]) == ("closed", "not_planned")


def test_after_that_the_first_one_is_the_one_that_is_kept_up_to_date(hub):
    test_two_runs_at_once_leave_one_issue_open(hub)

    hub.issue(report("12:00"))
    hub.issue(drifted("13:00"))

    first, second = hub.github.issues
    assert (first["state"], run_in(first)) == ("open", "13:00")
    assert second["state"] == "closed"


def test_a_plan_is_no_matter_for_an_issue(hub):
    with pytest.raises(UsageMistake, match="give it reports of `dbserving drift`"):
        hub.issue(report(mode="plan"))
