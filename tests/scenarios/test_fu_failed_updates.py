"""FU: an update that fails, in part or as a whole, is told, recorded, and finished by the next."""

from __future__ import annotations

import json

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving.errors import StillUpdating, UpdateFailed
from databricks_serving_emulator import Behaviour, Fault
from support.endpoints import config, limit, openai, program, registered
from support.mini_engine.stand import Interruption
from support.programs import declared
from support.transports import Altered
from support.ups import created, inputs_of, prepared, preview
from support.valid_programs import VALID

CHAT = "serving-endpoints/chat"
GATEWAY = f"{CHAT}/ai-gateway"
MODEL = config(registered())
LOGS = {"table_names": {"logs_table": "main.ml.logs"}}
OTHER_LOGS = {"table_names": {"logs_table": "main.ml.other"}}


def chat(**said):
    """An endpoint called chat; of a registered model where nothing else is said."""
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def version(number, **more):
    return config(registered(entity_version=number, **more))


def settled(story, text):
    """Whether a preview that refreshes finds no change."""
    return story.preview(text, refresh=True).changes == []


def served_version(shown):
    (entity,) = shown["config"]["served_entities"]
    return entity["entity_version"]


# --- FU-01: one of several calls -----------------------------------------------------------------

BEFORE = {
    "tags": {"team": "ml"},
    "email_notifications": {"on_update_failure": ["ops@example.com"], "on_update_success": []},
    "config": version("1"),
    "ai_gateway": {"rate_limits": [limit(1)]},
    "telemetry_config": LOGS,
}
AFTER = {
    "tags": {"team": "ads"},
    "email_notifications": {"on_update_failure": ["sre@example.com"], "on_update_success": []},
    "config": version("2"),
    "ai_gateway": {"rate_limits": [limit(2)]},
    "telemetry_config": OTHER_LOGS,
}
#: In the order of sending: the part, its call, and the leaf that differs in a preview.
CALLS = {
    "tags": (f"PATCH {CHAT}/tags", "tags.team"),
    "email_notifications": (
        f"PATCH {CHAT}/notifications",
        "email_notifications.on_update_failure[0]",
    ),
    "config": (f"PUT {CHAT}/config", "config.served_entities[0].entity_version"),
    "ai_gateway": (f"PUT {GATEWAY}", "ai_gateway.rate_limits[0].calls"),
    "telemetry_config": (
        f"PATCH {CHAT}/telemetry-config",
        "telemetry_config.table_names.logs_table",
    ),
}


OF_FIELDS = ("config", "ai_gateway", "tags", "email_notifications", "telemetry_config")
NOT_TODAY = {"status": 400, "error_code": "INVALID_PARAMETER_VALUE", "message": "Not today."}


@pytest.mark.parametrize("refreshed", [False, True])
@pytest.mark.parametrize("failing", CALLS)
def test_fu_01_of_several_calls_one_fails_and_the_next_up_makes_only_those_that_are_left(
    story, failing, refreshed
):
    story.up(chat(**BEFORE))
    story.sent()
    parts, calls = list(CALLS), [call for call, _ in CALLS.values()]
    at = parts.index(failing)
    method, path = calls[at].split()
    story.workspace.faults.add(Fault(method=method, path=f"/api/2.0/{path}", **NOT_TODAY))

    story.up(chat(**AFTER), fails="Not today.")

    assert story.sent() == calls[: at + 1]
    # In the order of the fields: what is written first is nothing to a reader.
    done, left = (", ".join(p for p in OF_FIELDS if p in some) for some in (parts[:at], parts[at:]))
    told = f"Written before that: {done}. Left for the next `pulumi up`: {left}."
    assert story.notices("chat") == ([told] if at else [])
    recorded = story.resource("chat").outputs
    assert {part: recorded[part] for part in parts[:at]} == {p: AFTER[p] for p in parts[:at]}
    assert {part: recorded[part] for part in parts[at:-1]} == {p: BEFORE[p] for p in parts[at:-1]}
    if refreshed:
        story.refresh()
        left = story.preview(chat(**AFTER))
        assert left.paths == {"chat": {leaf for _, leaf in list(CALLS.values())[at:]}}
    assert story.preview(chat(**AFTER)).changes == [("update", "chat")]
    story.up(chat(**AFTER))
    assert story.sent() == calls[at:]
    assert settled(story, chat(**AFTER))


@pytest.mark.parametrize("refresh", [False, True])
def test_fu_01_what_failed_and_is_taken_back_sends_nothing_but_what_went_through(story, refresh):
    story.up(chat(**BEFORE))
    story.sent()
    story.workspace.faults.add(Fault(method="PUT", path=f"/api/2.0/{GATEWAY}", **NOT_TODAY))
    story.up(chat(**AFTER), fails="Not today.")
    story.sent()

    story.up(chat(**BEFORE), refresh=refresh)

    assert story.sent() == [
        f"PATCH {CHAT}/tags",
        f"PATCH {CHAT}/notifications",
        f"PUT {CHAT}/config",
    ]
    assert settled(story, chat(**BEFORE))


# --- FU-02: a failed deployment ------------------------------------------------------------------

FOO = "No module named foo"


def test_fu_02_a_failed_update_is_an_error_with_the_models_words_and_stays_a_difference(story):
    story.up(chat(config=version("2")))
    story.sent()
    story.workspace.deployments.plan(polls=0, outcome="failed", message=FOO, times=1)

    failed = story.up(chat(config=version("3")), fails=f"DEPLOYMENT_FAILED: {FOO}")

    assert "churn" in failed.error
    assert "What served before keeps serving" in failed.error
    assert "The end of the build log of churn:" in failed.error
    assert f"{story.stand.url}/ml/endpoints/chat" in failed.error
    assert "Traceback" not in failed.error
    assert story.sent() == [f"PUT {CHAT}/config"]
    assert served_version(story.served("chat")) == "2"
    assert served_version(story.resource("chat").outputs) == "2"
    leaf = {"chat": {"config.served_entities[0].entity_version"}}
    assert story.preview(chat(config=version("3"))).paths == leaf
    assert story.preview(chat(config=version("3")), refresh=True).paths == leaf
    story.refresh()
    assert story.preview(chat(config=version("3"))).paths == leaf

    story.up(chat(config=version("4")))

    assert story.sent() == [f"PUT {CHAT}/config"]
    assert story.bodies(f"{CHAT}/config") == [version("4")]
    assert settled(story, chat(config=version("4")))


def test_fu_02_the_same_program_sends_a_failed_configuration_once_more(story):
    story.up(chat(config=version("2")))
    story.sent()
    story.workspace.deployments.plan(polls=0, outcome="aborted", times=1)
    story.up(chat(config=version("3")), fails="The service gave up on the deployment")

    story.up(chat(config=version("3")))

    assert story.sent() == [f"PUT {CHAT}/config"] * 2
    assert served_version(story.served("chat")) == "3"
    assert settled(story, chat(config=version("3")))


def test_fu_02_what_failed_after_nobody_waited_is_a_difference_and_no_success(story):
    accepted = {"deploy": {"wait": "accepted"}}
    story.up(chat(config=version("2"), **accepted))
    story.workspace.deployments.plan(polls=2, outcome="failed", message=FOO, times=1)
    story.up(chat(config=version("3"), **accepted))
    assert story.refresh().error is None
    story.refresh()
    story.sent()

    seen = story.preview(chat(config=version("3"), **accepted), refresh=True)
    story.up(chat(config=version("3"), **accepted), refresh=True)

    assert seen.paths == {"chat": {"config.served_entities[0].entity_version"}}
    assert story.sent() == [f"PUT {CHAT}/config"]


def test_fu_02_an_update_that_somebody_cancelled_is_a_difference_and_is_sent_again(story):
    accepted = {"deploy": {"wait": "accepted"}}
    story.up(chat(config=version("2"), **accepted))
    story.workspace.deployments.plan(polls=1000, times=1)
    story.up(chat(config=version("3"), **accepted))
    story.sent()

    story.workspace.press_cancel_update("chat")
    story.refresh()
    assert story.resource("chat").outputs["state"]["config_update"] == "UPDATE_CANCELED"
    seen = story.preview(chat(config=version("3")))
    story.up(chat(config=version("3")))

    assert seen.changes == [("update", "chat")]
    assert story.sent() == [f"PUT {CHAT}/config"]
    assert settled(story, chat(config=version("3")))


def test_fu_02_an_update_that_is_cancelled_while_it_is_waited_for_is_an_error_of_its_own():
    bench = prepared()
    _, outputs = created(bench, program(config=version("2")))
    said = inputs_of(bench, program(config=version("3")))
    bench.workspace.deployments.plan(seconds=900, times=1)
    pressed = []

    def cancelling(request, answer):
        if request.method == "GET" and bench.clock.passed > 100 and not pressed:
            pressed.append(bench.workspace.press_cancel_update("chat"))
        return answer()

    watched = Altered(bench.workspace.transport(), cancelling)
    left = bench.fails(
        UpdateFailed, bench.update, endpoint, "chat", outputs, said, transport=watched
    )

    assert "was cancelled with the button in the Serving UI" in str(left)
    assert preview(bench, left.outputs, said) == Verdict(changed=True)
    bench.update(endpoint, "chat", left.outputs, said)
    assert bench.sent == [f"PUT {CHAT}/config"] * 2


def test_fu_02_a_first_deployment_that_failed_is_no_success_and_the_endpoint_is_kept(story):
    story.workspace.deployments.plan(polls=0, outcome="failed", message=FOO, times=1)

    story.up(chat(tags={"team": "ml"}), fails=f"DEPLOYMENT_FAILED: {FOO}")
    assert story.sent() == ["POST serving-endpoints"]
    id_ = story.served("chat")["id"]
    assert story.preview(chat(tags={"team": "ml"}), refresh=True).changes == [("update", "chat")]
    story.up(chat(config=version("2"), tags={"team": "ml"}))

    assert story.sent() == [f"PUT {CHAT}/config"]
    assert story.served("chat")["id"] == id_
    assert settled(story, chat(config=version("2"), tags={"team": "ml"}))


def test_fu_02_not_updating_and_not_ready_after_a_create_is_no_success():
    bench = prepared()

    def never_ready(request, answer):
        given = answer()
        if request.method != "GET" or not request.url.path.endswith("/chat") or given.is_error:
            return given
        given.read()
        body = json.loads(given.content)
        assert body["state"]["config_update"] == "NOT_UPDATING"
        body["state"]["ready"] = "NOT_READY"
        return type(given)(200, json=body)

    bench.workspace.deployments.plan(polls=0)
    said = inputs_of(bench, program(config=MODEL, deploy={"timeout": "10m"}))
    watched = Altered(bench.workspace.transport(), never_ready)

    left = bench.fails(StillUpdating, bench.create, endpoint, said, transport=watched)

    assert "Endpoint chat is still not ready after 10m" in str(left)
    assert bench.clock.passed == 600
    assert bench.sent == ["POST serving-endpoints"]


# --- FU-03: explicit false, zero and empty -------------------------------------------------------


def test_fu_03_an_explicit_false_is_in_the_body_of_every_write(story):
    text = chat(config=version("1", scale_to_zero_enabled=False))
    story.up(text)
    (made,) = story.bodies("serving-endpoints")
    story.up(chat(config=version("2", scale_to_zero_enabled=False)))
    (put,) = story.bodies(f"{CHAT}/config")

    assert made["config"]["served_entities"][0]["scale_to_zero_enabled"] is False
    assert put["served_entities"][0]["scale_to_zero_enabled"] is False
    assert story.sent() == ["POST serving-endpoints", f"PUT {CHAT}/config"]
    assert settled(story, chat(config=version("2", scale_to_zero_enabled=False)))


def test_fu_03_true_and_false_again_are_two_puts(story):
    story.up(chat(config=version("1", scale_to_zero_enabled=False)))
    story.sent()

    for on in (True, False):
        story.up(chat(config=version("1", scale_to_zero_enabled=on)))
        (shown,) = story.served("chat")["config"]["served_entities"]
        assert shown["scale_to_zero_enabled"] is on

    assert story.sent() == [f"PUT {CHAT}/config"] * 2


def nothings(said, path=()):
    """Where a program says false, 0, "" or an empty list, and which of them."""
    if isinstance(said, dict):
        for name, inner in said.items():
            yield from nothings(inner, (*path, name))
    elif isinstance(said, list) and said:
        for number, inner in enumerate(said):
            yield from nothings(inner, (*path, number))
    elif said in (False, "", []) and said is not None:
        yield path, said


def at(body, path):
    for step in path:
        body = body[step]
    return body


#: Programs that say false, 0, "" or an empty list somewhere; tags, which go as a list, aside.
WITH_NOTHINGS = {
    name: said for name, said in VALID.items() if list(nothings({**said, "tags": None}))
}


@pytest.mark.parametrize("said", WITH_NOTHINGS.values(), ids=WITH_NOTHINGS.keys())
def test_fu_03_false_zero_and_empty_reach_the_service_wherever_a_program_says_them(said):
    bench = prepared()

    bench.create(endpoint, inputs_of(bench, said))

    (call,) = bench.workspace.writes
    wanted = dict(nothings({**said, "tags": None}))
    if call.path.endswith("/pt"):
        wanted.pop(("route_optimized",), None)
    found = {path: at(call.body, path) for path in wanted}
    assert found == wanted
    assert {path: type(value) for path, value in found.items()} == {
        path: type(value) for path, value in wanted.items()
    }


# --- FU-05, FU-06: what a create holds -----------------------------------------------------------


@pytest.mark.parametrize("workload", ["GPU_SMALL", "GPU_MEDIUM", "MULTIGPU_MEDIUM"])
def test_fu_05_a_gpus_type_is_in_the_create_and_takes_no_second_call(story, workload):
    text = chat(config=version("1", workload_type=workload))

    story.up(text)

    (body,) = story.bodies("serving-endpoints")
    assert body["config"]["served_entities"][0]["workload_type"] == workload
    (shown,) = story.served("chat")["config"]["served_entities"]
    assert shown["workload_type"] == workload
    assert settled(story, text)
    story.up(text)
    assert story.sent() == ["POST serving-endpoints"]


def test_fu_06_an_external_model_is_sent_nothing_that_only_registered_ones_have(story):
    story.workspace.behaviour = Behaviour(defaults="all")
    story.ui("POST", "secrets/scopes/create", {"scope": "llm", "initial_manage_principal": "users"})
    story.ui("POST", "secrets/put", {"scope": "llm", "key": "openai", "string_value": "sk"})

    story.up(chat(config=config(openai())))
    (made,) = story.bodies("serving-endpoints")
    story.up(chat(config=config(openai(model={"name": "gpt-5"}))), refresh=True)
    (put,) = story.bodies(f"{CHAT}/config")

    assert made["config"] == config(openai())
    assert put == config(openai(model={"name": "gpt-5"}))
    assert story.sent() == ["POST serving-endpoints", f"PUT {CHAT}/config"]
    assert settled(story, chat(config=config(openai(model={"name": "gpt-5"}))))


@pytest.mark.parametrize(
    "more",
    [
        {"min_provisioned_throughput": 0},
        {"scale_to_zero_enabled": False},
        {"workload_size": "Small"},
        {"workload_type": "CPU"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_fu_06_what_an_external_model_cannot_have_is_refused_in_preview(story, more):
    (name,) = more

    story.preview(chat(config=config(openai(**more))), fails=name)

    assert story.workspace.calls == ()


# --- FU-07: external and registered --------------------------------------------------------------

KINDS = {"external": config(openai()), "registered": MODEL}


def with_key(story):
    story.ui("POST", "secrets/scopes/create", {"scope": "llm", "initial_manage_principal": "users"})
    story.ui("POST", "secrets/put", {"scope": "llm", "key": "openai", "string_value": "sk"})


@pytest.mark.parametrize(
    ("before", "after"), [("external", "registered"), ("registered", "external")]
)
def test_fu_07_one_kind_becomes_the_other_by_a_replacement_that_the_preview_shows(
    story, before, after
):
    with_key(story)
    story.up(chat(config=KINDS[before]))
    story.sent()

    seen = story.preview(chat(config=KINDS[after]))
    assert story.sent() == []
    story.up(chat(config=KINDS[after]))

    assert seen.changes == [("delete-replaced", "chat"), ("replace", "chat")]
    (diff,) = (call for call in seen.calls if call["method"] == "Diff")
    assert diff["answer"]["replaces"] == ["config"]
    assert story.sent() == [f"DELETE {CHAT}", "POST serving-endpoints"]
    assert settled(story, chat(config=KINDS[after]))


def test_fu_07_a_protected_endpoint_is_not_replaced_by_another_kind(story):
    with_key(story)
    protected = "opts=pulumi.ResourceOptions(protect=True)"
    texts = [
        f'ServingEndpoint("chat", {protected}, name="chat", config={KINDS[kind]!r})'
        for kind in ("registered", "external")
    ]
    story.up(texts[0])
    story.sent()

    story.preview(texts[1], fails="protected")
    story.up(texts[1], fails="protected")

    assert story.sent() == []


# --- FU-08: no configuration ---------------------------------------------------------------------


def never_configured(story):
    """Somebody made an endpoint and gave it nothing to serve."""
    story.ui("POST", "serving-endpoints", {"name": "chat"})


def first_deployment_failed(story):
    """Somebody made one whose model never came up."""
    story.workspace.deployments.plan(polls=0, outcome="failed", times=1)
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": version("7")})


@pytest.mark.parametrize("way", [never_configured, first_deployment_failed])
def test_fu_08_an_endpoint_without_a_configuration_is_adopted_refreshed_changed_and_deleted(
    story, way
):
    way(story)
    assert "config" not in story.served("chat")
    bare = declared("ServingEndpoint", "chat", name="chat", adopt=True, tags={"team": "ml"})
    configured = chat(adopt=True, tags={"team": "ml"})

    story.up(bare)
    assert story.refresh().changes == []
    assert story.preview(bare).changes == []
    assert story.sent() == [f"PATCH {CHAT}/tags"]
    assert story.preview(configured).changes == [("update", "chat")]
    story.up(configured)
    assert story.sent() == [f"PUT {CHAT}/config"]
    assert story.bodies(f"{CHAT}/config") == [MODEL]
    assert settled(story, configured)
    story.destroy()
    assert story.sent() == [f"DELETE {CHAT}"]


@pytest.mark.parametrize("way", [never_configured, first_deployment_failed])
def test_fu_08_an_endpoint_that_lost_its_configuration_gets_it_by_one_put(story, way):
    story.up(chat())
    story.sent()
    id_ = story.served("chat")["id"]
    story.ui("DELETE", CHAT)
    way(story)

    seen = story.preview(chat(), refresh=True)
    story.up(chat(), refresh=True)

    assert seen.changes == [("update", "chat")]
    assert story.sent() == [f"PUT {CHAT}/config"]
    assert story.served("chat")["id"] != id_
    assert settled(story, chat())


def test_fu_08_what_stands_on_an_endpoint_needs_no_configuration(story):
    never_configured(story)
    grants = [{"group_name": "data", "permission_level": "CAN_VIEW"}]
    text = declared("EndpointPermissions", "grants", endpoint_name="chat", access_control=grants)

    story.up(text)
    assert settled(story, text)
    story.destroy()

    assert [call.split("/")[0] for call in story.sent()] == ["PATCH permissions", "PUT permissions"]


# --- FU-09: the first deployment still runs ------------------------------------------------------


@pytest.mark.parametrize("refreshed", [False, True])
def test_fu_09_a_change_waits_for_the_first_deployment_and_is_then_one_put(refreshed):
    bench = prepared()
    bench.workspace.deployments.plan(seconds=1800, times=1)
    short = inputs_of(bench, program(config=version("1"), deploy={"timeout": "5m"}))
    left = bench.fails(StillUpdating, bench.create, endpoint, short)
    assert bench.clock.passed == 300
    outputs = left.outputs
    if refreshed:
        reading = bench.read(endpoint, "chat", outputs, short)
        assert reading.unfinished == "endpoint chat is still being updated"
        outputs = reading.outputs
    said = inputs_of(bench, program(config=version("2"), tags={"team": "ml"}))

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert bench.sent == ["POST serving-endpoints", f"PATCH {CHAT}/tags", f"PUT {CHAT}/config"]
    assert bench.clock.passed >= 1800
    assert served_version(bench.served()) == "2"
    assert preview(bench, outputs, said) == Verdict()


def test_fu_09_the_same_program_goes_on_waiting_and_sends_nothing():
    bench = prepared()
    bench.workspace.deployments.plan(seconds=1800, times=1)
    short = inputs_of(bench, program(config=version("1"), deploy={"timeout": "5m"}))
    left = bench.fails(StillUpdating, bench.create, endpoint, short)

    outputs = bench.update(
        endpoint, "chat", left.outputs, inputs_of(bench, program(config=version("1")))
    )

    assert bench.sent == ["POST serving-endpoints"]
    assert bench.clock.passed >= 1800
    assert outputs["state"] == {"ready": "READY", "config_update": "NOT_UPDATING"}


def test_fu_09_a_create_that_is_killed_during_the_wait_is_taken_back_and_then_changed(story):
    story.workspace.deployments.plan(polls=1, times=1)
    story.stand.door.watch(Interruption("POST /api/2.0/serving-endpoints", "killed after"))
    story.up(chat(), fails="")
    assert story.stand.engine.state == []
    story.up(chat(config=version("2")))

    assert story.sent() == ["POST serving-endpoints", f"PUT {CHAT}/config"]
    assert settled(story, chat(config=version("2")))
