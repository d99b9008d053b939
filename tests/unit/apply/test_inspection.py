"""One resource of a state beside what the workspace has: what drift detection makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databricks_serving.apply import acl, permissions, scope, secret
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.apply.survey import Subject
from databricks_serving.errors import PermissionDenied
from databricks_serving.plan.canonical import Canonical, Sealing, canonical
from databricks_serving.plan.comparison import Coverage, Standing, Wanted
from databricks_serving.plan.grants import by_principal
from databricks_serving.plan.states import Orders
from databricks_serving.report.build import finding_of
from databricks_serving.report.model import Classification
from databricks_serving.state.deployment import SEALED
from databricks_serving_emulator import Fault
from databricks_serving_schema import (
    Allowances,
    EndpointAiGateway,
    EndpointPermissions,
    parse_program,
)
from support.context import CANARY, ENDPOINTS, SECRETS, Bench
from support.endpoints import config, limit, openai, program
from support.exported import differences, exported, look, made, subject, survey, undeclared
from support.ups import created, prepared
from unit.apply.gateways import by_hand, there
from unit.apply.granted import ADMIN, group, said, user

TRACKED = {"usage_tracking_config": {"enabled": True}}
FALLING_BACK = {"fallback_config": {"enabled": True}}
#: What a program marks as secret; the workspace shows it.
HIDDEN = "the-secret-team"
KEY = {"scope": "llm", "key": "openai", "value": CANARY}


def a_secret(**more):
    """A bench with a scope, and a secret that was put into it."""
    bench = Bench()
    bench.workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})
    return bench, made(bench, "Secret", secret, {**KEY, **more})


def only(bench, recorded, **more):
    (seen,) = look(bench, recorded, **more)
    assert bench.workspace.writes == ()
    return seen


# --- how an endpoint stands ----------------------------------------------------------------------


def chat(bench, said):
    inputs, outputs = created(bench, said)
    return exported("ServingEndpoint", "chat", inputs, outputs)


def updated(outcome="ready", *, cancel=False, seconds=600.0):
    """An endpoint that somebody is updating: another model, on its way or at its end."""
    bench = prepared()
    recorded = chat(bench, program())
    bench.workspace.deployments.plan(seconds=seconds, outcome=outcome)
    body = config(openai(model={"name": "gpt-4o"}))
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/config", body)
    if cancel:
        bench.workspace.press_cancel_update("chat")
    return bench, recorded


def test_an_endpoint_that_is_being_updated_is_in_flux():
    bench, recorded = updated()

    seen = only(bench, recorded, delay=20.0)

    assert seen.standing is Standing.UPDATING
    assert bench.clock.waits[-1:] != [20.0]


def test_an_update_that_failed_is_told():
    bench, recorded = updated("failed")
    bench.clock.advance(1200)

    assert only(bench, recorded).standing is Standing.UPDATE_FAILED


def test_an_update_that_somebody_cancelled_is_told():
    bench, recorded = updated(cancel=True)

    assert only(bench, recorded).standing is Standing.UPDATE_CANCELED


@pytest.mark.parametrize("how", [{"outcome": "failed"}, {"cancel": True}])
def test_an_update_that_came_to_nothing_is_no_drift_and_says_what_settles_it(how):
    bench, recorded = updated(**how)
    bench.clock.advance(1200)

    seen = only(bench, recorded)
    told = finding_of(recorded, seen.comparison, workspace="dev", standing=seen.standing)

    assert told.classification is Classification.PENDING
    assert "a changed value in deploy.redeploy_on sends one" in told.reason


def test_how_an_endpoint_stands_says_nothing_of_its_gateway():
    bench, _ = updated()
    gateway = made(bench, "AiGateway", AI_GATEWAY, {"endpoint_name": "chat", **limits(7)})

    assert only(bench, gateway).standing is Standing.SETTLED


def limits(calls):
    return {"rate_limits": [limit(calls)]}


# --- secrets -------------------------------------------------------------------------------------


def test_a_secret_that_somebody_put_again_is_told_by_its_time_and_nothing_of_its_value():
    bench, recorded = a_secret()
    bench.clock.advance(60)
    body = {"scope": "llm", "key": "openai", "string_value": "another"}
    bench.workspace.ui("POST", f"{SECRETS}/put", body)

    seen = only(bench, recorded)

    assert differences(seen) == {"last_updated_timestamp": "outside"}
    assert seen.comparison.coverage == Coverage(compared=2, write_only=1)
    assert CANARY not in repr(seen) + repr(seen.comparison)


def test_a_secret_of_which_nobody_noted_when_it_was_put_is_not_compared():
    bench, recorded = a_secret()
    applied = {**recorded.outputs["__applied"], "last_updated_timestamp": None}
    adopted = replace(recorded, outputs={**recorded.outputs, "__applied": applied})

    seen = only(bench, adopted)

    assert differences(seen) == {}
    assert seen.comparison.coverage == Coverage(compared=0, write_only=3)


def test_the_value_of_an_imported_secret_counts_as_write_only_though_no_state_has_it():
    bench, recorded = a_secret()
    applied = {k: v for k, v in recorded.outputs["__applied"].items() if k != "value"}
    imported = replace(recorded, outputs={**recorded.outputs, "__applied": applied})

    seen = only(bench, imported)

    assert seen.comparison.coverage == Coverage(compared=2, write_only=1)


def test_a_secret_in_a_scope_that_is_gone_is_missing():
    bench, recorded = a_secret()
    bench.workspace.ui("POST", f"{SECRETS}/scopes/delete", {"scope": "llm"})

    assert differences(only(bench, recorded)) == {"": "outside"}


def test_a_scope_that_the_caller_may_not_see_is_an_error_and_not_missing():
    bench = Bench()
    recorded = made(bench, "SecretScope", scope, {"name": "llm"})
    bench.workspace.identities.add_user("nightly@example.com", token="of-job")

    seen = only(bench, recorded, token="of-job")

    assert isinstance(seen.error, PermissionDenied)


# --- what nobody here can tell -------------------------------------------------------------------


def test_a_state_without_what_was_applied_cannot_be_verified():
    bench, recorded = a_secret()
    outputs = {name: value for name, value in recorded.outputs.items() if name != "__applied"}

    seen = only(bench, replace(recorded, outputs=outputs))

    assert (differences(seen), undeclared(seen), seen.error) == ({}, {}, None)
    assert (seen.comparison.coverage.compared, seen.comparison.coverage.write_only) == (0, 3)
    assert bench.workspace.calls == ()


@pytest.mark.parametrize("hidden", ["scope", "key"])
def test_a_secret_whose_address_is_secret_cannot_be_verified(hidden):
    bench, _ = a_secret()
    inputs = {**KEY, "key": "marked"}
    outputs = bench.create(secret, inputs).outputs
    marked = {**inputs, "__secret_leaves": [[hidden]]}
    recorded = exported("Secret", "llm/marked", marked, outputs)
    bench.workspace.clear_calls()
    bench.workspace.ui("POST", f"{SECRETS}/delete", {"scope": "llm", "key": "marked"})

    seen = only(bench, recorded)

    assert (differences(seen), undeclared(seen), seen.error) == ({}, {}, None)
    assert seen.comparison.coverage == Coverage(compared=0, write_only=3)


def test_access_of_a_principal_who_is_secret_cannot_be_verified():
    bench, _ = a_secret()
    reader = {"scope": "llm", "principal": "ann", "permission": "READ"}
    recorded = made(bench, "SecretAcl", acl, {**reader, "__secret_leaves": [["principal"]]})
    body = {"scope": "llm", "principal": "ann"}
    bench.workspace.ui("POST", f"{SECRETS}/acls/delete", body)

    seen = only(bench, recorded)

    assert (differences(seen), seen.error) == ({}, None)
    assert seen.comparison.coverage == Coverage(compared=0, write_only=3)


def test_leaves_that_the_program_marks_as_secret_count_as_write_only_and_the_rest_is_compared():
    bench = prepared()
    tagged = program(tags={"team": HIDDEN, "stage": "dev"}, __secret_leaves=[["tags", "team"]])
    recorded = chat(bench, tagged)
    tags = [{"key": "team", "value": "by-hand"}, {"key": "stage", "value": "by-hand"}]
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": tags})

    seen = only(bench, recorded)

    assert recorded.inputs["tags"]["team"] is SEALED
    assert str(seen.actual.tree["tags"]["team"]) == "(secret)"
    assert differences(seen) == {"tags.stage": "outside"}
    assert seen.comparison.coverage.write_only == 1


def test_a_leaf_that_is_marked_as_secret_and_gone_is_told():
    bench = prepared()
    recorded = chat(bench, program(tags={"team": HIDDEN}, __secret_leaves=[["tags", "team"]]))
    body = {"delete_tags": ["team"]}
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/chat/tags", body)

    seen = only(bench, recorded)

    assert differences(seen) == {"tags.team": "outside"}
    assert HIDDEN not in repr(seen.comparison)


# --- modes ---------------------------------------------------------------------------------------

AUTHORITATIVE = {"mode": "authoritative"}


def test_what_somebody_sets_in_a_section_that_an_authoritative_gateway_leaves_out_is_a_difference():
    bench = there()
    gateway = {"endpoint_name": "chat", **limits(7), **AUTHORITATIVE}
    recorded = made(bench, "AiGateway", AI_GATEWAY, gateway)
    by_hand(bench, {**limits(7), "usage_tracking_config": {"enabled": True}})
    bench.clock.advance(120)

    seen = only(bench, recorded)

    assert differences(seen) == {"usage_tracking_config.enabled": "outside"}
    assert undeclared(seen) == {}


def on_chat(*grants, **more):
    bench = prepared()
    bench.context().api.create_endpoint({"name": "chat"})
    recorded = made(bench, "EndpointPermissions", permissions, said(*grants, **more))
    return bench, recorded


def grant(bench, *grants):
    path = f"/api/2.0/permissions/serving-endpoints/{bench.served()['id']}"
    bench.workspace.ui("PATCH", path, {"access_control_list": list(grants)})


def test_grants_of_others_are_differences_where_the_permissions_are_authoritative():
    bench, recorded = on_chat(user("ada@example.com"), **AUTHORITATIVE)
    grant(bench, group("users", "CAN_QUERY"))

    seen = only(bench, recorded)

    path = 'access_control["group_name:users"].permission_level'
    place = "access_control.group_name:users.permission_level"
    assert list(differences(seen).items()) in ([(path, "outside")], [(place, "outside")])
    assert undeclared(seen) == {}


def test_grants_of_others_are_not_in_code_where_they_are_additive():
    bench, recorded = on_chat(user("ada@example.com"))
    grant(bench, group("users", "CAN_QUERY"), user("bob@example.com", "CAN_MANAGE"))

    seen = only(bench, recorded)

    assert differences(seen) == {}
    assert undeclared(seen) == {
        'access_control["group_name:users"]': {"permission_level": "CAN_QUERY"},
        'access_control["user_name:bob@example.com"]': {"permission_level": "CAN_MANAGE"},
    }


def test_the_right_to_manage_of_who_made_the_endpoint_and_of_who_looks_is_nobodys_to_declare():
    bench, recorded = on_chat(user("ada@example.com"))
    bench.workspace.identities.add_user("nightly@example.com", groups=["admins"], token="of-job")
    grant(bench, user("nightly@example.com", "CAN_MANAGE"))

    seen = only(bench, recorded, token="of-job")

    assert bench.served()["creator"] == ADMIN
    assert undeclared(seen) == {}


# --- what a program wants besides ----------------------------------------------------------------


def parsed(model, said_):
    tree = canonical(parse_program(model, said_, Allowances()), Sealing(b"")).tree
    return Canonical(model, by_principal(tree))


def test_what_the_program_changes_and_what_somebody_changed_are_told_apart():
    bench = there()
    gateway = {"endpoint_name": "chat", **limits(7), "usage_tracking_config": {"enabled": True}}
    recorded = made(bench, "AiGateway", AI_GATEWAY, gateway)
    by_hand(bench, limits(9))
    bench.clock.advance(120)
    desired = parsed(EndpointAiGateway, {**gateway, **FALLING_BACK})
    wanted = Wanted(desired, Orders())

    (seen,) = survey(bench).look([subject(recorded, wanted=wanted)])

    assert differences(seen) == {
        "rate_limits.user.calls": "outside",
        "usage_tracking_config.enabled": "outside",
        "fallback_config.enabled": "code",
    }


def test_a_resource_that_only_a_preview_knows_is_all_the_programs():
    bench = Bench()
    inputs = {"endpoint_name": "chat", "access_control": [user("ada@example.com")]}
    desired = parsed(EndpointPermissions, inputs)
    wanted = Wanted(desired, Orders())

    (seen,) = survey(bench).look([Subject("EndpointPermissions", "", None, inputs, wanted)])

    assert differences(seen) == {"": "code"}
    assert seen.error is None


def test_authoritative_permissions_of_a_program_leave_the_callers_own_right_alone():
    bench, recorded = on_chat(user("ada@example.com"))
    model = parsed(EndpointPermissions, said(user("ada@example.com")))
    wanted = Wanted(model, Orders(authoritative=True))

    (seen,) = survey(bench).look([subject(recorded, wanted=wanted)])

    assert differences(seen) == {}


# --- told once -----------------------------------------------------------------------------------


def test_what_another_resource_declares_is_in_code():
    bench = prepared()
    endpoint_ = chat(bench, program(ai_gateway=TRACKED))
    gateway = made(bench, "AiGateway", AI_GATEWAY, {"endpoint_name": "chat", **FALLING_BACK})
    rates = made(bench, "RateLimits", RATE_LIMITS, {"endpoint_name": "chat", **limits(7)})
    bench.clock.advance(120)

    alone = look(bench, endpoint_)
    together = look(bench, endpoint_, gateway, rates)

    assert list(undeclared(alone[0])) == ["ai_gateway.rate_limits", "ai_gateway.fallback_config"]
    assert [undeclared(one) for one in together] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("kinds", "teller", "path"),
    [
        (("RateLimits",), 0, "usage_tracking_config"),
        (("RateLimits", "AiGateway"), 1, "usage_tracking_config"),
        (("AiGateway", "RateLimits", "ServingEndpoint"), 2, "ai_gateway.usage_tracking_config"),
    ],
)
def test_a_section_that_nobody_declares_is_told_once_for_an_endpoint(kinds, teller, path):
    bench = prepared()
    named = {"endpoint_name": "chat"}
    made_ = {
        "ServingEndpoint": chat(bench, program()),
        "AiGateway": made(bench, "AiGateway", AI_GATEWAY, {**named, **FALLING_BACK}),
        "RateLimits": made(bench, "RateLimits", RATE_LIMITS, {**named, **limits(7)}),
    }
    by_hand(bench, {**FALLING_BACK, **limits(7), **TRACKED})
    bench.clock.advance(120)

    seen = look(bench, *(made_[kind] for kind in kinds))

    told = [path in undeclared(one) for one in seen]
    assert told == [number == teller for number in range(len(kinds))]


def test_what_is_not_looked_at_declares_all_the_same_and_leaves_it_to_others_to_tell():
    bench = prepared()
    left_out = chat(bench, program(ai_gateway=TRACKED))
    recorded = made(bench, "RateLimits", RATE_LIMITS, {"endpoint_name": "chat", **limits(7)})
    by_hand(bench, {**TRACKED, **limits(7), **FALLING_BACK})
    bench.clock.advance(120)

    (seen,) = survey(bench).look([subject(recorded)], beside=[subject(left_out)])

    assert list(undeclared(seen)) == ["fallback_config"]


def test_grants_of_one_endpoint_in_two_resources_are_in_code_and_others_are_told_once():
    bench, one = on_chat(user("ada@example.com"))
    other = made(bench, "EndpointPermissions", permissions, said(group("users")))
    grant(bench, user("bob@example.com"))

    seen = look(bench, one, other)

    bob = 'access_control["user_name:bob@example.com"]'
    assert [list(undeclared(each)) for each in seen] == [[bob], []]


def test_nobody_is_told_of_where_grants_are_declared_for_somebody_who_is_secret():
    bench, one = on_chat(user("ada@example.com"))
    marked = ["access_control", 0, "user_name"]
    other = made(
        bench,
        "EndpointPermissions",
        permissions,
        {**said(user("eve@example.com")), "__secret_leaves": [marked]},
    )

    seen = look(bench, one, other)

    assert [undeclared(each) for each in seen] == [{}, {}]
    assert [differences(each) for each in seen] == [{}, {}]


def test_access_to_a_scope_that_nobody_declares_is_told_once_but_for_what_comes_with_the_scope():
    bench = Bench()
    first = {"name": "llm", "initial_manage_principal": "users"}
    recorded = [
        made(bench, "SecretScope", scope, first),
        *(
            made(bench, "SecretAcl", acl, {"scope": "llm", "principal": p, "permission": "READ"})
            for p in ("ann@example.com", "data")
        ),
    ]
    for principal, permission in (("Bob@example.com", "MANAGE"), ("ADA@example.com", "READ")):
        body = {"scope": "LLM", "principal": principal, "permission": permission}
        bench.workspace.ui("POST", f"{SECRETS}/acls/put", body)

    seen = look(bench, *recorded)

    assert [list(undeclared(each)) for each in seen[::2]] == [[], []]
    assert sorted(undeclared(seen[1]).values()) == ["MANAGE", "READ"]


def test_a_scope_without_declared_access_tells_nothing_of_who_has_it():
    bench = Bench()
    recorded = made(bench, "SecretScope", scope, {"name": "llm"})
    body = {"scope": "llm", "principal": "bob", "permission": "READ"}
    bench.workspace.ui("POST", f"{SECRETS}/acls/put", body)

    assert undeclared(only(bench, recorded)) == {}


def test_whoever_looks_is_unknown_and_nothing_fails_but_authoritative_permissions():
    additive, one = on_chat(user("ada@example.com"))
    exclusive, other = on_chat(user("ada@example.com"), **AUTHORITATIVE)
    for bench in (additive, exclusive):
        deny(bench, "/api/2.0/preview/scim/v2/Me")

    assert only(additive, one).error is None
    assert "answered 403" in str(only(exclusive, other).error)


def deny(bench, path):
    fault = Fault(path=path, status=403, error_code="PERMISSION_DENIED", times=None)
    bench.workspace.faults.add(fault)
