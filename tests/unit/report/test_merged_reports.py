"""Several reports as one: what is shared, what is missing, and which exit code stands."""

from __future__ import annotations

import pytest

from databricks_serving.report.gate import Gate
from databricks_serving.report.ignoring import IgnoreFile
from databricks_serving.report.merging import merged
from databricks_serving.report.mistakes import ReportMistake
from databricks_serving.report.model import Classification, Effect, ErrorEntry
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


def test_the_word_for_plans_is_the_gravest_in_whatever_order_they_come():
    nothing = report_of(in_sync("a"), "plan", run=run("plan", stack="other"))
    overwrites = TYPICAL["plan-that-overwrites"]().model_copy(
        update={"summary": report_of(plan_findings(), "plan").summary}
    )

    outcomes = {merged(p).summary.outcome for p in ([nothing, overwrites], [overwrites, nothing])}

    assert outcomes == {"overwrites"}


def plan_findings():
    return (finding("chat", effect=Effect.UPDATE, changes=(LIMIT_OF_ZERO,)),)


FAILS_ON_STRAYS = Gate(fail_on=frozenset({"drifted", "unmanaged"}))


def strays_of_each_other(*more, gate=FAILS_ON_STRAYS):
    """Two stacks in one workspace, each of which declares what the other finds unmanaged."""
    theirs, ours = (
        finding(name, classification=Classification.UNMANAGED) for name in ("chat", "embed")
    )
    one = report_of((theirs, *in_sync("embed"), *more), run=run(stack="a"), gate=gate)
    return [one, report_of((ours, *in_sync("chat")), run=run(stack="b"), gate=gate)]


def test_what_only_another_stack_declares_fails_no_merged_report():
    reports = strays_of_each_other()

    summary = merged(reports).summary

    assert [each.summary.exit_code for each in reports] == [2, 2]
    assert (summary.exit_code, summary.outcome) == (0, "clean")


def test_a_part_that_did_not_see_all_is_not_clean_when_its_strays_are_gone():
    one, other = strays_of_each_other()
    cut = one.model_copy(update={"run": one.run.model_copy(update={"complete": False})})

    summary = merged([cut, other]).summary

    assert (summary.exit_code, summary.outcome) == (0, "incomplete")


def test_what_else_a_report_failed_on_fails_the_merged_one():
    summary = merged(strays_of_each_other(LIMIT)).summary

    assert (summary.exit_code, summary.outcome) == (2, "drift")


def test_what_is_too_light_does_not_take_the_place_of_what_another_stack_declares():
    gate = Gate(fail_on=FAILS_ON_STRAYS.fail_on, min_severity=Severity.CRITICAL)

    summary = merged(strays_of_each_other(LIMIT, gate=gate)).summary

    assert (summary.exit_code, summary.outcome) == (0, "clean")


RULE = """
[[ignore]]
resource = "ServingEndpoint/chat"
reason = "lab"
owner = "ml"
permanent = true
"""
UNUSED = '.dbserving-ignore.toml: rule-1 ("lab", ml) met nothing; take it out.'


def test_a_rule_that_one_of_several_reports_needs_is_not_told_to_be_taken_out():
    rules = IgnoreFile.parse(RULE)
    unneeded = shard(1, *in_sync("a"), ignoring=rules)

    report = merged([unneeded, shard(2, LIMIT, ignoring=rules)])

    assert unneeded.notices == (UNUSED,)
    assert report.notices == ()


def test_a_rule_that_no_report_needs_is_told_of_once():
    rules = IgnoreFile.parse(RULE)

    report = merged([shard(n, *in_sync("a"), ignoring=rules) for n in (1, 2)])

    assert report.notices == (UNUSED,)


def test_of_a_part_of_a_stack_no_rule_is_said_to_be_unneeded():
    rules = IgnoreFile.parse(RULE)
    some = run(selected=True)

    reports = [report_of(in_sync("a"), ignoring=rules, run=run(stack="b")), shard(2, *in_sync("b"))]
    part = report_of(in_sync("a"), ignoring=rules, run=some)

    assert part.notices == ()
    assert merged([*reports, part]).notices == ()
    assert report_of(in_sync("a"), "plan", ignoring=rules).notices == ()
