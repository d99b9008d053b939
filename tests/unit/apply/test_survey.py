"""Many resources in one look: what is asked, in which order it is told, what counts."""

from __future__ import annotations

import gc
import json
from dataclasses import replace

import httpx
import pytest

from databricks_serving.api import WorkspaceApi
from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.apply.survey import Stray, Survey
from databricks_serving.apply.views import EndpointView
from databricks_serving.clock import CalledOff
from databricks_serving.errors import (
    Interrupted,
    NoCredentials,
    PermissionDenied,
    UnknownWorkspace,
    Unreachable,
    WrongWorkspace,
)
from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.comparison import Standing, Wanted
from databricks_serving.plan.states import Orders
from databricks_serving.state.deployment import SEALED
from databricks_serving_emulator import Fault
from databricks_serving_schema import Endpoint
from support.clock import HurriedClock
from support.context import ENDPOINTS, SECRETS, Bench, credentials
from support.endpoints import limit
from support.exported import differences, look, made, read, subject, survey, undeclared
from support.transports import Altered

GATEWAY = {"usage_tracking_config": {"enabled": True}}
LIMITS = {"rate_limits": [limit(7)]}
HOST_NAME = "dbc-emulator.cloud.databricks.com"


def served(*names, **more):
    """A bench and as many endpoints with a tag, as the state has them."""
    bench = Bench(**more)
    return bench, [chat(bench, name) for name in names]


def chat(bench, name="chat", **said):
    body = {"name": name, "tags": {"team": "ml"}, **said}
    return made(bench, "ServingEndpoint", endpoint, body)


def retag(bench, name="chat", value="by hand"):
    body = {"add_tags": [{"key": "team", "value": value}]}
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/{name}/tags", body)


def every_kind(bench):
    """All seven kinds on one endpoint and one scope."""
    on_chat = {"endpoint_name": "chat"}
    grants = [{"group_name": "users", "permission_level": "CAN_QUERY"}]
    key = {"scope": "llm", "key": "openai", "value": "sk-1"}
    reader = {"scope": "llm", "principal": "users", "permission": "READ"}
    return [
        chat(bench),
        made(bench, "AiGateway", AI_GATEWAY, {**on_chat, **GATEWAY}),
        made(bench, "RateLimits", RATE_LIMITS, {**on_chat, **LIMITS}),
        made(bench, "EndpointPermissions", permissions, {**on_chat, "access_control": grants}),
        made(bench, "SecretScope", scope, {"name": "llm"}),
        made(bench, "Secret", secret, key),
        made(bench, "SecretAcl", acl, reader),
    ]


def answers(body, status=200):
    return httpx.Response(status, json=body)


def once_altered(bench, name, alter):
    """The workspace, whose first answer about an endpoint is another one."""
    seen = []

    def door(request, answer):
        if request.url.path == f"{ENDPOINTS}/{name}" and not seen:
            seen.append(request)
            return alter(answer)
        return answer()

    return Altered(bench.workspace.transport(), door)


def retagged(answer):
    body = json.loads(answer().read())
    return answers({**body, "tags": [{"key": "team", "value": "stale"}]})


def gone(_answer=None):
    return answers({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such endpoint"}, 404)


# --- what is asked -------------------------------------------------------------------------------


def test_every_kind_in_sync_takes_one_get_of_each_thing_and_no_write():
    bench = Bench()
    recorded = every_kind(bench)
    bench.clock.advance(120)

    seen = look(bench, *recorded)

    assert [differences(one) for one in seen] == [{}] * 7
    assert [undeclared(one) for one in seen] == [{}] * 7
    assert [one.standing for one in seen] == [Standing.SETTLED] * 7
    endpoint_id = bench.served()["id"]
    assert sorted(read(bench)) == [
        f"GET permissions/serving-endpoints/{endpoint_id}",
        "GET preview/scim/v2/Me",
        "GET secrets/acls/list?scope=llm",
        "GET secrets/list?scope=llm",
        "GET secrets/scopes/list",
        "GET serving-endpoints/chat",
    ]


def test_what_was_answered_is_let_go_of_without_a_collector_of_cycles():
    bench, recorded = served("a", "b", "c")
    answers_held = [one for one in gc.get_objects() if isinstance(one, EndpointView)]

    gc.disable()
    try:
        assert [differences(one) for one in look(bench, *recorded)] == [{}] * 3
        held = [one for one in gc.get_objects() if isinstance(one, EndpointView)]
    finally:
        gc.enable()

    assert held == answers_held


def test_an_endpoint_that_may_not_be_read_is_asked_for_once_and_is_the_error_of_all_on_it():
    bench = Bench()
    recorded = every_kind(bench)
    path = f"{ENDPOINTS}/chat"
    bench.workspace.faults.add(
        Fault(path=path, status=403, error_code="PERMISSION_DENIED", times=None)
    )

    seen = look(bench, *recorded)

    assert [type(one.error) for one in seen[:4]] == [PermissionDenied] * 4
    assert [one.error for one in seen[4:]] == [None] * 3
    assert read(bench).count("GET serving-endpoints/chat") == 1


def test_a_second_look_of_one_survey_asks_for_everything_again_but_who_asks():
    bench = Bench()
    recorded = every_kind(bench)
    bench.clock.advance(120)
    looking = survey(bench)
    list(looking.look(map(subject, recorded)))
    retag(bench)
    body = {"scope": "llm", "key": "openai", "string_value": "another"}
    bench.workspace.ui("POST", f"{SECRETS}/put", body)

    seen = list(looking.look(map(subject, recorded)))

    assert differences(seen[0]) == {"tags.team": "outside"}
    assert differences(seen[5]) == {"last_updated_timestamp": "outside"}
    assert read(bench).count("GET preview/scim/v2/Me") == 1


def test_two_ways_to_one_workspace_share_what_it_answers():
    bench, recorded = served("chat", "other")
    door = bench.workspace.transport()
    ways = {
        host: WorkspaceApi(credentials(host=host), bench.clock, door, read_only=True)
        for host in ("https://one.example", "https://two.example")
    }
    subjects = [
        replace(subject(one), inputs={**one.inputs, "workspace": {"host": host}})
        for one, host in zip(recorded, ways, strict=True)
    ]
    looking = Survey(lambda bag: ways[bag["workspace"]["host"]], bench.clock, confirm_delay=0)

    list(looking.look(subjects))
    strays = looking.strays(subjects)

    assert strays == ()
    assert read(bench).count("GET serving-endpoints") == 1


# --- in which order, and what fails --------------------------------------------------------------


def test_what_is_seen_comes_in_the_order_of_the_subjects_and_is_told_at_once():
    names = [f"chat-{number}" for number in range(20)]
    bench, recorded = served(*names)
    told = []

    looking = survey(bench, parallel=4).look(map(subject, recorded), told.append)
    first = next(looking)
    told_by_then = len(told)
    rest = list(looking)

    assert [one.subject.id for one in (first, *rest)] == names
    assert [one.subject.id for one in told] == names
    assert told_by_then == 1
    assert {one.workspace for one in rest} == {HOST_NAME}


def test_what_fails_of_one_resource_is_its_error_and_the_others_go_on():
    bench, recorded = served("one", "two", "three")
    bench.workspace.faults.add(Fault(path=f"{ENDPOINTS}/two", status=500, times=None))
    retag(bench, "three")

    one, two, three = look(bench, *recorded)

    assert differences(one) == {}
    assert (two.comparison, two.actual) == (None, None)
    assert "answered 500" in str(two.error)
    assert differences(three) == {"tags.team": "outside"}


def test_a_workspace_that_asks_to_slow_down_gets_its_way_and_nothing_is_lost():
    names = [f"chat-{number:02}" for number in range(60)]
    bench, recorded = served(*names)
    bench.clock = HurriedClock(times=200)
    told = {"Retry-After": "1"}
    bench.workspace.faults.add(
        Fault("GET", f"{ENDPOINTS}/*", status=429, headers=told, skip=10, times=45)
    )

    seen = look(bench, *recorded, parallel=16)

    assert [(one.subject.id, one.error) for one in seen] == [(name, None) for name in names]
    assert [differences(one) for one in seen] == [{}] * 60
    asked = [call for call in bench.workspace.calls if call.path.startswith(f"{ENDPOINTS}/chat")]
    assert sorted(c.path for c in asked if c.status == 200) == [f"{ENDPOINTS}/{n}" for n in names]
    assert len([call for call in asked if call.status == 429]) == 45


def test_a_workspace_that_does_not_answer_is_the_error_of_each_in_it_and_asked_once():
    bench, recorded = served("one", "two")
    asked = []

    def silent(request, _answer):
        asked.append(request.url.path)
        raise httpx.ReadTimeout("nobody", request=request)

    seen = look(bench, *recorded, transport=Altered(bench.workspace.transport(), silent))

    assert [type(one.error) for one in seen] == [Unreachable] * 2
    assert set(asked) == {"/.well-known/databricks-config"}


def test_credentials_for_another_workspace_are_an_error_and_nothing_there_is_looked_at():
    _, recorded = served("chat")
    elsewhere = Bench(workspace_id="6543210987654321")

    (seen,) = look(elsewhere, *recorded)

    assert type(seen.error) is WrongWorkspace
    assert "recorded in workspace 1234567890123456" in str(seen.error)
    assert read(elsewhere) == []


def test_a_resource_without_credentials_is_an_error_under_the_name_of_its_recorded_workspace():
    bench, recorded = served("chat")

    def nobody(_inputs):
        raise NoCredentials("nothing tells who we are", id="no-credentials")

    (seen,) = Survey(nobody, bench.clock).look(map(subject, recorded))

    assert (seen.workspace, str(seen.error)) == (HOST_NAME, "nothing tells who we are")


def test_a_workspace_is_called_by_the_profile_that_was_chosen():
    bench, (recorded,) = served("chat")
    inputs = {**recorded.inputs, "workspace": {"profile": "prod-weu"}}

    (seen,) = survey(bench).look([replace(subject(recorded), inputs=inputs)])

    assert seen.workspace == "prod-weu"


# --- a second look -------------------------------------------------------------------------------


def test_what_one_look_alone_shows_does_not_count():
    bench, recorded = served("chat")

    (seen,) = look(bench, *recorded, delay=20.0, transport=once_altered(bench, "chat", retagged))

    assert differences(seen) == {}
    assert seen.comparison.plan.operations == ()
    assert bench.clock.waits == [20.0]


def test_what_two_looks_show_counts_and_only_what_differs_is_looked_at_again():
    bench, recorded = served("one", "two", "three", "four")
    retag(bench, "two")
    retag(bench, "four")

    seen = look(bench, *recorded, delay=20.0)

    assert [differences(one) for one in seen] == [
        {},
        {"tags.team": "outside"},
        {},
        {"tags.team": "outside"},
    ]
    assert bench.clock.waits == [20.0]
    assert [read(bench).count(f"GET serving-endpoints/{n}") for n in ("one", "two")] == [1, 2]


def test_without_a_delay_one_look_decides():
    bench, recorded = served("chat")

    (seen,) = look(bench, *recorded, transport=once_altered(bench, "chat", retagged))

    assert differences(seen) == {"tags.team": "outside"}
    assert bench.clock.waits == []


def test_a_value_that_moved_between_the_looks_counts_as_it_is_now():
    bench, recorded = served("chat")
    retag(bench, value="now")

    (seen,) = look(bench, *recorded, delay=20.0, transport=once_altered(bench, "chat", retagged))

    assert [found.change.actual for found in seen.comparison.differences] == ["now"]
    assert seen.standing is Standing.SETTLED


def test_looks_that_differ_each_elsewhere_are_neither_drift_nor_in_sync():
    bench = Bench()
    team = {"team": "ml", "stage": "dev"}
    recorded = [made(bench, "ServingEndpoint", endpoint, {"name": "other", "tags": team})]
    body = {"add_tags": [{"key": "stage", "value": "by hand"}]}
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/other/tags", body)

    def another(answer):
        tags = [{"key": "team", "value": "by hand"}, {"key": "stage", "value": "dev"}]
        return answers({**json.loads(answer().read()), "tags": tags})

    (seen,) = look(bench, *recorded, delay=20.0, transport=once_altered(bench, "other", another))

    assert (differences(seen), seen.standing) == ({}, Standing.UNSETTLED)


def test_what_a_deploy_would_meet_is_what_the_second_look_saw():
    bench = Bench()
    team = {"team": "ml", "stage": "dev"}
    recorded = made(bench, "ServingEndpoint", endpoint, {"name": "other", "tags": team})
    body = {"add_tags": [{"key": "stage", "value": "by hand"}]}
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/other/tags", body)
    wanted = Wanted(Canonical(Endpoint, {"name": "other", "tags": team}), Orders())

    def another(answer):
        tags = [{"key": "team", "value": "by hand"}, {"key": "stage", "value": "dev"}]
        return answers({**json.loads(answer().read()), "tags": tags})

    looking = survey(bench, delay=20.0, transport=once_altered(bench, "other", another))
    (seen,) = looking.look([subject(recorded, wanted=wanted)])

    assert (differences(seen), seen.standing) == ({"tags.stage": "outside"}, Standing.SETTLED)


def test_what_stands_in_a_workspace_that_nobody_can_tell_is_no_stray_of_another():
    bench, (chat, other) = served("chat", "other")
    sealed = replace(subject(chat), inputs={**chat.inputs, "workspace": {"host": SEALED}})
    api = WorkspaceApi(credentials(), bench.clock, bench.workspace.transport(), read_only=True)

    def api_of(bag):
        if "workspace" in bag:
            raise UnknownWorkspace("The workspace is not yet known.", id="unknown-workspace")
        return api

    strays = Survey(api_of, bench.clock, confirm_delay=0).strays([sealed, subject(other)])

    assert strays == ()


def test_an_endpoint_is_missing_if_two_looks_miss_it():
    bench, recorded = served("chat")
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")

    (seen,) = look(bench, *recorded, delay=20.0)

    assert differences(seen) == {"": "outside"}


def test_an_endpoint_that_the_first_look_alone_misses_is_there():
    bench, recorded = served("chat")

    (seen,) = look(bench, *recorded, delay=20.0, transport=once_altered(bench, "chat", gone))

    assert differences(seen) == {}


def test_an_endpoint_that_differs_and_then_goes_is_missing():
    bench, recorded = served("chat")
    retag(bench)
    asked = []

    def door(request, answer):
        asked.append(request.url.path)
        return gone() if asked.count(f"{ENDPOINTS}/chat") > 1 else answer()

    (seen,) = look(
        bench, *recorded, delay=20.0, transport=Altered(bench.workspace.transport(), door)
    )

    assert differences(seen) == {"": "outside"}


def test_what_is_being_updated_at_the_second_look_is_in_flux():
    bench, recorded = served("chat")

    def begun(answer):
        body = json.loads(answer().read())
        state = {**body["state"], "config_update": "IN_PROGRESS"}
        return answers({**body, "state": state})

    retag(bench)
    asked = []

    def door(request, answer):
        asked.append(request.url.path)
        return begun(answer) if asked.count(f"{ENDPOINTS}/chat") > 1 else answer()

    (seen,) = look(
        bench, *recorded, delay=20.0, transport=Altered(bench.workspace.transport(), door)
    )

    assert seen.standing is Standing.UPDATING


def test_called_off_during_the_wait_what_is_certain_is_told_and_the_rest_is_not_judged():
    bench, recorded = served("one", "two", "three")
    retag(bench, "two")
    bench.clock.called_off_after = 0
    looking = survey(bench, delay=20.0).look(map(subject, recorded))
    told = []

    with pytest.raises(CalledOff):
        told.extend((seen.subject.id, seen.judged) for seen in looking)

    assert told == [("one", True), ("two", False), ("three", True)]


def test_called_off_during_the_second_look_what_is_certain_is_told_and_the_rest_is_not_judged():
    bench, recorded = served("one", "two", "three")
    retag(bench, "two")
    asked = []

    def door(request, answer):
        asked.append(request.url.path)
        if asked.count(f"{ENDPOINTS}/two") > 1:
            bench.clock.called_off_after = 0
            return answers({"error_code": "TEMPORARILY_UNAVAILABLE"}, 503)
        return answer()

    transport = Altered(bench.workspace.transport(), door)
    looking = survey(bench, delay=20.0, transport=transport).look(map(subject, recorded))
    told = []

    with pytest.raises(Interrupted):
        told.extend((seen.subject.id, seen.judged) for seen in looking)

    assert told == [("one", True), ("two", False), ("three", True)]


@pytest.mark.parametrize(("left", "waited"), [(None, 20.0), (60.0, 20.0), (7.0, 6.0), (0.5, 0.0)])
def test_the_wait_before_the_second_look_is_cut_to_what_is_left_of_the_time(left, waited):
    bench, recorded = served("chat")
    retag(bench)
    api = bench.context().api
    looking = Survey(lambda _inputs: api, bench.clock, confirm_delay=20.0, time_left=lambda: left)

    (seen,) = looking.look(map(subject, recorded))

    assert differences(seen) == {"tags.team": "outside"}
    assert bench.clock.waits == [waited]
    assert looking.cut_to == (None if waited == 20.0 else waited)


# --- what no resource declares -------------------------------------------------------------------


def test_endpoints_that_no_subject_names_are_strays_with_the_mark_that_they_carry():
    bench, recorded = served("chat", foundation_models=("databricks-claude",))
    for name in ("rogue", "marked"):
        bench.context().api.create_endpoint({"name": name})
    tag = {"key": "managed-by-pulumi", "value": "other.dev.0a1b2c3d"}
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/marked/tags", {"add_tags": [tag]})

    strays = survey(bench).strays(map(subject, recorded))

    assert strays == (
        Stray("ServingEndpoint", "marked", HOST_NAME, "other.dev.0a1b2c3d"),
        Stray("ServingEndpoint", "rogue", HOST_NAME),
    )


def test_a_list_that_tells_no_tags_has_each_stray_asked_for():
    bench, recorded = served("chat")
    tag = {"key": "managed-by-pulumi", "value": "other.dev.0a1b2c3d"}
    bench.workspace.ui("POST", ENDPOINTS, {"name": "marked", "tags": [tag]})

    def bare(request, answer):
        body = json.loads(answer().read())
        if request.url.path != ENDPOINTS:
            return answers(body)
        listed = [{k: v for k, v in one.items() if k != "tags"} for one in body["endpoints"]]
        return answers({"endpoints": listed})

    looking = survey(bench, transport=Altered(bench.workspace.transport(), bare))
    strays = looking.strays(map(subject, recorded))

    assert [stray.owner for stray in strays] == ["other.dev.0a1b2c3d"]
    assert read(bench)[-2:] == ["GET serving-endpoints", "GET serving-endpoints/marked"]


def test_an_endpoint_whose_mark_may_not_be_read_is_a_stray_all_the_same():
    bench, recorded = served("chat")
    for name in ("mine", "theirs"):
        bench.workspace.ui("POST", ENDPOINTS, {"name": name})
    tag = {"key": "managed-by-pulumi", "value": "other.dev.0a1b2c3d"}
    bench.workspace.ui("PATCH", f"{ENDPOINTS}/theirs/tags", {"add_tags": [tag]})

    def door(request, answer):
        if request.url.path == f"{ENDPOINTS}/mine":
            return answers({"error_code": "PERMISSION_DENIED", "message": "no"}, 403)
        if request.url.path != ENDPOINTS:
            return answer()
        listed = json.loads(answer().read())["endpoints"]
        bare = [{k: v for k, v in one.items() if k != "tags"} for one in listed]
        return answers({"endpoints": bare})

    looking = survey(bench, transport=Altered(bench.workspace.transport(), door))
    strays = looking.strays(map(subject, recorded))

    assert [(stray.name, stray.owner) for stray in strays] == [
        ("mine", None),
        ("theirs", "other.dev.0a1b2c3d"),
    ]


def test_keys_of_a_declared_scope_that_no_secret_declares_are_strays_and_listed_once():
    bench = Bench()
    recorded = every_kind(bench)
    body = {"scope": "llm", "key": "by-hand", "string_value": "x"}
    bench.workspace.ui("POST", f"{SECRETS}/put", body)
    looking = survey(bench)
    list(looking.look(map(subject, recorded)))

    strays = looking.strays(map(subject, recorded))

    assert strays == (Stray("Secret", "llm/by-hand", HOST_NAME),)
    assert read(bench).count("GET secrets/list?scope=llm") == 1


def test_a_workspace_that_cannot_be_listed_is_told_and_the_rest_goes_on():
    bench = Bench()
    recorded = every_kind(bench)
    body = {"scope": "llm", "key": "by-hand", "string_value": "x"}
    bench.workspace.ui("POST", f"{SECRETS}/put", body)
    bench.workspace.faults.add(
        Fault(path=ENDPOINTS, status=403, error_code="PERMISSION_DENIED", times=None)
    )
    errors = []

    strays = survey(bench).strays(map(subject, recorded), errors.append)

    assert [stray.name for stray in strays] == ["llm/by-hand"]
    assert [type(error) for error in errors] == [PermissionDenied]
    with pytest.raises(PermissionDenied):
        survey(bench).strays(map(subject, recorded))


def test_another_workspace_than_the_recorded_one_has_no_strays_of_ours():
    _, recorded = served("chat")
    elsewhere = Bench(workspace_id="6543210987654321")
    elsewhere.workspace.ui("POST", ENDPOINTS, {"name": "theirs"})

    strays = survey(elsewhere).strays(map(subject, recorded))

    assert (strays, read(elsewhere)) == ((), [])
