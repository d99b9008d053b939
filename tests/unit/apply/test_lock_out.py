"""Whoever manages by a group only is not locked out either."""

from __future__ import annotations

import pytest

from databricks_serving.apply import acl, permissions
from databricks_serving.apply.context import Verdict
from databricks_serving.errors import Refused
from unit.apply import granted, scopes
from unit.apply.granted import ADMIN, group, held, on_endpoint, said, user
from unit.apply.scopes import in_scope

ROBIN = {"token": "dapi-robin"}
ME = "/api/2.0/preview/scim/v2/Me"
MANAGE = {**scopes.SAID, "principal": "platform", "permission": "MANAGE"}


def asked(bench):
    return [call.path for call in bench.workspace.calls].count(ME)


def robin(bench, *groups):
    """Somebody who is no administrator, in these groups."""
    bench.workspace.identities.add_user("robin@example.com", groups=groups, token="dapi-robin")


def managed(*grants, groups=("platform",), **more):
    """An endpoint that somebody else made, and grants on it that robin's run made."""
    bench = on_endpoint()
    robin(bench, *groups)
    granted.by_hand(bench, "PATCH", group("platform", "CAN_MANAGE"))
    outputs = bench.create(permissions, said(*grants, **more), **ROBIN).outputs
    bench.workspace.clear_calls()
    bench.lines.clear()
    return bench, outputs


PLATFORM = group("platform", "CAN_MANAGE")


def test_a_group_that_these_credentials_manage_by_is_not_lowered():
    bench, outputs = managed(PLATFORM)
    lower = said(group("platform", "CAN_QUERY"))

    refused = bench.fails(Refused, bench.update, permissions, "chat", outputs, lower, **ROBIN)

    assert "manage endpoint chat by the CAN_MANAGE of platform" in str(refused)
    assert bench.sent == []
    assert asked(bench) == 1


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_such_a_group_that_is_dropped_is_kept_and_told(verb):
    bench, outputs = managed(PLATFORM, group("data"))

    if verb == "delete":
        bench.delete(permissions, "chat", outputs, **ROBIN)
    else:
        updated = bench.update(permissions, "chat", outputs, said(), **ROBIN)
        assert granted.changes(updated, said()) == Verdict()

    assert held(bench) == {ADMIN: "CAN_MANAGE", "platform": "CAN_MANAGE"}
    (told,) = bench.lines
    assert told.startswith("The CAN_MANAGE of platform on endpoint chat was kept: these credent")


@pytest.mark.parametrize(
    ("others", "groups"),
    [
        ([group("ops", "CAN_MANAGE")], ("platform", "ops")),
        ([user("robin@example.com", "CAN_MANAGE")], ("platform",)),
        ([], ()),
        ([], ("platform", "admins")),
    ],
    ids=["by another group", "directly", "not in it", "as an administrator"],
)
def test_it_goes_where_these_credentials_manage_by_something_else(others, groups):
    bench, outputs = managed(PLATFORM, *others, groups=(*groups, "admins"))
    robin(bench, *groups)
    token = ROBIN if groups else {}

    bench.update(permissions, "chat", outputs, said(*others), **token)

    assert "platform" not in held(bench)


@pytest.mark.parametrize("mode", ["additive", "authoritative"])
def test_a_group_gives_way_to_a_right_of_ones_own_in_the_same_write(mode):
    others = [user(ADMIN, "CAN_MANAGE")] if mode == "authoritative" else []
    bench, outputs = managed(PLATFORM, *others, mode=mode)
    own = said(user("robin@example.com", "CAN_MANAGE"), *others, mode=mode)

    updated = bench.update(permissions, "chat", outputs, own, **ROBIN)

    assert held(bench) == {ADMIN: "CAN_MANAGE", "robin@example.com": "CAN_MANAGE"}
    assert granted.changes(updated, own) == Verdict()


def test_two_groups_are_not_dropped_together():
    both = (PLATFORM, group("ops", "CAN_MANAGE"))
    bench, outputs = managed(*both, groups=("platform", "ops"))

    bench.update(permissions, "chat", outputs, said(), **ROBIN)

    assert held(bench) == {ADMIN: "CAN_MANAGE", "platform": "CAN_MANAGE", "ops": "CAN_MANAGE"}


def test_an_authoritative_list_keeps_such_a_group_without_a_difference():
    program = said(user(ADMIN, "CAN_MANAGE"), mode="authoritative")
    bench, outputs = managed(user(ADMIN, "CAN_MANAGE"), mode="authoritative")

    reading = bench.read(permissions, "chat", outputs, program, **ROBIN)
    bench.update(permissions, "chat", reading.outputs, program, **ROBIN)

    assert granted.changes(reading.outputs, program) == Verdict()
    assert held(bench) == {ADMIN: "CAN_MANAGE", "platform": "CAN_MANAGE"}
    assert bench.sent == []


def test_who_calls_is_not_asked_where_grants_are_only_added():
    bench, outputs = managed(PLATFORM)

    bench.update(permissions, "chat", outputs, said(PLATFORM, group("data")), **ROBIN)

    assert asked(bench) == 0


# A secret scope


def in_hand(*groups):
    """A scope that somebody else made, that robin's group manages by a SecretAcl of this stack."""
    bench = in_scope()
    robin(bench, *groups)
    scopes.by_hand(bench, principal="platform", permission="MANAGE")
    outputs = bench.create(acl, MANAGE).outputs
    bench.workspace.clear_calls()
    return bench, outputs


def test_a_group_that_these_credentials_manage_a_scope_by_is_not_lowered():
    bench, outputs = in_hand("platform")
    lower = {**MANAGE, "permission": "READ"}

    refused = bench.fails(Refused, bench.update, acl, "", outputs, lower, **ROBIN)

    assert "these credentials are in that group, and manage the scope by nothing else" in str(
        refused
    )
    assert bench.sent == []
    assert asked(bench) == 1


def test_such_a_group_is_kept_by_a_delete_that_says_so():
    bench, outputs = in_hand("platform")

    bench.delete(acl, "", outputs, **ROBIN)

    assert scopes.held(bench) == {ADMIN: "MANAGE", "platform": "MANAGE"}
    assert "MANAGE of platform on the secret scope llm-keys was kept" in bench.lines[-1]


@pytest.mark.parametrize("groups", [("platform", "ops"), ("platform", "admins")])
def test_a_scope_that_is_managed_by_something_else_too_is_left_to_that(groups):
    bench, outputs = in_hand(*groups)
    scopes.by_hand(bench, principal="ops", permission="MANAGE")

    bench.delete(acl, "", outputs, **ROBIN)

    assert "platform" not in scopes.held(bench)
