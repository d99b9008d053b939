"""TC: timeouts, conflicts and retries. Hours pass on a clock that stands still."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pulumi.runtime.proto import provider_pb2

from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import LeftUnfinished, Verdict
from databricks_serving.apply.gateway import AI_GATEWAY
from databricks_serving.errors import Interrupted, ServingError, StillUpdating
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_emulator import Behaviour, Fault
from support.clock import SharedClock
from support.context import ENDPOINTS, SECRETS, Bench, wired
from support.endpoints import config, limit, registered
from support.mini_engine.calls import Calls
from support.mini_engine.values import to_wire
from support.programs import plaintext_endpoint
from support.transports import Altered
from support.ups import preview

MINUTE = 60
CHAT = "serving-endpoints/chat"
CONFIG = f"{CHAT}/config"
CREATE = "POST serving-endpoints"
LIMITED = {"rate_limits": [limit(10)]}


def chat(version="1", **said):
    """What a program says of an endpoint with one version of a registered model."""
    entity = registered(entity_version=version, **said.pop("entity", {}))
    return {"name": "chat", "config": config(entity), **said}


def serving(bench, **said):
    """The outputs of an endpoint that serves version 1 for an hour; no call is remembered."""
    bench.workspace.deployments.plan(polls=0, times=1)
    outputs = bench.create(endpoint, chat(**said)).outputs
    bench.clock.advance(3600)
    forget(bench)
    return outputs


def forget(bench):
    bench.workspace.clear_calls()
    bench.lines.clear()
    bench.clock.waits.clear()


def somebody_deploys(bench, version, **how):
    """An update by somebody in the UI is under way."""
    bench.workspace.deployments.plan(times=1, **how)
    bench.workspace.ui(
        "PUT", f"{ENDPOINTS}/chat/config", config(registered(entity_version=version))
    )


# --- TC-01: the platform's own times -------------------------------------------------------------

#: Minutes until the platform gives up on a deployment, and for the container before that.
PLATFORM = {"CPU": 30 + 20, "GPU_SMALL": 60 + 20, "GPU_MEDIUM": 60 + 20, "GPU_LARGE": 120 + 20}


@pytest.mark.parametrize("workload", PLATFORM)
def test_tc_01_what_the_platform_still_waits_for_is_waited_for(bench, workload):
    bench.workspace.deployments.plan(seconds=PLATFORM[workload] * MINUTE)

    outputs = bench.create(endpoint, chat(entity={"workload_type": workload})).outputs

    assert outputs["state"]["ready"] == "READY"
    assert bench.sent == [CREATE]
    assert bench.clock.passed < (PLATFORM[workload] + 1) * MINUTE


def test_tc_01_the_programs_own_time_counts_to_the_second_for_a_change_too(bench):
    recorded = serving(bench)
    bench.workspace.deployments.plan(seconds=4 * 3600)
    said, begun = chat("2", deploy={"timeout": "1m30s"}), bench.clock.passed

    left = bench.fails(StillUpdating, bench.update, endpoint, "chat", recorded, said)

    assert bench.clock.passed - begun == 90
    assert "still updating after 1m30s" in str(left)
    assert bench.sent == [f"PUT {CONFIG}"]


# --- TC-02: Pulumi's custom timeouts -------------------------------------------------------------

TIMED = """
ServingEndpoint(
    "churn",
    config={{
        "served_entities": [
            {{
                "name": "churn",
                "entity_name": "main.ml.churn",
                "entity_version": "{version}",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
            }}
        ]
    }},
    opts=pulumi.ResourceOptions(
        custom_timeouts=pulumi.CustomTimeouts(create="{time}", update="{time}")
    ),
)
"""


def test_tc_02_a_custom_timeout_ends_the_wait_and_the_next_up_goes_on(story):
    story.workspace.deployments.plan(polls=4)

    story.up(TIMED.format(version=1, time="0.25s"), fails="Endpoint churn is still updating")
    story.up(TIMED.format(version=1, time="1m"))

    assert story.sent() == [CREATE]
    assert story.resource("churn").init_errors == []
    assert story.preview(TIMED.format(version=1, time="1m"), refresh=True).changes == []


def test_tc_02_custom_timeouts_count_for_a_change_and_for_a_deletion(bench):
    recorded = serving(bench)
    bench.workspace.deployments.plan(seconds=24 * 3600)
    begun = bench.clock.passed

    bench.fails(StillUpdating, bench.update, endpoint, "chat", recorded, chat("2"), timeout=600.0)
    changed = bench.clock.passed
    bench.workspace.behaviour = Behaviour(stale_seconds=3600)
    bench.fails(ServingError, bench.delete, endpoint, "chat", recorded, timeout=60.0)

    assert (changed - begun, bench.clock.passed - changed) == (600, 60)


@pytest.mark.parametrize(
    ("deploy", "seconds"), [({}, 600), ({"timeout": "5m"}, 300), ({"timeout": "3h"}, 3 * 3600)]
)
def test_tc_02_the_programs_own_time_wins_over_custom_timeouts(bench, deploy, seconds):
    bench.workspace.deployments.plan(seconds=24 * 3600)

    bench.fails(StillUpdating, bench.create, endpoint, chat(deploy=deploy), timeout=600.0)

    assert bench.clock.passed == seconds


# --- TC-03: somebody else's update ---------------------------------------------------------------


def test_tc_03_tags_do_not_wait_for_somebody_elses_update(bench):
    recorded = serving(bench, tags={"team": "a"})
    somebody_deploys(bench, "1", polls=6)
    sent_at = []
    transport = Altered(
        bench.workspace.transport(),
        lambda request, answer: (
            sent_at.append(bench.clock.passed - 3600) if request.method == "PATCH" else None,
            answer(),
        )[1],
    )
    said = chat(tags={"team": "b"})

    bench.update(endpoint, "chat", recorded, said, transport=transport)

    assert bench.sent == [f"PATCH {CHAT}/tags"]
    assert sent_at == [0]


def test_tc_03_a_configuration_waits_and_is_put_once(bench):
    recorded = serving(bench)
    somebody_deploys(bench, "9", seconds=900)
    begun = bench.clock.passed

    outputs = bench.update(endpoint, "chat", recorded, chat("2"))

    assert bench.sent == [f"PUT {CONFIG}"]
    assert bench.clock.passed - begun > 900
    assert "waiting for the update that is under way; no call cancels one" in bench.lines
    assert outputs["config"] == config(registered(entity_version="2"))


def test_tc_03_an_update_that_makes_what_is_wanted_is_only_waited_for(bench):
    recorded = serving(bench)
    somebody_deploys(bench, "2", seconds=900)
    begun = bench.clock.passed

    outputs = bench.update(endpoint, "chat", recorded, chat("2"))

    assert bench.sent == []
    assert 900 <= bench.clock.passed - begun < 920
    assert preview(bench, outputs, chat("2")) == Verdict()


def test_tc_03_one_that_begins_at_the_last_moment_is_a_conflict_that_nobody_sees(bench):
    recorded = serving(bench)

    def overtaken(request, answer):
        if request.method == "PUT" and not bench.workspace.ui_calls:
            somebody_deploys(bench, "9", seconds=300)
        return answer()

    transport = Altered(bench.workspace.transport(), overtaken)

    outputs = bench.update(endpoint, "chat", recorded, chat("2"), transport=transport)

    statuses = [(call.method, call.status) for call in bench.workspace.writes]
    assert statuses == [("PUT", 409), ("PUT", 200)]
    assert outputs["config"] == config(registered(entity_version="2"))


def test_tc_03_an_endpoint_and_its_gateway_take_turns(bench):
    recorded = serving(bench)
    tracked = {"usage_tracking_config": {"enabled": True}}
    gateway = {"endpoint_name": "chat", **LIMITED}
    other = threading.Thread(target=lambda: bench.create(AI_GATEWAY, gateway))

    def beside(request, answer):
        if request.method == "PUT":
            other.start()
            other.join(0.1)  # as long as it takes where it does not wait for its turn
        return answer()

    transport = Altered(bench.workspace.transport(), beside)

    bench.update(endpoint, "chat", recorded, chat(ai_gateway=tracked), transport=transport)
    other.join()

    assert [call.body for call in bench.workspace.writes] == [tracked, {**tracked, **LIMITED}]
    assert bench.served()["ai_gateway"] == {**tracked, **LIMITED}


# --- TC-04: the budget of a workspace ------------------------------------------------------------


def test_tc_04_what_is_throttled_is_all_created_as_soon_as_the_budget_has_room():
    bench = Bench(clock=SharedClock(), behaviour=Behaviour(write_budget=5))
    bench.workspace.deployments.plan(polls=0)
    context = bench.context()

    def create(number):
        return endpoint.create({**chat(), "name": f"chat-{number}"}, context).id

    made = bench.clock.run(12, create, range(12))

    assert made == [f"chat-{number}" for number in range(12)]
    statuses = Counter(call.status for call in bench.workspace.writes)
    assert statuses[200] == 12
    # Three windows: 5, 5, and the last 2; whoever waits does not keep asking.
    assert 600 <= bench.clock.passed < 660
    assert statuses[429] <= 12 + 4


def test_tc_04_without_a_named_time_the_waits_double(bench):
    bench.workspace.deployments.plan(polls=0)
    bench.workspace.faults.add(Fault("POST", ENDPOINTS, status=429, times=3))

    bench.create(endpoint, chat())

    assert bench.sent == [CREATE] * 4
    pauses = zip(bench.clock.waits, (1, 2, 4), strict=True)
    assert all(0.75 * long <= waited <= 1.25 * long for waited, long in pauses)


# --- TC-05: lost answers -------------------------------------------------------------------------

KEYS = """
scope = SecretScope("keys", name="llm")
Secret("openai", scope=scope.name, key="openai", value="sk-made-up")
SecretAcl("team", scope=scope.name, principal="data", permission="READ")
"""
SHARED = (
    plaintext_endpoint(credential='"sk-made-up"').replace("\nServing", "\nchat = Serving", 1)
    + """
AiGateway(
    "limits",
    endpoint_name=chat.name,
    rate_limits=[{"calls": 5, "renewal_period": "minute"}],
)
EndpointPermissions(
    "grants",
    endpoint_name=chat.name,
    access_control=[{"group_name": "data", "permission_level": "CAN_QUERY"}],
)
"""
)


def test_tc_05_a_lost_answer_of_a_create_is_no_error_and_the_state_is_filled(story):
    for path in (ENDPOINTS, f"{SECRETS}/scopes/create"):
        story.workspace.faults.add(Fault("POST", path, when="after", drop=True))

    story.up(KEYS + SHARED)

    sent = story.sent()
    assert (sent.count(CREATE), sent.count("POST secrets/scopes/create")) == (1, 1)
    assert story.resource("chat").outputs["endpoint_id"] == story.served("chat")["id"]
    assert story.preview(KEYS + SHARED, refresh=True).changes == []


GRANT = {"group_name": "data", "permission_level": "CAN_QUERY"}
ACCESS = {"scope": "llm", "principal": "data", "permission": "READ"}
#: By what a program makes: what it says, how it is sent, and how often where the answer is lost.
LOST = {
    "an endpoint": (endpoint, {**chat(), "name": "other"}, CREATE, 1),
    "a scope": (scope, {"name": "other"}, "POST secrets/scopes/create", 1),
    "a gateway": (AI_GATEWAY, {"endpoint_name": "chat", **LIMITED}, f"PUT {CHAT}/ai-gateway", 2),
    "a secret": (secret, {"scope": "llm", "key": "k", "value": "made-up"}, "POST secrets/put", 2),
    "access": (acl, ACCESS, "POST secrets/acls/put", 2),
    "grants": (
        permissions,
        {"endpoint_name": "chat", "access_control": [GRANT]},
        "PATCH permissions/serving-endpoints/ID",
        2,
    ),
}


@pytest.mark.parametrize("made", LOST)
def test_tc_05_whatever_was_written_when_the_answer_was_lost_is_there_once(bench, made):
    kind, said, call, times = LOST[made]
    serving(bench)
    bench.create(scope, {"name": "llm"})
    forget(bench)
    method, path = call.replace("ID", "*").split(" ")
    bench.workspace.faults.add(Fault(method, f"/api/2.0/{path}", when="after", drop=True))
    bench.workspace.deployments.plan(polls=0)

    outputs = bench.create(kind, said).outputs

    assert _sent(bench) == [call] * times
    assert kind.diff(wired(outputs), wired(said), bench.context().stack) == Verdict()


# --- TC-06: waiting beside each other ------------------------------------------------------------


def test_tc_06_twenty_deployments_of_twenty_minutes_take_twenty_minutes():
    bench = Bench(clock=SharedClock())
    bench.workspace.deployments.plan(seconds=20 * MINUTE)
    context = bench.context()

    def create(number):
        return endpoint.create({**chat(), "name": f"chat-{number}"}, context).outputs["state"]

    ready = bench.clock.run(20, create, range(20))

    assert [state["ready"] for state in ready] == ["READY"] * 20
    assert 20 * MINUTE <= bench.clock.passed < 21 * MINUTE


def test_tc_06_a_scope_is_created_while_more_than_four_endpoints_are_waited_for(story):
    story.workspace.deployments.plan(polls=1_000_000)
    plugin = story.stand.start()
    channel, stub = plugin.connect()
    calls = Calls(stub)
    calls.configure({}, ())

    def create(kind, **said):
        inputs = {**said, "__provider": PROVIDER_OF[kind]}
        urn = f"urn:pulumi:dev::shop::{kind}::{said['name']}"
        # As the engine does it: whatever is created was checked before.
        calls.check(urn, {}, inputs)
        return stub.Create.future(provider_pb2.CreateRequest(urn=urn, properties=to_wire(inputs)))

    try:
        waiting = [create("ServingEndpoint", **{**chat(), "name": f"chat-{n}"}) for n in range(8)]
        made = create("SecretScope", name="llm").result(timeout=60)
        assert [one.done() for one in waiting] == [False] * 8
    finally:
        channel.close()
        plugin.close()

    assert made.id == "llm"


def test_tc_06_the_serialized_provider_is_no_secret_to_encrypt(story):
    story.up(KEYS + SHARED)

    shown = [resource.shown() for resource in story.stand.engine.state]
    secrets = {each["urn"].rsplit("::", 1)[-1]: str(each).count("[secret]") for each in shown}
    # The key of the fingerprints, in each; a secret's value, an endpoint's credentials, and what
    # stood in a gateway before, beside that.
    assert secrets == {"keys": 1, "openai": 2, "team": 1, "chat": 2, "limits": 2, "grants": 1}


# --- TC-07: Ctrl-C -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Halted:
    """A run that waits: for what kind of thing, from what to what.

    `recorded`: the outputs before it, None for a create; `said`: the inputs, None for a deletion;
    `waits`: how many waits go well before Ctrl-C
    """

    kind: Any
    recorded: Any
    said: Any
    id: str = "chat"
    waits: int = 1
    transport: Any = None


def _first_deployment(bench):
    bench.workspace.deployments.plan(seconds=1200)
    return Halted(endpoint, None, chat())


def _not_visible(bench):
    bench.workspace.behaviour = Behaviour(stale_seconds=20)
    bench.workspace.deployments.plan(polls=0)
    return Halted(endpoint, None, chat())


def _change(bench):
    recorded = serving(bench)
    bench.workspace.deployments.plan(seconds=1200)
    return Halted(endpoint, recorded, chat("2"))


def _update_of_others(bench):
    recorded = serving(bench)
    somebody_deploys(bench, "9", seconds=1200)
    return Halted(endpoint, recorded, chat("2"))


def _conflict(bench):
    recorded = serving(bench)
    fault = Fault("PUT", f"{ENDPOINTS}/*/config", status=409, error_code="RESOURCE_CONFLICT")
    bench.workspace.faults.add(fault)
    return Halted(endpoint, recorded, chat("2"), waits=0)


def _telemetry(bench):
    recorded = serving(bench)
    somebody_deploys(bench, "1", seconds=1200)
    said = {"table_names": {"logs_table": "main.ml.logs"}}
    return Halted(endpoint, recorded, chat(telemetry_config=said))


def _read_back(bench):
    recorded = serving(bench, tags={"team": "a"})
    bench.workspace.behaviour = Behaviour(stale_seconds=20)
    return Halted(endpoint, recorded, chat(tags={"team": "b"}))


def _abandoned(bench):
    bench.workspace.deployments.plan(seconds=1200, times=1)
    left = bench.fails(
        StillUpdating, bench.create, endpoint, chat(deploy={"timeout": "1m"})
    ).outputs
    forget(bench)
    bench.workspace.behaviour = Behaviour(stale_seconds=20)
    return Halted(endpoint, left, chat("2", deploy={"on_update_in_progress": "abandon"}))


def _deletion(bench):
    recorded = serving(bench)
    bench.workspace.behaviour = Behaviour(stale_seconds=20)
    return Halted(endpoint, recorded, None)


def _overloaded(bench):
    recorded = serving(bench)
    bench.workspace.faults.add(Fault("GET", f"{ENDPOINTS}/chat", status=503, times=3))
    return Halted(endpoint, recorded, chat("2"))


def _throttled(bench):
    late = {"Retry-After": "30"}
    bench.workspace.faults.add(Fault("POST", ENDPOINTS, status=429, headers=late))
    return Halted(endpoint, None, chat(), waits=0)


def _access(bench):
    bench.create(scope, {"name": "llm"})
    forget(bench)
    bench.workspace.behaviour = Behaviour(stale_acl_seconds=20)
    said = {"scope": "llm", "principal": "data", "permission": "READ"}
    return Halted(acl, None, said, id="llm/data")


def _newcomer(bench):
    bench.create(scope, {"name": "llm"})
    forget(bench)
    message = "User or Group data does not exist."
    unknown = {"status": 400, "error_code": "INVALID_PARAMETER_VALUE", "message": message}
    bench.workspace.faults.add(Fault("POST", f"{SECRETS}/acls/put", times=2, **unknown))
    said = {"scope": "llm", "principal": "data", "permission": "READ"}
    return Halted(acl, None, said, id="llm/data")


def _grants(bench):
    serving(bench)
    bench.workspace.behaviour = Behaviour(stale_acl_seconds=20)
    grant = {"group_name": "data", "permission_level": "CAN_QUERY"}
    return Halted(permissions, None, {"endpoint_name": "chat", "access_control": [grant]})


def _gateway_during_an_update(bench):
    serving(bench)
    path = f"{ENDPOINTS}/*/ai-gateway"
    bench.workspace.deployments.plan(seconds=30)
    bench.workspace.serving.redeploy("chat")
    fault = Fault("PUT", path, status=409, error_code="RESOURCE_CONFLICT")
    bench.workspace.faults.add(fault)
    return Halted(AI_GATEWAY, None, {"endpoint_name": "chat", **LIMITED})


def _gateway_read_back(bench):
    serving(bench)
    bench.workspace.behaviour = Behaviour(gateway_seconds=20)

    def silent(request, answer):
        answered = answer()
        return httpx.Response(200, json={}) if request.method == "PUT" else answered

    transport = Altered(bench.workspace.transport(), silent)
    said = {"endpoint_name": "chat", **LIMITED}
    return Halted(AI_GATEWAY, None, said, transport=transport)


PUT_CONFIG, DELETE = f"PUT {CONFIG}", f"DELETE {CHAT}"
PUT_GATEWAY, PUT_ACL = f"PUT {CHAT}/ai-gateway", "POST secrets/acls/put"
ON = "the next `pulumi up` goes on from here"
LEFT = "the next run does what is left"

#: What is waited for: how it comes to that; what is sent before Ctrl-C, and by the next run after
#: it; what the person is told.
WAITS = {
    "a first deployment": (_first_deployment, [CREATE], [], ON),
    "an endpoint that does not show yet": (_not_visible, [CREATE], [], ON),
    "a change": (_change, [PUT_CONFIG], [], ON),
    "somebody else's update": (_update_of_others, [], [PUT_CONFIG], ON),
    "a conflict with an update": (_conflict, [PUT_CONFIG], [PUT_CONFIG], ON),
    "an update before telemetry": (_telemetry, [], [f"PATCH {CHAT}/telemetry-config"], ON),
    "what was written to show": (_read_back, [f"PATCH {CHAT}/tags"], [], ON),
    "an abandoned deployment to be gone": (_abandoned, [DELETE], [CREATE], ON),
    "a deleted endpoint to be gone": (_deletion, [DELETE], [], ON),
    "an overloaded workspace": (
        _overloaded,
        [],
        [PUT_CONFIG],
        "Run it again later: what was done is kept",
    ),
    "a turn in the budget": (_throttled, [CREATE], [CREATE], LEFT),
    "access to show": (_access, [PUT_ACL], [], ON),
    "a principal to be known": (_newcomer, [PUT_ACL] * 2, [PUT_ACL], ON),
    "grants to show": (_grants, ["PATCH permissions/serving-endpoints/ID"], [], ON),
    "an update before a gateway": (_gateway_during_an_update, [PUT_GATEWAY], [PUT_GATEWAY], ON),
    "a gateway to show": (_gateway_read_back, [PUT_GATEWAY], [], ON),
}


@pytest.mark.parametrize("wait", WAITS)
def test_tc_07_ctrl_c_ends_any_wait_at_once_and_the_next_run_goes_on(bench, wait):
    arrange, before, after, told = WAITS[wait]
    halted = arrange(bench)
    bench.clock.called_off_after = len(bench.clock.waits) + halted.waits

    left = bench.fails(
        Interrupted, *_run(bench, halted, halted.recorded), transport=halted.transport
    )

    assert told in str(left)
    assert _sent(bench) == before
    bench.clock.called_off_after = None
    bench.clock.advance(MINUTE)
    forget(bench)
    recorded = left.outputs if isinstance(left, LeftUnfinished) else halted.recorded
    verb, *args = _run(bench, halted, recorded)
    verb(*args)
    assert _sent(bench) == after


def _run(bench, halted, recorded):
    """The verb that a run asks for, with its arguments."""
    if halted.said is None:
        return bench.delete, halted.kind, halted.id, recorded
    if recorded is None:
        return bench.create, halted.kind, halted.said
    return bench.update, halted.kind, halted.id, recorded, halted.said


def _sent(bench):
    return [re.sub("[0-9a-f]{32}", "ID", told) for told in bench.sent]


# --- TC-08: not waiting --------------------------------------------------------------------------

ACCEPTED = TIMED.replace("    opts=", '    deploy={{"wait": "accepted"}},\n    opts=')


def test_tc_08_without_waiting_a_later_refresh_sees_it_ready_and_nothing_is_to_do(story):
    story.workspace.deployments.plan(polls=4)
    text = ACCEPTED.format(version=1, time="1h")

    story.up(text)
    at_first = story.resource("churn").outputs["state"]
    seen = [story.refresh().changes for _ in range(4)]

    assert at_first == {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    assert seen == [[]] * 4
    at_last = story.resource("churn").outputs["state"]
    assert at_last == {"ready": "READY", "config_update": "NOT_UPDATING"}
    assert story.preview(text, refresh=True).changes == []
    assert story.sent() == ["POST serving-endpoints"]


# --- TC-10: errors that pass ---------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "html", "text", "empty"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_tc_10_what_passes_is_seen_by_nobody_when_repeating_does_no_harm(bench, status, form):
    recorded = serving(bench)
    bench.workspace.deployments.plan(polls=0)
    for path in (f"{ENDPOINTS}/chat", f"{ENDPOINTS}/chat/config"):
        bench.workspace.faults.add(Fault("*", path, status=status, form=form, times=2))

    outputs = bench.update(endpoint, "chat", recorded, chat("2"))

    assert bench.sent == [PUT_CONFIG] * 3
    assert outputs["config"] == config(registered(entity_version="2"))


@pytest.mark.parametrize("status", [500, 502, 504])
def test_tc_10_a_create_that_met_such_an_answer_is_not_sent_twice(bench, status):
    bench.workspace.deployments.plan(polls=0)
    bench.workspace.faults.add(Fault("POST", ENDPOINTS, status=status, form="html", when="after"))

    outputs = bench.create(endpoint, chat()).outputs

    assert bench.sent == [CREATE]
    assert outputs["state"]["ready"] == "READY"


@pytest.mark.parametrize("form", ["json", "html", "text", "empty"])
def test_tc_10_what_stays_is_told_with_its_status_and_no_word_of_a_parser(bench, form):
    recorded = serving(bench)
    headers, path = {"X-Request-Id": "req-7"}, f"{ENDPOINTS}/*/config"
    fault = Fault("PUT", path, status=502, form=form, headers=headers, times=None)
    bench.workspace.faults.add(fault)

    failed = bench.fails(ServingError, bench.update, endpoint, "chat", recorded, chat("2"))

    assert f"PUT {ENDPOINTS}/chat/config" in str(failed)
    assert "502" in str(failed)
    assert "req" in str(failed)
    assert "<" not in str(failed)
    assert "JSON" not in str(failed)
