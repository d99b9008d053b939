"""The plans of access to a secret scope, and of grants on an endpoint."""

from __future__ import annotations

import pytest

from databricks_serving.plan.access import LockOut, lock_out
from databricks_serving.plan.canonical import Canonical, canonical, revived
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.grants import by_principal
from databricks_serving.plan.operations import PatchPermissions, PutAcl, PutPermissions
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import UNKNOWN, EndpointPermissions, SecretAcl, parse_answer
from support.endpoints import SEALING

ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
ME = "me@example.com"
ID = "e58f7a9b1c2d4e3f90817263544536a7"


def told(made):
    return [
        (shown(change.path), change.action, change.reason)
        for change in made.changes
        if change.action is not Action.SKIP
    ]


def acl(**said):
    said = {"scope": "llm", "principal": "data", "permission": "READ", **said}
    return canonical(parse_answer(SecretAcl, said), SEALING)


def acl_plan(applied, desired, actual):
    return make_plan(
        applied=applied and revived(SecretAcl, plain_json(applied.tree)),
        desired=desired,
        actual=actual and Actual(SecretAcl, actual.tree),
    )


def test_access_that_is_not_there_is_one_put():
    made = acl_plan(None, acl(), None)

    assert told(made) == [("", Action.CREATE, Reason.MISSING)]
    assert made.operations == (PutAcl("llm", "data", "READ"),)


def test_se_12_another_permission_is_one_put_and_no_delete():
    made = acl_plan(acl(), acl(permission="WRITE"), acl())

    assert told(made) == [("permission", Action.UPDATE, Reason.EDITED)]
    assert made.operations == (PutAcl("llm", "data", "WRITE"),)


def test_a_permission_changed_outside_is_put_back():
    made = acl_plan(acl(), acl(), acl(permission="MANAGE"))

    assert told(made) == [("permission", Action.UPDATE, Reason.DRIFTED)]
    assert made.operations == (PutAcl("llm", "data", "READ"),)


def test_an_e_mail_and_a_scope_are_the_same_in_any_case():
    made = acl_plan(
        acl(principal="Ann@Example.com"),
        acl(principal="Ann@example.com", scope="LLM"),
        acl(principal="ann@example.com"),
    )

    assert told(made) == []
    assert made.operations == ()


@pytest.mark.parametrize("field", ["scope", "principal"])
@pytest.mark.parametrize("said", ["other", UNKNOWN])
def test_another_address_or_one_that_is_not_yet_known_replaces(field, said):
    made = acl_plan(acl(), acl(**{field: said}), acl())

    assert [(path, action) for path, action, _ in told(made)] == [(field, Action.REPLACE)]
    assert made.operations == ()


def test_groups_are_told_apart_by_case():
    made = acl_plan(acl(principal="Data"), acl(principal="data"), acl(principal="Data"))

    assert told(made) == [("principal", Action.REPLACE, Reason.EDITED)]


@pytest.mark.parametrize(
    ("acls", "principal", "permission", "why"),
    [
        ({ME: "MANAGE", "ops": "MANAGE"}, "Me@Example.com", "WRITE", LockOut.OWN),
        ({ME: "MANAGE", "ops": "MANAGE"}, ME, None, LockOut.OWN),
        ({ME: "MANAGE"}, ME, "MANAGE", None),
        ({ME: "WRITE", "ops": "MANAGE"}, ME, None, None),
        ({"ops": "MANAGE", "data": "READ"}, "ops", None, LockOut.LAST),
        ({"ops": "MANAGE", "data": "MANAGE"}, "ops", None, None),
        ({"ops": "MANAGE"}, "data", None, None),
    ],
)
def test_se_12_the_own_manage_and_the_last_one_lock_somebody_out(acls, principal, permission, why):
    assert lock_out(acls, principal, permission, ME) is why


def granted(*grants, **more):
    bag = {"endpoint_name": "chat", "access_control": list(grants)}
    tree = by_principal(canonical(parse_answer(EndpointPermissions, bag), SEALING).tree)
    return Canonical(EndpointPermissions, {**tree, **more})


def user(name, level="CAN_VIEW"):
    return {"user_name": name, "permission_level": level}


def group(name, level="CAN_VIEW"):
    return {"group_name": name, "permission_level": level}


def robot(level="CAN_VIEW"):
    return {"service_principal_name": ROBOT, "permission_level": level}


def plan(applied, desired, actual, *, was_id=ID, **orders):
    if applied is not None:
        stored = granted(*applied, endpoint_id=was_id)
        applied = revived(EndpointPermissions, plain_json(stored.tree))
    return make_plan(
        applied=applied,
        desired=granted(*desired) if isinstance(desired, list) else desired,
        actual=Actual(EndpointPermissions, granted(*actual, endpoint_id=ID).tree),
        orders=Orders(**orders),
    )


def put(*grants):
    return (PutPermissions(ID, {"access_control_list": list(grants)}),)


def patch(*grants):
    return (PatchPermissions(ID, {"access_control_list": list(grants)}),)


DATA = 'access_control["group_name:data"].permission_level'
ANN = 'access_control["user_name:ann@x.com"].permission_level'
OPS = 'access_control["group_name:ops"].permission_level'


def test_grants_that_are_added_or_raised_go_by_a_patch_of_those():
    made = plan(
        [group("data")],
        [group("data", "CAN_QUERY"), user("ann@x.com"), group("ops")],
        [group("data"), group("ops"), user("somebody@x.com")],
    )

    assert told(made) == [
        (DATA, Action.UPDATE, Reason.EDITED),
        (OPS, Action.NOTE, Reason.ALREADY_THERE),
        (ANN, Action.UPDATE, Reason.EDITED),
    ]
    assert made.operations == patch(group("data", "CAN_QUERY"), user("ann@x.com"))


def test_one_that_is_lowered_goes_by_a_put_of_all_direct_ones():
    made = plan(
        [group("data", "CAN_MANAGE")],
        [group("data")],
        [user("somebody@x.com", "CAN_MANAGE"), group("data", "CAN_MANAGE")],
    )

    assert told(made) == [(DATA, Action.UPDATE, Reason.EDITED)]
    assert made.operations == put(user("somebody@x.com", "CAN_MANAGE"), group("data"))


def test_one_that_is_dropped_goes_by_a_put_without_it():
    made = plan(
        [group("data"), user("ann@x.com")],
        [group("data")],
        [user("ann@x.com"), group("data"), group("others")],
    )

    assert told(made) == [(ANN, Action.UPDATE, Reason.EDITED)]
    assert made.operations == put(group("data"), group("others"))


def test_md_09_additive_grants_of_others_are_nobodys_difference():
    made = plan([group("data")], [group("data")], [group("data"), user("ann@x.com", "CAN_MANAGE")])

    assert told(made) == []
    assert made.operations == ()


def test_md_09_authoritative_ones_are_differences_and_go():
    made = plan(
        [group("data")],
        [group("data")],
        [group("data"), user("ann@x.com", "CAN_MANAGE")],
        authoritative=True,
    )

    assert told(made) == [(ANN, Action.UPDATE, Reason.DRIFTED)]
    assert made.operations == put(group("data"))


@pytest.mark.parametrize("authoritative", [False, True])
def test_a_grant_that_was_taken_outside_is_one_difference(authoritative):
    made = plan([group("data")], [group("data")], [], authoritative=authoritative)

    assert told(made) == [(DATA, Action.UPDATE, Reason.DRIFTED)]
    assert made.operations == (put(group("data")) if authoritative else patch(group("data")))


@pytest.mark.parametrize("me", [ME, ROBOT])
def test_pm_03_authoritative_keeps_the_callers_own_can_manage(me):
    own = user(me, "CAN_MANAGE") if me == ME else robot("CAN_MANAGE")
    kept = plan([], [], [own], authoritative=True, caller=me)
    put_too = plan([], [group("data")], [own], authoritative=True, caller=me)

    assert told(kept) == []
    assert kept.operations == ()
    assert put_too.operations == put(own, group("data"))


def test_the_callers_own_lower_level_is_a_difference_like_any_other():
    made = plan([], [], [user(ME, "CAN_QUERY")], authoritative=True, caller=ME)

    assert made.operations == put()


def test_a_group_that_is_called_as_the_caller_is_no_caller():
    made = plan([], [], [group(ME, "CAN_MANAGE")], authoritative=True, caller=ME)

    assert made.operations == put()


@pytest.mark.parametrize("authoritative", [False, True])
def test_the_callers_own_can_manage_is_not_lowered(authoritative):
    made = plan(
        [user(ME, "CAN_MANAGE")],
        [user(ME)],
        [user(ME, "CAN_MANAGE")],
        authoritative=authoritative,
        caller=ME,
    )

    assert [(action, reason) for _, action, reason in told(made)] == [
        (Action.REFUSE, Reason.OWN_RIGHT)
    ]
    assert made.operations == ()


@pytest.mark.parametrize("authoritative", [False, True])
def test_the_callers_own_can_manage_that_is_dropped_is_kept_and_told(authoritative):
    own = user(ME, "CAN_MANAGE")

    made = plan([own], [], [own], authoritative=authoritative, caller=ME)

    assert [(action, reason) for _, action, reason in told(made)] == [
        (Action.NOTE, Reason.OWN_RIGHT)
    ]
    assert made.operations == ()


@pytest.mark.parametrize(
    ("authoritative", "left"), [(False, [group("others")]), (True, [user(ME, "CAN_MANAGE")])]
)
def test_an_empty_list_clears_what_was_applied_or_all_but_the_callers_own(authoritative, left):
    there = [group("data"), group("others")]
    if authoritative:
        there.append(user(ME, "CAN_MANAGE"))

    made = plan([group("data")], [], there, authoritative=authoritative, caller=ME)

    assert made.operations == put(*left)


def test_one_that_is_dropped_and_gone_already_is_recorded_only():
    made = plan([group("data")], [], [])

    assert told(made) == [(DATA, Action.NOTE, Reason.ALREADY_THERE)]
    assert made.operations == ()


def test_principals_are_the_same_however_they_are_spelled():
    made = plan(
        [user("Ann@X.com"), user(ROBOT.upper())],
        [user("ANN@x.com"), user(ROBOT.upper())],
        [robot(), user("ann@x.com")],
        authoritative=True,
    )

    assert told(made) == []


def test_of_several_levels_of_one_principal_the_highest_counts():
    both = [group("data"), group("data", "CAN_QUERY")]
    made = plan([group("data", "CAN_QUERY")], [group("data", "CAN_QUERY")], both)

    assert told(made) == []


def test_a_level_that_only_the_service_knows_is_sent_back_as_it_is():
    made = plan(
        [group("data")],
        [],
        [group("data"), group("others", "CAN_DREAM"), group("others", "CAN_VIEW")],
    )

    assert made.operations == put(group("others", "CAN_DREAM"))


def test_from_a_level_that_only_the_service_knows_goes_by_a_put():
    made = plan([], [group("data")], [group("data", "CAN_DREAM")])

    assert made.operations == put(group("data"))


def test_md_07_of_a_recreated_endpoint_nothing_is_taken_that_was_given_on_the_one_before():
    made = plan(
        [group("data"), user("ann@x.com")], [group("data")], [user("ann@x.com")], was_id="another"
    )

    assert told(made) == [
        ("endpoint_id", Action.NOTE, Reason.RECREATED),
        (DATA, Action.UPDATE, Reason.DRIFTED),
    ]
    assert made.operations == patch(group("data"))


@pytest.mark.parametrize(
    "desired",
    [
        [{"user_name": UNKNOWN, "permission_level": "CAN_VIEW"}],
        [{"user_name": "ann@x.com", "permission_level": UNKNOWN}],
        [UNKNOWN],
    ],
)
def test_what_is_not_yet_known_is_a_change_in_place(desired):
    made = plan([group("data")], [group("data"), *desired], [group("data")])

    assert [(action, reason) for _, action, reason in told(made)] == [
        (Action.UPDATE, Reason.NOT_YET_KNOWN)
    ]


def test_grants_that_are_not_yet_known_at_all_are_one_change():
    desired = Canonical(EndpointPermissions, {"endpoint_name": "chat", "access_control": UNKNOWN})

    made = plan([group("data")], desired, [group("data")])

    assert told(made) == [("access_control", Action.UPDATE, Reason.NOT_YET_KNOWN)]
    assert made.operations == ()


def test_another_endpoint_replaces_and_sends_nothing():
    desired = granted(group("data"), user("ann@x.com"), endpoint_name="other")

    made = plan([group("data")], desired, [group("data")])

    assert ("endpoint_name", Action.REPLACE, Reason.EDITED) in told(made)
    assert made.operations == ()


def test_where_there_is_no_endpoint_nothing_can_be_sent():
    made = make_plan(applied=None, desired=granted(group("data")), actual=None)

    assert told(made) == [("", Action.CREATE, Reason.MISSING)]
    assert made.operations == ()
