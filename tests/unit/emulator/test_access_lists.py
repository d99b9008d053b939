"""What hurts about access lists, each behind a switch."""

from __future__ import annotations

import threading

import pytest

from databricks_serving_emulator import Behaviour
from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, SECRETS, Client, endpoint, external

ADMIN = "serving.admin@example.com"


def with_scope(**switches):
    client = Client()
    client.put_secret("llm", "k")
    client.workspace.behaviour = Behaviour(**switches)
    return client


def acls(client):
    listed = client.does("GET", f"{SECRETS}/acls/list?scope=llm").get("items", [])
    return {entry["principal"]: entry["permission"] for entry in listed}


def principals(client, path):
    listed = client.does("GET", path)["access_control_list"]
    return [next(iter(entry.values())) for entry in listed]


def test_a_scope_s_access_list_is_read_late():
    client = with_scope(stale_acl_seconds=30)
    one = f"{SECRETS}/acls/get?scope=llm&principal=data"
    client.grant("llm", "data", "READ")
    client.clock.advance(29)
    early = acls(client), client.call("GET", one)[0]

    client.clock.advance(1)

    assert early == ({ADMIN: "MANAGE"}, 404)
    assert acls(client) == {ADMIN: "MANAGE", "data": "READ"}
    assert client.does("GET", one)["permission"] == "READ"


def test_each_late_write_is_seen_in_its_turn():
    client = with_scope(stale_acl_seconds=30)
    seen = []
    for principal in ("first", "second"):
        client.grant("llm", principal, "READ")
        client.clock.advance(10)

    for _ in range(3):
        seen.append(list(acls(client)))
        client.clock.advance(10)

    assert seen == [[ADMIN], [ADMIN, "first"], [ADMIN, "first", "second"]]


def test_a_right_holds_before_it_is_listed():
    client = with_scope(stale_acl_seconds=30)
    ann = client.user("ann")

    client.grant("llm", "ann@example.com", "READ")

    assert ann.call("GET", f"{SECRETS}/get?scope=llm&key=k")[0] == 200


def test_a_scope_that_is_made_again_has_no_past():
    client = with_scope()
    client.grant("llm", "data", "READ")
    client.workspace.behaviour = Behaviour(stale_acl_seconds=30)
    client.grant("llm", "more", "READ")
    late = acls(client)
    client.does("POST", f"{SECRETS}/scopes/delete", {"scope": "llm"})

    client.does("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    assert late == {ADMIN: "MANAGE", "data": "READ"}
    assert acls(client) == {ADMIN: "MANAGE"}


def test_an_endpoint_s_permissions_are_read_late():
    client = Client()
    path = f"{PERMISSIONS}/{client.create(endpoint(external()))['id']}"
    client.workspace.behaviour = Behaviour(stale_acl_seconds=30)
    answer = client.allow("chat", ann="CAN_VIEW")
    early = principals(client, path)

    client.clock.advance(30)

    assert [next(iter(entry.values())) for entry in answer["access_control_list"]] == [
        "ann@example.com",
        "admins",
    ]
    assert early == [ADMIN, "admins"]
    assert principals(client, path) == ["ann@example.com", "admins"]


def put_together(client, *names):
    """Grant READ to each, all at the same time."""
    threads = [threading.Thread(target=client.grant, args=("llm", name, "READ")) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_writes_of_one_access_list_at_a_time_one_is_lost():
    client = with_scope(lost_acl_writes_seconds=60)

    put_together(client, "first", "second")

    assert set(acls(client)) in ({ADMIN, "first"}, {ADMIN, "second"})
    assert [call.status for call in client.workspace.writes[-2:]] == [200, 200]


def test_a_write_that_meets_no_other_is_not_lost():
    client = with_scope(lost_acl_writes_seconds=0.01)

    for name in ("first", "second"):
        client.grant("llm", name, "READ")

    assert set(acls(client)) == {ADMIN, "first", "second"}


def open_write(client):
    """A write of the access list that waits for another one, under way."""
    body = {"scope": "llm", "principal": "first", "permission": "READ"}
    thread = threading.Thread(target=client.call, args=("POST", f"{SECRETS}/acls/put", body))
    thread.start()
    while "scope llm" not in client.workspace._world.access_past._open:
        assert thread.is_alive()
    return thread


def test_nothing_else_is_lost_with_a_write_of_an_access_list():
    client = with_scope(lost_acl_writes_seconds=60)
    thread = open_write(client)

    client.put_secret("llm", "meanwhile")
    client.grant("llm", "second", "READ")
    thread.join()

    listed = client.does("GET", f"{SECRETS}/list?scope=llm")["secrets"]
    assert [secret["key"] for secret in listed] == ["k", "meanwhile"]
    assert set(acls(client)) == {ADMIN, "first"}


def test_a_scope_that_is_deleted_meanwhile_stays_deleted():
    client = with_scope(lost_acl_writes_seconds=60)
    thread = open_write(client)

    client.does("POST", f"{SECRETS}/scopes/delete", {"scope": "llm"})
    client.workspace.behaviour = Behaviour()
    thread.join()

    assert client.scopes() == []
    assert client.workspace.writes[-1].status == 404


def test_no_write_is_lost_unless_it_is_asked_for():
    client = with_scope()

    put_together(client, "first", "second", "third")

    assert set(acls(client)) == {ADMIN, "first", "second", "third"}


def test_a_write_is_lost_only_to_one_of_the_same_scope():
    client = with_scope(lost_acl_writes_seconds=0.05)
    client.put_secret("other", "k")

    threads = [
        threading.Thread(target=client.grant, args=(scope, "data", "READ"))
        for scope in ("llm", "other")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert acls(client) == {ADMIN: "MANAGE", "data": "READ"}


def test_access_lists_come_in_another_order_each_time():
    client = with_scope(unstable_acl_order=True)
    for name in ("first", "second"):
        client.grant("llm", name, "READ")
    path = f"{PERMISSIONS}/{client.create(endpoint(external()))['id']}"

    scopes = [tuple(acls(client)) for _ in range(3)]
    endpoints = [tuple(principals(client, path)) for _ in range(2)]

    assert len(set(scopes)) == 3
    assert {frozenset(order) for order in scopes} == {frozenset({ADMIN, "first", "second"})}
    assert set(endpoints) == {(ADMIN, "admins"), ("admins", ADMIN)}


def test_an_empty_access_list_has_only_one_order():
    client = with_scope(unstable_acl_order=True)

    client.does("POST", f"{SECRETS}/acls/delete", {"scope": "llm", "principal": ADMIN})

    assert client.does("GET", f"{SECRETS}/acls/list?scope=llm") == {}


def test_permissions_can_outlive_their_endpoint():
    client = Client()
    path = f"{PERMISSIONS}/{client.create(endpoint(external()))['id']}"
    client.workspace.behaviour = Behaviour(permissions_outlive_objects=True)
    before = client.does("GET", path)
    client.does("DELETE", f"{ENDPOINTS}/chat")

    left = client.does("GET", path)
    again = client.create(endpoint(external()))
    client.does("PATCH", path, {"access_control_list": []})

    assert left == before
    assert f"{PERMISSIONS}/{again['id']}" != path
    assert client.user("ann").call("GET", path)[0] == 403
    client.workspace.behaviour = Behaviour()
    assert client.call("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"user_name": "nobody@example.com"}, "Principal: UserName(nobody@example.com)"),
        ({"group_name": "nobody"}, "Principal: GroupName(nobody)"),
        (
            {"service_principal_name": "ann@example.com"},
            "Principal: ServicePrincipalName(ann@example.com)",
        ),
    ],
)
def test_permissions_can_be_for_those_only_who_are_there(entry, said):
    client = Client()
    client.user("ann", "data")
    path = f"{PERMISSIONS}/{client.create(endpoint(external()))['id']}"
    client.workspace.behaviour = Behaviour(refuse_unknown_principals=True)
    known = [{"user_name": "ann@example.com"}, {"group_name": "data"}, {"group_name": "users"}]

    refused = client.refuses(
        "PUT", path, {"access_control_list": [{**entry, "permission_level": "CAN_VIEW"}]}
    )
    client.does(
        "PUT",
        path,
        {"access_control_list": [{**one, "permission_level": "CAN_VIEW"} for one in known]},
    )

    assert refused == (404, "RESOURCE_DOES_NOT_EXIST", f"{said} does not exist")
    assert principals(client, path) == ["ann@example.com", "data", "users", "admins"]


def test_a_scope_can_be_for_those_only_who_are_there():
    client = with_scope(refuse_unknown_principals=True)
    client.user("ann", "data")
    body = {"scope": "llm", "principal": "nobody", "permission": "READ"}

    refused = client.refuses("POST", f"{SECRETS}/acls/put", body)
    for name in ("ann@example.com", "data", "users"):
        client.grant("llm", name, "READ")

    assert refused == (400, "INVALID_PARAMETER_VALUE", "Principal nobody does not exist.")
    assert set(acls(client)) == {ADMIN, "ann@example.com", "data", "users"}
