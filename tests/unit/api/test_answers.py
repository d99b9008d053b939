"""Answers in all the shapes that they come in."""

from __future__ import annotations

import json

import httpx
import pytest

from databricks_serving.api import WorkspaceApi
from databricks_serving.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ServingError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from support.clock import FakeClock
from support.context import CANARY, credentials, without_canary
from support.transports import Script

PAGE = "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"


def answered(status, body=None, *, text=None, headers=None):
    content = json.dumps(body) if text is None else text
    return httpx.Response(status, content=content, headers=headers)


def api_of(*answers):
    return WorkspaceApi(credentials(), FakeClock(), Script(*answers))


def failure_of(answer):
    with pytest.raises(ServingError) as caught:
        api_of(answer).put_ai_gateway("chat", {})
    return caught.value


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        pytest.param(
            answered(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "No such task."}),
            InvalidRequest,
            "answered 400 INVALID_PARAMETER_VALUE: No such task.",
            id="envelope",
        ),
        pytest.param(
            answered(403, {"error_code": 403, "message": "Invalid access token."}),
            Unauthenticated,
            "answered 403: Invalid access token. Set DATABRICKS_HOST and DATABRICKS_TOKEN",
            id="integer-code",
        ),
        pytest.param(
            answered(403, text="", headers={"X-Databricks-Reason-Phrase": "Token expired."}),
            PermissionDenied,
            "answered 403: Token expired.",
            id="empty-body-with-a-reason",
        ),
        pytest.param(answered(401, text=""), Unauthenticated, "answered 401: Un", id="empty-body"),
        pytest.param(
            answered(502, text=PAGE), Unavailable, "answered 502: Bad Gateway.", id="html"
        ),
        pytest.param(
            answered(400, {"error": "Unsupported API."}),
            InvalidRequest,
            "answered 400: Unsupported API.",
            id="api-1.2",
        ),
        pytest.param(
            answered(403, {"detail": "Not an admin.", "status": "403", "scimType": "sensitive"}),
            PermissionDenied,
            "answered 403: Not an admin. Ask for the right",
            id="scim",
        ),
        pytest.param(
            answered(400, text="INVALID_STATE: Still starting."),
            InvalidRequest,
            "answered 400 INVALID_STATE: Still starting.",
            id="plain-text",
        ),
        pytest.param(answered(500, ["no", "object"]), Unavailable, "answered 500: ", id="array"),
    ],
)
def test_an_error_answer_is_understood_in_every_shape(answer, error, said):
    failed = failure_of(answer)

    assert type(failed) is error
    assert str(failed).startswith("PUT /api/2.0/serving-endpoints/chat/ai-gateway: the workspace ")
    assert said in str(failed)
    assert "<" not in str(failed)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "RESOURCE_ALREADY_EXISTS", AlreadyExists),
        (409, "RESOURCE_ALREADY_EXISTS", AlreadyExists),
        (400, "RESOURCE_DOES_NOT_EXIST", NotFound),
        (404, "NOT_FOUND", NotFound),
        (409, "RESOURCE_CONFLICT", Conflict),
        (400, "REQUEST_LIMIT_EXCEEDED", TooManyRequests),
        (403, "PERMISSION_DENIED", PermissionDenied),
        (401, "UNAUTHORIZED", Unauthenticated),
    ],
)
def test_the_code_decides_before_the_status(status, code, error):
    failed = failure_of(answered(status, {"error_code": code, "message": "No."}))

    assert type(failed) is error


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answered(404, text=PAGE), id="page-of-a-proxy"),
        pytest.param(answered(404, text=""), id="empty"),
        pytest.param(
            answered(404, {"error_code": "FEATURE_DISABLED", "message": "Off."}), id="feature-off"
        ),
        pytest.param(
            answered(404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API."}), id="no-route"
        ),
    ],
)
def test_only_the_services_own_words_count_as_not_there(answer):
    with pytest.raises(ApiError, match="answered 404") as caught:
        api_of(answer).get_endpoint("chat")

    assert type(caught.value) is ApiError


@pytest.mark.parametrize("code", ["RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"])
def test_an_endpoint_that_is_not_there_is_none(code):
    answer = answered(404, {"error_code": code, "message": "Endpoint does not exist."})

    assert api_of(answer).get_endpoint("chat") is None


def test_a_long_message_is_cut():
    failed = failure_of(answered(400, {"error_code": "BAD_REQUEST", "message": "long " * 1000}))

    assert len(str(failed)) < 750
    assert len(failed.answer.message) == 5000


def test_a_server_error_names_the_request_for_the_support():
    details = [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": "0d5b7c2e"}]
    body = {"error_code": "INTERNAL_ERROR", "message": "Oops.", "details": details}

    failed = failure_of(answered(500, body))

    assert "500 INTERNAL_ERROR: Oops. Its support can look up request 0d5b7c2e." in str(failed)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("text", [PAGE, "", "upstream connect error", '{"error_code": '])
def test_tc_10_whatever_the_body_is_the_status_and_the_request_are_named(status, text):
    answer = answered(status, text=text, headers={"X-Request-Id": "0d5b7c2e"})

    failed = failure_of(answer)

    assert type(failed) is Unavailable
    assert f"the workspace answered {status}: " in str(failed)
    assert "Its support can look up request 0d5b7c2e." in str(failed)
    assert not any(word in str(failed) for word in ("<", "JSON", "Expecting", "upstream"))


def test_a_secret_that_a_message_repeats_is_hidden_before_the_message_is_cut():
    message = "x" * 590 + CANARY
    failed = failure_of(answered(400, {"error_code": "BAD_REQUEST", "message": message}))

    hidden = failed.without([CANARY])

    assert type(hidden) is InvalidRequest
    assert str(hidden).endswith("x***.")
    without_canary(hidden, repr(hidden), vars(hidden))
    assert "sk-" not in str(hidden)


def test_a_secret_with_line_breaks_is_hidden_in_the_form_that_json_gives_it_too():
    key = "-----BEGIN-----\nMIIE\n-----END-----"
    echo = json.dumps({"private_key_plaintext": key})

    failed = failure_of(answered(400, {"error_code": "BAD_REQUEST", "message": f"In {echo}."}))

    assert 'In {"private_key_plaintext": "***"}.' in str(failed.without([key]))


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        pytest.param(answered(200, text=PAGE), "something that is no JSON", id="login-page"),
        pytest.param(answered(200, text='"text"'), "something that is no JSON", id="text"),
        pytest.param(answered(200, {"no": "name"}), "something that is no endpoint", id="other"),
        pytest.param(answered(200, text=""), "something that is no endpoint", id="empty"),
    ],
)
def test_a_good_status_with_something_else_is_an_error(answer, what):
    with pytest.raises(ApiError, match=what):
        api_of(answer).get_endpoint("chat")


@pytest.mark.parametrize(
    "body",
    [
        {"tags": [{"key": "team", "value": "a"}]},
        [{"key": "team", "value": "a"}],
        {},
    ],
)
def test_tags_may_be_answered_as_an_object_or_a_list(body):
    api_of(answered(200, body)).patch_tags("chat", (("team", "a"),), ())


def test_tags_are_added_and_deleted_in_one_call():
    script = Script(answered(200, {}))

    WorkspaceApi(credentials(), FakeClock(), script).patch_tags("chat", (("a", "1"),), ("b",))

    sent = json.loads(script.requests[0].content)
    assert sent == {"add_tags": [{"key": "a", "value": "1"}], "delete_tags": ["b"]}


def test_an_endpoints_name_is_one_segment_of_the_path():
    script = Script(answered(404, {"error_code": "NOT_FOUND", "message": "No."}))

    WorkspaceApi(credentials(), FakeClock(), script).get_endpoint("a/b c")

    assert script.requests[0].url.raw_path == b"/api/2.0/serving-endpoints/a%2Fb%20c"


@pytest.mark.parametrize("stamp", [1743085336000, "1743085336000"])
def test_secrets_are_listed_with_the_time_of_their_last_put(stamp):
    body = {"secrets": [{"key": "openai", "last_updated_timestamp": stamp}]}

    assert api_of(answered(200, body)).list_secrets("keys") == {"openai": 1743085336000}


def test_empty_lists_may_be_left_out():
    api = api_of(answered(200, {}))

    assert api.list_secrets("keys") == {}
    assert api.list_acls("keys") == {}
    assert api.get_scope("keys") is None


def test_acls_are_listed_under_items():
    body = {"items": [{"principal": "users", "permission": "READ"}]}

    assert api_of(answered(200, body)).list_acls("keys") == {"users": "READ"}


def test_a_missing_scope_has_no_list_of_secrets():
    body = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Scope keys does not exist!"}

    assert api_of(answered(404, body)).list_secrets("keys") is None


def test_scopes_are_found_without_regard_to_case():
    body = {"scopes": [{"name": "LLM-Keys", "backend_type": "DATABRICKS"}]}

    assert api_of(answered(200, body)).get_scope("llm-keys")["name"] == "LLM-Keys"


@pytest.mark.parametrize(("status", "code"), [(400, "BAD_REQUEST"), (403, "PERMISSION_DENIED")])
def test_a_secret_that_the_workspace_does_not_give_out_is_none(status, code):
    answer = answered(status, {"error_code": code, "message": "Only in notebooks."})

    assert api_of(answer).get_secret("keys", "openai") is None


@pytest.mark.parametrize("body", [{"secrets": 5}, {"secrets": [1]}, {"secrets": [{}]}])
def test_a_list_of_secrets_of_the_wrong_shape_is_an_error_of_the_api(body):
    with pytest.raises(ApiError, match="something that is no such list"):
        api_of(answered(200, body)).list_secrets("llm")


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (WorkspaceApi.list_endpoints, {"endpoints": [None]}),
        (WorkspaceApi.list_endpoints, {"endpoints": [{"name": 5}]}),
        (WorkspaceApi.list_scopes, {"scopes": {"a": 1}}),
        (lambda api: api.list_acls("llm"), {"items": [{"principal": "ann"}]}),
    ],
)
def test_so_is_any_other_list(ask, body):
    with pytest.raises(ApiError, match="something that is no such list"):
        ask(api_of(answered(200, body)))
