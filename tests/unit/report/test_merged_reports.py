"""Several reports as one: what is shared, what is missing, and which exit code stands."""

from __future__ import annotations

import pytest

from databricks_serving.report.gate import Gate
from databricks_serving.report.ignoring import IgnoreFile
from databricks_serving.report.merging import merged
from databricks_serving.report.mistakes import ReportMistake
from databricks_serving.report.model import Classification, ErrorEntry
from databricks_serving_schema import Severity
from support.reports import (
    LIMIT_OF_ZERO,
    RULES,
    TAG_ADDED,
    TYPICAL,
    change,
    clean,
    finding,
    in_sync,
    report_of,
    run,
)


def shard(number, *findings, **said):
    """The report of one workspace."""
    moved = (each.model_copy(update={"workspace": f"ws-{number}"}) for each in findings)
    of_run = said.pop("run", None) or run(said.get("mode", "drift"), stack=f"s{number}")
    return report_of(tuple(moved), run=of_run, **said)


LIMIT = finding("chat", changes=(LIMIT_OF_ZERO,))


def test_the_same_cause_in_several_workspaces_is_told_once():
    other = finding("chat", changes=(change(*"ab", applied=1, actual=2), TAG_ADDED))

    report = merged([shard(1, LIMIT), shard(2, LIMIT), shard(3, other), shard(4, *in_sync("x"))])

    (cause,) = report.causes
    assert (cause.path, cause.count, cause.actual.value) == (
        "ai_gateway.rate_limits.user.calls",
        2,
        0,
    )
    assert cause.workspaces == ("ws-1", "ws-2")
    assert cause.resources == ("ws-1:ServingEndpoint/chat", "ws-2:ServingEndpoint/chat")
    assert cause.severity is Severity.HIGH


def test_another_value_there_is_another_cause():
    raised = change("ai_gateway", "rate_limits", "user", "calls", applied=100, actual=500)

    report = merged([shard(1, LIMIT), shard(2, finding("chat", changes=(raised,)))])

    assert report.causes == ()


def test_everything_is_added_up():
    report = merged([shard(1, LIMIT, *in_sync("a")), shard(2, *in_sync("b"))])

    assert report.summary.by_class == {"drifted": 1, "in_sync": 2}
    assert report.coverage.resources_total == 3
    assert report.coverage.fields_compared == 256
    assert report.in_sync == ("ws-1:ServingEndpoint/a", "ws-2:ServingEndpoint/b")
    assert (report.run.id, report.run.stack) == ("01JD8ZV3KQ", "")


CODES = {
    "clean": ([0, 0], 0),
    "drift": ([0, 2], 2),
    "an error before drift": ([2, 1], 1),
    "an error before an interruption": ([143, 1], 1),
    "an interruption before drift": ([2, 130], 130),
    "a code of one's own": ([0, 42], 42),
    "drift before what is incomplete": ([10, 2], 2),
    "what is incomplete": ([10, 0], 10),
    "unsafe before drift": ([5, 2], 5),
    "no right to one of them": ([3, 0], 1),
    "no right to any": ([3, 3], 3),
}


@pytest.mark.parametrize("case", CODES)
def test_the_gravest_exit_code_stands(case):
    codes, expected = CODES[case]
    reports = [
        each.model_copy(update={"summary": each.summary.model_copy(update={"exit_code": code})})
        for number, code in enumerate(codes)
        for each in [shard(number, *in_sync("a"))]
    ]

    assert merged(reports).summary.exit_code == expected


def test_a_missing_report_is_an_error():
    report = merged([shard(1, *in_sync("a")), shard(2, *in_sync("b"))], expect=5)

    assert (report.summary.exit_code, report.summary.outcome) == (1, "error")
    assert report.run.complete is False
    assert report.errors[0].message.startswith("3 of 5 reports are missing")


def test_the_same_report_twice_is_one():
    one = shard(1, LIMIT)

    report = merged([one, one], expect=2)

    assert report.summary.by_class == {"drifted": 1}
    assert report.summary.exit_code == 1


def test_as_many_as_expected_are_enough():
    assert merged([shard(1, *in_sync("a"))], expect=1).summary.exit_code == 0


def test_what_another_stack_declares_is_not_unmanaged():
    theirs = finding("chat", classification=Classification.UNMANAGED)
    rogue = finding("rogue", classification=Classification.UNMANAGED)
    one = report_of((theirs, rogue), run=run(stack="a"))

    report = merged([one, report_of(in_sync("chat"), run=run(stack="b"))])

    assert [each.name for each in report.findings] == ["rogue"]


def test_reports_of_several_runs_are_refused_unless_allowed():
    reports = [shard(1, *in_sync("a")), shard(2, *in_sync("b"), run=run(id="other"))]

    with pytest.raises(ReportMistake, match="reports of 2 runs"):
        merged(reports)
    assert merged(reports, allow_mixed=True).summary.exit_code == 0


def test_drift_and_plans_are_never_mixed():
    with pytest.raises(ReportMistake, match="reports of drift and of plans"):
        merged([clean(), TYPICAL["plan-refused"]()], allow_mixed=True)


def test_no_reports_are_refused():
    with pytest.raises(ReportMistake, match="no report to merge"):
        merged([])


def test_plans_have_one_digest_in_any_order_and_none_where_one_has_none():
    plans = [TYPICAL["plan-of-each-effect"](), TYPICAL["plan-that-overwrites"]()]

    digest = merged(plans).digest

    assert digest is not None
    assert digest == merged(plans[::-1]).digest
    assert digest not in [each.digest for each in plans]
    assert merged(plans[:1]).digest == plans[0].digest
    assert merged([*plans, TYPICAL["plan-refused"]()]).digest is None


def test_a_rule_counts_what_it_met_everywhere():
    size = change("config", "served_entities", "x", "workload_size", actual="Medium")
    found = finding("chat-1", changes=(size,))
    reports = [shard(n, found, ignoring=IgnoreFile.parse(RULES)) for n in (1, 2)]

    assert [(use.id, use.matched) for use in merged(reports).rules] == [
        ("rule-1", 2),
        ("rule-2", 0),
        ("rule-3", 0),
    ]


def test_errors_of_all_are_kept():
    failed = shard(1, errors=(ErrorEntry(message="a"),))

    report = merged([failed, shard(2, LIMIT, gate=Gate(interrupted=130))])

    assert [each.message for each in report.errors] == ["a"]
    assert report.summary.exit_code == 1
