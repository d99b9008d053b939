"""All seven kinds in one program on the real engine, from the first `up` to `destroy`."""

from __future__ import annotations

import re

from support.every_kind import CHANGED, every_kind, linked

ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"
CLAUDE = f"{ENDPOINTS}/databricks-claude"
CLAUDES = "PUT serving-endpoints/databricks-claude/ai-gateway"
THEIRS = {
    "rate_limits": [{"calls": 7, "key": "endpoint", "renewal_period": "minute"}],
    "usage_tracking_config": {"enabled": False},
}


def grants(id_: str) -> str:
    """Where the permissions of the endpoint of that id are."""
    return f"/api/2.0/permissions/serving-endpoints/{id_}"


def id_of(project, name: str) -> str:
    """The endpoint's id."""
    return project.workspace.ui("GET", f"{ENDPOINTS}/{name}").json()["id"]


def short(writes: list[tuple[str, str]]) -> list[str]:
    """Writes as `METHOD path`, without what all paths begin with, ids as `ID`."""
    lines = (f"{method} {path.removeprefix('/api/2.0/')}" for method, path in writes)
    return [re.sub("[0-9a-f]{32}", "ID", line) for line in lines]


def test_all_seven_kinds_are_created_changed_and_destroyed_by_these_calls(project):
    project.workspace.ui("PUT", f"{CLAUDE}/ai-gateway", THEIRS)
    project.write(every_kind())

    project.up()
    created = short(project.sent())
    project.preview("--expect-no-changes")
    project.drift(expect=0)
    project.write(every_kind(**CHANGED))
    project.up()
    changed = short(project.sent())
    project.preview("--expect-no-changes")
    project.destroy()
    destroyed = short(project.sent())

    alone = ["POST secrets/acls/put", "PATCH permissions/serving-endpoints/ID", *2 * [CLAUDES]]
    chain = [
        "POST secrets/scopes/create",
        "POST secrets/put",
        "POST serving-endpoints",
        "PUT serving-endpoints/chat/ai-gateway",
    ]
    assert sorted(created) == sorted([*chain, *alone])
    assert [write for write in created if write not in alone] == chain
    chain = [
        "POST secrets/put",
        "PATCH serving-endpoints/chat/tags",
        "PUT serving-endpoints/chat/config",
        "PUT serving-endpoints/chat/ai-gateway",
    ]
    assert sorted(changed) == sorted([*chain, *alone])
    assert [write for write in changed if write not in alone] == chain
    # One of the two: the changed usage tracking is what stood there before.
    alone = ["POST secrets/acls/delete", "PUT permissions/serving-endpoints/ID", CLAUDES]
    chain = [
        "PUT serving-endpoints/chat/ai-gateway",
        "DELETE serving-endpoints/chat",
        "POST secrets/delete",
        "POST secrets/scopes/delete",
    ]
    assert sorted(destroyed) == sorted([*chain, *alone])
    assert [write for write in destroyed if write not in alone] == chain
    assert project.state() == []
    assert project.workspace.ui("GET", CLAUDE).json()["ai_gateway"] == THEIRS
    listed = project.workspace.ui("GET", ENDPOINTS).json()["endpoints"]
    assert [endpoint["name"] for endpoint in listed] == ["databricks-claude"]
    assert project.workspace.ui("GET", f"{SECRETS}/scopes/list").json() == {}


def test_what_is_linked_by_the_endpoints_name_moves_along_in_the_same_up(project):
    project.write(linked())
    project.up()
    first = id_of(project, "churn")
    project.sent()

    project.write(linked(route_optimized=True))
    shown = project.preview()
    project.up()
    replaced = project.sent()
    second = id_of(project, "churn")
    project.drift(expect=0)
    project.write(linked(route_optimized=True, name="other"))
    project.up()
    renamed = project.sent()
    third = id_of(project, "other")
    project.preview("--expect-no-changes")

    assert "+-4 to replace" in shown
    assert len({first, second, third}) == 3
    gateways = ("PUT", f"{ENDPOINTS}/churn/ai-gateway"), ("PUT", f"{ENDPOINTS}/churn/ai-gateway")
    # What stands on an endpoint goes before it and comes after it, in any order among itself.
    assert sorted(replaced[:3]) == [("PUT", grants(first)), *gateways]
    assert replaced[3:5] == [("DELETE", f"{ENDPOINTS}/churn"), ("POST", ENDPOINTS)]
    assert sorted(replaced[5:]) == [("PATCH", grants(second)), *gateways]
    # Under another name, the new one is there before the other goes.
    assert renamed[0] == ("POST", ENDPOINTS)
    assert sorted(renamed[1:4]) == [
        ("PATCH", grants(third)),
        ("PUT", f"{ENDPOINTS}/other/ai-gateway"),
        ("PUT", f"{ENDPOINTS}/other/ai-gateway"),
    ]
    assert sorted(renamed[4:7]) == [("PUT", grants(second)), *gateways]
    assert renamed[7:] == [("DELETE", f"{ENDPOINTS}/churn")]
    assert sorted(resource["id"] for resource in project.state()) == ["other"] * 4


def test_what_is_linked_by_a_plain_text_is_repaired_by_the_next_up(project):
    project.write(linked(endpoint_name='"churn"'))
    project.up()
    project.sent()

    project.write(linked(endpoint_name='"churn"', route_optimized=True))
    project.up()
    replaced = project.sent()
    drift = project.drift(expect=7)
    project.up()

    assert replaced == [("DELETE", f"{ENDPOINTS}/churn"), ("POST", ENDPOINTS)]
    assert drift.count("endpoint_id: deleted and made again outside, under the same name") == 3
    assert "~ 3 to update" in drift
    assert sorted(project.sent()) == [
        ("PATCH", grants(id_of(project, "churn"))),
        ("PUT", f"{ENDPOINTS}/churn/ai-gateway"),
        ("PUT", f"{ENDPOINTS}/churn/ai-gateway"),
    ]
    project.preview("--expect-no-changes")
