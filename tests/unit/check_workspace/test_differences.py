"""A workspace is held against the emulator: each difference is told, once, and nothing private."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import httpx
import pytest
from check_workspace import report
from check_workspace.conversations import heard
from check_workspace.findings import Findings

from databricks_serving_emulator import RunningServer
from unit.check_workspace.second import (
    ALL,
    HOST,
    KEY,
    LIFE,
    TAKEN,
    TOKEN,
    USER,
    Door,
    check,
    conversation,
    workspace,
)


def is_endpoint(content):
    return isinstance(content, dict) and "creation_timestamp" in content


def in_endpoints(**members):
    """Each answer with an endpoint has these members, too; None takes one away."""

    def change(_, status, content):
        if not is_endpoint(content):
            return None
        changed = {**content, **members}
        return status, {name: value for name, value in changed.items() if value is not None}

    return change


def in_entities(**members):
    """The same of each served entity."""

    def change(_, status, content):
        if not is_endpoint(content) or "config" not in content:
            return None
        entities = [{**one, **members} for one in content["config"]["served_entities"]]
        return status, {**content, "config": {**content["config"], "served_entities": entities}}

    return change


def in_refusals(status, **members):
    def change(_, found, content):
        if found == status and "error_code" in content:
            return members.pop("status", found), {**content, **members}
        return None

    return change


def number_as_text(_, status, content):
    if not is_endpoint(content):
        return None
    return status, {**content, "creation_timestamp": str(content["creation_timestamp"])}


def secret_repeated(_, status, content):
    if not is_endpoint(content) or "config" not in content:
        return None
    config = {**content["config"], "resolved": {"deep": [f"key {KEY}"]}}
    return status, {**content, "config": config}


def turned(_, status, content):
    if not is_endpoint(content) or "config" not in content:
        return None
    config = content["config"]
    return status, {
        **content,
        "config": {**config, "served_entities": config["served_entities"][::-1]},
    }


def taken_is_409(_request, _status, content):
    return (409, content) if content.get("error_code") == "RESOURCE_ALREADY_EXISTS" else None


ENDPOINT_ANSWERS = 4  # POST, GET, PUT and GET of LIFE

DIFFERENCES = {
    "a field that the workspace does not say": (
        in_endpoints(permission_level=None),
        ("missing", "permission_level", '"CAN_MANAGE"', "absent", ENDPOINT_ANSWERS),
    ),
    "a field of which nobody has heard": (
        in_endpoints(tenant="Acme Corporation"),
        ("more", "tenant", "absent", "<a text>", ENDPOINT_ANSWERS),
    ),
    "a value of an enum of which nobody has heard": (
        in_endpoints(permission_level="CAN_DO_ALL"),
        ("value", "permission_level", '"CAN_MANAGE"', "<a text in capitals>", ENDPOINT_ANSWERS),
    ),
    "a value of an enum that the emulator never says": (
        in_endpoints(permission_level="CAN_READ"),
        ("value", "permission_level", '"CAN_MANAGE"', '"CAN_READ"', ENDPOINT_ANSWERS),
    ),
    "a key of a map": (
        in_entities(environment_vars={"acme_salaries": 12345, "ACME": "x"}),
        (
            "more",
            "config.served_entities[].environment_vars",
            "absent",
            "<an object>",
            ENDPOINT_ANSWERS,
        ),
    ),
    "another default": (
        in_endpoints(route_optimized=True),
        ("value", "route_optimized", "false", "true", ENDPOINT_ANSWERS),
    ),
    "another spelling of ids": (
        in_endpoints(id="0f0f0f0f-1111-2222-3333-444444444444"),
        ("value", "id", "<32 hex digits>", "<a UUID>", ENDPOINT_ANSWERS),
    ),
    "a text for a number": (
        number_as_text,
        (
            "type",
            "creation_timestamp",
            "number <a number of 13 digits>",
            "string <digits>",
            ENDPOINT_ANSWERS,
        ),
    ),
    "a secret that was sent": (
        secret_repeated,
        ("secret", "config.resolved", "absent", "<a secret>", ENDPOINT_ANSWERS),
    ),
    "another order of entities": (
        turned,
        ("order", "config.served_entities", "as it was sent", "another one", 1),
    ),
    "another error code": (
        in_refusals(404, error_code="NOT_FOUND"),
        ("code", "error_code", '"RESOURCE_DOES_NOT_EXIST"', '"NOT_FOUND"', 1),
    ),
    "a code that is a number": (
        in_refusals(404, error_code=404),
        ("code", "error_code", '"RESOURCE_DOES_NOT_EXIST"', "404", 1),
    ),
    "another status": (
        taken_is_409,
        (
            "status",
            "",
            "400 RESOURCE_ALREADY_EXISTS: Endpoint with name 'chat' already exists.",
            "409 RESOURCE_ALREADY_EXISTS: Endpoint with name 'chat' already exists.",
            1,
        ),
    ),
}


def test_a_workspace_like_the_emulator_differs_in_nothing(tmp_path):
    there = workspace()

    done = check(there.transport(), tmp_path)

    assert done.code == 0
    assert (done.rows(), done.rows("beside")) == ([], [])
    assert done.report["asked"] == {"conversations": 4, "requests": 14}
    assert done.report["left_out"] == {}


def test_a_service_principal_can_ask_too(tmp_path):
    there = workspace()
    there.identities.add_service_principal(
        application_id="0f0f0f0f-1111-2222-3333-444444444444", groups=["admins"], token="dapi-sp"
    )

    done = check(there.transport(), tmp_path, token="dapi-sp")

    assert (done.code, done.rows()) == (0, [])
    assert {call.actor for call in there.calls} == {"0f0f0f0f-1111-2222-3333-444444444444"}


@pytest.mark.parametrize(("change", "row"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_is_told_once_and_no_other(change, row, tmp_path):
    done = check(Door(workspace().transport(), change), tmp_path, conversations=(LIFE, TAKEN))

    assert done.code == 2
    (told,) = {one[:4] for one in done.rows()}
    assert told == row[:4]
    (times,) = [one[4] for one in done.rows()]
    # TAKEN has one more answer with an endpoint.
    assert times == row[4] + (row[4] == ENDPOINT_ANSWERS)


def test_other_words_are_told_apart_and_are_no_difference(tmp_path):
    said = f"No chat for {USER} on {HOST}/x, request 0f0f0f0f-1111-2222-3333-444444444444, {TOKEN}"

    done = check(Door(workspace().transport(), in_refusals(404, message=said)), tmp_path)

    assert (done.code, done.rows()) == (0, [])
    assert done.rows("beside") == [
        (
            "words",
            "message",
            "Endpoint with name 'chat' does not exist.",
            "otherwise, in 9 words: … chat …",
            1,
        )
    ]


def test_what_shows_after_a_while_is_no_difference(tmp_path):
    left = {"looks": 2}

    def late(request, status, _content):
        if status == 404 and request.method == "GET" and left["looks"]:
            left["looks"] -= 1
            return 200, {"name": "chat"}
        return None

    done = check(Door(workspace().transport(), late), tmp_path, conversations=(LIFE,))

    assert (done.code, done.rows()) == (0, [])
    assert [row[0] for row in done.rows("beside")] == ["late"]


def test_where_one_side_takes_what_the_other_refuses_the_conversation_ends(tmp_path):
    def took(_request, _status, content):
        return (200, {}) if content.get("error_code") == "RESOURCE_ALREADY_EXISTS" else None

    longer = conversation("taken", *TAKEN.steps, TAKEN.steps[1])
    done = check(Door(workspace().transport(), took), tmp_path, conversations=(longer,))

    assert [(row[0], row[4]) for row in done.rows()] == [("status", 1)]
    assert done.report["cut_short"] == 1


def test_no_private_name_gets_into_a_report_by_any_way(tmp_path):
    findings = Findings(ended=f"{HOST} is gone", left_out=Counter({f"{USER} said so": 1}))

    report.write(tmp_path, findings, report.About("2026-11-22", "aws"), [HOST, USER])

    for file in ("report.md", "report.json"):
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert "<private> is gone" in text
        assert "<private> said so" in text


def test_all_of_them_at_once_over_http_each_once_and_nothing_private(tmp_path):
    there = workspace()

    def all_of_it(request, status, content):
        for change in (
            in_endpoints(permission_level=None, tenant="Acme Corporation", owner=USER),
            number_as_text,
            secret_repeated,
            taken_is_409,
            in_refusals(404, error_code="NOT_FOUND", message=f"{USER} at {HOST}: none"),
        ):
            status, content = change(request, status, content) or (status, content)
        return status, content

    with RunningServer(there) as server, httpx.HTTPTransport() as network:
        done = check(Door(network, all_of_it), tmp_path, host=server.url)

    assert done.code == 2
    assert sorted(row[:2] for row in done.rows()) == [
        ("code", "error_code"),
        ("missing", "permission_level"),
        ("more", "owner"),
        ("more", "tenant"),
        ("secret", "config.resolved"),
        ("status", ""),
        ("type", "creation_timestamp"),
    ]
    ids = [call.path.rpartition("/")[2] for call in there.calls if "/permissions/" in call.path]
    private = [HOST, "127.0.0.1", USER, "jane.roe", "Acme", TOKEN, KEY, there.workspace_id, *ids]
    assert [one for one in (*private, "dbserving-check-") if one in done.texts] == []


def test_the_emulator_s_own_tests_are_what_is_asked(tmp_path):
    conversations = heard(["externals"])

    done = check(workspace().transport(), tmp_path, conversations=conversations)

    assert (done.code, done.rows()) == (0, [])
    asked = {(step.method, step.status) for one in conversations for step in one.steps}
    assert {("POST", 200), ("PUT", 409), ("PATCH", 400), ("GET", 404)} <= asked
    assert done.report["left_out"] == {}
    assert done.report["asked"]["conversations"] == len(conversations)


def test_what_teaches_nothing_more_is_asked_only_on_demand(tmp_path):
    twice = [*ALL, *(replace(one, case=f"{one.case} again") for one in ALL)]

    first = check(workspace().transport(), tmp_path / "first", conversations=twice)
    all_of_it = check(workspace().transport(), tmp_path / "all", "--all", conversations=twice)

    assert first.report["left_out"] == {
        "it teaches nothing that another one does not (--all)": 4,
    }
    assert all_of_it.report["asked"]["conversations"] == 8
