"""MD: what somebody changed outside is seen, named exactly, and put right by one call.

The exit codes that CI goes by are the engine's, and are tested with it: 0, 7 and 1 in
tests/engine/test_lifecycle.py (`drift`) and tests/engine/test_bad_input.py.
"""

from __future__ import annotations

import copy

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving_emulator import Behaviour, Fault
from support.endpoints import config, limit, registered
from support.mini_engine.stand import new_workspace
from support.programs import declared
from support.ups import created, inputs_of, prepared, preview

CHAT = "serving-endpoints/chat"
GATEWAY = f"{CHAT}/ai-gateway"
MODEL = config(registered())
TRACKED = {"usage_tracking_config": {"enabled": True}}
RECREATED = "endpoint_id: deleted and made again outside, under the same name"


def chat(**said):
    """An endpoint called chat; of a registered model where nothing else is said."""
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def settled(story, text):
    """Whether a preview that refreshes finds no change."""
    return story.preview(text, refresh=True).changes == []


def version(number):
    return config(registered(entity_version=number))


# --- MD-01: the value of a secret ----------------------------------------------------------------

KEYS = """
scope = SecretScope("keys", name="llm")
Secret("openai", scope=scope.name, key="openai", value="sk-ours")
Secret("other", scope=scope.name, key="other", value="sk-other")
"""
THEIRS = {"scope": "llm", "key": "openai", "string_value": "sk-theirs"}
OURS = {"scope": "llm", "key": "openai", "string_value": "sk-ours"}


def test_md_01_a_value_that_somebody_put_is_seen_by_its_time_and_put_back_by_one_call(story):
    story.up(KEYS)
    story.sent()

    story.ui("POST", "secrets/put", THEIRS)
    looked = story.refresh(preview_only=True)
    seen = story.preview(KEYS, refresh=True)
    assert looked.changes == [("update", "openai")]
    assert seen.changes == [("update", "openai")]
    assert story.sent() == []
    assert "last_updated_timestamp: put by somebody else since" in story.notices("openai")
    assert story.notices("other") == []
    story.up(KEYS, refresh=True)

    assert story.sent() == ["POST secrets/put"]
    assert story.bodies("secrets/put") == [OURS]
    assert settled(story, KEYS)


def test_md_01_what_a_refresh_found_is_still_there_for_the_runs_after_it(story):
    story.up(KEYS)
    story.sent()
    story.ui("POST", "secrets/put", THEIRS)

    story.refresh()
    assert story.preview(KEYS).changes == [("update", "openai")]
    story.refresh()
    story.up(KEYS)

    assert story.sent() == ["POST secrets/put"]
    assert story.preview(KEYS).changes == []


def test_md_01_our_own_put_is_no_drift_however_soon_it_is_looked_at(story):
    story.up(KEYS)

    assert story.refresh().changes == []
    story.up(KEYS.replace("sk-ours", "sk-new"))
    assert story.refresh().changes == []
    assert settled(story, KEYS.replace("sk-ours", "sk-new"))


# --- MD-02: limits of an endpoint that is Databricks' own ----------------------------------------

CLAUDE = "databricks-claude-opus"


@pytest.mark.parametrize("kind", ["AiGateway", "RateLimits"])
def test_md_02_a_limit_of_a_foundation_models_endpoint_that_was_raised_is_named_and_put_back(
    story, kind
):
    story.stand.begin(new_workspace(foundation_models=(CLAUDE,)))
    said = {"endpoint_name": CLAUDE, "rate_limits": [limit(5, key="endpoint"), limit(10)]}
    text = declared(kind, "limits", **said)
    story.up(text)
    assert story.sent() == [f"PUT serving-endpoints/{CLAUDE}/ai-gateway"]
    before = story.served(CLAUDE)

    raised = [limit(5, key="endpoint"), limit(1000)]
    gateway = {**before["ai_gateway"], "rate_limits": raised}
    story.ui("PUT", f"serving-endpoints/{CLAUDE}/ai-gateway", gateway)
    found = story.refresh()
    seen = story.preview(text)
    assert story.resource("limits").inputs["rate_limits"] == raised
    story.up(text)

    assert found.changes == [("update", "limits")]
    assert seen.paths == {"limits": {"rate_limits[1].calls"}}
    assert story.sent() == [f"PUT serving-endpoints/{CLAUDE}/ai-gateway"]
    put_back = {**TRACKED, "rate_limits": said["rate_limits"]}
    assert story.bodies(f"serving-endpoints/{CLAUDE}/ai-gateway") == [put_back]
    assert story.served(CLAUDE)["ai_gateway"] == before["ai_gateway"] == put_back
    assert settled(story, text)


# --- MD-03: a part that leaves the program -------------------------------------------------------

MAILS = {"on_update_failure": ["ops@example.com"], "on_update_success": []}
THEIR_MAILS = {"on_update_failure": ["mine@example.com"]}
#: By part: what the program says, and what somebody does to it in the UI afterwards.
PARTS = {
    "config": (MODEL, ("PUT", f"{CHAT}/config", version("9"))),
    "tags": ({"team": "ml"}, ("PATCH", f"{CHAT}/tags", {"delete_tags": ["team"]})),
    "email_notifications": (
        MAILS,
        ("PATCH", f"{CHAT}/notifications", {"email_notifications": THEIR_MAILS}),
    ),
    "telemetry_config": (
        {"telemetry_profile_id": "ours"},
        ("PATCH", f"{CHAT}/telemetry-config", {}),
    ),
    "ai_gateway": ({"rate_limits": [limit(1)]}, ("PUT", GATEWAY, {})),
}
#: The gateway's sections are parts of their own.
NAMED = {"ai_gateway": "ai_gateway.rate_limits"}


@pytest.mark.parametrize("part", PARTS)
def test_md_03_a_part_that_leaves_the_program_is_told_once_and_then_nobodys(story, part):
    said, edit = PARTS[part]
    full = {"config": MODEL, "tags": {"cost": "1"}, part: said}
    rest = {name: value for name, value in full.items() if name != part}
    story.up(declared("ServingEndpoint", "chat", name="chat", **full))
    story.sent()
    left = declared("ServingEndpoint", "chat", name="chat", **rest)

    seen = story.preview(left)
    assert seen.changes == [("update", "chat")]
    told = f"{NAMED.get(part, part)}: taken out of the program; from now on it is left as it is"
    assert story.notices("chat") == [told]
    story.up(left)
    story.ui(*edit)

    assert settled(story, left)
    story.up(left, refresh=True)
    assert story.sent() == []


#: By part: what the program says at first, what it says to clear it, and the call that does.
CLEARED = {
    "tags": ({"team": "ml"}, {}, f"PATCH {CHAT}/tags", {"delete_tags": ["team"]}),
    "email_notifications": (
        MAILS,
        {},
        f"PATCH {CHAT}/notifications",
        {"email_notifications": {"on_update_failure": [], "on_update_success": []}},
    ),
    "telemetry_config": (
        {"telemetry_profile_id": "ours"},
        {},
        f"PATCH {CHAT}/telemetry-config",
        {},
    ),
    "ai_gateway": ({"rate_limits": [limit(1)], **TRACKED}, {}, f"PUT {GATEWAY}", {}),
    "rate_limits": (
        {"rate_limits": [limit(1)], **TRACKED},
        {"rate_limits": []},
        f"PUT {GATEWAY}",
        {"rate_limits": [], **TRACKED},
    ),
}


@pytest.mark.parametrize("name", CLEARED)
def test_md_03_taken_out_is_left_and_declared_empty_is_cleared(story, name):
    said, nothing, call, body = CLEARED[name]
    part = "ai_gateway" if name == "rate_limits" else name
    story.up(chat(**{part: said}))
    full = story.served("chat")[part]
    story.up(chat())
    assert story.served("chat")[part] == full
    story.sent()
    cleared = chat(**{part: nothing})

    seen = story.preview(cleared)
    story.up(cleared)

    assert seen.changes == [("update", "chat")]
    assert story.sent() == [call]
    assert story.bodies(call.split()[1]) == [body]
    assert story.served("chat").get(part) != full
    assert settled(story, cleared)


def test_md_03_one_section_that_leaves_is_left_and_the_other_still_managed(story):
    story.up(chat(ai_gateway={"rate_limits": [limit(1)], **TRACKED}))
    story.sent()
    text = chat(ai_gateway=TRACKED)

    story.up(text)
    story.ui(
        "PUT", GATEWAY, {"rate_limits": [limit(9)], "usage_tracking_config": {"enabled": False}}
    )
    seen = story.preview(text, refresh=True)
    story.up(text, refresh=True)

    assert seen.paths == {"chat": {"ai_gateway.usage_tracking_config.enabled"}}
    assert story.sent() == [f"PUT {GATEWAY}"]
    assert story.bodies(GATEWAY) == [{"rate_limits": [limit(9)], **TRACKED}]


# --- MD-04: after a refresh ----------------------------------------------------------------------

EVERYTHING = """
scope = SecretScope("keys", name="llm")
Secret("openai", scope=scope.name, key="openai", value="sk-ours", version="1")
SecretAcl("readers", scope=scope.name, principal="data", permission="READ")
chat = ServingEndpoint("chat", name="chat", config={model!r}, tags={{"team": "ml", "cost": "1"}})
AiGateway("gateway", endpoint_name=chat.name, usage_tracking_config={{"enabled": True}})
RateLimits("limits", endpoint_name=chat.name, rate_limits={limits!r})
EndpointPermissions(
    "grants",
    endpoint_name=chat.name,
    access_control=[{{"group_name": "data", "permission_level": "CAN_QUERY"}}],
)
""".format(model=MODEL, limits=[limit(2, key="endpoint"), limit(1)])


def bags(story):
    """What the state holds of each resource, but for when its endpoint was last written to."""
    kept = {
        each.name: copy.deepcopy((each.id, each.inputs, each.outputs))
        for each in story.stand.engine.state
    }
    del kept["chat"][2]["last_updated_timestamp"]
    return kept


def test_md_04_a_refresh_of_what_nobody_touched_leaves_every_resource_as_it_was(story):
    story.up(EVERYTHING)
    before = bags(story)

    assert story.refresh().changes == []

    assert len(before) == 7
    assert bags(story) == before
    assert story.preview(EVERYTHING).changes == []


#: By resource: what somebody does in the UI, and the one leaf that differs then.
EDITS = {
    "chat": (
        ("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "team", "value": "ads"}]}),
        "tags.team",
    ),
    "gateway": (
        (
            "PUT",
            GATEWAY,
            {
                "rate_limits": [limit(2, key="endpoint"), limit(1)],
                "usage_tracking_config": {"enabled": False},
            },
        ),
        "usage_tracking_config.enabled",
    ),
    "limits": (
        ("PUT", GATEWAY, {"rate_limits": [limit(1), limit(7, key="endpoint")], **TRACKED}),
        "rate_limits[0].calls",
    ),
    "readers": (
        ("POST", "secrets/acls/put", {"scope": "llm", "principal": "data", "permission": "WRITE"}),
        "permission",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_md_04_after_a_refresh_the_leaf_that_drifted_differs_and_nothing_else(story, name):
    edit, path = EDITS[name]
    story.up(EVERYTHING)
    before = bags(story)
    story.sent()

    story.ui(*edit)
    found = story.refresh()
    seen = story.preview(EVERYTHING)
    after = bags(story)
    story.up(EVERYTHING)

    assert found.changes == seen.changes == [("update", name)]
    assert found.paths == seen.paths == {name: {path}}
    assert {other for other in before if after[other] != before[other]} == {name}
    assert len(story.sent()) == 1
    assert settled(story, EVERYTHING)


# --- MD-05, MD-06: gone --------------------------------------------------------------------------

#: By resource: how somebody makes it go, and what an `up` writes then.
GONE = {
    "chat": (
        ("DELETE", CHAT),
        {"chat", "gateway", "limits", "grants"},
        ["POST serving-endpoints", f"PUT {GATEWAY}", f"PUT {GATEWAY}", "PATCH permissions"],
    ),
    "openai": (
        ("POST", "secrets/delete", {"scope": "llm", "key": "openai"}),
        {"openai"},
        ["POST secrets/put"],
    ),
    "readers": (
        ("POST", "secrets/acls/delete", {"scope": "llm", "principal": "data"}),
        {"readers"},
        ["POST secrets/acls/put"],
    ),
    "keys": (
        ("POST", "secrets/scopes/delete", {"scope": "llm"}),
        {"keys", "openai", "readers"},
        ["POST secrets/scopes/create", "POST secrets/put", "POST secrets/acls/put"],
    ),
}


def in_short(calls):
    """The calls, those to permissions without the endpoint's id; their order is Pulumi's."""
    return sorted(call.partition("/serving-endpoints/")[0] for call in calls)


@pytest.mark.parametrize("name", GONE)
def test_md_05_what_somebody_deleted_leaves_the_state_and_is_made_again(story, name):
    how, gone, again = GONE[name]
    story.up(EVERYTHING)
    story.sent()

    story.ui(*how)
    looked = story.refresh(preview_only=True)
    seen = story.preview(EVERYTHING, refresh=True)
    found = story.refresh()
    left = {each.name for each in story.stand.engine.state}
    story.up(EVERYTHING)

    assert set(looked.changes) == set(found.changes) == {("delete", each) for each in gone}
    assert set(seen.changes) == {("create", each) for each in gone}
    assert left == {"keys", "openai", "readers", "chat", "gateway", "limits", "grants"} - gone
    assert in_short(story.sent()) == sorted(again)
    assert settled(story, EVERYTHING)


@pytest.mark.parametrize("refresh", [False, True])
@pytest.mark.parametrize("name", GONE)
def test_md_05_what_somebody_deleted_does_not_keep_the_rest_from_being_destroyed(
    story, name, refresh
):
    how, _, _ = GONE[name]
    story.up(EVERYTHING)
    story.ui(*how)

    story.destroy(refresh=refresh)

    assert story.stand.engine.state == []
    assert story.ui("GET", "serving-endpoints").get("endpoints", []) == []
    assert story.ui("GET", "secrets/scopes/list").get("scopes", []) == []


def test_md_05_a_deletion_that_is_answered_with_not_found_is_done(story):
    story.up(chat())
    lost = {"status": 404, "error_code": "RESOURCE_DOES_NOT_EXIST", "when": "after"}
    story.workspace.faults.add(Fault(method="DELETE", path=f"/api/2.0/{CHAT}", **lost))

    story.destroy()

    assert story.stand.engine.state == []


def test_md_05_without_a_refresh_what_is_gone_is_made_by_the_next_change_of_it(story):
    story.up(chat(tags={"team": "ml"}))
    story.sent()
    story.ui("DELETE", CHAT)

    story.up(chat(tags={"team": "ads"}))

    assert story.sent() == ["POST serving-endpoints"]
    assert settled(story, chat(tags={"team": "ads"}))


BY_NAME = declared("Secret", "openai", scope="llm", key="openai", value="sk-ours")


def test_md_06_a_secret_whose_scope_vanished_is_gone_and_no_error(story):
    story.ui("POST", "secrets/scopes/create", {"scope": "llm", "initial_manage_principal": "users"})
    story.up(BY_NAME)
    story.sent()

    story.ui("POST", "secrets/scopes/delete", {"scope": "llm"})

    assert story.refresh().changes == [("delete", "openai")]
    story.up(BY_NAME, fails="llm")
    assert story.sent() == ["POST secrets/put"]
    story.up(KEYS)
    assert story.sent() == ["POST secrets/scopes/create", "POST secrets/put", "POST secrets/put"]
    assert settled(story, KEYS)


def test_md_06_a_secret_whose_scope_vanished_is_deleted_without_a_call(story):
    story.ui("POST", "secrets/scopes/create", {"scope": "llm", "initial_manage_principal": "users"})
    story.up(BY_NAME)
    story.ui("POST", "secrets/scopes/delete", {"scope": "llm"})

    story.destroy()

    assert story.stand.engine.state == []


# --- MD-07: made again under the same name -------------------------------------------------------

LINKED = """
chat = ServingEndpoint("chat", name="chat", config={model!r})
RateLimits("limits", endpoint_name={name}, rate_limits={limits!r})
EndpointPermissions(
    "grants",
    endpoint_name={name},
    access_control=[{{"group_name": "data", "permission_level": "CAN_QUERY"}}],
)
"""


def linked(name):
    return LINKED.format(model=MODEL, name=name, limits=[limit(1)])


def recreated(story):
    """The ids before and after somebody deleted the endpoint and made another like it, but bare."""
    old = story.served("chat")["id"]
    story.ui("DELETE", CHAT)
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": MODEL})
    return old, story.served("chat")["id"]


@pytest.mark.parametrize("outlive", [False, True])
@pytest.mark.parametrize("name", ["chat.name", '"chat"'])
def test_md_07_an_endpoint_made_again_is_drift_and_gets_its_gateway_and_grants_again(
    story, name, outlive
):
    story.workspace.behaviour = Behaviour(permissions_outlive_objects=outlive)
    text = linked(name)
    story.up(text)
    story.sent()
    old, new = recreated(story)

    looked = story.refresh(preview_only=True)
    seen = story.preview(text, refresh=True)
    assert ("update", "chat") in looked.changes
    assert {change for _, change in seen.changes} == {"chat", "limits", "grants"}
    assert RECREATED in story.notices("chat")
    assert story.sent() == []
    story.up(text, refresh=True)

    assert old != new
    assert story.sent() == [f"PUT {GATEWAY}", f"PATCH permissions/serving-endpoints/{new}"]
    assert [
        story.resource(each).outputs["endpoint_id"] for each in ("chat", "limits", "grants")
    ] == [new] * 3
    assert settled(story, text)
    assert story.preview(text).changes == []


def test_md_07_the_name_of_another_endpoint_is_not_destroyed_with_the_one_that_is_gone(story):
    story.up(linked("chat.name"))
    story.sent()
    _, new = recreated(story)

    story.destroy(fails="is not the one that this stack made")

    assert story.sent() == []
    assert story.served("chat")["id"] == new


# --- MD-08: on its way ---------------------------------------------------------------------------


def test_md_08_what_is_being_rolled_out_shows_in_a_preview_and_nothing_is_sent(story):
    story.up(chat(config=version("2")))
    story.sent()
    story.workspace.deployments.plan(polls=1000)
    story.ui("PUT", f"{CHAT}/config", version("3"))
    served = story.served("chat")
    assert served["config"]["served_entities"][0]["entity_version"] == "2"

    found = story.refresh()
    seen = story.preview(chat(config=version("2")))
    same = story.preview(chat(config=version("3")))

    assert found.changes == [("update", "chat")]
    assert seen.paths == {"chat": {"config.served_entities[0].entity_version"}}
    assert same.changes == [("update", "chat")]
    assert same.paths.get("chat", set()) == set()
    (told,) = story.resource("chat").init_errors
    assert told == "endpoint chat is still being updated [still-being-updated]"
    assert story.sent() == []


@pytest.mark.parametrize(
    ("wanted", "sent"), [("2", [f"PUT {CHAT}/config"]), ("3", []), ("4", [f"PUT {CHAT}/config"])]
)
@pytest.mark.parametrize("refreshed", [False, True])
def test_md_08_an_update_of_somebody_else_is_waited_for_and_overruled_only_where_it_must_be(
    wanted, sent, refreshed
):
    bench = prepared()
    inputs, outputs = created(bench, {"name": "chat", "config": version("2")})
    bench.workspace.deployments.plan(seconds=600, times=1)
    bench.workspace.ui("PUT", f"/api/2.0/{CHAT}/config", version("3"))
    said = inputs_of(bench, {"name": "chat", "config": version(wanted)})
    if refreshed:
        reading = bench.read(endpoint, "chat", outputs, inputs)
        assert reading.unfinished == "endpoint chat is still being updated"
        outputs = reading.outputs
    began = bench.clock.passed

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert bench.sent == sent
    assert bench.clock.passed - began >= 600
    assert bench.served()["config"]["served_entities"][0]["entity_version"] == wanted
    assert "pending_config" not in bench.served()
    assert preview(bench, outputs, said) == Verdict()


def test_md_08_a_target_that_failed_is_a_difference_though_the_former_one_serves(story):
    story.up(chat(config=version("2")))
    story.sent()
    story.workspace.deployments.plan(polls=0, outcome="failed", times=1)
    story.ui("PUT", f"{CHAT}/config", version("3"))

    # What serves is what the program says: nothing is to be done, whoever failed.
    assert settled(story, chat(config=version("2")))
    seen = story.preview(chat(config=version("3")), refresh=True)
    story.up(chat(config=version("3")), refresh=True)

    assert seen.paths == {"chat": {"config.served_entities[0].entity_version"}}
    assert story.sent() == [f"PUT {CHAT}/config"]


# --- MD-09: more grants --------------------------------------------------------------------------


def granted(**more):
    grants = [{"group_name": "data", "permission_level": "CAN_QUERY"}]
    return declared(
        "EndpointPermissions", "grants", endpoint_name="chat", access_control=grants, **more
    )


BOB = {"user_name": "bob@example.com", "permission_level": "CAN_MANAGE"}
DATA = {"group_name": "data", "permission_level": "CAN_QUERY"}
OWN = {"user_name": "serving.admin@example.com", "permission_level": "CAN_MANAGE"}


def test_md_09_a_grant_that_somebody_added_is_drift_and_goes_where_ours_are_all_there_are(story):
    text = chat() + granted(mode="authoritative")
    story.up(text)
    story.sent()
    path = f"permissions/serving-endpoints/{story.served('chat')['id']}"

    story.ui("PATCH", path, {"access_control_list": [BOB]})
    found = story.refresh(preview_only=True)
    seen = story.preview(text, refresh=True)
    assert found.changes == seen.changes == [("update", "grants")]
    assert seen.paths == {"grants": {"access_control[1]"}}
    told = "bob@example.com has CAN_MANAGE, undeclared: it is removed"
    assert told in story.notices("grants")
    story.up(text, refresh=True)

    assert story.sent() == [f"PUT {path}"]
    assert story.bodies(path) == [{"access_control_list": [OWN, DATA]}]
    assert settled(story, text)


def test_md_09_a_grant_that_somebody_added_is_left_alone_by_default(story):
    text = chat() + granted()
    story.up(text)
    story.sent()
    path = f"permissions/serving-endpoints/{story.served('chat')['id']}"

    story.ui("PATCH", path, {"access_control_list": [BOB]})

    assert settled(story, text)
    story.up(text, refresh=True)
    assert story.sent() == []


# --- MD-10: in CI --------------------------------------------------------------------------------


def clean(story):
    """Nobody touches anything."""


def drifted(story):
    story.ui("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "team", "value": "ads"}]})


def locked_out(story):
    story.workspace.faults.add(
        Fault(status=401, error_code="UNAUTHENTICATED", message="Invalid token.", times=None)
    )


MISSPELT = EVERYTHING.replace("rate_limits=", "rate_limit=")


@pytest.mark.parametrize(
    ("what", "text", "changes", "fails"),
    [
        (clean, EVERYTHING, [], None),
        (drifted, EVERYTHING, [("update", "chat")], None),
        (locked_out, EVERYTHING, [], "Invalid token"),
        (clean, EVERYTHING.replace('"cost": "1"', '"cost": "2"'), [("update", "chat")], None),
    ],
    ids=["clean", "drift", "no right", "another program"],
)
def test_md_10_drift_an_error_and_a_changed_program_are_told_apart_and_nothing_is_written(
    story, what, text, changes, fails
):
    story.up(EVERYTHING)
    story.sent()
    before = bags(story)
    what(story)

    looked = story.refresh(preview_only=True, fails=fails)
    seen = story.preview(text, refresh=True, fails=fails)

    assert looked.changes == (changes if what is drifted else [])
    assert seen.changes == changes
    assert story.sent() == []
    assert bags(story) == before


def test_md_10_a_mistake_in_the_program_is_an_error_and_no_drift(story):
    story.up(chat())
    story.sent()

    story.preview(chat(tags={"team": ["ml"]}), refresh=True, fails="tags")

    assert story.sent() == []


def test_md_10_a_refresh_that_fails_takes_nothing_out_of_the_state(story):
    story.up(EVERYTHING)
    before = bags(story)
    locked_out(story)

    story.refresh(fails="Invalid token")

    assert bags(story) == before


# --- MD-11: what only the workspace has ----------------------------------------------------------

#: What a central team sets in the UI.
CENTRAL = {
    "tags": ("PATCH", "tags", {"add_tags": [{"key": "cost", "value": "7"}]}),
    "ai_gateway": (
        "PUT",
        "ai-gateway",
        {
            "rate_limits": [limit(0), limit(10, key="endpoint")],
            "guardrails": {"input": {"safety": True, "pii": {"behavior": "BLOCK"}}},
            "usage_tracking_config": {"enabled": True},
        },
    ),
    "email_notifications": (
        "PATCH",
        "notifications",
        {"email_notifications": {"on_update_failure": ["sre@example.com"]}},
    ),
    "telemetry_config": (
        "PATCH",
        "telemetry-config",
        {"telemetry_config": {"table_names": {"logs_table": "main.ops.logs"}}},
    ),
}


def test_md_11_what_a_central_team_sets_outlives_every_change_of_the_program(story):
    story.up(chat())
    for method, path, body in CENTRAL.values():
        story.ui(method, f"{CHAT}/{path}", body)
    central = {part: story.served("chat")[part] for part in CENTRAL}
    story.sent()

    assert settled(story, chat())
    story.up(chat(config=version("2")), refresh=True)

    assert story.sent() == [f"PUT {CHAT}/config"]
    assert story.bodies(f"{CHAT}/config") == [version("2")]
    assert {part: story.served("chat")[part] for part in CENTRAL} == central


def test_md_11_the_rest_of_a_gateway_outlives_a_resource_of_one_section(story):
    story.up(chat())
    _, path, body = CENTRAL["ai_gateway"]
    story.ui("PUT", f"{CHAT}/{path}", body)
    ours = {"guardrails": {"input": {"safety": True, "pii": {"behavior": "MASK"}}}}
    text = chat() + declared("AiGateway", "gateway", endpoint_name="chat", **ours)
    story.sent()

    story.up(text)
    assert story.bodies(GATEWAY) == [{**body, **ours}]
    story.up(chat())

    assert story.sent() == [f"PUT {GATEWAY}"] * 2
    assert story.bodies(GATEWAY) == [body]
