"""Access and grants: what their errors say, how long they wait, and what they carry along."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from databricks_serving.apply import acl, permissions
from databricks_serving.errors import InvalidRequest, NotTaken, Refused
from databricks_serving_emulator import Behaviour, Fault
from support.context import SECRETS
from support.transports import Altered
from unit.apply import granted
from unit.apply.granted import GRANTS, group, on_endpoint, said, user
from unit.apply.scopes import SAID, in_scope

SECRET = "c4nary@x.com"
MARKED = said(user(SECRET), __secret_leaves=[["access_control", 0.0, "user_name"]])
ACL = {**SAID, "principal": SECRET, "__secret_leaves": [["principal"]]}
BAD = {"status": 400, "error_code": "BAD_REQUEST", "times": None}
ECHOED = {**BAD, "echo": True}
CALL = f"{GRANTS}/*"


# What is marked secret is in no error


def test_the_refusal_of_a_grant_does_not_repeat_a_principal_that_is_secret():
    bench = on_endpoint()
    bench.workspace.faults.add(Fault("PATCH", CALL, **ECHOED))

    refused = bench.fails(InvalidRequest, bench.create, permissions, MARKED)

    assert "***" in str(refused)
    assert SECRET not in str(refused) + repr(vars(refused))


def test_nor_does_the_refusal_of_its_removal():
    bench = on_endpoint()
    outputs = bench.create(permissions, MARKED).outputs
    repeating = Fault("PUT", CALL, **BAD, message=f"{SECRET} may not go")
    bench.workspace.faults.add(repeating)
    nobody = said()

    refused = [
        bench.fails(InvalidRequest, bench.update, permissions, "chat", outputs, nobody),
        bench.fails(InvalidRequest, bench.delete, permissions, "chat", outputs),
    ]

    assert ["*** may not go" in str(one) for one in refused] == [True, True]


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "not known"])
def test_the_refusal_of_access_does_not_repeat_a_principal_that_is_secret(waits):
    bench = in_scope(refuse_unknown_principals=waits)
    if not waits:
        bench.workspace.faults.add(Fault("POST", f"{SECRETS}/acls/put", **ECHOED))

    refused = bench.fails(Refused if waits else InvalidRequest, bench.create, acl, ACL)

    assert "***" in str(refused)
    assert SECRET not in str(refused) + repr(vars(refused))


# custom_timeouts


SHORT = {"timeout": 5.0}


def test_grants_are_looked_for_no_longer_than_the_program_says():
    bench = on_endpoint(stale_acl_seconds=100)

    bench.fails(NotTaken, bench.create, permissions, said(group("data")), **SHORT)

    assert bench.clock.passed == 5


def test_a_principal_is_waited_for_no_longer_than_the_program_says():
    bench = on_endpoint(refuse_unknown_principals=True)

    refused = bench.fails(Refused, bench.create, permissions, said(group("data")), **SHORT)

    assert "It was sent again for 5s" in str(refused)
    assert bench.clock.passed == 5


def test_both_waits_share_the_time_that_the_program_says():
    bench = on_endpoint(stale_acl_seconds=100)
    unknown = Fault(
        "PATCH",
        CALL,
        status=404,
        error_code="RESOURCE_DOES_NOT_EXIST",
        message="Principal: GroupName(data) does not exist",
        times=2,
    )
    bench.workspace.faults.add(unknown)

    bench.fails(NotTaken, bench.create, permissions, said(group("data")), **SHORT)

    assert bench.clock.passed == 5


def test_each_has_its_minute_where_the_program_says_more():
    bench = on_endpoint(stale_acl_seconds=100)

    bench.fails(NotTaken, bench.create, permissions, said(group("data")), timeout=600.0)

    assert bench.clock.passed == 60


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_access_is_looked_for_no_longer_than_the_program_says(verb):
    bench = in_scope()
    outputs = bench.create(acl, SAID).outputs if verb == "delete" else {}
    bench.workspace.behaviour = Behaviour(stale_acl_seconds=100)
    begun = bench.clock.passed

    if verb == "create":
        bench.fails(NotTaken, bench.create, acl, SAID, **SHORT)
    else:
        bench.fails(NotTaken, bench.delete, acl, "", outputs, **SHORT)

    assert bench.clock.passed - begun == 5


# Turns


def test_who_waits_for_grants_does_not_hold_up_the_endpoints_gateway():
    bench = on_endpoint()
    free = []

    def take():
        with bench.context().alone_with("endpoint", "chat"):
            free.append(True)

    def look(request, answer):
        if request.method == "PATCH":
            other = threading.Thread(target=take, daemon=True)
            other.start()
            other.join(5)
        return answer()

    transport = Altered(bench.workspace.transport(), look)

    bench.create(permissions, said(group("data")), transport=transport)

    assert free == [True]


# Principals of a kind that this release does not know


ROLE = {"role_name": "made-up", "permission_level": "CAN_MANAGE"}


def with_role(bench, bodies):
    """The workspace answers a grant to a role; what a PUT says is noted and the role left out."""

    def altered(request, answer):
        if request.method == "PUT":
            body = json.loads(request.content)
            bodies.append(body["access_control_list"])
            return httpx.Response(200, json={})
        answered = answer()
        if request.method == "GET" and "/permissions/" in request.url.path:
            content = json.loads(answered.read())
            level = {"permission_level": "CAN_MANAGE", "inherited": False}
            content["access_control_list"].append(
                {"role_name": "made-up", "display_name": "Made up", "all_permissions": [level]}
            )
            return httpx.Response(200, json=content)
        return answered

    return Altered(bench.workspace.transport(), altered)


def test_a_grant_to_somebody_of_an_unknown_kind_is_carried_along_as_it_is():
    bench = on_endpoint()
    outputs = bench.create(permissions, said(group("data", "CAN_QUERY"))).outputs
    bodies = []
    lower = said(group("data"))
    timeout = {"timeout": 0.0}

    bench.fails(
        NotTaken,
        bench.update,
        permissions,
        "chat",
        outputs,
        lower,
        transport=with_role(bench, bodies),
        **timeout,
    )

    (body,) = bodies
    assert [grant for grant in body if grant not in (granted.OWN, group("data"))] == [ROLE]


def test_authoritatively_it_goes_and_is_named():
    bench = on_endpoint()
    bodies = []
    program = said(granted.OWN, mode="authoritative")

    bench.fails(
        NotTaken,
        bench.create,
        permissions,
        program,
        transport=with_role(bench, bodies),
        timeout=0.0,
    )

    assert bodies == [[granted.OWN]]
    assert bench.lines == [
        "made-up had CAN_MANAGE on endpoint chat, undeclared: removed (mode authoritative)."
    ]
