"""A report from findings: its order, its counts, its digest."""

from __future__ import annotations

import itertools

import pytest

from databricks_serving.plan.comparison import Origin
from databricks_serving.plan.coverage import Coverage
from databricks_serving.report.build import val
from databricks_serving.report.ignoring import IgnoreFile
from databricks_serving.report.model import Classification, Effect, ErrorEntry
from databricks_serving_schema import Severity
from support.reports import (
    GUARDRAIL_OFF,
    LIMIT_OF_ZERO,
    SECRET,
    TAG_ADDED,
    TYPICAL,
    change,
    finding,
    in_sync,
    plan_that_overwrites,
    report_of,
    run,
)

YOURS = change("tags", "x", applied="1", desired="2", actual="1", origin=Origin.CODE)
FINDINGS = (
    *in_sync("z"),
    finding("tagged", changes=(TAG_ADDED,)),
    finding("gone", classification=Classification.MISSING),
    finding("open", changes=(TAG_ADDED, GUARDRAIL_OFF, LIMIT_OF_ZERO)),
    finding("rogue", classification=Classification.UNMANAGED),
    finding("unread", classification=Classification.ERROR),
    finding("moving", classification=Classification.IN_FLUX),
)


def planned(name, *changes, effect=Effect.UPDATE):
    return finding(name, classification=Classification.PENDING, effect=effect, changes=changes)


def test_the_gravest_comes_first_in_whatever_order_they_are_found():
    for findings in itertools.islice(itertools.permutations(FINDINGS), 0, 5040, 97):
        report = report_of(findings)

        assert [each.name for each in report.findings] == [
            *("unread", "open", "gone", "tagged", "moving", "rogue")
        ]


def test_the_gravest_change_comes_first():
    changes = report_of(FINDINGS).findings[1].changes

    assert [each.severity for each in changes] == [
        Severity.CRITICAL,
        Severity.HIGH,
        Severity.LOW,
    ]


def test_a_plan_begins_with_what_cannot_be_undone():
    names = ("update", "create", "delete", "replace", "refuse")
    findings = [planned(name, effect=Effect(name)) for name in names]

    said = [each.name for each in report_of(findings, "plan").findings]

    assert said == ["refuse", "delete", "replace", "update", "create"]


def test_those_in_sync_are_names_only():
    report = report_of(FINDINGS)

    assert report.in_sync == ("adb-6131.azuredatabricks.test:ServingEndpoint/z",)


def test_the_counts():
    report = report_of(FINDINGS, coverage=Coverage(10, 3))

    assert report.summary.by_class == {
        "drifted": 2,
        "error": 1,
        "in_flux": 1,
        "in_sync": 1,
        "missing": 1,
        "unmanaged": 1,
    }
    assert report.summary.by_severity == {"critical": 1, "high": 1, "low": 1}
    assert report.summary.max_severity is Severity.CRITICAL
    assert report.summary.not_in_code == 1
    assert report.summary.overwrites == 0
    coverage = report.coverage
    assert (coverage.resources_total, coverage.resources_checked) == (6, 5)
    assert (coverage.fields_total, coverage.fields_compared, coverage.fields_write_only) == (
        13,
        10,
        3,
    )


def test_a_plan_counts_what_it_does_and_overwrites():
    summary = plan_that_overwrites().summary

    assert summary.by_effect == {"update": 1}
    assert summary.overwrites == 2


def test_the_digest_is_the_same_for_the_same_plan_in_any_order_and_at_any_time():
    findings = (planned("a", YOURS, TAG_ADDED), planned("b", YOURS), *in_sync("c"))
    first = report_of(findings, "plan").digest
    later = run("plan", id="other", started="2027-01-01T00:00:00Z", commit="ffff", url="")
    turned = (planned("b", YOURS), planned("a", TAG_ADDED, YOURS))

    assert first == report_of(turned, "plan", run=later).digest
    assert first == "sha256:" + first.removeprefix("sha256:")


def test_the_digest_changes_with_what_would_be_done():
    base = planned("a", YOURS)
    others = [
        planned("b", YOURS),
        planned("a", YOURS, effect=Effect.REPLACE),
        planned("a"),
        planned("a", YOURS.model_copy(update={"pointer": "/tags/y"})),
        planned("a", change("tags", "x", applied="1", desired="3", actual="1", origin=Origin.CODE)),
        planned("a", change("tags", "x", applied="1", desired="2", actual="9", origin=Origin.BOTH)),
        planned("a", change("tags", "x", applied="1", desired=2, actual="1", origin=Origin.CODE)),
        planned("a", change("tags", "x", desired=SECRET, actual="1", origin=Origin.CODE)),
    ]

    digests = [report_of((each,), "plan").digest for each in (base, *others)]

    assert len(set(digests)) == 9


def test_the_digest_does_not_hang_on_words_places_and_what_is_only_noted():
    noted = change("tags", "y", actual="1", effect=Effect.NONE)
    said = planned("a", YOURS.model_copy(update={"reason": "else"}), noted)

    assert report_of((said,), "plan").digest == report_of((planned("a", YOURS),), "plan").digest


def test_a_plan_that_is_not_whole_has_no_digest():
    whole, cut = (planned("a", YOURS),), run("plan", complete=False)
    unread = finding("b", classification=Classification.ERROR)

    assert report_of(whole, "plan", run=cut).digest is None
    assert report_of((*whole, unread), "plan").digest is None
    assert report_of(whole, "plan", errors=(ErrorEntry(message="no"),)).digest is None
    assert TYPICAL["plan-refused"]().digest is None
    assert report_of(whole).digest is None


def in_clear(value, *steps):
    """A plan that creates an endpoint with a variable of the environment in clear."""
    path = ("config", "served_entities", "churn", "environment_vars", *steps)
    made = change(*path, desired=val(value, path), origin=Origin.CODE, effect=Effect.CREATE)
    return report_of((planned("churn", made, effect=Effect.CREATE),), "plan")


@pytest.mark.parametrize("steps", [("URL",), ()])
def test_the_digest_counts_what_no_report_shows(steps):
    good, evil = (value if steps else {"URL": value} for value in ("https://good", "https://evil"))
    reports = [in_clear(good, *steps), in_clear(evil, *steps)]

    digests = [each.digest for each in reports]

    assert digests[0] != digests[1]
    assert in_clear(good, *steps).digest == digests[0]
    dumped = [each.model_dump_json().replace(each.digest, "") for each in reports]
    assert dumped[0] == dumped[1]
    assert "evil" not in repr(reports[1])


def test_the_digest_counts_what_else_becomes_of_a_resource():
    gone = planned("limits", effect=Effect.DELETE)
    beside = change("ai_gateway", "guardrails", actual={}, origin=None, effect=Effect.NONE)
    others = [
        gone.model_copy(update={"hint": 'on_delete="clear": its sections are cleared'}),
        gone.model_copy(update={"hint": "1 secret(s) that no program declares go with it: x"}),
        gone.model_copy(update={"not_in_code": (beside,)}),
    ]

    digests = {report_of((each,), "plan").digest for each in (gone, *others)}

    assert len(digests) == 4


def test_an_unmanaged_endpoint_that_a_rule_allows_is_none_that_was_checked():
    rules = '[[ignore]]\nresource="*/rogue"\nreason="lab"\nowner="o"\npermanent=true\n'
    rogue = finding("rogue", classification=Classification.UNMANAGED)

    coverage = report_of((*in_sync("a"), rogue), ignoring=IgnoreFile.parse(rules)).coverage

    assert (coverage.resources_checked, coverage.resources_total) == (1, 1)


def test_a_value_that_is_not_in_code_was_never_compared():
    rules = '[[ignore]]\nresource="*/a"\npath="/tags"\nreason="x"\nowner="o"\npermanent=true\n'
    beside = change("tags", "x", actual="1", origin=None, effect=Effect.NONE)
    found = finding("a", classification=Classification.IN_SYNC, not_in_code=(beside,))

    coverage = report_of(
        (found,), ignoring=IgnoreFile.parse(rules), coverage=Coverage(10, 0)
    ).coverage

    assert (coverage.fields_compared, coverage.fields_ignored) == (10, 0)
