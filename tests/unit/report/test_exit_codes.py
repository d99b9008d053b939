"""The exit code and the word of a report, from what was found and what was asked for."""

from __future__ import annotations

import pytest

from databricks_serving.plan.comparison import Origin
from databricks_serving.report.gate import Gate, Threshold
from databricks_serving.report.mistakes import ReportMistake
from databricks_serving.report.model import Classification, Effect, ErrorEntry, ExitCode
from databricks_serving_schema import Severity
from support.reports import (
    GUARDRAIL_OFF,
    TAG_ADDED,
    TYPICAL,
    change,
    finding,
    in_sync,
    report_of,
    run,
)

BESIDE = change("tags", "x", actual="1", origin=None, severity=Severity.LOW, effect=Effect.NONE)
YOURS = change("tags", "x", applied="1", desired="2", actual="1", origin=Origin.CODE)
THEIRS = change("tags", "x", applied="1", actual="2", severity=Severity.LOW)
FAILED = (ErrorEntry(message="the preview failed"),)

drifted = finding("chat", changes=(GUARDRAIL_OFF,))
a_tag = finding("chat", changes=(TAG_ADDED,))
missing = finding("chat", classification=Classification.MISSING)
unmanaged = finding("rogue", classification=Classification.UNMANAGED)
beside = finding("chat", classification=Classification.IN_SYNC, not_in_code=(BESIDE,))
flux = finding("chat", classification=Classification.IN_FLUX)
unverifiable = finding("s/k", "Secret", Classification.UNVERIFIABLE)
pending = finding("chat", classification=Classification.PENDING)
error = finding("chat", classification=Classification.ERROR)
failed_update = finding("chat", reason="its last update failed")


def update(*changes, effect=Effect.UPDATE):
    return finding("chat", classification=Classification.PENDING, effect=effect, changes=changes)


def on(*causes, **said):
    return Gate(fail_on=frozenset(causes), **said)


DRIFT = {
    "nothing": ((), Gate(), 0, "clean"),
    "in sync": (in_sync("a", "b"), Gate(), 0, "clean"),
    "drifted": ((drifted,), Gate(), 2, "drift"),
    "drifted, with a code of one's own": ((drifted,), Gate(drift_exit_code=42), 42, "drift"),
    "drifted, told to pass": ((drifted,), Gate(drift_exit_code=0), 0, "drift"),
    "missing": ((missing,), Gate(), 2, "drift"),
    "a failed update": ((failed_update,), Gate(min_severity=Severity.HIGH), 2, "drift"),
    "grave enough": ((drifted,), Gate(min_severity=Severity.CRITICAL), 2, "drift"),
    "not grave enough": ((a_tag,), Gate(min_severity=Severity.MEDIUM), 0, "clean"),
    "as grave as asked": ((a_tag,), Gate(min_severity=Severity.LOW), 2, "drift"),
    "only missing ones count": ((drifted,), on("missing"), 0, "clean"),
    "unmanaged": ((unmanaged,), Gate(), 0, "clean"),
    "unmanaged counts": ((unmanaged,), on("unmanaged"), 2, "drift"),
    "not in code": ((beside,), Gate(), 0, "clean"),
    "not in code counts": ((beside,), on("unmanaged"), 2, "drift"),
    "not in code, too light": ((beside,), on("unmanaged", min_severity=Severity.HIGH), 0, "clean"),
    "pending": ((pending,), Gate(), 0, "clean"),
    "pending counts": ((pending,), on("pending"), 2, "drift"),
    "in flux": ((flux,), Gate(), 0, "clean"),
    "in flux, strictly": ((flux,), Gate(strict=True), 10, "incomplete"),
    "unverifiable, strictly": ((unverifiable,), Gate(strict=True), 10, "incomplete"),
    "in sync, strictly": (in_sync("a"), Gate(strict=True), 0, "clean"),
    "drift before incompleteness": ((drifted, flux), Gate(strict=True), 2, "drift"),
    "an error": ((error,), Gate(), 1, "error"),
    "an error wins over drift": ((error, drifted), Gate(), 1, "error"),
    "an error does not count": ((error,), on("drifted"), 0, "incomplete"),
    "an error does not count, strictly": ((error,), on("drifted", strict=True), 10, "incomplete"),
    "no right to anything": ((error,), Gate(not_authorized=True), 3, "not_authorized"),
    "no right to one": ((error, *in_sync("a")), Gate(not_authorized=True), 1, "error"),
    "timed out": ((drifted,), Gate(timed_out=True), 9, "timed_out"),
    "interrupted": ((error,), Gate(interrupted=130), 130, "interrupted"),
    "terminated": ((), Gate(interrupted=143, timed_out=True), 143, "interrupted"),
}


@pytest.mark.parametrize("case", DRIFT)
def test_drift_ends_with(case):
    findings, gate, code, outcome = DRIFT[case]

    summary = report_of(findings, gate=gate).summary

    assert (summary.exit_code, summary.outcome) == (code, outcome)


def test_an_error_of_the_run_is_one_whatever_is_asked_for():
    summary = report_of((drifted,), gate=on("drifted"), errors=FAILED).summary

    assert (summary.exit_code, summary.outcome) == (1, "error")


def test_a_run_that_was_cut_short_is_never_clean():
    report = report_of(in_sync("a"), run=run(complete=False), resources_total=2)

    assert (report.summary.exit_code, report.summary.outcome) == (0, "incomplete")


REFUSED = update(change("description", origin=Origin.CODE), effect=Effect.REFUSE)
PLAN = {
    "nothing": (in_sync("a"), Gate(), 0, "clean"),
    "changes": ((update(YOURS),), Gate(), 0, "changes"),
    "changes count": ((update(YOURS),), on("changes"), 2, "changes"),
    "overwrites": ((update(THEIRS),), Gate(), 0, "overwrites"),
    "overwrites count": ((update(THEIRS),), on("overwrites"), 2, "overwrites"),
    "overwrites do not count as such": ((update(YOURS),), on("overwrites"), 0, "changes"),
    "light overwrites": (
        (update(THEIRS),),
        on("overwrites", min_severity=Severity.HIGH),
        0,
        "overwrites",
    ),
    "an error": ((error, update(YOURS)), Gate(), 1, "error"),
    "refused": ((REFUSED,), Gate(), 1, "refused"),
    "a change more than allowed": (
        (update(YOURS),),
        on("changes", max_changes=Threshold(0)),
        5,
        "unsafe",
    ),
    "as many as allowed": ((update(YOURS),), Gate(max_changes=Threshold(1)), 0, "changes"),
    "a deletion": (
        (update(effect=Effect.DELETE),),
        Gate(max_deletes=Threshold(0)),
        5,
        "unsafe",
    ),
    "a replacement deletes": (
        (update(effect=Effect.REPLACE),),
        Gate(max_deletes=Threshold(0)),
        5,
        "unsafe",
    ),
    "half of them": (
        (update(YOURS), *in_sync("a")),
        Gate(max_changes=Threshold(50, percent=True)),
        0,
        "changes",
    ),
    "more than half of them": (
        (update(YOURS), *in_sync("a")),
        Gate(max_changes=Threshold(49, percent=True)),
        5,
        "unsafe",
    ),
}


@pytest.mark.parametrize("case", PLAN)
def test_a_plan_ends_with(case):
    findings, gate, code, outcome = PLAN[case]

    summary = report_of(findings, "plan", gate=gate).summary

    assert (summary.exit_code, summary.outcome) == (code, outcome)


def test_a_broken_threshold_says_which():
    gate = Gate(max_changes=Threshold.parse("25%"), max_deletes=Threshold.parse("0"))

    summary = report_of((update(YOURS), *in_sync("a")), "plan", gate=gate).summary

    assert summary.unsafe == ("1 of 2 resources would be changed; at most 25% may be.",)


def test_the_expected_digest_is_the_plans_own():
    findings = (update(YOURS),)
    digest = report_of(findings, "plan").digest

    for expected in (digest, digest.removeprefix("sha256:")[:12], digest.upper()):
        assert report_of(findings, "plan", gate=Gate(expect_digest=expected)).summary.exit_code == 0


@pytest.mark.parametrize("expected", ["sha256:" + "0" * 64, "", "sha256:", "3f940542d17"])
def test_another_digest_is_unsafe(expected):
    summary = report_of((update(YOURS),), "plan", gate=Gate(expect_digest=expected)).summary

    assert summary.exit_code == ExitCode.UNSAFE
    assert summary.unsafe[0].startswith("The plan is not the one that was reviewed")


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "%", "10 %%", "1e3"])
def test_what_is_no_threshold_is_refused(text):
    with pytest.raises(ReportMistake, match="is no threshold: write a number of resources"):
        Threshold.parse(text)


def test_what_is_no_cause_to_fail_is_refused():
    with pytest.raises(ReportMistake, match="--fail-on does not know 'drift'; it takes in_sync"):
        on("drift")


def test_every_typical_report_ends_as_it_should():
    assert {name: make().summary.exit_code for name, make in TYPICAL.items()} == {
        "guardrail-off": 2,
        "secret-rotated": 2,
        "endpoint-missing": 2,
        "in-flux": 2,
        "unmanaged": 2,
        "not-in-code": 0,
        "clean": 0,
        "incomplete": 143,
        "ignored": 2,
        "plan-of-each-effect": 0,
        "plan-that-overwrites": 2,
        "plan-refused": 1,
    }
