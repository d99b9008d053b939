"""The ignore file: what it takes, what its rules meet, and when they end."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from jsonschema import Draft202012Validator

from databricks_serving.plan.comparison import Origin
from databricks_serving.report.gate import Gate
from databricks_serving.report.ignore_file import day_of
from databricks_serving.report.ignoring import IgnoreFile, schema, tomllib
from databricks_serving.report.mistakes import ReportMistake
from databricks_serving.report.model import Classification, Effect, Severity
from support.reports import RULES, SECRET, change, finding, in_sync, report_of, run

SIZE = ("config", "served_entities", "llama", "workload_size")
CALLS = ("ai_gateway", "rate_limits", "user", "calls")
size = change(*SIZE, applied="Small", actual="Medium")
calls = change(*CALLS, applied=100, actual=0, severity=Severity.HIGH)
drifted = finding("chat-prod", changes=(size, calls))


def rules(about="", resource="ServingEndpoint/chat-*", ending="permanent = true"):
    """A file with one rule."""
    said = f'[[ignore]]\nresource = "{resource}"\nreason = "r"\nowner = "o"\n{ending}\n{about}\n'
    return IgnoreFile.parse(said)


def ignored(file, *findings, mode="drift", today=date(2026, 11, 22), **said):
    return report_of(findings, mode, ignoring=file, today=today, **said)


def left(report):
    """The pointers of what still counts, and of what is ignored."""
    (found,) = report.findings
    return [c.pointer for c in found.changes], [c.pointer for c in found.ignored]


PATHS = {
    "/config/served_entities/llama/workload_size": True,
    "/config/served_entities/*/workload_size": True,
    "/config/served_entities/[name=llama]/workload_size": True,
    "/config/served_entities/[name=gpt]/workload_size": False,
    "/config/served_entities/[entity=llama]/workload_size": False,
    "/config/served_entities": True,
    "/config/*/*/*": True,
    "/config/*/*/*/*": False,
    "/config/served_entities/*": True,
    "/config/served_entities/llam": False,
    "/confi": False,
    "": True,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_names_a_place_and_what_is_below(path):
    found = finding("chat-prod", changes=(size,))

    report = ignored(rules(f'path = "{path}"'), found)

    assert (report.findings[0].classification is Classification.IGNORED) is PATHS[path]


@pytest.mark.parametrize(
    ("path", "meets"),
    [
        ("/ai_gateway/rate_limits/[key=user]/calls", True),
        ("/ai_gateway/rate_limits/[renewal_period=minute]", True),
        ("/ai_gateway/rate_limits/[key=endpoint]/calls", False),
        ("/ai_gateway/rate_limits/user", True),
    ],
)
def test_an_element_of_a_list_is_named_by_its_fields(path, meets):
    report = ignored(rules(f'path = "{path}"'), finding("chat-prod", changes=(calls,)))

    assert (report.findings[0].classification is Classification.IGNORED) is meets


def test_a_step_with_a_slash_is_escaped():
    tag = change("tags", "team/a~b", actual="1")

    report = ignored(rules('path = "/tags/team~1a~0b"'), finding("chat-prod", changes=(tag,)))

    assert report.summary.exit_code == 0


@pytest.mark.parametrize(
    ("resource", "meets"),
    [
        ("ServingEndpoint/chat-*", True),
        ("*/chat-prod", True),
        ("adb-6131*:ServingEndpoint/*", True),
        ("prod-*:ServingEndpoint/*", False),
        ("ServingEndpoint/chat", False),
        ("AiGateway/chat-prod", False),
        ("servingendpoint/chat-prod", False),
    ],
)
def test_a_resource_is_named_whole_and_maybe_with_its_workspace(resource, meets):
    report = ignored(rules(resource=resource), drifted)

    assert (report.summary.exit_code == 0) is meets


@pytest.mark.parametrize(
    ("actual", "value", "meets"),
    [
        (0, "0", True),
        (0, "false", False),
        (0, '""', False),
        (True, "1", False),
        (True, "true", True),
        ("Medium", '"Medium"', True),
        ("Medium", '"medium"', False),
        (5.0, "5", True),
        ([1, True], "[1, true]", True),
        ([1, True], "[1, 1]", False),
        ({"a": 0}, "{a = 0}", True),
        ({"a": 0}, "{a = false}", False),
        (SECRET, '"(secret)"', False),
    ],
)
def test_a_value_is_equal_as_json_is(actual, value, meets):
    found = finding("chat-prod", changes=(change("tags", "x", actual=actual),))

    report = ignored(rules(f'path = "/tags"\nvalue = {value}'), found)

    assert (report.summary.exit_code == 0) is meets


def test_what_a_rule_allows_stands_apart_with_its_id_and_the_rest_counts():
    report = ignored(rules('path = "/ai_gateway"\nid = "incident-7"'), drifted)

    assert left(report) == (["/" + "/".join(SIZE)], ["/" + "/".join(CALLS)])
    assert report.findings[0].ignored[0].rule == "incident-7"
    assert report.findings[0].severity is Severity.MEDIUM
    assert report.coverage.fields_ignored == 1
    assert (report.summary.exit_code, report.rules[0].matched) == (2, 1)


def test_what_is_ignored_whole_is_no_drift():
    report = ignored(rules(), drifted)

    assert report.findings[0].classification is Classification.IGNORED
    assert report.findings[0].effect is Effect.NONE
    assert (report.summary.exit_code, report.summary.max_severity) == (0, None)


def test_a_resource_that_is_gone_is_ignored_by_a_rule_about_all_of_it_only():
    gone = finding("chat-prod", classification=Classification.MISSING)

    assert ignored(rules('path = "/tags"'), gone).summary.exit_code == 2
    assert ignored(rules(), gone).summary.exit_code == 0


def test_what_is_not_in_code_can_be_ignored():
    rogue = finding("chat-rogue", classification=Classification.UNMANAGED)
    beside = change("tags", "x", actual="1", origin=None)
    more = finding("chat-prod", classification=Classification.IN_SYNC, not_in_code=(beside,))
    gate = Gate(fail_on=frozenset({"unmanaged"}))

    report = ignored(rules(), rogue, more, gate=gate)

    assert (report.summary.exit_code, report.summary.not_in_code) == (0, 0)


def test_a_rule_never_hides_what_a_plan_does():
    found = finding("chat-prod", changes=(size,), effect=Effect.UPDATE)
    gate = Gate(fail_on=frozenset({"overwrites"}))
    plain = report_of((found,), "plan", gate=gate)

    report = ignored(rules(), found, mode="plan", gate=gate)

    assert [c.rule for c in report.findings[0].changes] == ["rule-1"]
    assert (report.summary.overwrites, report.summary.by_effect) == (0, {"update": 1})
    assert (plain.summary.exit_code, report.summary.exit_code) == (2, 0)
    assert report.digest == plain.digest


@pytest.mark.parametrize(
    ("today", "code"),
    [(date(2026, 11, 27), 0), (date(2026, 11, 28), 0), (date(2026, 11, 29), 2)],
)
def test_a_rule_works_through_its_last_day(today, code):
    report = ignored(rules(ending="until = 2026-11-28"), drifted, today=today)

    assert report.summary.exit_code == code


def test_the_day_is_that_of_utc():
    honolulu, tokyo = timezone(timedelta(hours=-10)), timezone(timedelta(hours=9))

    assert day_of(datetime(2026, 11, 28, 13, 59, tzinfo=honolulu)) == date(2026, 11, 28)
    assert day_of(datetime(2026, 11, 28, 14, 0, tzinfo=honolulu)) == date(2026, 11, 29)
    assert day_of(datetime(2026, 11, 29, 8, 59, tzinfo=tokyo)) == date(2026, 11, 28)


def test_expired_unused_and_ending_rules_are_told():
    report = ignored(
        IgnoreFile.parse(RULES), finding("chat-llama", changes=(size,)), *in_sync("embed-bge")
    )

    assert [notice.partition(": ")[2] for notice in report.notices] == [
        'rule-1 ("autoscaler owns the size", ml-platform) expires in 6 days, on 2026-11-28.',
        'rule-2 ("finance tags everything", finops) met nothing; take it out.',
        (
            'rule-3 ("incident 4711", on-call) expired on 2026-11-21 and does nothing any more; '
            "renew it or take it out."
        ),
    ]
    assert [(use.id, use.matched, use.expires_in_days) for use in report.rules] == [
        ("rule-1", 1, 6),
        ("rule-2", 0, None),
        ("rule-3", 0, -1),
    ]


def test_a_run_that_did_not_see_everything_calls_no_rule_unused():
    report = ignored(rules(), *in_sync("a"), run=run(complete=False))

    assert report.notices == ()


WHOLE = 'resource = "A/b"\nreason = "r"\nowner = "o"'
WRONG = {
    'resource = "A/b"\nowner = "o"\npermanent = true': "ignore[0].reason: is missing",
    'resource = "A/b"\nreason = "r"\npermanent = true': "ignore[0].owner: is missing",
    'resource = "A/b"\nreason = ""\nowner = "o"\npermanent = true': "ignore[0].reason: string",
    f"{WHOLE}": "ignore[0]: say either `until",
    f"{WHOLE}\nuntil = 2027-01-01\npermanent = true": "ignore[0]: say either `until",
    f'{WHOLE}\nuntil = "soon"': "ignore[0].until: ",
    f'{WHOLE}\npermanent = true\npath = "tags"': "ignore[0].path: string should match pattern",
    f'{WHOLE}\npermanent = true\nwhy = "x"': "ignore[0].why: is no key of a rule",
    'resource = "chat"\nreason = "r"\nowner = "o"\npermanent = true': (
        'ignore[0]: `resource` is "Kind/name"'
    ),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_place(text):
    with pytest.raises(ReportMistake) as refused:
        IgnoreFile.parse(f"[[ignore]]\n{text}\n")

    assert str(refused.value).startswith(f".dbserving-ignore.toml: {WRONG[text]}")
    assert str(refused.value).endswith("`dbserving schema ignore` says what a rule has.")


def test_a_table_of_another_name_is_told():
    with pytest.raises(ReportMistake, match=r"toml: rule: is no key of a rule"):
        IgnoreFile.parse("[[rule]]\na = 1\n")


def test_every_problem_is_told_at_once():
    two = '[[ignore]]\nresource = "A/b"\npermanent = true\n'

    with pytest.raises(ReportMistake) as refused:
        IgnoreFile.parse(two)

    assert "ignore[0].reason: is missing" in str(refused.value)
    assert "ignore[0].owner: is missing" in str(refused.value)


def test_what_is_no_toml_is_told():
    with pytest.raises(ReportMistake, match=r"\.dbserving-ignore\.toml: is no TOML \("):
        IgnoreFile.parse("[[ignore]\n")


def test_two_rules_with_one_id_are_refused():
    with pytest.raises(ReportMistake, match="the id 'rule-2' stands at two rules"):
        IgnoreFile.parse(RULES.replace("[[ignore]]", '[[ignore]]\nid = "rule-2"', 1))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReportMistake, match="cannot be read"):
        IgnoreFile.read(tmp_path / "none.toml")


def test_a_file_is_read(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")

    assert [rule.owner for rule in IgnoreFile.read(path).rules] == [
        *("ml-platform", "finops", "on-call")
    ]


def test_the_schema_takes_what_the_parser_takes():
    Draft202012Validator.check_schema(schema())
    contents = tomllib.loads(RULES)
    for rule in contents["ignore"]:
        rule["until"] = str(rule.get("until", "2027-01-31"))

    assert not list(Draft202012Validator(schema()).iter_errors(contents))
    assert list(Draft202012Validator(schema()).iter_errors({"ignore": [{"resource": "A/b"}]}))


def test_a_change_of_the_program_is_never_ignored_in_a_plan_by_mistake():
    yours = change("tags", "x", applied="1", desired="2", actual="1", origin=Origin.CODE)
    found = finding("chat-prod", changes=(yours,), effect=Effect.UPDATE)

    report = ignored(rules(), found, mode="plan")

    assert [c.pointer for c in report.findings[0].changes] == ["/tags/x"]


def test_a_plan_fails_on_no_manual_change_that_a_rule_allows():
    drifted = finding("chat-a", changes=(calls,), effect=Effect.UPDATE)
    gone = finding("chat-a", classification=Classification.MISSING, effect=Effect.CREATE)
    gate = Gate(fail_on=frozenset({"drifted", "missing"}))

    reports = [report_of((one,), "plan", ignoring=rules(), gate=gate) for one in (drifted, gone)]

    assert [each.summary.exit_code for each in reports] == [0, 0]
    assert [each.rules[0].matched for each in reports] == [1, 1]
    assert [each.summary.by_effect for each in reports] == [{"update": 1}, {"create": 1}]
    assert report_of((drifted,), "plan", gate=gate).summary.exit_code == 2
