"""LC-05, where what is renamed stays: another resource of the program declares it now."""

from __future__ import annotations

import pytest

from support.endpoints import config, limit, registered
from support.programs import declared

CHAT = "serving-endpoints/chat"
MODEL = config(registered())
SCOPE = declared("SecretScope", "keys", name="llm")
ADMIN = "serving.admin@example.com"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
GRANT = {"group_name": "data", "permission_level": "CAN_QUERY"}
LIMITS = {"rate_limits": [limit(100)]}
USAGE = {"usage_tracking_config": {"enabled": True}}


def chat(resource="chat", **said):
    return declared("ServingEndpoint", resource, name="chat", config=MODEL, **said)


def section(kind, resource, **said):
    return declared(kind, resource, endpoint_name="chat", **said)


def granted(resource, *grants):
    said = {"endpoint_name": "chat", "access_control": list(grants)}
    return declared("EndpointPermissions", resource, **said)


def secret(resource, **said):
    return declared("Secret", resource, scope="llm", key="openai", **said)


def acl(resource):
    return declared("SecretAcl", resource, scope="llm", principal="data", permission="READ")


def their_chat(story):
    """Somebody else made the endpoint."""
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": MODEL})


def their_scope(story):
    """Somebody else made the scope."""
    story.ui("POST", "secrets/scopes/create", {"scope": "llm"})


def groups(story):
    """The groups with a direct grant on the endpoint."""
    path = f"permissions/serving-endpoints/{story.served('chat')['id']}"
    listed = story.ui("GET", path)["access_control_list"]
    return {
        entry["group_name"] for entry in listed if entry.get("group_name") not in (None, "admins")
    }


def gateway(story):
    return story.served("chat").get("ai_gateway", {})


# --- LC-05: the successor has another name in the program ----------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(
            secret("one", value="made-up"),
            secret("two", value="made-up"),
            'secret llm/openai: Secret "two" declares it now, so it was left as it is.',
            id="Secret",
        ),
        pytest.param(
            acl("one"),
            acl("two"),
            'access of data to scope llm: SecretAcl "two" declares it now, so it was left as it '
            "is.",
            id="SecretAcl",
        ),
    ],
)
def test_lc_05_what_is_in_a_scope_outlives_a_resource_that_is_renamed(story, before, after, words):
    their_scope(story)
    story.up(before)
    story.sent()

    story.up(after)

    assert story.sent() == []
    assert story.notices("one") == [words]
    assert story.preview(after, refresh=True).changes == []
    story.destroy()
    assert len(story.sent()) == 1


def test_lc_05_a_scope_outlives_a_resource_that_is_renamed(story):
    story.up(SCOPE)
    story.sent()

    story.up(declared("SecretScope", "vault", name="llm", adopt=True))

    assert story.sent() == []
    assert story.notices("keys") == [
        'secret scope llm: SecretScope "vault" declares it now, so it was left as it is.'
    ]
    story.destroy()
    assert story.sent() == ["POST secrets/scopes/delete"]


def test_lc_05_an_endpoint_outlives_a_resource_that_is_renamed(story):
    story.up(chat("one"))
    story.sent()

    story.up(chat("two", adopt=True))

    assert f"DELETE {CHAT}" not in story.sent()
    assert story.served("chat")["name"] == "chat"
    assert story.notices("one") == [
        'endpoint chat: ServingEndpoint "two" declares it now, so it was left as it is.'
    ]
    assert story.preview(chat("two", adopt=True), refresh=True).changes == []


def test_lc_05_a_grant_outlives_a_resource_that_is_renamed(story):
    their_chat(story)
    story.up(granted("one", GRANT))
    story.sent()

    story.up(granted("two", GRANT))

    assert story.sent() == []
    assert groups(story) == {"data"}
    (notice,) = story.notices("one")
    assert notice == (
        'grant to group_name data on endpoint chat: EndpointPermissions "two" declares it now, so '
        "it was left as it is."
    )
    story.destroy()
    assert groups(story) == set()


def test_lc_05_of_two_grants_the_one_that_nobody_declares_any_more_goes(story):
    their_chat(story)
    other = {"group_name": "users", "permission_level": "CAN_VIEW"}
    story.up(granted("one", GRANT, other))

    story.up(granted("two", GRANT))

    assert groups(story) == {"data"}


# --- LC-05: a section moves to another resource --------------------------------------------------

HOMES = {
    "RateLimits": chat() + section("RateLimits", "limits", **LIMITS),
    "another RateLimits": chat() + section("RateLimits", "others", **LIMITS),
    "AiGateway": chat() + section("AiGateway", "gateway", **LIMITS),
    "authoritative": chat() + section("AiGateway", "all", **LIMITS, mode="authoritative"),
    "inline": chat(ai_gateway=LIMITS),
}


@pytest.mark.parametrize("after", HOMES)
@pytest.mark.parametrize("before", HOMES)
def test_lc_05_a_section_survives_its_move_to_another_resource(story, before, after):
    story.up(HOMES[before])
    story.sent()

    story.up(HOMES[after])

    assert story.sent() == []
    assert gateway(story)["rate_limits"] == [limit(100)]
    assert story.preview(HOMES[after], refresh=True).changes == []


def test_lc_05_who_takes_a_section_over_is_named_and_what_stood_there_before_is_forgotten(story):
    story.up(HOMES["AiGateway"])

    story.up(HOMES["inline"])

    (notice,) = story.notices("gateway")
    assert notice == (
        'rate_limits of endpoint chat: ServingEndpoint "chat" declares it now, so it was left as '
        "it is. What stood there before this stack set it is forgotten."
    )


def test_lc_05_of_two_sections_the_one_that_nobody_declares_any_more_is_put_back(story):
    their_chat(story)
    story.up(section("AiGateway", "gateway", **LIMITS, **USAGE))

    story.up(section("RateLimits", "limits", **LIMITS))

    assert gateway(story) == LIMITS


# --- LC-05: one grant moves between two that stay ------------------------------------------------


@pytest.mark.parametrize("homes", [("one", "two"), ("two", "one")])
def test_lc_05_a_grant_survives_its_move_to_another_resource(story, homes):
    source, target = homes
    mine = {"group_name": "users", "permission_level": "CAN_VIEW"}
    yours = {"group_name": "admins", "permission_level": "CAN_MANAGE"}
    their_chat(story)
    before = {source: [mine, GRANT], target: [yours]}
    after = {source: [mine], target: [yours, GRANT]}
    story.up("".join(granted(name, *before[name]) for name in ("one", "two")))

    story.up("".join(granted(name, *after[name]) for name in ("one", "two")))

    assert groups(story) == {"users", "data"}
