"""What is asked again, how often, and after how long."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving.api import WorkspaceApi
from databricks_serving.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Interrupted,
    InvalidRequest,
    PermissionDenied,
    TooManyRequests,
    Unavailable,
    Unreachable,
)
from support.clock import FakeClock
from support.context import credentials
from support.transports import Script

OK = httpx.Response(200, json={"name": "chat"})


def refusal(status, code="", **headers):
    body = {"error_code": code, "message": "Not now."}
    return httpx.Response(status, json=body, headers=headers)


def api_of(script, clock):
    return WorkspaceApi(credentials(), clock, script)


def ends_with(error, call):
    with pytest.raises(error) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, "REQUEST_LIMIT_EXCEEDED"), (503, "TEMPORARILY_UNAVAILABLE"), (503, "")],
)
def test_an_answer_that_says_not_now_is_asked_again_after_the_time_it_names(status, code):
    clock = FakeClock()
    script = Script(refusal(status, code, **{"Retry-After": "7"}), OK)

    found = api_of(script, clock).get_endpoint("chat")

    assert found.stamps.name == "chat"
    assert clock.waits == [7.0]


def test_without_a_named_time_the_waits_double_up_to_ten_seconds():
    clock = FakeClock()
    script = Script(*[refusal(503)] * 6, OK)

    api_of(script, clock).get_endpoint("chat")

    bounds = [(0.75, 1.25), (1.5, 2.5), (3, 5), (6, 10), (7.5, 12.5), (7.5, 12.5)]
    assert len(clock.waits) == len(bounds)
    assert all(low <= wait <= high for wait, (low, high) in zip(clock.waits, bounds, strict=True))


def test_a_date_in_retry_after_counts_as_none():
    clock = FakeClock()
    script = Script(refusal(429, **{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), OK)

    api_of(script, clock).get_endpoint("chat")

    assert 0.75 <= clock.passed <= 1.25


@pytest.mark.parametrize(
    ("status", "seconds", "error", "advice"),
    [
        (429, 600, TooManyRequests, "lower --parallel"),
        (503, 300, Unavailable, "Run it again later"),
    ],
)
def test_in_the_end_the_error_comes_out(status, seconds, error, advice):
    clock = FakeClock()
    script = Script(refusal(status, **{"Retry-After": "60"}))

    failed = ends_with(error, lambda: api_of(script, clock).get_endpoint("chat"))

    assert clock.passed == seconds
    assert len(script.requests) == seconds / 60 + 1
    assert "GET /api/2.0/serving-endpoints/chat: the workspace answered" in str(failed)
    assert advice in str(failed)


@pytest.mark.parametrize(
    ("status", "seconds", "error"), [(429, 601, TooManyRequests), (503, 301, Unavailable)]
)
def test_a_named_time_beyond_the_budget_is_not_waited_for(status, seconds, error):
    clock = FakeClock()
    script = Script(refusal(status, **{"Retry-After": str(seconds)}))

    ends_with(error, lambda: api_of(script, clock).get_endpoint("chat"))

    assert clock.passed == 0


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidRequest),
        (403, PermissionDenied),
        (409, Conflict),
        (501, Unavailable),
        (418, ApiError),
    ],
)
def test_other_answers_are_final(status, error):
    clock = FakeClock()
    script = Script(refusal(status))

    failed = ends_with(error, lambda: api_of(script, clock).put_config("chat", {}))

    assert type(failed) is error
    assert len(script.requests) == 1
    assert clock.passed == 0


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_that_passes_is_seen_by_nobody(status):
    clock = FakeClock()
    script = Script(refusal(status), refusal(status), OK)

    api_of(script, clock).put_config("chat", {})

    assert len(script.requests) == 3
    assert 2.25 <= clock.passed <= 3.75


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_that_stays_is_said_after_three_attempts(status):
    script = Script(refusal(status))

    ends_with(Unavailable, lambda: api_of(script, FakeClock()).get_endpoint("chat"))

    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_create_that_met_a_server_error_is_not_sent_again(status):
    script = Script(refusal(status), OK)

    ends_with(Unavailable, lambda: api_of(script, FakeClock()).create_endpoint({}))

    assert len(script.requests) == 1


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ConnectTimeout])
def test_an_address_that_does_not_answer_is_tried_three_times(failure):
    clock = FakeClock()
    script = Script(failure)

    failed = ends_with(Unreachable, lambda: api_of(script, clock).create_endpoint({}))

    assert len(script.requests) == 3
    assert clock.waits == [0.5, 0.5]
    assert str(failed).startswith("https://dbc-emulator.cloud.databricks.com cannot be reached")
    assert "dbserving emulator" in str(failed)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda api: api.get_endpoint("chat"), id="get"),
        pytest.param(lambda api: api.put_config("chat", {}), id="put-config"),
        pytest.param(lambda api: api.put_ai_gateway("chat", {}), id="put-gateway"),
        pytest.param(lambda api: api.patch_tags("chat", (("team", "a"),), ()), id="patch-tags"),
        pytest.param(lambda api: api.delete_endpoint("chat"), id="delete"),
        pytest.param(lambda api: api.put_secret({}), id="put-secret"),
        pytest.param(lambda api: api.delete_secret("keys", "openai"), id="delete-secret"),
        pytest.param(lambda api: api.delete_scope("keys"), id="delete-scope"),
        pytest.param(lambda api: api.put_acl("keys", "users", "READ"), id="put-acl"),
        pytest.param(lambda api: api.delete_acl("keys", "users"), id="delete-acl"),
        pytest.param(lambda api: api.patch_permissions("0a1b", {}), id="patch-permissions"),
        pytest.param(lambda api: api.put_permissions("0a1b", {}), id="put-permissions"),
    ],
)
def test_where_the_answer_is_lost_what_may_happen_twice_is_sent_again(call):
    script = Script(httpx.ReadError, httpx.RemoteProtocolError, OK)

    call(api_of(script, FakeClock()))

    assert len(script.requests) == 3


def acl(permission):
    return httpx.Response(200, json={"items": [{"principal": "users", "permission": permission}]})


def test_tc_05_a_permission_that_is_there_already_was_given_by_the_request_that_was_lost():
    there = refusal(400, "RESOURCE_ALREADY_EXISTS")
    script = Script(httpx.ReadError, there, acl("READ"))

    api_of(script, FakeClock()).put_acl("keys", "users", "READ")

    assert len(script.requests) == 3


def test_another_permission_that_is_there_already_is_an_error():
    script = Script(refusal(400, "RESOURCE_ALREADY_EXISTS"), acl("MANAGE"))

    ends_with(AlreadyExists, lambda: api_of(script, FakeClock()).put_acl("keys", "users", "READ"))


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda api: api.create_endpoint({"name": "chat"}), id="endpoint"),
        pytest.param(lambda api: api.create_scope({"scope": "keys"}), id="scope"),
    ],
)
def test_where_the_answer_is_lost_a_create_is_not_sent_again(call):
    clock = FakeClock()
    script = Script(httpx.ReadTimeout, OK)

    ends_with(Unreachable, lambda: call(api_of(script, clock)))

    assert len(script.requests) == 1
    assert clock.passed == 0


def test_a_create_that_was_not_taken_yet_is_sent_again():
    script = Script(refusal(429, **{"Retry-After": "1"}), OK)

    api_of(script, FakeClock()).create_endpoint({"name": "chat"})

    assert script.sent == ["POST /api/2.0/serving-endpoints"] * 2


def test_ctrl_c_ends_the_wait_between_two_attempts():
    script = Script(refusal(503))
    clock = FakeClock(called_off_after=0)

    stopped = ends_with(Interrupted, lambda: api_of(script, clock).get_endpoint("chat"))

    assert str(stopped).startswith("Stopped before another attempt. GET")
    assert len(script.requests) == 1


def test_deleting_what_is_gone_is_success():
    body = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Endpoint does not exist."}
    script = Script(httpx.ReadError, httpx.Response(404, json=body))

    api_of(script, FakeClock()).delete_endpoint("chat")

    assert script.sent == ["DELETE /api/2.0/serving-endpoints/chat"] * 2
