"""What a control answers when it cannot make sense of a request: one sentence on what to write."""

from __future__ import annotations

import inspect

import httpx
import pytest

from databricks_serving_emulator import Deployments, Request, RunningServer, Workspace
from databricks_serving_emulator.control_bodies import DeploymentBody
from unit.emulator.bodies import (
    ENDPOINTS,
    NEW_YEAR,
    Client,
    FakeClock,
    custom,
    endpoint,
    external,
)

FAULTS = "/_emulator/faults"
FAULT_FIELDS = (
    "its fields are method, path, times, skip, when, status, error_code, message, headers, drop, "
    "delay, form, echo; "
    'for example {"method": "PUT", "path": "/api/2.0/serving-endpoints/*/config", "status": 503}.'
)
HEADERS = (
    'an object of ASCII strings such as {"Retry-After": "2"}, without what the server itself says '
    "of the connection and the length "
    "(Content-Length, Transfer-Encoding, Connection and their like)"
)
DEPLOYMENTS = "/_emulator/deployments"
DEPLOYMENT_FIELDS = (
    "its fields are name, polls, seconds, outcome, message, times; "
    'for example {"name": "chat", "polls": 2, "outcome": "failed"}.'
)
UI = "/_emulator/ui"
UI_FIELDS = (
    "its fields are method, path, body; "
    'for example {"method": "GET", "path": "/api/2.0/serving-endpoints"}.'
)
ADVANCE = "/_emulator/clock/advance"
ADVANCE_FIELD = 'its only field is seconds; for example {"seconds": 60}.'
METHODS = '"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" or "OPTIONS"'


def refusal(method, path, body=None):
    status, content = Client().call(method, path, body)
    assert (status, list(content)) == (400, ["error"])
    return content["error"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"colour": "red"}, 'there is no field "colour"'),
        ({"when": "during"}, '"when" must be "before" or "after", not "during"'),
        ({"times": 0}, '"times" must be a whole number, 1 or more, or null for every time, not 0'),
        (
            {"times": "3"},
            '"times" must be a whole number, 1 or more, or null for every time, not "3"',
        ),
        ({"skip": -1}, '"skip" must be a whole number, 0 or more, not -1'),
        ({"skip": True}, '"skip" must be a whole number, 0 or more, not true'),
        (
            {"status": 200},
            (
                '"status" must be an HTTP status from 400 to 599, '
                "or null for the service's own answer, not 200"
            ),
        ),
        (
            {"delay": -1},
            '"delay" must be a number of seconds, 0 or more and at most 1000000000, not -1',
        ),
        (
            {"form": "xml"},
            '"form" must be "json", "api-1.2", "scim", "text", "html" or "empty", not "xml"',
        ),
        ({"method": "get"}, f'"method" must be {METHODS}, or "*" for any of them, not "get"'),
        (
            {"path": None},
            (
                '"path" must be a path under /api/, /oidc/ or /serving-endpoints/ without its '
                "query, in which * is one segment and ** many, not null"
            ),
        ),
        ({"message": 7}, '"message" must be a string, not 7'),
        ({"drop": "no"}, '"drop" must be true or false, not "no"'),
        (
            {"headers": {"Retry-After": 2, "Server": 1}},
            (f'"headers" must be {HEADERS}, not {{"Retry-After": 2, "Server": 1}}'),
        ),
        (
            {"headers": {"Server": "a\r\nb"}},
            (f'"headers" must be {HEADERS}, not {{"Server": "a\\r\\nb"}}'),
        ),
        (["x"], "the body must be a JSON object"),
    ],
)
def test_a_bad_fault_is_told_what_to_write(body, problem):
    assert refusal("POST", FAULTS, body) == f"POST {FAULTS}: {problem}; {FAULT_FIELDS}"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"polls": -1},
            '"polls" must be a whole number, 0 or more, or null for as many as usual, not -1',
        ),
        (
            {"polls": "2"},
            '"polls" must be a whole number, 0 or more, or null for as many as usual, not "2"',
        ),
        (
            {"seconds": -0.5},
            '"seconds" must be a number, 0 or more and at most 1000000000, or null, not -0.5',
        ),
        (
            {"outcome": "splendid"},
            '"outcome" must be "ready", "failed", "aborted" or "timed_out", not "splendid"',
        ),
        ({"name": ""}, '"name" must be an endpoint\'s name, or null for any endpoint, not ""'),
        (
            {"times": 0, "poll": 3},
            (
                '"times" must be a whole number, 1 or more, or null for every time, not 0; '
                'there is no field "poll"'
            ),
        ),
    ],
)
def test_a_bad_deployment_plan_is_told_what_to_write(body, problem):
    says = refusal("POST", DEPLOYMENTS, body)

    assert says == f"POST {DEPLOYMENTS}: {problem}; {DEPLOYMENT_FIELDS}"


def test_a_deployment_takes_polls_or_seconds():
    says = refusal("POST", DEPLOYMENTS, {"polls": 1, "seconds": 1})

    assert says == f'POST {DEPLOYMENTS}: give "polls" or "seconds", not both.'


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"path": ENDPOINTS}, f'"method" is missing and must be {METHODS}'),
        (
            {"method": "GET"},
            '"path" is missing and must be a path under /api, with its query if any',
        ),
        (
            {"method": "POST", "path": ENDPOINTS, "body": [1]},
            '"body" must be the JSON object that the API takes, or null, not [1]',
        ),
    ],
)
def test_a_bad_deed_in_the_ui_is_told_what_to_write(body, problem):
    assert refusal("POST", UI, body) == f"POST {UI}: {problem}; {UI_FIELDS}"


def test_a_deed_in_the_ui_that_the_workspace_refuses_names_its_error():
    says = refusal("POST", UI, {"method": "GET", "path": "/api/no"})

    assert says == (
        "POST /_emulator/ui: the workspace answers GET /api/no with "
        "404 ENDPOINT_NOT_FOUND: No API found for 'GET /api/no'."
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (None, '"seconds" is missing and must be a number, 0 or more'),
        ({"seconds": "60"}, '"seconds" must be a number, 0 or more, not "60"'),
        ({"seconds": -1}, '"seconds" must be a number, 0 or more, not -1'),
    ],
)
def test_the_clock_moves_forward_by_a_number_only(body, problem):
    assert refusal("POST", ADVANCE, body) == f"POST {ADVANCE}: {problem}; {ADVANCE_FIELD}"


def test_the_clock_stays_where_a_date_can_say_it():
    client = Client()

    status, content = client.call("POST", ADVANCE, {"seconds": 1e300})

    assert (status, content) == (
        400,
        {
            "error": f"POST {ADVANCE}: the clock goes no further than the year 9999: "
            "write at most 251634729599 seconds, not 1e+300."
        },
    )
    assert client.clock.now() == NEW_YEAR
    assert client.does("POST", ADVANCE, {"seconds": 251634729599}) == {"now": 253402300799.0}
    assert client.call("POST", ADVANCE, {"seconds": 1})[0] == 400


def test_a_clock_that_cannot_be_moved_says_so():
    class Stopped(FakeClock):
        advance = None

    answer = Client(clock=Stopped()).call("POST", ADVANCE, {"seconds": 1})

    assert answer == (
        400,
        {"error": "POST /_emulator/clock/advance: this workspace's clock cannot be moved."},
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/_emulator/reset", ["x"], "the body must be empty; it takes no fields"),
        ("DELETE", FAULTS, {"x": 1}, 'there is no field "x"; it takes no fields'),
        (
            "GET",
            "/_emulator/calls?writes=maybe",
            None,
            (
                '"writes" must be true or false, not "maybe"; '
                "its only query parameter is writes; for example ?writes=true"
            ),
        ),
        (
            "POST",
            "/_emulator/faults?times=1",
            None,
            'there is no query parameter "times"; it takes no query parameters',
        ),
    ],
)
def test_what_a_control_does_not_take_is_refused(method, path, body, problem):
    assert refusal(method, path, body) == f"{method} {path.partition('?')[0]}: {problem}."


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "the body must be a JSON object"),
        (b'{"\\ud800": 1}', "the body holds text that is no Unicode"),
        (
            b'{"seconds": NaN}',
            "the body holds a number that JSON does not have, such as NaN or 1e999",
        ),
        (b"[" * 1_000 + b"]" * 1_000, "the body is nested deeper than 100 levels"),
        (
            b'{"seconds": "' + b"9" * 100 + b'"}',
            f'"seconds" must be a number, 0 or more, not "{"9" * 59}…',
        ),
    ],
)
def test_a_body_that_json_cannot_hold_is_refused_too(body, problem):
    answer = Workspace().answer(Request("POST", ADVANCE, body=body))

    assert (answer.status, answer.json()) == (
        400,
        {"error": f"POST {ADVANCE}: {problem}; {ADVANCE_FIELD}"},
    )


@pytest.mark.parametrize(
    ("names", "there"),
    [((), "there are no endpoints"), (("chat", "search"), "the endpoints are chat, search")],
)
def test_to_cancel_the_update_of_an_unknown_endpoint_names_those_there_are(names, there):
    client = Client()
    for name in names:
        client.create(endpoint(custom(), name=name))

    answer = client.call("POST", "/_emulator/endpoints/nope/cancel-update")

    says = f"Endpoint with name 'nope' does not exist; {there}."
    assert answer == (400, {"error": f"POST /_emulator/endpoints/nope/cancel-update: {says}"})


def test_to_cancel_where_nothing_is_updating_says_so():
    client = Client()
    client.create(endpoint(external()))

    answer = client.call("POST", "/_emulator/endpoints/chat/cancel-update")

    says = "Endpoint chat is not updating: there is nothing to cancel."
    assert answer == (400, {"error": f"POST /_emulator/endpoints/chat/cancel-update: {says}"})


def test_a_control_that_does_not_exist_names_those_that_do():
    client = Client()
    listed = [line for line in client.http.get("/_emulator").text.splitlines() if line[0] != " "]

    status, content = client.call("GET", "/_emulator/magic")

    says = "GET /_emulator/magic: there is no such control; the controls are GET /_emulator, "
    assert status == 404
    assert content["error"].startswith(f"{says}GET /_emulator/calls, DELETE /_emulator/calls, ")
    assert content["error"].endswith(", POST /_emulator/endpoints/NAME/recreate.")
    assert all(" ".join(line.split()) in content["error"] for line in listed)


def test_a_refused_control_changes_nothing():
    client = Client()

    client.call("POST", FAULTS, {"status": 500, "colour": "red"})

    assert client.call("GET", ENDPOINTS) == (200, {})


def test_the_server_answers_a_bad_control_in_the_same_words():
    with RunningServer(Workspace()) as server:
        answer = httpx.post(f"{server.url}{ADVANCE}", json={"minutes": 1, "seconds": 1})

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": f'POST {ADVANCE}: there is no field "minutes"; {ADVANCE_FIELD}'},
    )


def test_a_deployment_over_http_has_the_fields_of_a_plan():
    taken = list(inspect.signature(Deployments.plan).parameters)

    assert taken == ["self", *DeploymentBody.model_fields]
