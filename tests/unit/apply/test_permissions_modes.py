"""Authoritative grants, and who meets at one endpoint: several resources, several callers."""

from __future__ import annotations

import contextlib
import threading

from databricks_serving.apply import permissions
from databricks_serving.apply.context import Verdict
from support.transports import Altered
from unit.apply.granted import (
    ADMIN,
    GRANTS,
    OWN,
    by_hand,
    changes,
    created,
    group,
    held,
    on_endpoint,
    said,
    user,
)

ONLY_DATA = said(group("data"), mode="authoritative")
SWITCHED = (
    "mode: authoritative from now on: grants that are not declared here are removed, except for "
    "the CAN_MANAGE of these credentials; only a refresh after this run can name them beforehand"
)


def writes(bench):
    return [(call.method, call.body["access_control_list"]) for call in bench.workspace.writes]


def test_pm_03_a_create_puts_what_is_declared_and_keeps_the_callers_own():
    bench = on_endpoint()
    by_hand(bench, "PATCH", user("ann@x.com", "CAN_QUERY"))

    outputs = bench.create(permissions, ONLY_DATA).outputs

    assert writes(bench) == [("PUT", [OWN, group("data")])]
    assert outputs["access_control"] == [group("data")]
    assert bench.lines == [
        "ann@x.com had CAN_QUERY on endpoint chat, undeclared: removed (mode authoritative)."
    ]


def test_md_09_a_preview_after_a_refresh_names_whom_it_will_remove():
    bench, outputs = created(group("data"), mode="authoritative")
    by_hand(bench, "PATCH", user("ann@x.com", "CAN_MANAGE"))

    reading = bench.read(permissions, "chat", outputs, ONLY_DATA)
    updated = bench.update(permissions, "chat", reading.outputs, ONLY_DATA)

    assert reading.outputs["access_control"] == [group("data"), user("ann@x.com", "CAN_MANAGE")]
    assert changes(reading.outputs, ONLY_DATA) == Verdict(
        changed=True, notices=("ann@x.com has CAN_MANAGE, undeclared: it is removed",)
    )
    assert writes(bench) == [("PUT", [OWN, group("data")])]
    assert changes(updated, ONLY_DATA) == Verdict()


def test_a_mode_that_changes_is_told_and_what_others_have_goes():
    bench, outputs = created(group("data"))
    by_hand(bench, "PATCH", group("others"))

    updated = bench.update(permissions, "chat", outputs, ONLY_DATA)

    assert changes(outputs, ONLY_DATA) == Verdict(changed=True, notices=(SWITCHED,))
    assert held(bench) == {ADMIN: "CAN_MANAGE", "data": "CAN_VIEW"}
    assert changes(updated, said(group("data"))) == Verdict(changed=True)


def test_an_empty_list_removes_all_but_the_callers_own():
    bench, outputs = created(group("data"), mode="authoritative")
    by_hand(bench, "PATCH", group("others"))
    nobody = said(mode="authoritative")

    updated = bench.update(permissions, "chat", outputs, nobody)
    reading = bench.read(permissions, "chat", updated, nobody)

    assert held(bench) == {ADMIN: "CAN_MANAGE"}
    assert changes(reading.outputs, nobody) == Verdict()


def test_the_callers_own_can_manage_is_shown_where_it_is_declared():
    program = said(OWN, group("data"), mode="authoritative")
    bench = on_endpoint()
    outputs = bench.create(permissions, program).outputs

    reading = bench.read(permissions, "chat", outputs, program)

    assert reading.outputs["access_control"] == [OWN, group("data")]
    assert changes(reading.outputs, program) == Verdict()


def test_pm_03_runs_of_two_callers_settle():
    bench, outputs = created(group("data"), mode="authoritative")
    ann = bench.workspace.identities.add_user("ann@x.com", groups=["admins"])

    sent = []
    for token in (ann.token, "dapi-emulator", ann.token, "dapi-emulator"):
        bench.workspace.clear_calls()
        reading = bench.read(permissions, "chat", outputs, ONLY_DATA, token=token)
        outputs = bench.update(permissions, "chat", reading.outputs, ONLY_DATA, token=token)
        assert changes(outputs, ONLY_DATA) == Verdict()
        sent.append(writes(bench))

    assert sent == [[("PUT", [group("data")])], [], [], []]


def meeting(bench, readers):
    """A transport on which who reads grants waits a moment for others to read the same ones."""
    met = threading.Barrier(readers)

    def meet(request, answer):
        response = answer()
        if request.method == "GET" and request.url.path.startswith(GRANTS):
            with contextlib.suppress(threading.BrokenBarrierError):
                met.wait(timeout=0.2)
        return response

    return Altered(bench.workspace.transport(), meet)


def lowered_together(bench):
    """What four resources with one grant each leave on the endpoint when all lower it at once."""
    names = ("data", "ops", "web", "ann")
    made = {
        name: bench.create(permissions, said(group(name, "CAN_QUERY"))).outputs for name in names
    }
    transport = meeting(bench, len(names))

    def lower(name):
        bench.update(permissions, "chat", made[name], said(group(name)), transport=transport)

    threads = [threading.Thread(target=lower, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return held(bench)


FOUR = {
    ADMIN: "CAN_MANAGE",
    "data": "CAN_VIEW",
    "ops": "CAN_VIEW",
    "web": "CAN_VIEW",
    "ann": "CAN_VIEW",
}


def test_several_resources_of_one_endpoint_keep_each_others_grants():
    assert lowered_together(on_endpoint()) == FOUR


def test_and_so_they_do_where_reads_are_late():
    assert lowered_together(on_endpoint(stale_acl_seconds=5)) == FOUR
