"""Grants on an endpoint: only what is declared is touched, and by the endpoint's present id."""

from __future__ import annotations

import re

import httpx
import pytest

from databricks_serving.apply import permissions
from databricks_serving.apply.context import LeftUnfinished, Stack, Verdict
from databricks_serving.errors import Interrupted, NotTaken, Refused
from databricks_serving.state.settings import StackSettings
from databricks_serving_emulator import Fault
from databricks_serving_schema import UNKNOWN, Allowances
from support.context import ENDPOINTS, HOST, WORKSPACE_ID
from support.transports import Altered
from unit.apply.granted import (
    ADMIN,
    GRANTS,
    OWN,
    ROBOT,
    by_hand,
    changes,
    created,
    group,
    held,
    on_endpoint,
    recreate,
    robot,
    said,
    user,
)

RECREATED = "endpoint_id: deleted and made again outside, under the same name"


def body(bench):
    (call,) = bench.workspace.writes
    return call.method, call.body["access_control_list"]


def test_pm_01_a_create_is_one_patch_by_the_endpoints_id():
    bench = on_endpoint()

    made = bench.create(permissions, said(group("data", "CAN_QUERY"), robot()))

    assert made.id == "chat"
    assert bench.sent == [f"PATCH permissions/serving-endpoints/{bench.served()['id']}"]
    assert body(bench) == ("PATCH", [group("data", "CAN_QUERY"), robot()])
    assert held(bench) == {ADMIN: "CAN_MANAGE", "data": "CAN_QUERY", ROBOT: "CAN_VIEW"}


def test_the_outputs_record_what_was_written():
    bench, outputs = created(group("data"), user("Ann@X.com", "CAN_QUERY"))

    id_ = bench.served()["id"]
    assert re.fullmatch("[0-9a-f]{64}", outputs.pop("__key"))
    assert outputs == {
        **said(group("data"), user("Ann@X.com", "CAN_QUERY")),
        "endpoint_id": id_,
        "workspace_host": HOST,
        "workspace_id": WORKSPACE_ID,
        "__applied": {
            "endpoint_name": "chat",
            "endpoint_id": id_,
            "access_control": {
                "group_name:data": group("data"),
                "user_name:ann@x.com": user("Ann@X.com", "CAN_QUERY"),
            },
        },
        "__format": 1,
    }


def test_grants_that_are_there_already_are_taken_without_a_write():
    bench = on_endpoint()
    by_hand(bench, "PATCH", group("data"))

    taken = bench.create(permissions, said(group("data")))

    assert bench.sent == []
    assert changes(taken.outputs, said(group("data"))) == Verdict()


@pytest.mark.parametrize("mode", [{}, {"mode": "additive"}, {"mode": "authoritative"}])
def test_there_is_no_phantom_after_a_create_nor_after_a_read(mode):
    bench = on_endpoint(unstable_acl_order=True)
    program = said(robot(), group("data"), user("ann@x.com"), **mode)
    outputs = bench.create(permissions, program).outputs
    bench.workspace.clear_calls()

    reading = bench.read(permissions, "chat", outputs, program)
    updated = bench.update(permissions, "chat", reading.outputs, program)

    assert changes(outputs, program) == Verdict()
    assert (reading.outputs, reading.inputs) == (outputs, program)
    assert updated == outputs
    assert bench.sent == []


def test_pm_06_another_level_alone_is_one_call():
    bench, outputs = created(group("data"))

    updated = bench.update(permissions, "chat", outputs, said(group("data", "CAN_QUERY")))

    assert changes(outputs, said(group("data", "CAN_QUERY"))) == Verdict(changed=True)
    assert body(bench) == ("PATCH", [group("data", "CAN_QUERY")])
    assert changes(updated, said(group("data", "CAN_QUERY"))) == Verdict()


def test_a_lower_level_is_a_put_of_all_direct_grants():
    bench, outputs = created(group("data", "CAN_QUERY"))
    by_hand(bench, "PATCH", user("ann@x.com"))

    bench.update(permissions, "chat", outputs, said(group("data")))

    assert body(bench) == ("PUT", [OWN, group("data"), user("ann@x.com")])


def test_a_grant_that_is_dropped_goes_and_no_other():
    bench, outputs = created(group("data"), group("ops"))
    by_hand(bench, "PATCH", user("ann@x.com"))

    updated = bench.update(permissions, "chat", outputs, said(group("ops")))

    assert held(bench) == {ADMIN: "CAN_MANAGE", "ops": "CAN_VIEW", "ann@x.com": "CAN_VIEW"}
    assert changes(updated, said(group("ops"))) == Verdict()


def test_one_that_is_dropped_and_gone_already_is_forgotten():
    bench, outputs = created(group("data"))
    by_hand(bench, "PUT", OWN)

    updated = bench.update(permissions, "chat", outputs, said())
    by_hand(bench, "PATCH", group("data"))
    bench.update(permissions, "chat", updated, said())

    assert changes(outputs, said()) == Verdict(changed=True)
    assert changes(updated, said()) == Verdict()
    assert bench.sent == []


def test_an_empty_list_clears_what_was_applied():
    bench, outputs = created(group("data"))
    by_hand(bench, "PATCH", user("ann@x.com"))

    updated = bench.update(permissions, "chat", outputs, said())

    assert held(bench) == {ADMIN: "CAN_MANAGE", "ann@x.com": "CAN_VIEW"}
    assert updated["access_control"] == []
    assert changes(updated, said()) == Verdict()


@pytest.mark.parametrize(
    ("method", "grants", "shown", "repair"),
    [
        ("PATCH", [group("data", "CAN_MANAGE")], [group("data", "CAN_MANAGE"), robot()], "PUT"),
        ("PUT", [OWN, robot()], [robot()], "PATCH"),
        ("PATCH", [robot("CAN_QUERY")], [group("data"), robot("CAN_QUERY")], "PUT"),
    ],
)
def test_a_foreign_edit_is_shown_exactly_and_repaired_by_one_call(method, grants, shown, repair):
    program = said(group("data"), robot())
    bench, outputs = created(*program["access_control"])
    by_hand(bench, method, *grants)

    reading = bench.read(permissions, "chat", outputs, program)
    updated = bench.update(permissions, "chat", reading.outputs, program)

    assert reading.outputs == {**outputs, "access_control": shown}
    assert reading.inputs == said(*shown)
    assert changes(reading.outputs, program) == Verdict(changed=True)
    assert body(bench)[0] == repair
    assert held(bench) == {ADMIN: "CAN_MANAGE", "data": "CAN_VIEW", ROBOT: "CAN_VIEW"}
    assert changes(updated, program) == Verdict()


def test_md_09_grants_of_others_are_not_shown_and_not_touched():
    bench, outputs = created(group("data"))
    by_hand(bench, "PATCH", user("ann@x.com", "CAN_MANAGE"))

    reading = bench.read(permissions, "chat", outputs, said(group("data")))

    assert reading.outputs == outputs


def test_pm_04_inherited_grants_are_never_shown_nor_sent():
    bench, outputs = created(group("admins", "CAN_VIEW"))

    reading = bench.read(permissions, "chat", outputs, said(group("admins")))
    bench.update(permissions, "chat", outputs, said())

    assert reading.outputs["access_control"] == [group("admins")]
    assert body(bench) == ("PUT", [OWN])


def answering(bench, change):
    """A transport on which GET permissions answers entries as `change` makes them."""

    def alter(request, answer):
        response = answer()
        if request.method != "GET" or not request.url.path.startswith(GRANTS):
            return response
        shown = response.json()
        shown["access_control_list"] = [change(one) for one in shown["access_control_list"]]
        return httpx.Response(200, json=shown)

    return Altered(bench.workspace.transport(), alter)


def as_the_service_spells(entry):
    name = entry.get("user_name", "")
    if name == ROBOT:
        rest = {key: value for key, value in entry.items() if key != "user_name"}
        return {"service_principal_name": ROBOT, **rest}
    return {**entry, "user_name": name.lower()} if name else entry


def test_another_spelling_of_a_principal_is_no_difference():
    bench = on_endpoint()
    program = said(user("Ann@X.com"), user(ROBOT))
    transport = answering(bench, as_the_service_spells)

    outputs = bench.create(permissions, program, transport=transport).outputs
    reading = bench.read(permissions, "chat", outputs, program, transport=transport)

    assert (reading.outputs, reading.inputs) == (outputs, program)
    assert changes(outputs, said(user("ann@x.com"), robot())) == Verdict()


def test_one_principal_spelled_in_two_ways_is_refused():
    checked = permissions.check({}, said(user("Ann@X.com"), user("ann@x.com")), Stack())

    assert [str(problem) for problem in checked.problems] == [
        "access_control: two grants are for one principal, spelled in two ways"
    ]


def test_pm_06_an_unknown_level_is_refused():
    checked = permissions.check({}, said(group("data", "CAN_DREAM")), Stack())

    (problem,) = checked.problems
    assert str(problem) == (
        "access_control[0].permission_level: not known here; known are CAN_VIEW, CAN_QUERY, "
        "CAN_MANAGE"
    )


def test_a_newer_field_is_refused_also_where_others_are_sent():
    allowing = Stack(StackSettings(allowances=Allowances(unknown_fields=True)))

    checked = permissions.check({}, said(group("data"), newer=1), allowing)

    assert [str(p) for p in checked.problems] == ["newer: no such field; nothing would send it"]


def test_a_level_that_only_the_service_knows_is_shown_and_no_error():
    bench, outputs = created(group("data"))

    def dream(entry):
        levels = [{"permission_level": "CAN_DREAM", "inherited": False}]
        return {**entry, "all_permissions": levels} if "data" in entry.values() else entry

    transport = answering(bench, dream)
    first = bench.read(permissions, "chat", outputs, said(group("data")), transport=transport)
    again = bench.read(permissions, "chat", first.outputs, first.inputs, transport=transport)

    assert again.outputs["access_control"] == [group("data", "CAN_DREAM")]
    assert changes(again.outputs, said(group("data"))) == Verdict(changed=True)


@pytest.mark.parametrize("verb", ["create", "update"])
def test_an_endpoint_that_is_not_there_is_named(verb):
    bench, outputs = created(group("data"))
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    program = said(group("data"))

    if verb == "create":
        refused = bench.fails(Refused, bench.create, permissions, program)
    else:
        refused = bench.fails(Refused, bench.update, permissions, "chat", outputs, program)

    assert str(refused).startswith("There is no endpoint called chat in this workspace")
    assert bench.sent == []
    assert bench.read(permissions, "chat", outputs, program) is None


def test_md_07_of_a_recreated_endpoint_the_new_id_is_read_shown_and_written():
    program = said(group("data"))
    bench, outputs = created(group("data"))
    id_ = recreate(bench)

    reading = bench.read(permissions, "chat", outputs, program)
    updated = bench.update(permissions, "chat", reading.outputs, program)

    assert reading.outputs["endpoint_id"] == id_ != outputs["endpoint_id"]
    assert changes(reading.outputs, program) == Verdict(changed=True, notices=(RECREATED,))
    assert bench.sent == [f"PATCH permissions/serving-endpoints/{id_}"]
    assert updated["__applied"]["endpoint_id"] == id_
    assert changes(updated, program) == Verdict()


def test_md_07_also_where_the_grants_of_the_one_before_outlive_it():
    program = said(group("data"))
    bench, outputs = created(group("data"))
    bench.workspace.behaviour = type(bench.workspace.behaviour)(permissions_outlive_objects=True)
    recreate(bench)

    reading = bench.read(permissions, "chat", outputs, program)

    assert reading.outputs["access_control"] == []


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"endpoint_name": "other"}, Verdict(changed=True, replaces=("endpoint_name",))),
        (
            {"endpoint_name": UNKNOWN},
            Verdict(changed=True, replaces=("endpoint_name",), delete_first=True),
        ),
        ({"access_control": UNKNOWN}, Verdict(changed=True)),
        ({"workspace": {"host": HOST}}, Verdict(changed=True)),
    ],
)
def test_what_a_change_takes(change, verdict):
    _, outputs = created(group("data"))

    assert changes(outputs, {**said(group("data")), **change}) == verdict


@pytest.mark.parametrize("mode", [{}, {"mode": "authoritative"}])
def test_a_delete_takes_the_grants_that_were_applied_and_no_others(mode):
    bench, outputs = created(group("data"), user("Ann@X.com"), **mode)
    by_hand(bench, "PATCH", user("Ann@X.com", "CAN_MANAGE"), group("others"))

    bench.delete(permissions, "chat", outputs)

    assert body(bench) == ("PUT", [OWN, group("others")])


def test_a_delete_never_takes_the_callers_own_can_manage():
    bench, outputs = created(OWN, group("data"))

    bench.delete(permissions, "chat", outputs)

    assert body(bench) == ("PUT", [OWN])
    (line,) = bench.lines
    assert line == (
        f"The CAN_MANAGE of {ADMIN} on endpoint chat was kept: these credentials manage the "
        f"endpoint by it. It goes with the endpoint."
    )


@pytest.mark.parametrize("what", ["endpoint gone", "recreated", "grants gone"])
def test_a_delete_does_nothing_where_nothing_is_left(what):
    bench, outputs = created(group("data"))
    if what == "recreated":
        recreate(bench)
        by_hand(bench, "PATCH", group("data"))
    elif what == "endpoint gone":
        bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    else:
        by_hand(bench, "PUT", OWN)

    bench.delete(permissions, "chat", outputs)

    assert bench.sent == []


def test_a_delete_of_a_recreated_endpoint_does_nothing_also_after_a_refresh():
    bench, outputs = created(group("data"))
    recreate(bench)
    by_hand(bench, "PATCH", group("data"))
    refreshed = bench.read(permissions, "chat", outputs, said(group("data"))).outputs

    bench.delete(permissions, "chat", refreshed)

    assert bench.sent == []


def test_an_endpoint_that_is_deleted_meanwhile_takes_its_grants_along():
    bench, outputs = created(group("data"))

    def vanish(request, answer):
        if request.method == "PUT":
            bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
        return answer()

    transport = Altered(bench.workspace.transport(), vanish)

    bench.delete(permissions, "chat", outputs, transport=transport)

    assert [call.status for call in bench.workspace.writes] == [404]


@pytest.mark.parametrize("declared", [user(ADMIN), user(ADMIN.upper(), "CAN_QUERY")])
def test_the_callers_own_can_manage_is_not_lowered(declared):
    bench = on_endpoint()

    refused = bench.fails(Refused, bench.create, permissions, said(declared))

    assert f"manage endpoint chat by the CAN_MANAGE of {ADMIN}: with" in str(refused)
    assert bench.sent == []


def test_the_callers_own_can_manage_that_is_dropped_is_kept_and_told():
    bench, outputs = created(OWN, group("data"))

    updated = bench.update(permissions, "chat", outputs, said(group("data")))

    assert bench.sent == []
    assert "was kept" in bench.lines[-1]
    assert changes(updated, said(group("data"))) == Verdict()


def test_late_reads_are_waited_for():
    bench = on_endpoint(stale_acl_seconds=30)

    bench.create(permissions, said(group("data")))

    assert bench.sent == [f"PATCH permissions/serving-endpoints/{bench.served()['id']}"]
    assert 30 <= bench.clock.passed < 60


def test_a_write_that_does_not_show_for_a_minute_leaves_the_resource_unfinished():
    bench = on_endpoint(stale_acl_seconds=100)

    left = bench.fails(NotTaken, bench.create, permissions, said(group("data")))
    bench.clock.advance(60)
    bench.workspace.clear_calls()
    finished = bench.update(permissions, left.name, left.outputs, said(group("data")))

    assert 'did not keep access_control["group_name:data"].permission_level' in str(left)
    assert left.name == "chat"
    assert changes(left.outputs, said(group("data"))) == Verdict(changed=True)
    assert bench.sent == []
    assert changes(finished, said(group("data"))) == Verdict()


def test_a_delete_that_does_not_show_for_a_minute_is_an_error():
    bench, outputs = created(group("data"))
    bench.workspace.behaviour = type(bench.workspace.behaviour)(stale_acl_seconds=100)

    failed = bench.fails(NotTaken, bench.delete, permissions, "chat", outputs)

    assert not isinstance(failed, LeftUnfinished)


def test_ctrl_c_while_it_is_looked_for_leaves_what_was_sent():
    bench = on_endpoint(stale_acl_seconds=30)
    bench.clock.called_off_after = 1

    left = bench.fails(Interrupted, bench.create, permissions, said(group("data")))

    assert "the permissions of endpoint chat" in str(left)
    assert "group_name:data" in left.outputs["__applied"]["access_control"]


def test_read_back_warn_takes_the_answer_for_equal_until_the_program_changes():
    bench, outputs = created(group("data"))

    def lose(request, answer):
        return httpx.Response(200, json={}) if request.method == "PATCH" else answer()

    transport = Altered(bench.workspace.transport(), lose)
    program = said(group("data"), group("ops"))
    warning = StackSettings(read_back_warns=True)

    updated = bench.update(
        permissions, "chat", outputs, program, transport=transport, settings=warning
    )
    bench.update(permissions, "chat", updated, program)
    bench.delete(permissions, "chat", updated)

    assert changes(updated, program) == Verdict()
    assert changes(updated, said(group("data"), group("ops", "CAN_QUERY"))).changed
    assert body(bench) == ("PUT", [OWN])


def test_a_principal_that_stays_unknown_is_an_error_with_a_hint():
    bench = on_endpoint(refuse_unknown_principals=True)

    refused = bench.fails(Refused, bench.create, permissions, said(user("ann@x.com")))

    assert bench.clock.passed == 60
    assert "Principal: UserName(ann@x.com) does not exist" in str(refused)
    assert "a user (by e-mail) and a group must have been added to this workspace" in str(refused)


def test_a_principal_that_is_not_known_at_once_is_waited_for():
    bench = on_endpoint()
    unknown = Fault(
        "PATCH",
        f"{GRANTS}/*",
        status=404,
        error_code="RESOURCE_DOES_NOT_EXIST",
        message="Principal: GroupName(data) does not exist",
    )
    bench.workspace.faults.add(unknown)

    bench.create(permissions, said(group("data")))

    assert held(bench)["data"] == "CAN_VIEW"


def test_a_principal_that_the_program_marks_secret_is_not_in_clear_in_what_was_applied():
    bench = on_endpoint()
    marked = {"__secret_leaves": [["access_control", 0.0, "user_name"]]}
    program = said(user("c4nary@x.com"), group("data"), **marked)

    outputs = bench.create(permissions, program).outputs
    reading = bench.read(permissions, "chat", outputs, program)
    bench.delete(permissions, "chat", outputs)

    assert "c4nary" not in str(outputs["__applied"])
    assert reading.outputs == outputs
    assert changes(outputs, program) == Verdict()
    assert held(bench) == {ADMIN: "CAN_MANAGE"}
