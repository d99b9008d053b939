"""What a program wants, told by a preview that blinds every secret."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from databricks_serving.apply.recorded import applied_of
from databricks_serving.apply.wanted import wanted_of
from databricks_serving.plan.canonical import Fingerprint
from databricks_serving.plan.comparison import Origin, compared
from databricks_serving.plan.states import Actual, Orders
from databricks_serving.state.deployment import SEALED, deployment_of, preview_of
from databricks_serving.state.settings import StackSettings
from databricks_serving_schema import UNKNOWN, Allowances, InvalidResource
from support.previewed import BLINDED, NOT_YET_KNOWN, Previewed

GOLDEN = Path(__file__).parents[2] / "engine/golden/0.1.0/stack.json"
STACK = json.loads(GOLDEN.read_text().replace('"@llm-keys/openai was put@"', "1767571200000"))
RECORDED = {one.name: one for one in deployment_of(STACK).resources}
EVERY = sorted(RECORDED)
CREDENTIAL = 'credentials.gpt["external_model.openai_config.openai_api_key_plaintext"]'
OPENAI = ("config", "served_entities", "gpt", "external_model", "openai_config")
IN_CONFIG = (*OPENAI, "openai_api_key_plaintext")
LIMIT = {"calls": 5, "key": "user", "renewal_period": "minute"}


def step_of(preview, name):
    return next(one for one in preview_of(json.loads(preview.text())).steps if one.name == name)


def wanted(preview, name, *, recorded=None, settings=None):
    recorded = recorded or RECORDED.get(name)
    return wanted_of(step_of(preview, name), recorded, settings or StackSettings())


def at(tree, *path):
    for step in path:
        tree = tree[step]
    return tree


def applied(name):
    kind = wanted(Previewed(STACK), name).desired.kind
    return applied_of(kind, RECORDED[name].outputs)


def differences(name, preview):
    """What the program changes, where the workspace is as it was left."""
    was, asked = applied(name), wanted(preview, name)
    actual = Actual(was.kind, was.tree)
    found = compared(applied=was, desired=asked.desired, actual=actual, orders=asked.orders)
    return [(".".join(one.change.path), one.origin) for one in found.differences]


@pytest.mark.parametrize("name", EVERY)
def test_a_program_that_nobody_changed_wants_what_was_applied(name):
    assert differences(name, Previewed(STACK)) == []


def test_every_kind_is_among_them():
    assert {one.kind for one in RECORDED.values()} == {
        "AiGateway",
        "EndpointPermissions",
        "RateLimits",
        "Secret",
        "SecretAcl",
        "SecretScope",
        "ServingEndpoint",
    }


CHANGES = {
    "chat": ({"tags": {"team": "crm"}}, ["tags.team"]),
    "claude": ({"usage_tracking_config": {"enabled": False}}, ["usage_tracking_config.enabled"]),
    "limits": ({"rate_limits": [LIMIT]}, ["rate_limits.user.calls"]),
    "callers": (
        {"access_control": [{"group_name": "users", "permission_level": "CAN_MANAGE"}]},
        ["access_control.group_name:users.permission_level"],
    ),
    "keys": ({"name": "other"}, ["name"]),
    "openai": ({"version": "2"}, ["version"]),
    "readers": ({"permission": "WRITE"}, ["permission"]),
}


@pytest.mark.parametrize(("name", "said", "paths"), [(n, *c) for n, c in CHANGES.items()])
def test_what_the_program_changes_is_its_own_difference(name, said, paths):
    preview = Previewed(STACK).change(name, *said, **said)

    assert differences(name, preview) == [(path, Origin.CODE) for path in paths]


def test_a_credential_that_the_preview_does_not_name_is_the_applied_one():
    preview = Previewed(STACK).change("plain", "tags.a", tags={"a": "b"})

    asked = wanted(preview, "plain")

    assert at(asked.desired.tree, *IN_CONFIG) == at(applied("plain").tree, *IN_CONFIG)
    assert differences("plain", preview) == [("tags.a", Origin.CODE)]


@pytest.mark.parametrize("named", [CREDENTIAL, "credentials.gpt", "credentials"])
def test_a_credential_that_the_preview_names_changes_and_nothing_of_it_is_known(named):
    preview = Previewed(STACK).change("plain", named)

    one = at(wanted(preview, "plain").desired.tree, *IN_CONFIG)
    other = at(wanted(preview, "plain").desired.tree, *IN_CONFIG)

    assert isinstance(one, Fingerprint)
    assert one != other
    assert differences("plain", preview) == [(".".join(IN_CONFIG), Origin.CODE)]


def test_a_value_that_changes_is_a_difference_of_the_secret_and_its_version_is_another():
    assert differences("openai", Previewed(STACK).change("openai", "value")) == [
        ("value", Origin.CODE)
    ]
    assert differences("openai", Previewed(STACK).change("openai", "version", version="2")) == [
        ("version", Origin.CODE)
    ]


def test_secrets_that_a_preview_shows_in_clear_are_taken_by_what_the_engine_says_of_them():
    shown = {"value": "sk-CANARY", "version": "1"}

    kept = wanted(Previewed(STACK).change("openai", **shown), "openai")
    changed = wanted(Previewed(STACK).change("openai", "value", **shown), "openai")

    assert kept.desired.tree["value"] == applied("openai").tree["value"]
    assert isinstance(changed.desired.tree["value"], Fingerprint)
    assert changed.desired.tree["value"].sealed is None
    assert "CANARY" not in repr(changed)


def test_a_leaf_that_the_program_marks_is_secret_also_where_the_preview_shows_it():
    marked = {"__secret_leaves": [["tags", "team"]], "tags": {"team": "sk-CANARY"}}

    asked = wanted(Previewed(STACK).change("chat", "tags.team", **marked), "chat")

    assert isinstance(asked.desired.tree["tags"]["team"], Fingerprint)


def test_of_a_secret_leaf_the_others_beside_it_stay_readable():
    preview = Previewed(STACK).change("chat", "tags.b", tags={"team": "crm", "b": BLINDED})

    tags = wanted(preview, "chat").desired.tree["tags"]

    assert tags["team"] == "crm"
    assert isinstance(tags["b"], Fingerprint)


def test_a_list_that_is_secret_as_a_whole_is_the_applied_one_until_it_is_named():
    blinded = {"config": {"served_entities": BLINDED}}
    was = applied("chat").tree["config"]["served_entities"]

    kept = wanted(Previewed(STACK).change("chat", **blinded), "chat")
    preview = Previewed(STACK).change("chat", "config.served_entities", **blinded)

    assert kept.desired.tree["config"]["served_entities"] == was
    assert wanted(preview, "chat").desired.tree["config"]["served_entities"] is SEALED
    assert differences("chat", preview) == [("config.served_entities", Origin.CODE)]


def test_a_secret_list_of_something_new_is_no_text():
    preview = Previewed(STACK).create(
        "ServingEndpoint", "new", name="new", email_notifications={"on_update_failure": BLINDED}
    )

    asked = wanted(preview, "new")

    assert asked.desired.tree["email_notifications"] == {"on_update_failure": SEALED}


def test_in_a_secret_list_that_changes_the_manual_changes_are_found_all_the_same():
    preview = Previewed(STACK).change(
        "chat", "config.served_entities", config={"served_entities": BLINDED}
    )
    was, asked = applied("chat"), wanted(preview, "chat")
    tree = json.loads(json.dumps(was.tree))
    tree["config"]["served_entities"]["gpt"]["external_model"]["name"] = "gpt-4o"

    by_hand, untouched = (
        compared(applied=was, desired=asked.desired, actual=Actual(was.kind, actual))
        for actual in (tree, {**was.tree, "route_optimized": False})
    )

    assert [one.origin for one in by_hand.differences] == [Origin.BOTH]
    assert [one.origin for one in untouched.differences] == [Origin.CODE]


def test_what_is_not_yet_known_stays_so():
    preview = Previewed(STACK).change("chat", "tags.team", tags={"team": NOT_YET_KNOWN})

    assert wanted(preview, "chat").desired.tree["tags"] == {"team": UNKNOWN}


def test_what_a_create_wants_needs_no_state():
    preview = Previewed(STACK).create("RateLimits", "new", endpoint_name="new", rate_limits=[LIMIT])

    asked = wanted(preview, "new")

    assert asked.desired.tree == {"endpoint_name": "new", "rate_limits": {"user": LIMIT}}


def test_an_authoritative_gateway_removes_the_sections_that_it_does_not_say():
    asked = wanted(Previewed(STACK).change("claude", "mode", mode="authoritative"), "claude")

    assert asked.orders == Orders(
        removed=frozenset(
            {"rate_limits", "guardrails", "inference_table_config", "fallback_config"}
        )
    )


def test_authoritative_permissions_and_what_an_endpoint_says_of_its_roll_out_are_orders():
    deploy = {"replace_on": ["description"], "on_update_in_progress": "fail"}
    preview = (
        Previewed(STACK)
        .change("callers", "mode", mode="authoritative")
        .change("plain", "deploy", deploy=deploy)
    )

    assert wanted(preview, "callers").orders.authoritative
    assert wanted(preview, "plain").orders.replace_on == {"description"}
    assert wanted(preview, "plain").orders.on_update_in_progress.value == "fail"


def test_a_redeployment_is_wanted_where_what_it_depends_on_will_change():
    deploy = {"redeploy_on": [NOT_YET_KNOWN]}
    preview = Previewed(STACK).change("chat", "deploy", deploy=deploy)

    assert differences("chat", preview) == [("redeploy_on", Origin.CODE)]


def test_every_rule_that_the_program_breaks_is_an_error():
    entity = {"name": "a", "entity_name": "ml.prod.churn", "entity_version": "1"}
    broken = {"served_entities": [{**entity, "zzz": 1}]}

    with pytest.raises(InvalidResource) as caught:
        wanted(Previewed(STACK).change("chat", "config", config=broken), "chat")

    assert {problem.path[-1] for problem in caught.value.problems} == {
        "scale_to_zero_enabled",
        "workload_size",
        "zzz",
    }


def test_what_the_stack_allows_is_no_error():
    allowing = StackSettings(allowances=Allowances(unknown_fields=True))
    preview = Previewed(STACK).change("chat", "brand_new_setting", brand_new_setting=1)

    assert wanted(preview, "chat", settings=allowing).desired.tree["brand_new_setting"] == 1


def keeps_its_value(op, *changed, **outputs):
    """Whether a value from the environment, which is in no input, is taken for the applied one."""
    recorded = RECORDED["openai"]
    recorded = replace(recorded, outputs={**recorded.outputs, **outputs})
    preview = Previewed(STACK).change("openai", *changed, op=op, value=None, value_from_env="KEY")
    asked = wanted(preview, "openai", recorded=recorded)
    return asked.desired.tree.get("value") == applied("openai").tree["value"]


def test_a_value_from_the_environment_is_kept_where_the_engine_changes_nothing():
    assert keeps_its_value("same")


def test_it_changes_where_the_engine_updates_the_secret_and_no_input_says_why():
    assert not keeps_its_value("update")


def test_it_is_kept_where_another_input_or_somebody_elses_put_says_why():
    assert keeps_its_value("update", "version")
    assert keeps_its_value("update", last_updated_timestamp=1767571299999)


def test_a_new_secret_takes_its_value_from_the_environment():
    preview = Previewed(STACK).create(
        "Secret", "new", scope="llm-keys", key="new", value_from_env="KEY"
    )

    tree = wanted(preview, "new").desired.tree

    assert isinstance(tree["value"], Fingerprint)
    assert "value_from_env" not in tree


def test_a_secret_that_was_adopted_without_a_fingerprint_is_told_by_its_version_alone():
    recorded = RECORDED["openai"]
    was = {k: v for k, v in recorded.outputs["__applied"].items() if k != "value"}
    adopted = replace(recorded, outputs={**recorded.outputs, "__applied": was})

    asked = wanted(Previewed(STACK), "openai", recorded=adopted)

    assert asked.desired.tree == {"scope": "llm-keys", "key": "openai", "version": "1"}


def test_of_an_imported_secret_the_engine_tells_that_its_value_changes():
    recorded = RECORDED["openai"]
    was = {k: v for k, v in recorded.outputs["__applied"].items() if k != "value"}
    imported = replace(recorded, outputs={**recorded.outputs, "__applied": was})

    asked = wanted(Previewed(STACK).change("openai", "value"), "openai", recorded=imported)

    assert isinstance(asked.desired.tree["value"], Fingerprint)
