"""What each format does with much, with several reports, and with nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from databricks_serving.plan.comparison import Origin
from databricks_serving.plan.coverage import Coverage
from databricks_serving.report.formats import EXTENSIONS, FORMATS, render, schema
from databricks_serving.report.gate import Gate
from databricks_serving.report.github import command
from databricks_serving.report.merging import merged
from databricks_serving.report.model import Classification, Report
from databricks_serving_schema import Severity
from support.reports import (
    GUARDRAIL_OFF,
    LIMIT_OF_ZERO,
    LIMITS,
    TAG_ADDED,
    TYPICAL,
    change,
    clean,
    finding,
    guardrail_off,
    in_sync,
    plan_that_overwrites,
    report_of,
    run,
)

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = json.loads((ROOT / "docs" / "schemas" / "report-1.json").read_text("utf-8"))
MANY = report_of(
    (
        *(finding(f"chat-{n:04}", changes=(TAG_ADDED,)) for n in range(5000)),
        finding("open", changes=(GUARDRAIL_OFF,)),
    )
)


def stack(name, make):
    """A typical report as that of another stack."""
    report = make()
    return report.model_copy(update={"run": report.run.model_copy(update={"stack": name})})


@pytest.mark.parametrize("case", TYPICAL)
def test_every_report_is_what_the_published_schema_says(case):
    said = json.loads(render(TYPICAL[case](), "json").text)

    assert not list(Draft202012Validator(PUBLISHED).iter_errors(said))
    assert said["$schema"] == PUBLISHED["$id"]
    assert said["format_version"] == "1.0.0"


def test_the_published_schema_is_that_of_the_code():
    assert schema() == PUBLISHED
    Draft202012Validator.check_schema(PUBLISHED)


def test_a_report_of_a_later_minor_version_is_read():
    said = json.loads(render(guardrail_off(), "json").text)
    later = {**said, "format_version": "1.7.0", "weather": "fine"}

    assert Report.model_validate(later).findings == guardrail_off().findings


def test_several_reports_are_an_array():
    said = json.loads(render([guardrail_off(), plan_that_overwrites()], "json").text)

    assert [each["run"]["mode"] for each in said] == ["drift", "plan"]


def test_every_format_has_a_file_name_of_its_own():
    assert set(EXTENSIONS) == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_a_page_ends_with_one_line_break(form):
    assert re.search(r"[^\n]\n\Z", render(guardrail_off(), form).text)


def test_a_comment_on_thousands_of_findings_has_the_gravest_and_says_what_it_leaves_out():
    page = render(MANY, "markdown", limit=60_000).text

    lines = page.splitlines()
    rows = [line for line in lines if line.startswith("| ") and "<code>" in line]
    left_out = next(line for line in lines if line.startswith("*Left out"))
    assert 59_000 < len(page.encode()) <= 60_000
    assert lines[0] == "### ⚠️ <code>prod</code>: 5001 drifted (worst: critical)"
    assert "<code>open</code>" in rows[0]
    assert left_out == (
        f"*Left out for want of room: {5001 - len(rows)} rows. The report in JSON has everything.*"
    )
    assert lines[-1].startswith("<sub>5001 drifted")


def test_every_limit_is_kept_to_the_byte():
    one, two = guardrail_off(), [guardrail_off(), plan_that_overwrites()]

    for limit in range(0, 1400, 3):
        for reports in (one, two):
            assert len(render(reports, "markdown", limit=limit).text.encode()) <= limit


def test_details_go_before_rows():
    report = TYPICAL["plan-of-each-effect"]()
    whole = render(report, "markdown").text

    page = render(report, "markdown", limit=len(whole.encode()) - 10).text

    assert "<details>" in whole
    assert "<details>" not in page
    assert page.count("\n| ") == whole.count("\n| ")
    assert "*Left out for want of room: 1 detail." in page


def test_several_stacks_share_a_page_the_worst_first_and_the_quiet_ones_a_line():
    reports = [
        stack("dev", TYPICAL["clean"]),
        stack("staging", TYPICAL["plan-of-each-effect"]),
        stack("prod", TYPICAL["guardrail-off"]),
        stack("test", TYPICAL["clean"]),
        stack("broken", TYPICAL["plan-refused"]),
    ]

    lines = render(reports, "markdown").text.splitlines()

    assert [line for line in lines if line.startswith("#")] == [
        "### ❌ 5 stacks: 3 with something to say",
        "#### ❌ <code>broken</code>: 1 refused",
        "#### ⚠️ <code>prod</code>: 1 drifted (worst: critical)",
        "#### ✏️ <code>staging</code>: 1 create, 1 update, 1 replace, 1 delete",
    ]
    assert "Nothing to report: <code>dev</code>, <code>test</code>." in lines
    assert sum("/actions/runs/7" in line for line in lines) == 1


def test_many_stacks_share_the_room_and_the_worst_has_rows():
    reports = [stack(f"s{n:03}", TYPICAL["in-flux"]) for n in range(300)]
    reports.append(stack("zz", TYPICAL["guardrail-off"]))

    page = render(reports, "markdown", limit=20_000).text

    assert len(page.encode()) <= 20_000
    assert page.index("<code>zz</code>") < page.index("<code>s000</code>")
    assert "guardrails.input.pii.behavior" in page
    assert re.search(r"\*\d+ stacks left out for want of room\.\*", page)


def test_an_address_that_is_none_of_the_web_is_no_link():
    report = report_of((), run=run(url='javascript:alert("x")', commit=""))

    assert "<a" not in render(report, "markdown").text


def test_ten_annotations_of_a_level_are_all_and_of_eleven_the_last_says_so():
    ten = report_of([finding(f"e{n}", changes=(GUARDRAIL_OFF,)) for n in range(10)])
    eleven = report_of(
        [
            *(finding(f"e{n:02}", changes=(LIMIT_OF_ZERO,)) for n in range(11)),
            finding("worst", changes=(GUARDRAIL_OFF,)),
            finding("light", changes=(TAG_ADDED,)),
        ]
    )

    told = render(eleven, "github").text.splitlines()

    assert len(render(ten, "github").text.splitlines()) == 10
    assert "more in the summary" not in render(ten, "github").text
    assert [line.partition(" ")[0] for line in told[:9]] == ["::error"] * 9
    assert "worst" in told[0]
    assert told[9] == "::error::3 more in the summary"
    assert told[10].startswith("::notice title=Drift%3A light::")
    assert len(told) == 11


def test_an_annotation_is_escaped_as_github_reads_it():
    said = command("error", "50% \r\nnext: a,b", title="a:b,c%\nd")

    assert said == "::error title=a%3Ab%2Cc%25%0Ad::50%25 \\r%0Anext: a,b"


def test_the_summary_of_a_step_stays_within_what_github_takes():
    summary = render(report_of(MANY.findings * 2), "github").summary

    assert 990_000 < len(summary.encode()) <= 1_000_000


def test_the_outputs_of_a_step():
    assert render(guardrail_off(), "github").outputs == {
        "outcome": "drift",
        "exit_code": "2",
        "drifted": "1",
        "max_severity": "critical",
        "overwrites": "0",
        "digest": "",
    }


def test_a_suite_for_each_workspace_and_a_case_for_each_resource():
    other = finding("b", classification=Classification.IN_FLUX).model_copy(
        update={"workspace": "localhost:8765"}
    )
    synced = finding("c:d/e", "Secret", Classification.IN_SYNC).model_copy(
        update={"workspace": "localhost:8765"}
    )
    drifted = finding("a", changes=(TAG_ADDED,))
    error = finding("z", classification=Classification.ERROR, reason="403")

    root = ET.fromstring(render(report_of((other, synced, drifted, error)), "junit").text)

    assert [
        (suite.get("name"), case.get("classname"), case.get("name"), [part.tag for part in case])
        for suite in root
        for case in suite
    ] == [
        ("adb-6131.azuredatabricks.test", "dbserving.ServingEndpoint", "z", ["error"]),
        ("adb-6131.azuredatabricks.test", "dbserving.ServingEndpoint", "a", ["failure"]),
        ("localhost:8765", "dbserving.ServingEndpoint", "b", ["skipped"]),
        ("localhost:8765", "dbserving.Secret", "c:d/e", []),
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "1")


@pytest.mark.parametrize(
    ("applied", "actual", "told"),
    [(100, 0, True), (100, 1, False), (100, False, False), ("x", "0", False)],
)
def test_a_limit_of_zero_says_that_it_blocks(applied, actual, told):
    drifted = finding("chat", changes=(change(*LIMITS, applied=applied, actual=actual),))

    for form in ("text", "markdown", "github", "junit"):
        said = render(report_of((drifted,)), form).text
        assert ("0 blocks, it is not unlimited" in said) is told


def test_a_zero_elsewhere_is_no_limit():
    share = change("config", "traffic_config", "routes", "a", "traffic_percentage", actual=0)

    assert "0 blocks" not in render(report_of((finding("chat", changes=(share,)),)), "text").text


def test_a_plan_with_a_limit_of_zero_says_so_too():
    zero = change(*LIMITS, applied=100, desired=0, actual=100, origin=Origin.CODE)

    page = render(report_of((finding("chat", changes=(zero,)),), "plan"), "text").text

    assert "0 blocks, it is not unlimited" in page


def test_workspaces_are_named_where_there_are_several():
    one = finding("chat", changes=(TAG_ADDED,))
    other = one.model_copy(update={"workspace": "ws-2"})

    alone, both = report_of((one,)), report_of((one, other))

    assert "chat  ServingEndpoint — " in render(alone, "text").text
    assert "chat  ServingEndpoint in ws-2 — " in render(both, "text").text
    assert "ServingEndpoint in <code>ws-2</code>" in render(both, "markdown").text


def test_a_shared_cause_stands_before_the_findings():
    shards = [
        report_of((finding("chat", changes=(LIMIT_OF_ZERO,)).model_copy(update={"workspace": w}),))
        for w in ("ws-1", "ws-2")
    ]

    lines = render(merged(shards), "text", width=80).text.splitlines()

    assert lines[:4] == [
        "▲ 2 times ServingEndpoint in 2 workspaces: ai_gateway.rate_limits.user.calls is",
        "    0",
        "    ws-1:ServingEndpoint/chat, ws-2:ServingEndpoint/chat",
        "",
    ]


def test_marks_tell_severities_apart_without_colour():
    changes = [
        change("tags", severity.value, applied="a", actual="b", severity=severity)
        for severity in Severity
    ]
    report = report_of((finding("chat", changes=tuple(changes)),))

    def marks(**how):
        lines = render(report, "text", **how).text.splitlines()[1:5]
        return [line.split()[0] for line in lines]

    assert marks() == ["✖", "▲", "●", "○"]
    assert marks(ascii=True) == ["x", "!", "*", "o"]


def test_an_empty_report_says_that_there_is_nothing():
    assert render(report_of((), coverage=None), "text").text.startswith("prod: nothing to check.\n")
    assert render(report_of(in_sync("a"), "plan"), "text").text.startswith(
        "Plan for prod: no changes; 1 in sync.\n"
    )


CUT_SHORT = Gate(timed_out=True)


def test_nothing_is_said_of_what_nobody_looked_at():
    report = report_of((), coverage=Coverage(), run=run(complete=False), gate=CUT_SHORT)

    assert render(report, "text").text == "prod: nothing was checked (timed out).\n"
    page = render(report, "markdown").text
    assert page.startswith("### ⚠️ <code>prod</code>: nothing was checked (timed out)\n")
    assert "nothing to check" not in page
    assert 'errors="1"' in render(report, "junit").text
    assert render(report, "github").text == (
        "::warning title=dbserving::nothing was checked (timed out)\n"
    )


def test_a_plan_that_is_not_whole_does_not_say_that_there_are_no_changes():
    report = report_of(in_sync("a"), "plan", run=run("plan", complete=False), resources_total=3)

    text = render(report, "text").text

    assert text.startswith(
        "Plan for prod: no changes in what was checked (1 of 3 checked, incomplete).\n"
    )
    assert "no changes;" not in text.lower()


def test_a_resource_that_could_not_be_read_is_never_no_drift():
    unread = finding("chat", classification=Classification.ERROR, reason="403")
    reports = [
        report_of((unread, *in_sync("a")), gate=Gate(fail_on=fails_on))
        for fails_on in (None, frozenset({"drifted"}))
    ]

    texts = [render(each, "text", brief=True).text.splitlines()[0] for each in reports]

    assert texts == ["prod in adb-6131.azuredatabricks.test: 1 not checked, 1 in sync."] * 2
    assert "no drift" not in "".join(render(each, "markdown").text for each in reports)


def test_what_is_in_flux_was_not_judged():
    moving = finding("chat", classification=Classification.IN_FLUX)

    page = render(report_of((moving, *in_sync("a"))), "markdown").text

    assert page.splitlines()[0].endswith("no drift in what was checked; 1 in flux, not judged")


def test_two_projects_with_one_name_of_a_stack_are_told_apart():
    quiet = report_of(in_sync("a"), run=run(project="shop"))
    loud = report_of((finding("a", changes=(TAG_ADDED,)),), run=run(project="billing"))
    more = report_of(in_sync("a"), run=run(project="lab"))

    page = render([quiet, loud, more], "markdown").text

    assert "#### ⚠️ <code>billing/prod</code>: 1 drifted" in page
    assert "Nothing to report: <code>shop/prod</code>, <code>lab/prod</code>." in page


def test_no_line_of_text_is_a_command_to_a_log():
    hostile = finding("::error::owned", kind="\x1b[2J", changes=(TAG_ADDED,))
    report = report_of((hostile, finding("##[error]owned", changes=(TAG_ADDED,)))).model_copy(
        update={"digest": "x\n::stop-commands::abc"}
    )

    text = render(report, "text", width=80).text

    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in text
    assert "\x1b" not in text
    assert "\\u003a:error::owned  \\u001b[2J" in text


def test_a_saved_report_sets_no_output_of_its_own():
    said = clean().model_dump(mode="json", by_alias=True)
    said["summary"]["outcome"] = "clean\nexit_code=0\nPWNED=1"

    with pytest.raises(ValidationError, match="outcome"):
        Report.model_validate(said)


def test_the_outputs_of_several_reports_are_those_of_the_gravest():
    drifted = report_of((finding("a", changes=(TAG_ADDED,)),))
    failed = report_of((finding("a", classification=Classification.ERROR),))

    outputs = render([drifted, failed], "github").outputs

    assert (outputs["outcome"], outputs["exit_code"]) == ("error", "1")
