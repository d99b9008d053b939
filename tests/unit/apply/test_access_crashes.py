"""Every call of a small scenario fails in every way; the next run does exactly what is left."""

from __future__ import annotations

import pytest

from databricks_serving.apply import acl, permissions
from databricks_serving.apply.context import LeftUnfinished
from databricks_serving.errors import ServingError
from databricks_serving_emulator import Fault
from support.context import ENDPOINTS, SECRETS
from unit.apply import granted, scopes
from unit.apply.granted import GRANTS, OWN, group, robot, said, user

FAILURES = {
    "refused": {"status": 400, "error_code": "BAD_REQUEST"},
    "broken-before": {"status": 500, "times": 9},
    "broken-after": {"status": 500, "when": "after", "times": 9},
    "busy-after": {"status": 503, "when": "after"},
    "dropped-before": {"drop": True, "times": 99},
    "dropped-after": {"drop": True, "when": "after", "times": 99},
}
ACLS = (
    scopes.SAID,
    scopes.SAID,
    {**scopes.SAID, "permission": "WRITE"},
    {**scopes.SAID, "permission": "WRITE"},
)
ADDITIVE = (
    said(group("data"), robot()),
    said(group("data"), robot()),
    said(group("data", "CAN_QUERY")),
    said(group("data", "CAN_QUERY")),
)
AUTHORITATIVE = tuple({**program, "mode": "authoritative"} for program in ADDITIVE)
CALLS = {
    "acl put": ("acl", "POST", f"{SECRETS}/acls/put"),
    "acl delete": ("acl", "POST", f"{SECRETS}/acls/delete"),
    "acl list": ("acl", "GET", f"{SECRETS}/acls/list"),
    "patch": ("additive", "PATCH", f"{GRANTS}/*"),
    "additive put": ("additive", "PUT", f"{GRANTS}/*"),
    "authoritative put": ("authoritative", "PUT", f"{GRANTS}/*"),
    "get endpoint": ("authoritative", "GET", f"{ENDPOINTS}/chat"),
    "get permissions": ("authoritative", "GET", f"{GRANTS}/*"),
    "me": ("authoritative", "GET", "/api/2.0/preview/scim/v2/Me"),
}


def scenario(name):
    """The bench, the kind, its programs, and what tells who has what."""
    if name == "acl":
        return scopes.in_scope(), acl, ACLS, scopes.held
    bench = granted.on_endpoint()
    granted.by_hand(bench, "PATCH", user("ann@x.com"))
    programs = ADDITIVE if name == "additive" else AUTHORITATIVE
    return bench, permissions, programs, granted.held


def up(bench, kind, program, state):
    try:
        if state is None:
            return bench.create(kind, program).outputs, None
        return bench.update(kind, "", state, program), None
    except LeftUnfinished as left:
        return left.outputs, left
    except ServingError as failed:
        return state, failed


END = {
    "acl": {scopes.ADMIN: "MANAGE", "data": "WRITE"},
    "additive": {granted.ADMIN: "CAN_MANAGE", "ann@x.com": "CAN_VIEW", "data": "CAN_QUERY"},
    "authoritative": {granted.ADMIN: "CAN_MANAGE", "data": "CAN_QUERY"},
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("skip", range(5))
@pytest.mark.parametrize("call", CALLS)
def test_after_any_failure_the_next_runs_converge(call, skip, failure):
    name, method, path = CALLS[call]
    bench, kind, programs, held = scenario(name)
    bench.workspace.faults.add(Fault(method, path, skip=skip, **FAILURES[failure]))

    state = None
    for number, program in enumerate(programs):
        state, _ = up(bench, kind, program, state)
        if number % 2 == 0:
            bench.workspace.faults.clear()
    state, failed = up(bench, kind, programs[-1], state)
    bench.workspace.clear_calls()
    again, _ = up(bench, kind, programs[-1], state)

    assert failed is None
    assert held(bench) == END[name]
    assert bench.sent == []
    assert again == state


@pytest.mark.parametrize("failure", ["broken-after", "dropped-after"])
@pytest.mark.parametrize("call", ["acl put", "patch", "authoritative put"])
def test_a_write_whose_answer_is_lost_for_good_is_not_sent_again_by_the_next_run(call, failure):
    name, method, path = CALLS[call]
    bench, kind, programs, _ = scenario(name)
    bench.workspace.faults.add(Fault(method, path, **FAILURES[failure]))
    up(bench, kind, programs[0], None)
    bench.workspace.faults.clear()
    bench.workspace.clear_calls()

    _, failed = up(bench, kind, programs[0], None)

    assert failed is None
    assert bench.sent == []


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("skip", range(3))
@pytest.mark.parametrize("call", CALLS)
def test_a_delete_that_fails_is_finished_by_the_next(call, skip, failure):
    name, method, path = CALLS[call]
    bench, kind, programs, held = scenario(name)
    state, _ = up(bench, kind, programs[0], None)
    bench.workspace.faults.add(Fault(method, path, skip=skip, **FAILURES[failure]))

    for _ in range(2):
        try:
            bench.delete(kind, "", state)
        except ServingError:
            bench.workspace.faults.clear()

    left = held(bench)
    assert left.keys() - {"ann@x.com"} == {OWN["user_name"]}
