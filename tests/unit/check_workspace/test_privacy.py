"""What a report says of a workspace: nothing that only the workspace knows."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from check_workspace import public, report
from check_workspace.conversations import Step
from check_workspace.differing import Difference, Kind
from check_workspace.findings import Findings, Met
from check_workspace.redaction import known

from unit.check_workspace.second import CREATE, ENDPOINTS, GET, Door, check, conversation, workspace

GONE = conversation("gone", Step("GET", f"{ENDPOINTS}/nope", status=404))
TWO_FIELDS = conversation("two fields", CREATE, GET)
ENDPOINT = public.answer_of(f"GET {ENDPOINTS}/{{name}}")

#: A sentence of a workspace, and the words of it that only that workspace knows.
BLOCKED = (
    "Source IP address: 203.0.113.7 is blocked; user Jane Doe of group finance-admins; host"
    " db.acme.internal adb.acme.de; catalog acme_prod.finance.salaries; token"
    " ghp_abcdefghij0123456789 xoxb-123456-abcdefghijk key AIzaSyA-1234_567890abcdef wsid 123456;"
    " /Users/jane.doe/notebook arn:aws:iam::123456789012:role/acme-prod name=nope"
)
THEIRS = (
    "203.0.113.7", "Jane", "Doe", "finance", "acme", "ghp_", "xoxb", "AIza", "123456", "arn:",
    "blocked",
)  # fmt: skip
FIELDS = {
    "owner_org": "ACMECORP",
    "aws_key": "AKIAIOSFODNN7EXAMPLE",
    "workspace_no": 12345,
    "cost": 1.5,
    "region": "us-east-1",
    "acme_secrets": {"finance_prod": 1},
    "AcmeCorpTeamJane": True,
    "ghp_abcdefghij0123456789": 1,
}


def test_of_a_refusal_only_words_that_are_known_are_told(tmp_path):
    def blocked(_request, status, content):
        return (status, {**content, "message": BLOCKED}) if status == 404 else None

    done = check(Door(workspace().transport(), blocked), tmp_path, conversations=(GONE,))

    assert [one for one in THEIRS if one in done.texts] == []
    assert done.rows("beside") == [
        (
            "words",
            "message",
            "Endpoint with name 'nope' does not exist.",
            "otherwise, in 27 words: … user … catalog … token … key …",
            1,
        )
    ]


def test_a_refusal_of_what_the_emulator_takes_tells_the_fields_that_it_names(tmp_path):
    said = "Jane Doe: external_model needs config 'served_entities' of acme."

    def refused(request, _status, _content):
        denied = {"error_code": "INVALID_PARAMETER_VALUE", "message": said}
        return (400, denied) if request.method == "POST" else None

    done = check(Door(workspace().transport(), refused), tmp_path, conversations=(TWO_FIELDS,))

    assert done.rows() == [
        (
            "status",
            "",
            "200",
            (
                "400 INVALID_PARAMETER_VALUE: otherwise, in 8 words: … external_model … config"
                " served_entities …"
            ),
            1,
        )
    ]


def test_a_refusal_that_is_no_sentence_is_described(tmp_path):
    def said(status, code):
        refusal = {"error_code": code, "message": {"Jane": "Jane Doe at 10.0.0.1"}}
        return lambda _, found, __: (status, refusal) if found == 404 else None

    ours = "Endpoint with name 'nope' does not exist."
    same, other = said(404, "RESOURCE_DOES_NOT_EXIST"), said(422, "Jane Doe")

    runs = [
        check(Door(workspace().transport(), change), tmp_path / str(number), conversations=(GONE,))
        for number, change in enumerate((same, other))
    ]

    assert [run.rows() for run in runs] == [
        [("type", "message", f'"{ours}"', "<an object>", 1)],
        [("status", "", f"404 RESOURCE_DOES_NOT_EXIST: {ours}", "422 <a text>: <an object>", 1)],
    ]
    assert ["Jane" in run.texts for run in runs] == [False, False]


def test_a_field_of_which_nobody_has_heard_is_named_only_as_the_api_names_fields(tmp_path):
    def more(_request, status, content):
        return (status, {**content, **FIELDS}) if status == 200 and "name" in content else None

    done = check(Door(workspace().transport(), more), tmp_path, conversations=(TWO_FIELDS,))

    assert [row[1:4] for row in done.rows()] == [
        ("owner_org", "absent", "<a text in capitals>"),
        ("aws_key", "absent", "<a text in capitals>"),
        ("workspace_no", "absent", "<a number of 5 digits>"),
        ("cost", "absent", "<a number>"),
        ("region", "absent", "<a text>"),
        ("acme_secrets", "absent", "<an object>"),
        ("<a name>", "absent", "true"),
        ("<a name>", "absent", "<a number of 1 digit>"),
    ]


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (ENDPOINT, "team_finance"),
        (ENDPOINT.member("config").member("served_entities").element(), "team_finance"),
        (
            ENDPOINT.member("config")
            .member("served_entities")
            .element()
            .member("environment_vars"),
            "<a name>",
        ),
        (ENDPOINT.member("nobody_knows"), "<a name>"),
    ],
)
def test_keys_of_maps_are_no_names_of_fields(shape, told):
    seen = known([], {}, [])

    named = seen.named("team_finance", shape)

    assert named == told


def test_who_stands_in_for_the_made_up_people_is_not_known_however_short_the_name():
    asked = [{"access_control_list": [{"group_name": "ml"}]}]

    seen = known(asked, {}, [], people=["ml"])

    assert seen.shown("ml") == "<a text>"
    assert seen.shown("group_name") == '"group_name"'


def test_the_last_net_catches_values_and_no_word_of_the_report_itself(tmp_path):
    private = ["differences", "workspace", "acme"]
    findings = Findings(ended="acme is gone", left_out=Counter({"acme said so": 1}))
    findings.met[Difference(Kind.MORE, "GET /x", "acme", "absent", "differences")] = Met()
    findings.met[Difference(Kind.MORE, "GET /x", "workspace", "absent", "differences")] = Met(
        Counter({"GET /x": 2}), ["a test"]
    )

    report.write(tmp_path, findings, report.About("2026-11-22", "aws"), private)

    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (told["ended"], told["left_out"]) == ("<private> is gone", {"<private> said so": 1})
    (row,) = told["differences"]
    assert (row["path"], row["workspace"], row["times"]) == ("<private>", "<private>", 2)
    heading = (tmp_path / "report.md").read_text(encoding="utf-8").splitlines()[0]
    assert heading == "# The workspace beside the emulator"


def test_the_model_that_a_person_names_is_not_told(tmp_path):
    entity = {"name": "m", "entity_name": "ml.made.up", "entity_version": "1"}
    small = {**entity, "workload_size": "Small", "scale_to_zero_enabled": True}
    create = Step("POST", ENDPOINTS, body={"name": "m", "config": {"served_entities": [small]}})

    def refused(request, _status, _content):
        denied = {"error_code": "PERMISSION_DENIED", "message": "entity_name acme.pay.churn"}
        return (400, denied) if request.method == "POST" else None

    done = check(
        Door(workspace().transport(), refused),
        tmp_path,
        *("--with-model", "acme.pay.churn/3"),
        conversations=(conversation("model", create),),
    )

    told = "400 PERMISSION_DENIED: otherwise, in 2 words: entity_name …"
    assert done.rows() == [("status", "", "200", told, 1)]
