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
from support.context import ENDPOINTS, SECRETS
from support.endpoints import config, limit, registered
from support.mini_engine.stand import Interruption, new_workspace
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
    outputs = bench.update(endpoint, left.id, left.outputs, said)

    assert isinstance(left, LeftUnfinished)
    assert "still updating after 45m. It was left as it is and is recorded" in str(left)
    assert bench.sent == [CREATE]
    assert 70 * 60 <= bench.clock.passed < 71 * 60
    assert outputs["state"]["ready"] == "READY"


# --- LC-02: an interrupted create ----------------------------------------------------------------


@pytest.mark.parametrize(
    "interruption",
    [
        Interruption("POST /api/2.0/serving-endpoints", "killed after"),
        Interruption(4, "killed before"),
    ],
    ids=["before the answer", "during the wait"],
)
def test_lc_02_after_a_killed_create_the_next_up_takes_its_endpoint_back(story, interruption):
    story.workspace.deployments.plan(polls=2, times=1)
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
    assert outputs["endpoint_url"] == story.served("chat")["endpoint_url"]


def test_lc_07_what_the_service_says_of_it_unasked_is_no_difference(story):
    story.up(chat())
    assert story.served("chat")["route_optimized"] is False

    assert story.preview(chat(), refresh=True).changes == []
    assert story.preview(chat(route_optimized=False), refresh=True).changes in ([], [("update", "chat")])


# --- LC-05: a rename -----------------------------------------------------------------------------

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


def linked(name="chat", more=""):
    return LINKED.format(name=name, config=MODEL, more=more)


def test_lc_05_a_rename_has_the_new_endpoint_whole_before_the_former_one_goes(story):
    story.up(linked())
    story.sent()

    story.up(linked("other"))

    sent = told(story.sent())
    print(sent)
    assert story.preview(linked("other"), refresh=True).changes == []


# --- LC-12 ---------------------------------------------------------------------------------------


def test_lc_12_x(story):
    story.up(linked())
    print(told(story.sent()))
    story.up(linked(more="route_optimized=True"))
    print(told(story.sent()))
    assert story.preview(linked(more="route_optimized=True"), refresh=True).changes == []


def test_lc_12_y(story):
    text = linked().replace("endpoint.name", '"chat"')
    more = linked(more="route_optimized=True").replace("endpoint.name", '"chat"')
    story.up(text)
    print(told(story.sent()))
    story.up(more)
    print(told(story.sent()))
    r = story.up(more, refresh=True)
    print(r.paths, r.changes)
    print(told(story.sent()))
    r = story.preview(more, refresh=True)
    print(r.paths, r.changes)
    assert 0
