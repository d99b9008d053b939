"""MP: an endpoint has parts that are written by calls of their own."""

from __future__ import annotations

import json

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving.errors import NotTaken, Refused
from databricks_serving_emulator import Behaviour, RegisteredModel
from support.context import wired
from support.endpoints import config, limit, openai, program, registered
from support.programs import declared, plaintext_endpoint
from support.ups import created, inputs_of, prepared, preview
from support.valid_programs import VALID

CHAT = "serving-endpoints/chat"
GATEWAY = f"{CHAT}/ai-gateway"
TAGS = f"{CHAT}/tags"
MODEL = config(registered())
MAILS = {"on_update_failure": ["ops@example.com"], "on_update_success": []}
NO_MAILS = {"on_update_failure": [], "on_update_success": []}
LOGS = {"table_names": {"logs_table": "main.ml.logs"}}
TABLE = {"catalog_name": "main", "schema_name": "ml", "table_name_prefix": "chat"}


def chat(**said):
    """An endpoint called chat; of a registered model where nothing else is said."""
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def settled(story, text):
    """Whether a preview that refreshes finds no change."""
    return story.preview(text, refresh=True).changes == []


def bodies(bench):
    return [call.body for call in bench.workspace.writes]


# --- MP-01: zeros --------------------------------------------------------------------------------

OFF = {
    "rate_limits": [{**limit(0), "tokens": 0}],
    "guardrails": {
        "input": {"safety": False, "pii": {"behavior": "NONE"}},
        "output": {"safety": False, "pii": {"behavior": "NONE"}},
    },
    "usage_tracking_config": {"enabled": False},
    "inference_table_config": {"enabled": False, **TABLE},
    "fallback_config": {"enabled": False},
}
ON = {
    "rate_limits": [{**limit(10), "tokens": 20}],
    "guardrails": {
        "input": {"safety": True, "pii": {"behavior": "MASK"}},
        "output": {"safety": True, "pii": {"behavior": "MASK"}},
    },
    "usage_tracking_config": {"enabled": True},
    "inference_table_config": {"enabled": True, **TABLE},
    "fallback_config": {"enabled": True},
}


def test_mp_01_zeros_and_false_reach_the_service_and_come_back(story):
    text = plaintext_endpoint(credential='"sk-one"', more=f"ai_gateway={OFF!r}")

    story.up(text)

    (body,) = story.bodies("serving-endpoints")
    assert body["ai_gateway"] == OFF
    assert story.sent() == ["POST serving-endpoints"]
    assert settled(story, text)
    assert story.preview(text).changes == []


@pytest.mark.parametrize("section", OFF)
def test_mp_01_what_is_switched_off_and_on_again_is_two_puts(section):
    bench = prepared()
    on, off = ({"ai_gateway": {section: said[section]}} for said in (ON, OFF))
    inputs, outputs = created(bench, program(**on))

    outputs = bench.update(endpoint, "chat", outputs, inputs_of(bench, program(**off)))
    outputs = bench.update(endpoint, "chat", outputs, inputs)

    assert bench.sent == [f"PUT {GATEWAY}"] * 2
    assert bodies(bench) == [off["ai_gateway"], on["ai_gateway"]]
    assert preview(bench, outputs, inputs) == Verdict()


# --- MP-03: tags ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "body"),
    [
        (
            {"team": "ads", "new": ""},
            {
                "add_tags": [{"key": "new", "value": ""}, {"key": "team", "value": "ads"}],
                "delete_tags": ["cost"],
            },
        ),
        (
            {"Team": "ml", "cost": "1"},
            {"add_tags": [{"key": "Team", "value": "ml"}], "delete_tags": ["team"]},
        ),
        ({}, {"delete_tags": ["cost", "team"]}),
    ],
    ids=["added, changed, deleted", "a key in another case", "cleared"],
)
def test_mp_03_tags_are_added_changed_and_deleted_by_one_patch(story, tags, body):
    story.up(chat(tags={"team": "ml", "cost": "1"}))
    story.sent()

    story.up(chat(tags=tags))

    assert story.sent() == [f"PATCH {TAGS}"]
    (sent,) = story.bodies(TAGS)
    # A map has no order on its way through the engine.
    assert {name: sorted(keys, key=str) for name, keys in sent.items()} == body
    shown = {tag["key"]: tag.get("value", "") for tag in story.served("chat")["tags"]}
    assert shown.pop("managed-by-pulumi")
    assert shown == tags
    assert settled(story, chat(tags=tags))


def test_mp_03_a_tag_that_somebody_added_is_named_and_taken_away(story):
    story.up(chat(tags={"team": "ml"}))
    story.sent()

    story.ui("PATCH", TAGS, {"add_tags": [{"key": "mine", "value": "x"}]})
    seen = story.preview(chat(tags={"team": "ml"}), refresh=True)
    story.up(chat(tags={"team": "ml"}), refresh=True)

    assert seen.paths["chat"] == {"tags.mine"}
    assert story.sent() == [f"PATCH {TAGS}"]
    assert story.bodies(TAGS) == [{"delete_tags": ["mine"]}]


def test_mp_03_tags_taken_out_of_the_program_are_left_as_they_are(story):
    story.up(chat(tags={"team": "ml"}))
    story.sent()

    story.up(chat())
    story.ui("PATCH", TAGS, {"add_tags": [{"key": "mine", "value": "x"}]})

    assert settled(story, chat())
    assert story.sent() == []
    assert {"key": "team", "value": "ml"} in story.served("chat")["tags"]


# --- MP-04: every leaf ---------------------------------------------------------------------------

#: By the input that a leaf stands in: the calls that carry a change, or what is answered instead.
CARRIED = {
    "config": [f"PUT {CHAT}/config"],
    "credentials": [f"PUT {CHAT}/config"],
    "ai_gateway": [f"PUT {GATEWAY}"],
    "tags": [f"PATCH {TAGS}"],
    "email_notifications": [f"PATCH {CHAT}/notifications"],
    "telemetry_config": [f"PATCH {CHAT}/telemetry-config"],
    "name": ["replaces"],
    "route_optimized": ["replaces"],
    "description": ["refused"],
    "budget_policy_id": ["refused"],
}
#: Where a table is written to, while it is: the newer kind is switched off first.
MOVED = {
    ("config", "auto_capture_config"): ["replaces"],
    ("ai_gateway", "inference_table_config"): [f"PUT {GATEWAY}"] * 2,
}
OTHER_WORDS = {
    "user": ["endpoint"],
    "user_group": ["service_principal"],
    "MASK": ["BLOCK"],
    "BLOCK": ["MASK"],
    "NONE": ["MASK"],
    "llm/v1/chat": ["llm/v1/completions"],
    "{{secrets/llm/openai}}": ["{{secrets/llm/other}}"],
    "amazon": ["cohere"],
    "anthropic": ["cohere"],
    "CPU": ["GPU_SMALL"],
    "Small": ["Medium"],
}
#: What no program changes without changing something else too, or what has one value only.
ONLY_TOGETHER = {
    "provider",
    "openai_api_type",
    "name",  # of an entity that a route or a credential names
    "served_entity_name",
    "traffic_percentage",
    "renewal_period",
    "key",  # of a limit, where the other keys are taken
    "enabled",  # of a fallback where there can be none, of a table that has no place
    "rate_limits",  # none, where another list of values would be
}


DERIVED = ("invocation_url", "inference_table")


def leaves(said, path=()):
    """Where a program has a value; of a plain list the whole."""
    if isinstance(said, dict):
        for name, inner in said.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(said, list) and said and isinstance(said[0], dict):
        for number, inner in enumerate(said):
            yield from leaves(inner, (*path, number))
    else:
        yield path, said


def with_leaf(said, path, value):
    if not path:
        return value
    step, *rest = path
    if isinstance(said, list):
        return [
            with_leaf(inner, rest, value) if n == step else inner for n, inner in enumerate(said)
        ]
    return {**said, step: with_leaf(said[step], rest, value)}


def others(value):
    """Other values of the same type; which of them is legal, `check` says."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, float):
        return [value * 2, value / 2, value + 9500]
    if isinstance(value, list):
        return [["ada@example.com", *value], ["war", *value], value[1:]]
    return [*OTHER_WORDS.get(value, ()), f"{value}x", "2"]


def with_another(inputs, path, value):
    """The inputs with the first other value of a leaf that makes them legal, or None."""
    stack = prepared().context().stack
    # What `check` adds is no program's to say.
    said = {name: one for name, one in inputs.items() if name not in DERIVED}
    for other in others(value):
        checked = endpoint.check({}, wired(with_leaf(said, path, other)), stack)
        if not checked.problems and other != value:
            return wired(checked.inputs)
    return None


def expected(said, path):
    """The calls that a change of the leaf takes, or what is answered instead."""
    if path[:2] in MOVED and path[-1] != "enabled":
        return MOVED[path[:2]]
    if path[0] == "config" and "provisioned_model_units" in json.dumps(said):
        return ["PUT serving-endpoints/pt/chat/config"]
    return CARRIED[path[0]]


def ended(said, changed, path):
    """What came of a change of the leaf in an `up`: the calls, or what was answered instead."""
    bench = prepared()
    key = {"scope": "llm", "key": "other", "string_value": "sk-2"}
    bench.workspace.ui("POST", "/api/2.0/secrets/put", key)
    _, outputs = created(bench, said)
    try:
        verdict = preview(bench, outputs, changed)
    except Refused:
        return ["refused"]
    if verdict.replaces:
        return ["replaces"]
    after = bench.update(endpoint, "chat", outputs, changed)
    value = dict(leaves(changed))[path]
    if isinstance(value, str) and json.dumps(value) not in json.dumps(bodies(bench)):
        return ["not sent"]
    if bench.read(endpoint, "chat", after, changed).inputs != changed:
        return ["not there"]
    return bench.sent if verdict.changed else ["not in the preview"]


@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_mp_04_a_change_of_one_leaf_is_carried_by_its_own_call_or_refused_or_replaces(said):
    inputs = inputs_of(prepared(), said)
    of_the_model = {name: value for name, value in inputs.items() if name in CARRIED}
    places = dict(leaves(of_the_model))
    changed = {path: with_another(inputs, path, value) for path, value in places.items()}

    found = {path: ended(said, other, path) for path, other in changed.items() if other}

    assert found == {path: expected(said, path) for path in found}
    assert {path[-1] for path in places.keys() - found.keys()} <= ONLY_TOGETHER


AZURE, ENTRA = (VALID[name]["config"] for name in ("azure", "azuread"))
TOGETHER = {
    "a vendor": (VALID["openai"]["config"], VALID["anthropic"]["config"]),
    "a kind of OpenAI": (AZURE, ENTRA),
    "shares of the traffic": tuple(
        config(registered("a"), registered("b"), routes=routes)
        for routes in ({"a": 90, "b": 10}, {"a": 50, "b": 50})
    ),
    "an entity's name and its route": tuple(
        config(registered("a"), registered(other), routes={"a": 90, other: 10})
        for other in ("b", "c")
    ),
}


@pytest.mark.parametrize(("before", "after"), TOGETHER.values(), ids=TOGETHER.keys())
def test_mp_04_what_changes_only_together_is_carried_by_one_call(before, after):
    bench = prepared()
    _, outputs = created(bench, program(config=before))
    said = inputs_of(bench, program(config=after))

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert bench.sent == [f"PUT {CHAT}/config"]
    assert bodies(bench) == [after]
    assert preview(bench, outputs, said) == Verdict()


# --- MP-05: telemetry ----------------------------------------------------------------------------


def test_mp_05_telemetry_waits_until_the_new_configuration_serves():
    bench = prepared()
    _, outputs = created(bench, program(config=MODEL, telemetry_config=LOGS))
    profile = bench.served()["telemetry_config"]["telemetry_profile_id"]
    said = program(
        config=config(registered(entity_version="2")),
        telemetry_config={**LOGS, "inference_table_config": {"sampling_fraction": 0.5}},
    )
    bench.workspace.deployments.plan(seconds=1200)
    began = bench.clock.passed

    outputs = bench.update(endpoint, "chat", outputs, inputs_of(bench, said))

    assert [(call.method, call.path, call.status) for call in bench.workspace.writes] == [
        ("PUT", f"/api/2.0/{CHAT}/config", 200),
        ("PATCH", f"/api/2.0/{CHAT}/telemetry-config", 200),
    ]
    assert bench.clock.passed - began >= 1200
    assert bench.served()["telemetry_config"] == {
        "telemetry_profile_id": profile,
        "inference_table_config": {"sampling_fraction": 0.5},
    }
    assert preview(bench, outputs, inputs_of(bench, said)) == Verdict()


def test_mp_05_telemetry_of_an_external_model_is_refused_in_preview(story):
    story.preview(chat(config=config(openai()), telemetry_config=LOGS), fails="telemetry_config")

    assert story.asked == []


def test_mp_05_telemetry_without_a_model_is_warned_of_in_preview_and_named_when_it_is_dropped():
    bench = prepared()
    said = program(config=None, telemetry_config=LOGS)

    checked = endpoint.check({}, said, bench.context().stack)
    left = bench.fails(NotTaken, bench.create, endpoint, checked.inputs)

    assert len(checked.warnings) == 1
    assert str(checked.warnings[0]).startswith("telemetry_config: ")
    assert "did not keep telemetry_config" in str(left)


def test_mp_05_telemetry_that_is_cleared_is_a_patch_of_nothing(story):
    story.up(chat(telemetry_config=LOGS))
    story.sent()

    story.up(chat(telemetry_config={}))

    assert story.sent() == [f"PATCH {CHAT}/telemetry-config"]
    assert story.bodies(f"{CHAT}/telemetry-config") == [{}]
    assert "telemetry_config" not in story.served("chat")
    assert settled(story, chat(telemetry_config={}))


# --- MP-06: a gateway that goes ------------------------------------------------------------------


def test_mp_06_a_gateway_that_is_declared_empty_is_gone(story):
    story.up(plaintext_endpoint(credential='"sk-one"', more=f"ai_gateway={ON!r}"))
    story.sent()
    cleared = plaintext_endpoint(credential='"sk-one"', more="ai_gateway={}")

    story.up(cleared)

    assert story.sent() == [f"PUT {GATEWAY}"]
    assert story.bodies(GATEWAY) == [{}]
    assert story.served("chat").get("ai_gateway", {}) == {}
    assert settled(story, cleared)


@pytest.mark.parametrize("on_delete", ["restore", "clear"])
def test_mp_06_a_gateway_resource_that_goes_leaves_none_where_there_was_none(story, on_delete):
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": MODEL})
    said = {"endpoint_name": "chat", "rate_limits": [limit(1)], "on_delete": on_delete}
    story.up(declared("AiGateway", "gateway", **said))
    story.sent()

    story.up("")

    assert story.sent() == [f"PUT {GATEWAY}"]
    assert story.bodies(GATEWAY) == [{}]
    assert story.served("chat").get("ai_gateway", {}) == {}


# --- MP-07: rate limits --------------------------------------------------------------------------


def limited(*limits):
    return chat(ai_gateway={"rate_limits": list(limits)})


BOTH = {**limit(10), "tokens": 1000}


def test_mp_07_calls_and_tokens_of_one_limit_are_both_sent_and_both_there(story):
    story.up(limited(limit(10)))
    story.sent()

    story.up(limited(BOTH))

    assert story.sent() == [f"PUT {GATEWAY}"]
    assert story.bodies(GATEWAY) == [{"rate_limits": [BOTH]}]
    assert story.served("chat")["ai_gateway"]["rate_limits"] == [BOTH]
    assert settled(story, limited(BOTH))


def test_mp_07_an_amount_that_the_service_drops_in_silence_fails_the_up_and_is_named():
    bench = prepared(one_amount_per_limit=True)
    inputs, outputs = created(bench, program(ai_gateway={"rate_limits": [limit(10)]}))
    said = inputs_of(bench, program(ai_gateway={"rate_limits": [BOTH]}))

    left = bench.fails(NotTaken, bench.update, endpoint, "chat", outputs, said)

    assert bench.sent == [f"PUT {GATEWAY}"]
    assert "did not keep ai_gateway.rate_limits.user.tokens" in str(left)
    assert preview(bench, left.outputs, said) == Verdict(changed=True)
    outputs = bench.update(endpoint, "chat", left.outputs, inputs)
    assert bench.sent == [f"PUT {GATEWAY}"]
    assert preview(bench, outputs, inputs) == Verdict()


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ([limit(key="user_group")], "principal"),
        ([limit(), limit(5)], "rate_limits"),
        ([{"key": "user", "renewal_period": "minute"}], "rate_limits"),
    ],
    ids=["a group without its name", "the same limit twice", "no amount"],
)
def test_mp_07_limits_that_mean_nothing_are_refused_in_preview(story, limits, why):
    story.preview(limited(*limits), fails=why)

    assert story.asked == []


def test_mp_07_limits_are_told_apart_by_whom_they_are_for(story):
    user, ada, bob = (limit(n, principal=who) for n, who in ((2, "eve"), (3, "ada"), (4, "bob")))
    story.up(limited(limit(1), ada, user))
    story.sent()

    assert settled(story, limited(user, limit(1), ada))
    seen = story.preview(limited(limit(1), {**ada, "calls": 5}, user))
    story.up(limited(limit(1), bob, user))

    assert seen.paths["chat"] == {"ai_gateway.rate_limits[1].calls"}
    assert story.sent() == [f"PUT {GATEWAY}"]
    assert story.bodies(GATEWAY) == [{"rate_limits": [limit(1), bob, user]}]


# --- MP-09: few calls, in order ------------------------------------------------------------------


def test_mp_09_another_tag_is_one_patch_whatever_the_service_filled_in(story):
    story.workspace.behaviour = Behaviour(defaults="all")
    story.up(chat(tags={"team": "ml"}))
    story.sent()

    story.up(chat(tags={"team": "ads"}), refresh=True)

    assert story.sent() == [f"PATCH {TAGS}"]


def test_mp_09_tags_and_gateway_are_two_calls_and_no_rollout(story):
    story.up(chat(tags={"team": "ml"}, ai_gateway={"rate_limits": [limit(1)]}))
    story.sent()
    version = story.served("chat")["config"]["config_version"]

    story.up(chat(tags={"team": "ads"}, ai_gateway={"rate_limits": [limit(2)]}))

    assert story.sent() == [f"PATCH {TAGS}", f"PUT {GATEWAY}"]
    assert story.served("chat")["config"]["config_version"] == version


def test_mp_09_all_parts_at_once_go_one_call_each_in_one_order(story):
    story.up(
        chat(
            tags={"team": "ml"},
            email_notifications=MAILS,
            ai_gateway={"rate_limits": [limit(1)]},
            telemetry_config=LOGS,
        )
    )
    assert story.sent() == ["POST serving-endpoints"]
    text = chat(
        telemetry_config={"table_names": {"logs_table": "main.ml.other"}},
        ai_gateway={"rate_limits": [limit(2)]},
        email_notifications=NO_MAILS,
        tags={"team": "ads"},
        config=config(registered(entity_version="2")),
    )

    story.up(text)

    assert story.sent() == [
        f"PATCH {TAGS}",
        f"PATCH {CHAT}/notifications",
        f"PUT {CHAT}/config",
        f"PUT {GATEWAY}",
        f"PATCH {CHAT}/telemetry-config",
    ]
    story.up(text)
    assert story.sent() == []


# --- MP-10: cleared, and absent ------------------------------------------------------------------

NOTHING = object()
#: By part: where it is written, what somebody set in the UI, what the program says, how the two go
#: there, and how nothing does.
PARTS = {
    "tags": (
        "PATCH",
        "tags",
        {"add_tags": [{"key": "mine", "value": "x"}]},
        {"team": "ml"},
        {"add_tags": [{"key": "team", "value": "ml"}], "delete_tags": ["mine"]},
        {"add_tags": [{"key": "team", "value": "ml"}]},
        {"delete_tags": ["mine"]},
    ),
    "email_notifications": (
        "PATCH",
        "notifications",
        {"email_notifications": {"on_update_failure": ["mine@example.com"]}},
        MAILS,
        {"email_notifications": MAILS},
        {"email_notifications": MAILS},
        {"email_notifications": NO_MAILS},
    ),
    "telemetry_config": (
        "PATCH",
        "telemetry-config",
        {"telemetry_config": {"telemetry_profile_id": "mine"}},
        {"telemetry_profile_id": "ours"},
        {"telemetry_config": {"telemetry_profile_id": "ours"}},
        {"telemetry_config": {"telemetry_profile_id": "ours"}},
        {},
    ),
    "ai_gateway": (
        "PUT",
        "ai-gateway",
        {"usage_tracking_config": {"enabled": True}},
        {"rate_limits": [limit()]},
        {"usage_tracking_config": {"enabled": True}, "rate_limits": [limit()]},
        {"rate_limits": [limit()]},
        {},
    ),
}


@pytest.mark.parametrize("there", [True, False], ids=["something there", "nothing there"])
@pytest.mark.parametrize("part", PARTS)
def test_mp_10_absent_leaves_a_part_alone_empty_clears_it_and_a_value_writes_it(part, there):
    method, path, theirs, ours, over_theirs, over_nothing, cleared = PARTS[part]
    calls = {}
    for word, said in (("absent", NOTHING), ("none", None), ("empty", {}), ("value", ours)):
        bench = prepared()
        inputs, outputs = created(bench, program(config=MODEL))
        if there:
            bench.workspace.ui(method, f"/api/2.0/{CHAT}/{path}", theirs)
        wanted = inputs if said is NOTHING else {**inputs, part: said}
        outputs = bench.update(endpoint, "chat", outputs, wanted)
        calls[word] = list(zip(bench.sent, bodies(bench), strict=True))
        assert preview(bench, outputs, wanted) == Verdict()

    one = f"{method} {CHAT}/{path}"
    assert calls == {
        "absent": [],
        "none": [],
        "empty": [(one, cleared)] if there else [],
        "value": [(one, over_theirs if there else over_nothing)],
    }


def test_mp_10_none_in_a_program_is_the_same_as_nothing(story):
    story.up(chat())
    story.ui("PATCH", TAGS, {"add_tags": [{"key": "mine", "value": "x"}]})
    story.ui("PUT", GATEWAY, {"usage_tracking_config": {"enabled": True}})
    story.sent()

    text = chat(tags=None, email_notifications=None, telemetry_config=None, ai_gateway=None)

    assert settled(story, text)
    story.up(text)
    assert story.sent() == []


# --- MP-11: what a kind does not support ---------------------------------------------------------


def test_mp_11_what_an_agent_does_not_support_fails_alone_and_is_named(story):
    story.workspace.serving.register_model(RegisteredModel(name="main.ml.churn", kind="agent"))
    story.up(chat(tags={"team": "ml"}))
    story.sent()
    wanted = {"tags": {"team": "ads"}, "config": config(registered(entity_version="2"))}
    limited = {"ai_gateway": {"rate_limits": [limit()]}}

    story.up(chat(**wanted, **limited), fails="Agent endpoints support only inference tables")

    assert story.sent() == [f"PATCH {TAGS}", f"PUT {CHAT}/config", f"PUT {GATEWAY}"]
    recorded = story.resource("chat").outputs
    assert recorded["tags"] == {"team": "ads"}
    assert recorded["config"]["served_entities"][0]["entity_version"] == "2"
    story.up(chat(**wanted, **limited), fails="Agent endpoints support only inference tables")
    assert story.sent() == [f"PUT {GATEWAY}"]
    story.up(chat(**wanted))
    assert story.sent() == []
    assert settled(story, chat(**wanted))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"config": config(openai()), "route_optimized": True}, "route_optimized"),
        (
            {
                "config": VALID["a feature spec"]["config"],
                "ai_gateway": {"fallback_config": {"enabled": True}},
            },
            "ai_gateway.fallback_config",
        ),
    ],
    ids=["an optimised route to an external model", "a fallback of features"],
)
def test_mp_11_what_is_known_not_to_be_supported_is_refused_in_preview(story, said, why):
    story.preview(chat(**said), fails=why)

    assert story.asked == []
