"""The hidden first line of what is posted, and what follows from it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from databricks_serving.report.model import Classification
from databricks_serving.report.sticky import (
    Marker,
    Standing,
    Verdict,
    digest_of,
    key_of,
    marker_in,
    quiet,
    run_of,
    standing,
    verdict,
)
from support.posts import drifted, finding, report

DIGEST = "0" * 64


def test_the_line_is_a_comment_that_says_key_run_and_digest():
    marker = Marker("prod", "20261122T100000.000000Z-01JD8", DIGEST)

    line = marker.line

    assert line == (
        f"<!-- dbserving:report v1 key=prod run=20261122T100000.000000Z-01JD8 digest={DIGEST} -->"
    )


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_key_and_run_come_back_as_they_went_in(key, run):
    marker = Marker(key, run, DIGEST)

    found = marker_in(f"{marker.line}\n### text")

    assert found == marker


@given(st.text(min_size=1))
@example("a--b")
@example("---")
@example("-->")
@example("--!>\n# heading")
@example("x\u2028<b>")
def test_no_key_breaks_out_of_the_comment(key):
    text = f"{Marker(key, 'run', DIGEST).line}\n### A heading"

    kinds = [token.type for token in MarkdownIt().parse(text)]

    assert kinds == ["html_block", "heading_open", "inline", "heading_close"]
    assert "--" not in Marker(key, "run", DIGEST).line.removeprefix("<!--").removesuffix("-->")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "some text",
        f"text <!-- dbserving:report v1 key=prod run=1 digest={DIGEST} -->",
        f"\n<!-- dbserving:report v1 key=prod run=1 digest={DIGEST} -->",
        f"> <!-- dbserving:report v1 key=prod run=1 digest={DIGEST} -->",
        f"<!-- dbserving:report v1 key=prod run=1 digest={DIGEST} --> and more",
        f"<!-- dbserving:report v2 key=prod run=1 digest={DIGEST} -->",
        f"<!-- dbserving:report v1 key=prod key=dev run=1 digest={DIGEST} -->",
        "<!-- dbserving:report v1 key=prod run=1 digest=abc -->",
    ],
)
def test_anything_else_is_no_marker(body):
    found = marker_in(body)

    assert found is None


def test_a_body_that_was_edited_in_the_browser_keeps_its_marker():
    body = Marker("prod", "1", DIGEST).line + "\r\ntext"

    found = marker_in(body)

    assert found == Marker("prod", "1", DIGEST)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (None, Standing.ABSENT),
        (Marker("prod", "2", "a" * 64), Standing.EQUAL),
        (Marker("prod", "1", "a" * 64), Standing.EQUAL),
        (Marker("prod", "1", "b" * 64), Standing.OLDER),
        (Marker("prod", "2", "b" * 64), Standing.OLDER),
        (Marker("prod", "3", "a" * 64), Standing.NEWER),
        (Marker("prod", "3", "b" * 64), Standing.NEWER),
    ],
)
def test_the_newer_run_stays_and_the_same_text_is_not_written(there, expected):
    mine = Marker("prod", "2", "a" * 64)

    found = standing(mine, there)

    assert found is expected


def test_runs_sort_as_they_began_whatever_the_form_of_their_time():
    times = [
        "2026-11-22T09:59:59.999999Z",
        "2026-11-22T10:00:00Z",
        "2026-11-22T10:00:00.000001+00:00",
        "2026-11-22T12:00:00+01:00",
        "2026-11-22T11:30:00",
        "2026-12-01T00:00:00Z",
    ]
    one = report()

    runs = [
        run_of([one.model_copy(update={"run": one.run.model_copy(update={"started": time})})])
        for time in times
    ]

    assert all(earlier < later for earlier, later in pairwise(runs))


def test_of_several_reports_the_last_run_counts():
    run = run_of([report("10:00"), report("12:00"), report("11:00")])

    assert run == "20261122T120000.000000Z-run-12:00"


def test_a_time_that_is_none_is_refused():
    one = report()
    broken = one.model_copy(update={"run": one.run.model_copy(update={"started": "yesterday"})})

    with pytest.raises(ValueError, match="yesterday"):
        run_of([broken])


def test_the_same_found_later_has_the_same_digest():
    first, second = digest_of([drifted("10:00")]), digest_of([drifted("11:00")])

    assert first == second


@pytest.mark.parametrize(
    "other",
    [
        drifted(actual=501),
        drifted(stack="dev"),
        drifted(commit="other"),
        drifted(errors=("x",)),
        drifted(complete=False),
        report(),
    ],
)
def test_anything_else_that_a_reader_sees_has_another(other):
    first, second = digest_of([drifted()]), digest_of([other])

    assert first != second


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([report(stack="prod")], "drift:shop/prod"),
        ([report(stack="prod", mode="plan")], "plan:shop/prod"),
        ([report(stack="b"), report(stack="a"), report(stack="a")], "drift:shop/a,shop/b"),
    ],
)
def test_a_key_is_the_mode_and_what_the_reports_are_about(reports, expected):
    key = key_of(reports)

    assert key == expected


def test_a_report_of_no_named_stack_has_a_key_too():
    one = report()
    nameless = one.model_copy(
        update={"run": one.run.model_copy(update={"stack": "", "project": ""})}
    )

    key = key_of([nameless])

    assert key == "drift:default"


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([report()], True),
        ([report(), report()], True),
        ([report(), drifted()], False),
        ([report(mode="plan", outcome="changes")], False),
        ([report(mode="plan", outcome="overwrites")], False),
        ([report(errors=("x",))], False),
        ([report(outcome="incomplete")], False),
        ([report(findings=(finding(),), outcome="clean")], True),
    ],
)
def test_quiet_is_what_nobody_has_to_hear_of(reports, expected):
    found = quiet(reports)

    assert found is expected


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([report()], Verdict.CLEAN),
        ([drifted()], Verdict.DRIFT),
        ([report(), drifted()], Verdict.DRIFT),
        ([report(), report(outcome="error", errors=("x",))], Verdict.UNKNOWN),
        ([drifted(), report(outcome="error", errors=("x",))], Verdict.DRIFT),
        ([drifted(outcome="error", errors=("x",))], Verdict.DRIFT),
        ([report(complete=False)], Verdict.UNKNOWN),
        ([report(errors=("x",))], Verdict.UNKNOWN),
        (
            [
                report(
                    findings=(finding(classification=Classification.IN_FLUX),),
                    outcome="incomplete",
                )
            ],
            Verdict.UNKNOWN,
        ),
        (
            [report(findings=(finding(classification=Classification.UNMANAGED),), outcome="clean")],
            Verdict.CLEAN,
        ),
    ],
)
def test_drift_in_one_is_drift_and_what_was_not_seen_is_unknown(reports, expected):
    found = verdict(reports)

    assert found is expected
