"""What nobody sends by accident is refused like any other nonsense."""

from __future__ import annotations

import base64

import pytest

from unit.emulator.bodies import ENDPOINTS, SECRETS, Client, external


def token_of(claims: str) -> str:
    """A token that looks like one of OAuth's, signed by nobody."""
    return f"a.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.c"


def test_a_body_nested_without_end_is_no_object():
    client = Client()

    answer = client.http.post(ENDPOINTS, content="[" * 200_000)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "MALFORMED_REQUEST")


def test_a_token_nested_without_end_is_unknown():
    client = Client().by(token_of("[" * 3_000))

    status, code, _ = client.refuses("GET", ENDPOINTS)

    assert (status, code) == (403, 403)


def test_a_token_that_ends_after_all_time_is_unknown():
    client = Client().by(token_of('{"sub": "ann@example.com", "exp": ' + "9" * 400 + "}"))

    status, code, _ = client.refuses("GET", ENDPOINTS)

    assert (status, code) == (403, 403)


def test_a_number_beyond_all_bounds_is_none():
    client = Client()
    client.create({"name": "chat"})
    config = {"inference_table_config": {"sampling_fraction": 10**400}}

    status, code, _ = client.refuses(
        "PATCH", f"{ENDPOINTS}/chat/telemetry-config", {"telemetry_config": config}
    )

    assert (status, code) == (400, "MALFORMED_REQUEST")


def test_half_a_character_is_no_secret():
    client = Client()
    client.does("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})
    body = b'{"scope": "llm", "key": "k", "string_value": "\\ud800"}'

    answer = client.http.post(f"{SECRETS}/put", content=body)

    assert (answer.status_code, answer.json()["error_code"]) == (400, "MALFORMED_REQUEST")


def test_the_admin_stays():
    client = Client()
    body = {"name": "serving.admin@example.com"}

    status, said = client.call("DELETE", "/_emulator/identities", body)

    assert status == 400
    assert "serving.admin@example.com is the admin" in str(said)
    assert client.does("GET", ENDPOINTS) == {}


@pytest.mark.parametrize("number", ["1_000", " 7", "٣", "7\n", ""])
def test_what_python_alone_reads_as_an_integer_is_none(number):
    client = Client()
    client.create({"name": "chat", "config": {"served_entities": [external()]}})
    limits = {"rate_limits": [{"calls": number, "renewal_period": "minute"}]}

    status, code, message = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", limits)

    assert (status, code) == (400, "MALFORMED_REQUEST")
    assert message.endswith("expected an integer at 'rate_limits[0].calls'.")


@pytest.mark.parametrize("number", ["1_0e-2", " 0.5", "nan", "Infinity"])
def test_what_python_alone_reads_as_a_number_is_none(number):
    client = Client()
    client.create({"name": "chat"})
    telemetry = {"telemetry_config": {"inference_table_config": {"sampling_fraction": number}}}

    status, code, _ = client.refuses("PATCH", f"{ENDPOINTS}/chat/telemetry-config", telemetry)

    assert (status, code) == (400, "MALFORMED_REQUEST")
