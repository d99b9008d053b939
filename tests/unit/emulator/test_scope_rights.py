"""What a permission on a scope lets its holder do."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import SECRETS, Client

KEY = {"scope": "llm", "key": "k"}
GRANT = {"scope": "llm", "principal": "bob@example.com", "permission": "READ"}
CALLS = {
    "list": ("GET", f"{SECRETS}/list?scope=llm", None),
    "get": ("GET", f"{SECRETS}/get?scope=llm&key=k", None),
    "put": ("POST", f"{SECRETS}/put", {**KEY, "string_value": "new"}),
    "delete": ("POST", f"{SECRETS}/delete", KEY),
    "list acls": ("GET", f"{SECRETS}/acls/list?scope=llm", None),
    "get acl": ("GET", f"{SECRETS}/acls/get?scope=llm&principal=ann@example.com", None),
    "put acl": ("POST", f"{SECRETS}/acls/put", GRANT),
    "delete acl": (
        "POST",
        f"{SECRETS}/acls/delete",
        {"scope": "llm", "principal": "ann@example.com"},
    ),
    "delete scope": ("POST", f"{SECRETS}/scopes/delete", {"scope": "llm"}),
}
READ = {"list", "get"}
WRITE = READ | {"put", "delete"}
LETS = {None: set(), "READ": READ, "WRITE": WRITE, "MANAGE": set(CALLS)}


def with_secret(**permissions):
    client = Client()
    client.put_secret("llm", "k")
    for name, permission in permissions.items():
        client.grant("llm", f"{name}@example.com", permission)
    return client


def names(client):
    return [scope["name"] for scope in client.scopes()]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("permission", LETS)
def test_a_permission_lets_its_holder_do_what_it_says(permission, call):
    ann = with_secret(**({"ann": permission} if permission else {})).user("ann")

    status, content = ann.call(*CALLS[call])

    expected = (200, None) if call in LETS[permission] else (403, "PERMISSION_DENIED")
    assert (status, content.get("error_code")) == expected


def test_the_refusal_says_what_is_lacking():
    ann = with_secret().user("ann")

    refused = ann.refuses(*CALLS["get"])

    assert refused[2] == (
        "User ann@example.com does not have READ permission on scope llm to perform this action."
    )


def test_what_is_refused_has_no_effect():
    client = with_secret(ann="WRITE")
    ann = client.user("ann")

    ann.refuses(*CALLS["put acl"])
    ann.refuses(*CALLS["delete scope"])

    assert client.does("GET", f"{SECRETS}/acls/list?scope=llm")["items"] == [
        {"principal": "serving.admin@example.com", "permission": "MANAGE"},
        {"principal": "ann@example.com", "permission": "WRITE"},
    ]


def test_the_list_of_scopes_has_those_that_its_reader_may_read():
    client = with_secret(ann="READ")
    client.put_secret("other", "k")
    ann, bob = client.user("ann"), client.user("bob")

    client.grant("other", "data", "READ")

    assert (names(client), names(ann)) == (["llm", "other"], ["llm"])
    assert bob.does("GET", f"{SECRETS}/scopes/list") == {}
    assert names(client.user("cleo", "data")) == ["other"]


def test_a_service_principal_is_granted_by_its_application_id():
    client = with_secret()
    robot = client.service_principal(application_id="3c1a7e52")

    client.grant("llm", "3c1a7e52", "READ")

    assert robot.call(*CALLS["get"])[0] == 200
    assert robot.call(*CALLS["put"])[0] == 403


def test_the_strongest_of_several_permissions_counts():
    client = with_secret(ann="READ")
    client.grant("llm", "data", "MANAGE")

    ann = client.user("ann", "data")

    assert ann.call(*CALLS["put acl"])[0] == 200


def test_a_permission_can_be_lowered_and_taken_away():
    client = with_secret(ann="WRITE")
    ann = client.user("ann")

    client.grant("llm", "ann@example.com", "READ")
    lowered = [ann.call(*CALLS[call])[0] for call in ("get", "put")]
    client.does(*CALLS["delete acl"])

    assert lowered == [200, 403]
    assert ann.call(*CALLS["get"])[0] == 403


def test_who_creates_a_scope_manages_it_and_others_do_not():
    client = Client()
    ann, bob = client.user("ann"), client.user("bob")
    ann.does("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    assert ann.call(*CALLS["put"])[0] == 200
    assert bob.call(*CALLS["get"])[0] == 403


def test_a_scope_for_all_users_is_managed_by_everybody():
    client = Client()
    body = {"scope": "llm", "initial_manage_principal": "users"}
    client.user("ann").does("POST", f"{SECRETS}/scopes/create", body)

    assert client.user("bob").call(*CALLS["delete scope"])[0] == 200


def test_who_takes_its_own_permission_away_is_locked_out_unless_an_admin():
    client = Client()
    ann = client.user("ann")
    ann.does("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    ann.does(*CALLS["delete acl"])

    assert ann.call(*CALLS["list"])[0] == 403
    assert client.call(*CALLS["list"]) == (200, {})


def test_a_scope_that_is_not_there_is_missing_for_everybody():
    ann = Client().user("ann")

    assert ann.refuses(*CALLS["get"])[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
