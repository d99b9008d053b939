"""Access to scopes where writes get lost, lists are late, and principals are new (SE-11, SE-13)."""

from __future__ import annotations

import threading

import httpx

from databricks_serving.apply import acl
from databricks_serving.apply.context import LeftUnfinished, Verdict
from databricks_serving.errors import Interrupted, InvalidRequest, NotTaken, Refused
from databricks_serving.state.settings import StackSettings
from databricks_serving_emulator import Fault
from support.transports import Altered
from unit.apply.scopes import (
    ADMIN,
    DELETE,
    PUT,
    SAID,
    changes,
    created,
    held,
    in_scope,
)


def test_se_13_a_principal_that_is_not_known_at_once_is_waited_for():
    bench = in_scope()
    unknown = Fault(
        "POST",
        PUT,
        status=400,
        error_code="INVALID_PARAMETER_VALUE",
        message="User or Group data does not exist.",
        times=3,
    )
    bench.workspace.faults.add(unknown)

    bench.create(acl, SAID)

    assert held(bench)["data"] == "READ"
    assert bench.clock.waits == [0.5, 1.0, 2.0]


def test_se_13_one_that_stays_unknown_is_an_error_with_a_hint():
    bench = in_scope(refuse_unknown_principals=True)

    refused = bench.fails(Refused, bench.create, acl, SAID)

    assert bench.clock.passed == 60
    assert "Principal data does not exist" in str(refused)
    assert "named by its application id, not by its display name" in str(refused)
    assert not isinstance(refused, LeftUnfinished)


def test_any_other_refusal_is_told_at_once():
    bench = in_scope()
    bench.workspace.faults.add(Fault("POST", PUT, status=400, error_code="BAD_REQUEST"))

    bench.fails(InvalidRequest, bench.create, acl, SAID)

    assert bench.clock.waits == []


def test_se_11_a_late_list_is_looked_at_until_it_shows():
    bench = in_scope(stale_acl_seconds=12)

    made = bench.create(acl, SAID)

    assert bench.sent == ["POST secrets/acls/put"]
    assert made.outputs["permission"] == "READ"


def lossy(bench, path, times):
    """A transport on which so many writes are answered and have no effect."""
    lost = []

    def lose(request, answer):
        if request.url.path == path and len(lost) < times:
            lost.append(request)
            return httpx.Response(200, json={})
        return answer()

    return Altered(bench.workspace.transport(), lose), lost


def test_se_11_a_put_that_is_lost_is_sent_again():
    bench = in_scope()
    transport, lost = lossy(bench, PUT, times=1)

    bench.create(acl, SAID, transport=transport)

    assert len(lost) == 1
    assert held(bench)["data"] == "READ"


def test_se_11_a_delete_that_is_lost_is_sent_again():
    bench, outputs = created()
    transport, lost = lossy(bench, DELETE, times=2)

    bench.delete(acl, "llm-keys/data", outputs, transport=transport)

    assert len(lost) == 2
    assert held(bench) == {ADMIN: "MANAGE"}


def test_puts_that_are_lost_for_a_minute_leave_the_resource_unfinished():
    bench = in_scope()
    transport, _ = lossy(bench, PUT, times=9)

    left = bench.fails(NotTaken, bench.create, acl, SAID, transport=transport)
    finished = bench.update(acl, left.name, left.outputs, SAID)

    assert bench.clock.passed == 60
    assert "does not list it" in str(left)
    assert left.name == "llm-keys/data"
    assert changes(left.outputs, SAID) == Verdict(changed=True)
    assert changes(finished, SAID) == Verdict()


def test_a_permission_that_is_not_taken_for_a_minute_is_named():
    bench, outputs = created()
    transport, _ = lossy(bench, PUT, times=9)
    said = {**SAID, "permission": "WRITE"}

    left = bench.fails(
        NotTaken, bench.update, acl, "llm-keys/data", outputs, said, transport=transport
    )

    assert "did not keep permission" in str(left)
    assert left.outputs["permission"] == "READ"
    assert changes(left.outputs, said) == Verdict(changed=True)


def test_read_back_warn_takes_the_other_permission_for_equal_until_the_program_changes():
    bench, outputs = created()
    transport, _ = lossy(bench, PUT, times=9)
    said = {**SAID, "permission": "WRITE"}
    warning = StackSettings(read_back_warns=True)

    updated = bench.update(
        acl, "llm-keys/data", outputs, said, transport=transport, settings=warning
    )

    assert "did not keep permission" in bench.lines[-1]
    assert changes(updated, said) == Verdict()
    assert changes(updated, {**SAID, "permission": "MANAGE"}) == Verdict(changed=True)


def test_deletes_that_are_lost_for_a_minute_are_an_error():
    bench, outputs = created()
    transport, _ = lossy(bench, DELETE, times=9)

    failed = bench.fails(NotTaken, bench.delete, acl, "llm-keys/data", outputs, transport=transport)

    assert "still lists it" in str(failed)


def test_ctrl_c_while_it_is_looked_for_leaves_what_was_sent():
    bench = in_scope(stale_acl_seconds=30)
    bench.clock.called_off_after = 2

    left = bench.fails(Interrupted, bench.create, acl, SAID)

    assert "the access list of scope llm-keys was being looked at again" in str(left)
    assert left.outputs["__applied"] == SAID


FIVE = {"ann@x.com": "READ", "bob@x.com": "WRITE", "data": "READ", "ops": "MANAGE", "web": "WRITE"}


def together(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_se_11_five_from_threads_under_lost_writes_and_late_lists_are_exactly_the_program():
    bench = in_scope(lost_acl_writes_seconds=0.2, stale_acl_seconds=5)
    made = {}

    def give(principal):
        said = {**SAID, "principal": principal, "permission": FIVE[principal]}
        made[principal] = bench.create(acl, said).outputs

    together(*(lambda name=name: give(name) for name in FIVE))

    assert held(bench) == {ADMIN: "MANAGE", **FIVE}
    assert bench.sent == ["POST secrets/acls/put"] * 5
    together(
        *(lambda name=name: bench.delete(acl, "", made[name]) for name in ("data", "ops", "web"))
    )
    assert held(bench) == {ADMIN: "MANAGE", "ann@x.com": "READ", "bob@x.com": "WRITE"}
