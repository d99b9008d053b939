"""LC: lifecycle and replacement."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import LeftUnfinished
from databricks_serving.errors import StillUpdating
from databricks_serving_emulator import Fault
from support.context import ENDPOINTS
from support.endpoints import config, registered
from support.mini_engine.stand import Interruption, new_workspace
from support.mini_engine.state import Resource
from support.programs import declared

CREATE = "POST serving-endpoints"
CHAT = "serving-endpoints/chat"
MODEL = config(registered())
GRANTS = "permissions/serving-endpoints/ID"


def chat(**said):
    """An endpoint called chat, of a registered model where nothing else is said."""
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def told(calls):
    """Writes, without the ids in their paths."""
    return [re.sub("[0-9a-f]{32}", "ID", call) for call in calls]


# --- LC-01: a timeout ----------------------------------------------------------------------------


def test_lc_01_a_timeout_deletes_nothing_and_the_next_up_waits_on(bench):
    bench.workspace.deployments.plan(seconds=70 * 60)
    said = {"name": "chat", "config": MODEL, "deploy": {"timeout": "45m"}}

    left = bench.fails(StillUpdating, bench.create, endpoint, said)
    outputs = bench.update(endpoint, left.name, left.outputs, said)

    assert isinstance(left, LeftUnfinished)
    assert "still updating after 45m. It was left as it is and is recorded" in str(left)
    assert bench.sent == [CREATE]
    assert 70 * 60 <= bench.clock.passed < 71 * 60
    assert outputs["state"]["ready"] == "READY"


# --- LC-02: an interrupted create ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("polls", "interruption"),
    [
        pytest.param(0, Interruption(f"POST {ENDPOINTS}", "killed after"), id="unanswered"),
        pytest.param(1, Interruption(4, "killed before"), id="during the wait"),
    ],
)
def test_lc_02_after_a_killed_create_the_next_up_takes_its_endpoint_back(
    story, polls, interruption
):
    story.workspace.deployments.plan(polls=polls, times=1)
    story.stand.door.watch(interruption)

    story.up(chat(), fails="")
    forgotten = [resource.name for resource in story.stand.engine.state]
    mark = story.served("chat")["tags"]
    story.up(chat())

    assert forgotten == []
    assert story.sent() == [CREATE]
    # By which somebody who gives up finds it in the workspace.
    assert mark[0]["key"] == "managed-by-pulumi"
    assert re.fullmatch("shop\\.dev\\.[0-9a-f]{8}", mark[0]["value"])
    assert story.resource("chat").outputs["endpoint_id"] == story.served("chat")["id"]
    assert story.preview(chat(), refresh=True).changes == []


def test_lc_02_somebody_elses_endpoint_of_that_name_is_not_touched(story):
    story.ui("POST", "serving-endpoints", {"name": "chat"})

    story.up(chat(), fails="or say adopt=True to take it over")

    assert story.sent() == []


# --- LC-03: rotation -----------------------------------------------------------------------------

ROTATED = """
scope = SecretScope("keys", name="llm")
Secret("openai", scope=scope.name, key="openai", value="{value}")
"""
REFERRED = """
scope = SecretScope("keys", name="llm")
key = Secret("openai", scope=scope.name, key="{key}", value="sk-1")
ServingEndpoint(
    "chat",
    config={{
        "served_entities": [
            {{
                "name": "gpt",
                "external_model": {{
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {{"openai_api_key": key.reference}},
                }},
            }}
        ]
    }},
)
"""


def test_lc_03_a_rotated_secret_is_put_once_and_never_deleted(story):
    story.up(ROTATED.format(value="sk-1"))
    story.sent()

    story.up(ROTATED.format(value="sk-2"))

    assert story.sent() == ["POST secrets/put"]
    assert story.preview(ROTATED.format(value="sk-2")).changes == []


def test_lc_03_a_renamed_secret_is_referred_to_anew_before_the_former_one_goes(story):
    story.up(REFERRED.format(key="one"))
    story.sent()

    story.up(REFERRED.format(key="two"))

    assert story.sent() == ["POST secrets/put", f"PUT {CHAT}/config", "POST secrets/delete"]
    assert story.bodies("secrets/delete") == [{"scope": "llm", "key": "one"}]
    assert story.preview(REFERRED.format(key="two"), refresh=True).changes == []


# --- LC-04, LC-07: the same name -----------------------------------------------------------------


def test_lc_04_under_its_own_name_an_endpoint_is_deleted_first(story):
    story.up(chat())
    before = story.served("chat")["id"]
    story.sent()

    seen = story.preview(chat(route_optimized=True))
    story.up(chat(route_optimized=True))

    assert seen.changes == [("delete-replaced", "chat"), ("replace", "chat")]
    assert story.sent() == [f"DELETE {CHAT}", CREATE]
    assert story.served("chat")["id"] != before
    assert story.preview(chat(route_optimized=True), refresh=True).changes == []


def test_lc_04_where_the_new_one_is_refused_the_former_one_serves_on(story):
    story.up(chat())
    story.sent()
    story.workspace.faults.add(Fault("POST", ENDPOINTS, status=400, message="no more room"))

    story.up(chat(name="other"), fails="no more room")

    assert story.sent() == [CREATE]
    assert story.served("chat")["state"]["ready"] == "READY"
    assert story.resource("chat").id == "chat"


def test_lc_07_route_optimization_replaces_and_says_so_and_shows_the_new_url(story):
    story.up(chat())
    story.sent()

    seen = story.preview(chat(route_optimized=True))
    story.up(chat(route_optimized=True))

    assert seen.paths["chat"] == {"route_optimized"}
    outputs = story.resource("chat").outputs
    at = f"{story.stand.url}/{story.workspace.workspace_id}"
    assert outputs["endpoint_url"] == f"{at}/serving-endpoints/chat"


def test_lc_07_what_the_service_says_of_it_unasked_is_no_difference(story):
    story.up(chat())
    assert story.served("chat")["route_optimized"] is False

    assert story.preview(chat(), refresh=True).changes == []
    story.up(chat(route_optimized=False))
    assert story.sent() == [CREATE]


# --- LC-05, LC-12: what stands on an endpoint ----------------------------------------------------

LINKED = """
endpoint = ServingEndpoint("chat", name={name!r}, config={config!r}, {more})
AiGateway("guards", endpoint_name=endpoint.name, usage_tracking_config={{"enabled": True}})
RateLimits(
    "limits",
    endpoint_name=endpoint.name,
    rate_limits=[{{"calls": 5, "renewal_period": "minute"}}],
)
EndpointPermissions(
    "grants",
    endpoint_name=endpoint.name,
    access_control=[{{"group_name": "data", "permission_level": "CAN_QUERY"}}],
)
"""
ON_IT = ("guards", "limits", "grants")
LIMIT = {"calls": 5, "key": "endpoint", "renewal_period": "minute"}
GATEWAY = {"usage_tracking_config": {"enabled": True}, "rate_limits": [LIMIT]}


def linked(name="chat", more="", *, by_text=False):
    """An endpoint with a gateway, limits and grants, linked by an output or by plain text."""
    text = LINKED.format(name=name, config=MODEL, more=more)
    return text.replace("=endpoint.name", f"={name!r}") if by_text else text


def set_up(name):
    """The writes that put gateway, limits and grants upon an endpoint."""
    gateway = f"PUT serving-endpoints/{name}/ai-gateway"
    return [gateway, gateway, f"PATCH {GRANTS}"]


def taken_back(name):
    """The writes that take them from it, in the reverse order."""
    gateway = f"PUT serving-endpoints/{name}/ai-gateway"
    return [f"PUT {GRANTS}", gateway, gateway]


def granted(story, name):
    """Who may do what with an endpoint, groups only."""
    id_ = story.served(name)["id"]
    listed = story.ui("GET", f"permissions/serving-endpoints/{id_}")["access_control_list"]
    return {
        entry["group_name"]: [right["permission_level"] for right in entry["all_permissions"]]
        for entry in listed
        if "group_name" in entry
    }


def test_lc_05_after_a_rename_the_new_endpoint_is_whole_before_the_former_one_goes(story):
    story.up(linked())
    story.sent()

    story.up(linked("other"))

    assert told(story.sent()) == [
        CREATE,
        *set_up("other"),
        *taken_back("chat"),
        "DELETE serving-endpoints/chat",
    ]
    assert story.served("other")["ai_gateway"] == GATEWAY
    assert granted(story, "other")["data"] == ["CAN_QUERY"]
    assert story.preview(linked("other"), refresh=True).changes == []


REPLACEMENTS = {
    "an input that only a create takes": ("", "route_optimized=True"),
    "a replacement that is asked for": (
        'description="one"',
        'description="two", deploy={"replace_on": ["description"]}',
    ),
}


@pytest.mark.parametrize("replacement", REPLACEMENTS)
def test_lc_12_what_an_output_links_is_taken_along_in_the_same_up(story, replacement):
    before, after = REPLACEMENTS[replacement]
    story.up(linked(more=before))
    first = story.served("chat")["id"]
    story.sent()

    story.up(linked(more=after))

    sent = told(story.sent())
    assert sent == [*taken_back("chat"), f"DELETE {CHAT}", CREATE, *set_up("chat")]
    served = story.served("chat")
    assert served["id"] != first
    assert served["ai_gateway"] == GATEWAY
    assert granted(story, "chat")["data"] == ["CAN_QUERY"]
    ids = {story.resource(name).outputs["endpoint_id"] for name in ("chat", *ON_IT)}
    assert ids == {served["id"]}
    assert story.preview(linked(more=after), refresh=True).changes == []


def test_lc_12_what_somebody_took_away_meanwhile_is_taken_along_too(story):
    after = linked(more="route_optimized=True")
    story.up(linked())
    story.ui("PUT", f"{CHAT.removeprefix('/api/2.0/')}/ai-gateway", {})
    story.sent()

    story.up(after, refresh=True)

    assert story.served("chat")["ai_gateway"] == GATEWAY
    assert story.preview(after, refresh=True).changes == []


def test_lc_12_what_plain_text_links_is_repaired_by_the_next_up_with_a_refresh(story):
    after = linked(more="route_optimized=True", by_text=True)
    story.up(linked(by_text=True))
    story.sent()
    story.up(after)
    assert story.sent() == [f"DELETE {CHAT}", CREATE]

    repaired = story.up(after, refresh=True)

    assert repaired.changes == [("update", name) for name in ON_IT]
    assert repaired.paths == {
        "guards": {"usage_tracking_config"},
        "limits": {"rate_limits[0]"},
        "grants": {"access_control[0]"},
    }
    assert told(story.sent()) == set_up("chat")
    assert story.served("chat")["ai_gateway"] == GATEWAY
    assert granted(story, "chat")["data"] == ["CAN_QUERY"]
    assert story.preview(after, refresh=True).changes == []


# --- LC-06: inference tables ---------------------------------------------------------------------

TABLE = {"catalog_name": "main", "schema_name": "ml", "table_name_prefix": "chat", "enabled": True}
ELSEWHERE = {**TABLE, "schema_name": "audit"}
OFF = {**TABLE, "enabled": False}


def captured(table):
    """An endpoint with a table of the older kind, or none."""
    return chat(config={**MODEL, "auto_capture_config": table} if table else MODEL)


def tabled(table):
    """An endpoint with an inference table of its gateway, or none."""
    return chat(ai_gateway={"inference_table_config": table} if table else {})


TABLES = [
    pytest.param(captured, f"{CHAT}/config", "auto_capture_config", id="of the configuration"),
    pytest.param(tabled, f"{CHAT}/ai-gateway", "inference_table_config", id="of the gateway"),
]


@pytest.mark.parametrize(("text", "path", "field"), TABLES)
@pytest.mark.parametrize(
    ("before", "after", "puts"),
    [
        pytest.param(None, TABLE, [TABLE], id="added"),
        pytest.param(TABLE, OFF, [OFF], id="switched off"),
        pytest.param(OFF, ELSEWHERE, [ELSEWHERE], id="moved while it is off"),
    ],
)
def test_lc_06_a_table_is_changed_in_place(story, text, path, field, before, after, puts):
    story.up(text(before))
    story.sent()

    seen = story.preview(text(after))
    story.up(text(after))

    assert seen.changes == [("update", "chat")]
    assert story.sent() == [f"PUT {path}"] * len(puts)
    assert [body[field] for body in story.bodies(path)] == puts
    assert story.preview(text(after), refresh=True).changes == []


def test_lc_06_a_gateways_table_that_is_on_is_moved_by_switching_it_off_first(story):
    story.up(tabled(TABLE))
    story.sent()

    story.up(tabled(ELSEWHERE))

    assert story.sent() == [f"PUT {CHAT}/ai-gateway"] * 2
    puts = [body["inference_table_config"] for body in story.bodies(f"{CHAT}/ai-gateway")]
    assert puts == [OFF, ELSEWHERE]
    assert story.preview(tabled(ELSEWHERE), refresh=True).changes == []


def test_lc_06_an_older_table_that_is_on_moves_with_a_replacement_that_says_why(story):
    story.up(captured(TABLE))
    story.sent()

    seen = story.preview(captured(ELSEWHERE))

    assert seen.changes == [("delete-replaced", "chat"), ("replace", "chat")]
    why = "takes a replacement: once the table is on, its place never changes"
    assert story.notices("chat") == [f"config.auto_capture_config.schema_name {why}"]
    assert story.sent() == []


# --- LC-08: a state of an earlier release --------------------------------------------------------

STATES = Path(__file__).parent.parent / "fixtures" / "states"
#: The program of those states; to add that of a release: `engine.state` after an `up` with it.
RELEASED = """
scope = SecretScope("keys", name="llm-keys")
key = Secret("openai", scope=scope.name, key="openai", value="sk-made-up")
SecretAcl("readers", scope=scope.name, principal="data", permission="READ")
endpoint = ServingEndpoint(
    "chat",
    name="chat",
    config={{
        "served_entities": [
            {{
                "name": "gpt",
                "external_model": {{
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {{
                        "openai_api_key": key.reference,
                        "openai_organization": "acme",
                    }},
                }},
            }}
        ]
    }},
    tags={{"team": "{team}"}},
)
AiGateway("guards", endpoint_name=endpoint.name, usage_tracking_config={{"enabled": True}})
RateLimits(
    "limits",
    endpoint_name=endpoint.name,
    rate_limits=[{{"calls": 5, "renewal_period": "minute"}}],
)
EndpointPermissions(
    "grants",
    endpoint_name=endpoint.name,
    access_control=[{{"group_name": "data", "permission_level": "CAN_QUERY"}}],
)
"""


@pytest.fixture(params=["0_1"])
def released(story, request):
    """A story whose state an earlier release wrote, in a workspace that is as it was then."""
    story.up(RELEASED.format(team="ml"))
    story.sent()
    now = {each.name: each.outputs for each in story.stand.engine.state}
    text = (STATES / f"{request.param}.json").read_text()
    for name, value in {
        "HOST": story.stand.url,
        "ENDPOINT-ID": now["chat"]["endpoint_id"],
        '"PUT-AT"': str(now["openai"]["last_updated_timestamp"]),
    }.items():
        text = text.replace(name, value)
    story.stand.engine.state[:] = [Resource(**each) for each in json.loads(text)]
    return story


def test_lc_08_a_state_of_a_release_is_refreshed_without_a_difference(released):
    assert released.refresh().changes == []
    assert released.preview(RELEASED.format(team="ml")).changes == []


def test_lc_08_a_state_of_a_release_is_updated_by_one_call(released):
    released.up(RELEASED.format(team="ads"))

    assert released.sent() == [f"PATCH {CHAT}/tags"]
    assert released.preview(RELEASED.format(team="ads"), refresh=True).changes == []


def test_lc_08_a_state_of_a_release_is_destroyed(released):
    released.destroy()

    assert told(released.sent()) == [
        *taken_back("chat"),
        f"DELETE {CHAT}",
        "POST secrets/acls/delete",
        "POST secrets/delete",
        "POST secrets/scopes/delete",
    ]
    assert released.ui("GET", "serving-endpoints").get("endpoints", []) == []
    assert released.ui("GET", "secrets/scopes/list").get("scopes", []) == []


# --- LC-09: scopes with secrets of others --------------------------------------------------------

HELD = """
scope = SecretScope("keys", name="llm", {more})
Secret("one", scope=scope.name, key="one", value="sk-1")
Secret("two", scope=scope.name, key="two", value="sk-2")
"""
THEIRS = {"scope": "llm", "key": "theirs", "string_value": "sk-3"}
HOLDS = "still holds 1 secret(s) that this stack did not make: theirs"


def held(story):
    """The keys in the scope."""
    return [one["key"] for one in story.ui("GET", "secrets/list?scope=llm")["secrets"]]


def test_lc_09_a_scope_that_holds_a_secret_of_others_is_not_destroyed(story):
    story.up(HELD.format(more=""))
    story.ui("POST", "secrets/put", THEIRS)
    story.sent()

    story.destroy(fails=HOLDS)

    assert story.sent() == ["POST secrets/delete"] * 2
    assert held(story) == ["theirs"]
    assert [resource.name for resource in story.stand.engine.state] == ["keys"]


def test_lc_09_where_that_is_said_it_goes_with_all_that_it_holds(story):
    story.up(HELD.format(more=""))
    story.ui("POST", "secrets/put", THEIRS)
    story.up(HELD.format(more="force_destroy=True"))
    story.sent()

    story.destroy()

    assert story.sent() == ["POST secrets/delete"] * 2 + ["POST secrets/scopes/delete"]
    assert story.ui("GET", "secrets/scopes/list").get("scopes", []) == []


def test_lc_09_a_replacement_of_the_scope_asks_the_same(story):
    story.up(HELD.format(more=""))
    story.ui("POST", "secrets/put", THEIRS)
    story.sent()

    story.up(HELD.format(more='initial_manage_principal="users"'), fails=HOLDS)

    assert "POST secrets/scopes/delete" not in story.sent()
    assert held(story) == ["theirs"]


# --- LC-10: protection ---------------------------------------------------------------------------

GUARDED = """
ServingEndpoint(
    "chat", config={config!r}, {more} opts=pulumi.ResourceOptions({option}=True)
)
"""


def guarded(option, more=""):
    """An endpoint with an option of Pulumi's."""
    return GUARDED.format(config=MODEL, option=option, more=more)


def test_lc_10_what_is_protected_is_neither_replaced_nor_destroyed(story):
    story.up(guarded("protect"))
    story.sent()
    replaced = guarded("protect", "route_optimized=True,")

    story.preview(replaced, fails="protected")
    story.up(replaced, fails="protected")
    story.destroy(fails="protected")

    assert story.sent() == []
    assert story.served("chat")["route_optimized"] is False


def test_lc_10_what_is_retained_leaves_the_state_and_serves_on(story):
    story.up(guarded("retain_on_delete"))
    story.sent()

    story.destroy()

    assert story.sent() == []
    assert story.stand.engine.state == []
    assert story.served("chat")["state"]["ready"] == "READY"


# --- LC-13: Databricks' own endpoints ------------------------------------------------------------

CLAUDE = "databricks-claude-opus-4"
OWN_GATEWAY = {"usage_tracking_config": {"enabled": True}}


@pytest.mark.parametrize(
    ("on_delete", "left"),
    [
        ("restore", {"rate_limits": [{**LIMIT, "calls": 9}], **OWN_GATEWAY}),
        ("clear", OWN_GATEWAY),
        ("keep", {"rate_limits": [LIMIT], **OWN_GATEWAY}),
    ],
)
def test_lc_13_destroying_touches_the_gateway_alone(story, on_delete, left):
    story.stand.begin(new_workspace(foundation_models=(CLAUDE,)))
    before = {"rate_limits": [{**LIMIT, "calls": 9}], **OWN_GATEWAY}
    story.ui("PUT", f"serving-endpoints/{CLAUDE}/ai-gateway", before)
    said = {"endpoint_name": CLAUDE, "rate_limits": [LIMIT], "on_delete": on_delete}
    story.up(declared("AiGateway", "claude", **said))

    story.destroy()

    assert set(story.sent()) == {f"PUT serving-endpoints/{CLAUDE}/ai-gateway"}
    assert story.served(CLAUDE)["ai_gateway"] == left


def test_lc_13_an_endpoint_of_databricks_is_not_adopted_as_ones_own(story):
    story.stand.begin(new_workspace(foundation_models=(CLAUDE,)))
    text = declared("ServingEndpoint", "claude", name=CLAUDE, adopt=True)

    story.preview(text, fails="reserved for Databricks' own")
    story.up(text, fails="reserved for Databricks' own")

    assert story.sent() == []
