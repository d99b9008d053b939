"""PM: grants on an endpoint, by its name, beside those of others."""

from __future__ import annotations

import pytest

from databricks_serving.apply import permissions
from databricks_serving.apply.context import Stack, Verdict
from databricks_serving_emulator import Behaviour
from support.context import Bench, wired
from support.endpoints import config, registered
from support.programs import declared

CHAT = "serving-endpoints/chat"
MODEL = config(registered())
ADMIN = "serving.admin@example.com"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
OWN = {"user_name": ADMIN, "permission_level": "CAN_MANAGE"}


def group(name, level="CAN_QUERY"):
    return {"group_name": name, "permission_level": level}


def user(name, level="CAN_QUERY"):
    return {"user_name": name, "permission_level": level}


def chat(**said):
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def granted(*grants, **more):
    said = {"endpoint_name": "chat", "access_control": list(grants), **more}
    return declared("EndpointPermissions", "grants", **said)


LINKED = f"""
chat = {chat()}
EndpointPermissions("grants", endpoint_name=chat.name, access_control={[group("data")]!r})
"""


def grants_path(story, name="chat"):
    return f"permissions/serving-endpoints/{story.served(name)['id']}"


def held(story):
    """The direct grants: principal to level."""
    listed = story.ui("GET", grants_path(story))["access_control_list"]
    return {
        entry.get("user_name") or entry.get("group_name") or entry["service_principal_name"]: right[
            "permission_level"
        ]
        for entry in listed
        for right in entry["all_permissions"]
        if not right["inherited"]
    }


def settled(story, text):
    """Whether a preview that refreshes finds no change."""
    return story.preview(text, refresh=True).changes == []


# --- PM-01: a name, and the id behind it ---------------------------------------------------------


@pytest.mark.parametrize("text", [LINKED, chat() + granted(group("data"))], ids=["linked", "named"])
def test_pm_01_grants_are_written_by_the_id_behind_the_name(story, text):
    story.up(text)

    path = grants_path(story)
    assert len(path.rpartition("/")[2]) == 32
    assert story.sent() == ["POST serving-endpoints", f"PATCH {path}"]
    assert story.bodies(path) == [{"access_control_list": [group("data")]}]
    assert story.resource("grants").id == "chat"
    assert settled(story, text)


def test_pm_01_no_id_is_kept_from_the_run_before(story):
    story.up(LINKED)
    story.sent()
    old = grants_path(story)
    renamed = LINKED.replace("'name': 'chat'", "'name': 'talk'")

    seen = story.preview(renamed)
    story.up(renamed)

    new = grants_path(story, "talk")
    assert new != old
    assert ("replace", "grants") in seen.changes
    assert story.sent() == [
        "POST serving-endpoints",
        f"PATCH {new}",
        f"PUT {old}",
        f"DELETE {CHAT}",
    ]
    assert story.resource("grants").outputs["endpoint_id"] == new.rpartition("/")[2]
    assert settled(story, renamed)


def test_pm_01_a_name_that_nothing_has_is_named_and_nothing_is_sent(story):
    story.up(granted(group("data")), fails="chat")

    assert story.sent() == []
    assert story.stand.engine.state == []


# --- PM-03: whoever deploys ----------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["additive", "authoritative"])
def test_pm_03_the_deployers_own_right_stays_and_is_no_drift(story, mode):
    text = chat() + granted(group("data"), mode=mode)

    story.up(text)

    assert held(story) == {ADMIN: "CAN_MANAGE", "data": "CAN_QUERY"}
    assert story.refresh().changes == []
    assert story.preview(text).changes == []
    assert story.resource("grants").outputs["access_control"] == [group("data")]
    story.sent()
    story.up(text, refresh=True)
    assert story.sent() == []
    story.destroy()
    assert story.stand.engine.state == []


def test_pm_03_a_program_that_would_lower_the_deployers_own_right_is_refused(story):
    story.up(chat())
    story.sent()

    story.up(chat() + granted(user(ADMIN, "CAN_VIEW")), fails=ADMIN)

    assert story.sent() == []
    assert held(story) == {ADMIN: "CAN_MANAGE"}


def test_pm_03_a_person_and_a_pipeline_in_turn_do_not_undo_each_other():
    bench = Bench()
    bench.workspace.identities.add_service_principal(
        application_id=ROBOT, groups=["admins"], token="dapi-robot"
    )
    bench.context().api.create_endpoint({"name": "chat"})
    robot = {"service_principal_name": ROBOT, "permission_level": "CAN_MANAGE"}
    said = {
        "endpoint_name": "chat",
        "access_control": [group("data"), robot, OWN],
        "mode": "authoritative",
    }
    outputs = bench.create(permissions, said).outputs
    bench.workspace.clear_calls()

    for token in ("dapi-robot", "dapi-emulator", "dapi-robot"):
        reading = bench.read(permissions, "chat", outputs, said, token=token)
        assert permissions.diff(wired(reading.outputs), wired(said), Stack()) == Verdict()
        outputs = bench.update(permissions, "chat", reading.outputs, said, token=token)

    assert bench.sent == []


# --- PM-04: inherited grants ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["additive", "authoritative"])
def test_pm_04_inherited_grants_are_neither_shown_nor_sent(story, mode):
    text = chat() + granted(group("data"), user("ann@example.com"), mode=mode)
    story.up(text)
    story.sent()
    path = grants_path(story)
    listed = story.ui("GET", path)["access_control_list"]
    inherited = [
        entry["group_name"]
        for entry in listed
        if any(right["inherited"] for right in entry["all_permissions"])
    ]
    assert inherited == ["admins"]

    assert settled(story, text)
    assert "admins" not in str(story.resource("grants").outputs)
    # One that is dropped takes a PUT of all direct ones.
    story.up(chat() + granted(group("data"), mode=mode))

    assert story.sent() == [f"PUT {path}"]
    (body,) = story.bodies(path)
    assert sorted(body["access_control_list"], key=str) == sorted([OWN, group("data")], key=str)
    assert story.ui("GET", path)["access_control_list"][-1]["group_name"] == "admins"


# --- PM-05: an id that is dead -------------------------------------------------------------------


def test_pm_05_grants_of_an_endpoint_that_is_gone_are_gone_though_they_can_still_be_read(story):
    story.workspace.behaviour = Behaviour(permissions_outlive_objects=True)
    text = chat() + granted(group("data"))
    story.up(text)
    story.sent()
    path = grants_path(story)
    story.ui("DELETE", CHAT)
    assert story.ui("GET", path)["access_control_list"]

    found = story.refresh()
    story.up(text)

    assert set(found.changes) == {("delete", "chat"), ("delete", "grants")}
    assert grants_path(story) != path
    assert story.sent() == ["POST serving-endpoints", f"PATCH {grants_path(story)}"]


def test_pm_05_neither_the_dead_id_nor_another_endpoints_grants_are_touched_by_a_destroy(story):
    story.workspace.behaviour = Behaviour(permissions_outlive_objects=True)
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": MODEL})
    story.up(granted(group("data")))
    story.sent()
    story.ui("DELETE", CHAT)
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": MODEL})
    story.ui("PATCH", grants_path(story), {"access_control_list": [group("data")]})

    story.destroy()

    assert story.sent() == []
    assert held(story)["data"] == "CAN_QUERY"
    assert story.stand.engine.state == []


# --- PM-06: changes that arrive ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "method", "body"),
    [
        ("CAN_MANAGE", "PATCH", [group("data", "CAN_MANAGE")]),
        ("CAN_VIEW", "PUT", [OWN, group("data", "CAN_VIEW")]),
    ],
    ids=["more", "less"],
)
def test_pm_06_another_level_is_shown_and_is_one_call(story, level, method, body):
    story.up(chat() + granted(group("data")))
    story.sent()
    text = chat() + granted(group("data", level))

    seen = story.preview(text)
    story.up(text)

    path = grants_path(story)
    assert seen.paths == {"grants": {"access_control[0].permission_level"}}
    assert story.sent() == [f"{method} {path}"]
    (sent,) = story.bodies(path)
    assert sent == {"access_control_list": body}
    assert held(story) == {ADMIN: "CAN_MANAGE", "data": level}
    assert settled(story, text)


@pytest.mark.parametrize(
    ("grant", "why"),
    [
        (group("data", "CAN_QUERRY"), "CAN_QUERY"),
        (group("data", "CAN_RESTART"), "permission_level"),
        ({"group_name": "data"}, "permission_level"),
        ({**group("data"), "user_name": "ann@example.com"}, "user_name"),
        (group(""), "group_name"),
    ],
    ids=["misspelt", "of another object", "none", "two principals", "nobody"],
)
def test_pm_06_a_grant_that_cannot_be_is_refused_in_preview(story, grant, why):
    story.preview(chat() + granted(grant), fails=why)

    assert story.workspace.calls == ()
