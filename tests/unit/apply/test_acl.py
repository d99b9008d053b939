"""What a principal may do with a scope: given in place, verified, and nobody is locked out."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from databricks_serving.apply import acl
from databricks_serving.apply.context import Stack, Verdict
from databricks_serving.errors import Refused
from databricks_serving.state.settings import StackSettings
from databricks_serving_emulator import Fault
from databricks_serving_schema import UNKNOWN, Allowances
from support.context import HOST, WORKSPACE_ID
from support.transports import Altered
from unit.apply.scopes import ADMIN, PUT, SAID, by_hand, changes, created, held, in_scope

AUTHORIZED = {"Authorization": "Bearer dapi-emulator"}


def test_a_create_is_one_put():
    bench = in_scope()

    made = bench.create(acl, SAID)

    (call,) = bench.workspace.writes
    assert made.id == "llm-keys/data"
    assert (call.path, call.body) == (PUT, SAID)
    assert held(bench) == {ADMIN: "MANAGE", "data": "READ"}


def test_the_outputs_record_what_was_written():
    _, outputs = created()

    assert re.fullmatch("[0-9a-f]{64}", outputs.pop("__key"))
    assert outputs == {
        **SAID,
        "workspace_host": HOST,
        "workspace_id": WORKSPACE_ID,
        "__applied": SAID,
        "__format": 1,
    }


def test_access_that_is_there_already_is_taken_without_a_write():
    bench = in_scope()
    by_hand(bench, principal="data", permission="READ")

    taken = bench.create(acl, SAID)

    assert bench.sent == []
    assert changes(taken.outputs, SAID) == Verdict()


def test_there_is_no_phantom_after_a_create_nor_after_a_read():
    bench, outputs = created(unstable_acl_order=True)

    reading = bench.read(acl, "llm-keys/data", outputs, SAID)
    updated = bench.update(acl, "llm-keys/data", reading.outputs, SAID)

    assert changes(outputs, SAID) == Verdict()
    assert (reading.outputs, reading.inputs) == (outputs, SAID)
    assert changes(reading.outputs, reading.inputs) == Verdict()
    assert updated == outputs
    assert bench.sent == []


def test_se_12_another_permission_is_one_put_and_never_a_delete():
    bench, outputs = created()
    said = {**SAID, "permission": "WRITE"}

    updated = bench.update(acl, "llm-keys/data", outputs, said)

    assert changes(outputs, said) == Verdict(changed=True)
    assert bench.sent == ["POST secrets/acls/put"]
    assert changes(updated, said) == Verdict()
    assert updated["__key"] == outputs["__key"]


def test_a_permission_changed_outside_is_shown_and_put_back_by_one_call():
    bench, outputs = created()
    by_hand(bench, principal="data", permission="MANAGE")

    reading = bench.read(acl, "llm-keys/data", outputs, SAID)
    bench.update(acl, "llm-keys/data", reading.outputs, SAID)

    assert reading.inputs == {**SAID, "permission": "MANAGE"}
    assert changes(reading.outputs, SAID) == Verdict(changed=True)
    assert bench.sent == ["POST secrets/acls/put"]
    assert held(bench)["data"] == "READ"


@pytest.mark.parametrize(
    ("call", "body"), [("acls/delete", {"principal": "data"}), ("scopes/delete", {})]
)
def test_access_that_is_gone_is_none_and_so_is_that_to_a_scope_that_is(call, body):
    bench, outputs = created()
    by_hand(bench, call, **body)

    assert bench.read(acl, "llm-keys/data", outputs, SAID) is None


def test_access_that_is_gone_is_given_again_by_an_update():
    bench, outputs = created()
    by_hand(bench, "acls/delete", principal="data")

    bench.update(acl, "llm-keys/data", outputs, SAID)

    assert held(bench)["data"] == "READ"


@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_scope_that_is_not_there_is_named(verb):
    bench, outputs = created()
    by_hand(bench, "scopes/delete")

    if verb == "create":
        refused = bench.fails(Refused, bench.create, acl, SAID)
    else:
        refused = bench.fails(Refused, bench.update, acl, "llm-keys/data", outputs, SAID)

    assert str(refused).startswith("There is no secret scope llm-keys in this workspace.")
    assert bench.sent == []


def test_a_delete_takes_the_access_and_nobody_elses():
    bench, outputs = created()
    by_hand(bench, principal="others", permission="READ")

    bench.delete(acl, "llm-keys/data", outputs)

    assert bench.sent == ["POST secrets/acls/delete"]
    assert held(bench) == {ADMIN: "MANAGE", "others": "READ"}


def test_access_that_is_gone_is_deleted():
    bench, outputs = created()
    by_hand(bench, "acls/delete", principal="data")

    bench.delete(acl, "llm-keys/data", outputs)

    assert [call.status for call in bench.workspace.writes] == [404]


def test_access_to_a_scope_that_is_gone_is_deleted_without_a_call():
    bench, outputs = created()
    by_hand(bench, "scopes/delete")

    bench.delete(acl, "llm-keys/data", outputs)

    assert bench.sent == []


def test_a_put_that_says_it_is_there_already_is_a_delete_and_a_put():
    bench, outputs = created()
    refusing = Fault("POST", PUT, status=400, error_code="RESOURCE_ALREADY_EXISTS")
    bench.workspace.faults.add(refusing)

    bench.update(acl, "llm-keys/data", outputs, {**SAID, "permission": "WRITE"})

    assert bench.sent == [
        "POST secrets/acls/put",
        "POST secrets/acls/delete",
        "POST secrets/acls/put",
    ]
    assert held(bench)["data"] == "WRITE"


@pytest.mark.parametrize("verb", ["create", "update"])
def test_the_own_manage_is_not_lowered(verb):
    bench, _ = created()
    mine = {**SAID, "principal": ADMIN.upper(), "permission": "READ"}

    if verb == "create":
        refused = bench.fails(Refused, bench.create, acl, mine)
    else:
        outputs = bench.create(acl, {**mine, "permission": "MANAGE"}).outputs
        refused = bench.fails(Refused, bench.update, acl, "", outputs, mine)

    assert "it is what these credentials manage the scope by" in str(refused)
    assert "Say permission='MANAGE'" in str(refused)
    assert bench.sent == []
    assert held(bench)[ADMIN] == "MANAGE"


def test_the_own_manage_is_kept_by_a_delete_that_says_so():
    bench = in_scope()
    outputs = bench.create(acl, {**SAID, "principal": ADMIN, "permission": "MANAGE"}).outputs

    bench.delete(acl, "", outputs)

    assert bench.sent == []
    (line,) = bench.lines
    assert line == (
        f"MANAGE of {ADMIN} on the secret scope llm-keys was kept: it is what these credentials "
        f"manage the scope by. It goes with the scope."
    )


def test_the_last_manage_is_kept_too():
    bench, outputs = created({**SAID, "permission": "MANAGE"})
    by_hand(bench, "acls/delete", principal=ADMIN)

    refused = bench.fails(Refused, bench.update, acl, "llm-keys/data", outputs, SAID)
    bench.delete(acl, "llm-keys/data", outputs)

    assert "it is the last MANAGE on the scope" in str(refused)
    assert bench.sent == []
    assert held(bench) == {"data": "MANAGE"}


def lowering(bench):
    """A transport to a service that keeps e-mails in lower case."""
    own = bench.workspace.transport()

    def lower(request, answer):
        if request.url.path != PUT:
            return answer()
        body = json.loads(request.content)
        body["principal"] = body["principal"].lower()
        return own.handle_request(httpx.Request("POST", request.url, json=body, headers=AUTHORIZED))

    return Altered(own, lower)


def test_an_e_mail_is_the_same_in_any_case():
    bench = in_scope()
    said = {**SAID, "principal": "Ann@Example.com"}

    outputs = bench.create(acl, said, transport=lowering(bench)).outputs
    reading = bench.read(acl, "", outputs, said)
    bench.update(acl, "", reading.outputs, {**said, "principal": "ann@Example.com"})
    bench.delete(acl, "", outputs)

    assert (reading.outputs, reading.inputs) == (outputs, said)
    assert changes(outputs, {**said, "principal": "ann@Example.com"}) == Verdict()
    assert bench.sent == ["POST secrets/acls/put", "POST secrets/acls/delete"]
    assert held(bench) == {ADMIN: "MANAGE"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"principal": "ops"}, Verdict(changed=True, replaces=("principal",))),
        ({"scope": "other"}, Verdict(changed=True, replaces=("scope",))),
        ({"scope": UNKNOWN}, Verdict(changed=True, replaces=("scope",), delete_first=True)),
        ({"principal": UNKNOWN}, Verdict(changed=True, replaces=("principal",), delete_first=True)),
        ({"permission": UNKNOWN}, Verdict(changed=True)),
        ({"workspace": {"host": HOST}}, Verdict(changed=True)),
    ],
)
def test_what_a_change_takes(change, verdict):
    _, outputs = created()

    assert changes(outputs, {**SAID, **change}) == verdict


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"principal": ""}, "principal: required, and here it is empty"),
        ({"principal": " data"}, "principal: begins or ends with a blank, as no principal does"),
        ({"principal": "  "}, "principal: begins or ends with a blank, as no principal does"),
        ({"permission": "12"}, "permission: not known here; known are READ, WRITE, MANAGE"),
    ],
)
def test_se_13_a_principal_or_permission_that_cannot_be_is_refused(said, problem):
    checked = acl.check({}, {**SAID, **said}, Stack())

    assert [str(one) for one in checked.problems] == [problem]


def test_a_newer_field_is_refused_and_a_newer_permission_is_sent():
    allowing = Stack(StackSettings(allowances=Allowances(unknown_fields=True)))

    newer = acl.check({}, {**SAID, "newer": 1}, allowing)
    level = acl.check({}, {**SAID, "permission": "BROWSE_ONLY"}, allowing)

    assert [str(one) for one in newer.problems] == ["newer: no such field; nothing would send it"]
    assert level.problems == ()
    assert len(level.warnings) == 1


def test_a_principal_that_the_program_marks_secret_is_not_in_clear_in_what_was_applied():
    bench = in_scope()
    said = {**SAID, "principal": "c4nary@x.com", "__secret_leaves": [["principal"]]}

    outputs = bench.create(acl, said).outputs
    reading = bench.read(acl, "", outputs, said)

    assert outputs["__applied"]["principal"].startswith("hmac-sha256:")
    assert changes(reading.outputs, said) == Verdict()
    bench.update(acl, "", outputs, {**said, "permission": "WRITE"})
    assert held(bench)["c4nary@x.com"] == "WRITE"
