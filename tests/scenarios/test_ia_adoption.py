"""IA: import, adoption, and what belongs to others."""

from __future__ import annotations

import pulumi
import pytest

from support.endpoints import config, limit, registered
from support.mini_engine.stand import new_workspace
from support.programs import declared

CREATE = "POST serving-endpoints"
CHAT = "serving-endpoints/chat"
THEIRS = {
    "name": "chat",
    "config": config(registered()),
    "tags": [{"key": "team", "value": "ml"}],
}


def chat(**said):
    """The endpoint of theirs, as a program says it."""
    equal = {"name": "chat", "config": config(registered()), "tags": {"team": "ml"}}
    return declared("ServingEndpoint", "chat", **{**equal, **said})


def scope(**said):
    """A scope."""
    return declared("SecretScope", "keys", name="llm", **said)


def key(**said):
    """A secret in it."""
    return declared("Secret", "openai", scope="llm", key="openai", **said)


def their_secret(story, value="sk-theirs"):
    """Somebody made the scope, and put a secret."""
    story.ui("POST", "secrets/scopes/create", {"scope": "llm"})
    story.ui("POST", "secrets/put", {"scope": "llm", "key": "openai", "string_value": value})


# --- IA-01: taking over --------------------------------------------------------------------------


def test_ia_01_what_is_equal_is_taken_over_without_a_write(story):
    story.ui("POST", "serving-endpoints", THEIRS)

    story.up(chat(adopt=True))

    assert story.sent() == []
    assert story.resource("chat").outputs["endpoint_id"] == story.served("chat")["id"]
    assert story.preview(chat(adopt=True)).changes == []
    assert story.preview(chat(adopt=True), refresh=True).changes == []


def test_ia_01_what_differs_is_brought_to_the_program_by_its_own_call(story):
    story.ui("POST", "serving-endpoints", THEIRS)

    story.up(chat(adopt=True, tags={"team": "ads"}))

    assert story.sent() == [f"PATCH {CHAT}/tags"]
    assert story.bodies(f"{CHAT}/tags") == [{"add_tags": [{"key": "team", "value": "ads"}]}]
    assert story.preview(chat(adopt=True, tags={"team": "ads"}), refresh=True).changes == []


def test_ia_01_adopt_may_stay_in_the_program_or_go(story):
    story.ui("POST", "serving-endpoints", THEIRS)
    story.up(chat(adopt=True))

    story.up(chat(adopt=True, tags={"team": "ads"}))
    story.up(chat(tags={"team": "ads"}))

    assert story.sent() == [f"PATCH {CHAT}/tags"]
    assert story.preview(chat(tags={"team": "ads"}), refresh=True).changes == []


def test_ia_01_what_was_taken_over_is_destroyed_as_any_other(story):
    story.ui("POST", "serving-endpoints", THEIRS)
    story.up(chat(adopt=True))

    story.destroy()

    assert story.sent() == [f"DELETE {CHAT}"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (chat(), "An endpoint called chat"),
        (scope(), "A secret scope called llm"),
        (key(value="sk-ours"), "The secret llm/openai"),
    ],
    ids=["an endpoint", "a scope", "a secret"],
)
def test_ia_01_without_adopt_the_error_has_the_line_to_add(story, text, what):
    story.ui("POST", "serving-endpoints", THEIRS)
    their_secret(story)

    failed = story.up(text, fails=f"{what} exists already")

    assert "say adopt=True to take it over" in failed.error
    assert story.sent() == []
    assert story.stand.engine.state == []


def test_ia_01_a_scope_and_a_secret_are_taken_over_too(story):
    their_secret(story)
    text = scope(adopt=True) + key(adopt=True, value="sk-ours")

    story.up(text)

    assert story.sent() == ["POST secrets/put"]
    assert story.preview(text, refresh=True).changes == []


@pytest.mark.parametrize("way", ["import_='chat'", "id='chat'"], ids=["import_", "get"])
def test_ia_01_pulumis_own_ways_of_import_point_to_adopt(story, way):
    text = f"ServingEndpoint('chat', name='chat', opts=pulumi.ResourceOptions({way}))"

    with pytest.raises(pulumi.RunError, match="Say adopt=True instead"):
        story.up(text)

    assert story.sent() == []


# --- IA-02: made by another stack ----------------------------------------------------------------

MARK = "billing.prod.0a1b2c3d"


def test_ia_02_the_stack_that_made_it_is_named_in_the_error(story):
    tags = [{"key": "managed-by-pulumi", "value": MARK}]
    story.ui("POST", "serving-endpoints", {**THEIRS, "tags": tags})

    story.up(chat(), fails=f"says that another resource made it: {MARK}")

    assert story.sent() == []


def test_ia_02_taking_it_over_says_whose_it_was_and_leaves_the_mark(story):
    tags = [{"key": "managed-by-pulumi", "value": MARK}, {"key": "team", "value": "ml"}]
    story.ui("POST", "serving-endpoints", {**THEIRS, "tags": tags})

    story.up(chat(adopt=True))

    assert story.sent() == []
    assert f"endpoint chat was made by another resource ({MARK})" in story.notices("chat")[0]
    assert {"key": "managed-by-pulumi", "value": MARK} in story.served("chat")["tags"]


# --- IA-03: endpoints of Databricks --------------------------------------------------------------

CLAUDE = "databricks-claude-opus-4"
GATEWAY = f"serving-endpoints/{CLAUDE}/ai-gateway"
TRACKED = {"usage_tracking_config": {"enabled": True}}
NOBODY = limit(0, key="endpoint")
GOVERNED = declared("AiGateway", "claude", endpoint_name=CLAUDE, rate_limits=[NOBODY])


@pytest.fixture
def governed(story):
    """A workspace with an endpoint of Databricks' own, whose use is tracked."""
    story.stand.begin(new_workspace(foundation_models=(CLAUDE,)))
    story.ui("PUT", GATEWAY, TRACKED)
    return story


def test_ia_03_its_limits_are_set_to_nothing_and_its_tracking_stays(governed):
    governed.up(GOVERNED)

    assert governed.sent() == [f"PUT {GATEWAY}"]
    assert governed.bodies(GATEWAY) == [{"rate_limits": [NOBODY], **TRACKED}]
    assert governed.refresh().changes == []
    assert governed.preview(GOVERNED, refresh=True).changes == []


def test_ia_03_a_limit_changed_in_the_ui_is_named_and_put_back(governed):
    governed.up(GOVERNED)
    governed.sent()
    governed.ui("PUT", GATEWAY, {"rate_limits": [{**NOBODY, "calls": 1000}], **TRACKED})

    seen = governed.preview(GOVERNED, refresh=True)
    governed.up(GOVERNED, refresh=True)

    assert seen.paths == {"claude": {"rate_limits[0].calls"}}
    assert governed.sent() == [f"PUT {GATEWAY}"]
    assert governed.served(CLAUDE)["ai_gateway"] == {"rate_limits": [NOBODY], **TRACKED}


def test_ia_03_destroying_puts_back_what_stood_there_and_nothing_else(governed):
    before = governed.served(CLAUDE)
    governed.up(GOVERNED)
    governed.sent()

    governed.destroy()

    assert governed.sent() == [f"PUT {GATEWAY}"]
    assert governed.bodies(GATEWAY) == [TRACKED]
    after = governed.served(CLAUDE)
    assert {name for name in after if after[name] != before[name]} <= {"last_updated_timestamp"}
    assert after.keys() == before.keys()


# --- IA-04: no replacement of what was taken over ------------------------------------------------


@pytest.mark.parametrize(
    ("said", "puts"),
    [
        pytest.param({"value": "sk-ours"}, 1, id="another value"),
        pytest.param({"value": "sk-theirs"}, 0, id="the same value"),
        pytest.param({"value_from_env": "NOT_SET_ANYWHERE"}, 0, id="no value"),
    ],
)
def test_ia_04_a_secret_whose_value_nobody_knew_is_put_at_most_once(story, said, puts):
    their_secret(story)
    text = key(adopt=True, **said)

    story.up(text)

    assert story.sent() == ["POST secrets/put"] * puts
    assert story.preview(text).changes == []
    assert story.preview(text, refresh=True).changes == []


@pytest.mark.parametrize("said", [{}, {"initial_manage_principal": "users"}], ids=["none", "users"])
def test_ia_04_a_scope_shows_no_change_whoever_managed_it_first(story, said):
    their_secret(story)
    text = scope(adopt=True, **said)

    story.up(text)

    assert story.sent() == []
    assert story.preview(text).changes == []
    assert story.preview(text, refresh=True).changes == []
