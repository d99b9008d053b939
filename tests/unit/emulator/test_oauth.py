"""OAuth tokens for service principals."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from databricks_serving_emulator import Fault, RunningServer, Workspace
from unit.emulator.bodies import ENDPOINTS, Client

TOKEN = "/oidc/v1/token"
METADATA = "/oidc/.well-known/oauth-authorization-server"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
PASSWORD = "dose-made-up"
FORM = {"grant_type": "client_credentials", "scope": "all-apis"}
REFUSED = {"error": "invalid_client", "error_description": "Client authentication failed"}


def with_robot(**more):
    client = Client(**more)
    client.service_principal(application_id=ROBOT, client_secret=PASSWORD, token="token-of-robot")
    return client


def ask(client, user=ROBOT, password=PASSWORD, **form):
    return client.http.post(TOKEN, data={**FORM, **form}, auth=(user, password))


def token_of(client):
    return ask(client).json()["access_token"]


EXCHANGE = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_a_token_is_exchanged_for_one_to_query_with():
    client = with_robot()
    form = {"grant_type": EXCHANGE, "assertion": token_of(client), "authorization_details": "[]"}

    answer = client.http.post(TOKEN, data=form)

    assert answer.status_code == 200
    robot = client.by(answer.json()["access_token"])
    assert robot.does("GET", "/api/2.0/preview/scim/v2/Me")["userName"] == ROBOT


@pytest.mark.parametrize("assertion", [{}, {"assertion": "token-of-robot"}, {"assertion": "a.b.c"}])
def test_only_an_oauth_token_is_exchanged(assertion):
    answer = with_robot().http.post(TOKEN, data={"grant_type": EXCHANGE, **assertion})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_token_that_has_expired_is_not_exchanged():
    client = with_robot()
    form = {"grant_type": EXCHANGE, "assertion": token_of(client)}
    client.clock.advance(3600)

    assert client.http.post(TOKEN, data=form).json()["error"] == "invalid_grant"


def test_the_way_to_a_token_is_found_without_one():
    client = Client()
    client.http.headers.pop("Authorization")
    issuer = client.http.get("/.well-known/databricks-config").json()["oidc_endpoint"]

    found = client.http.get(f"{issuer}/.well-known/oauth-authorization-server").json()

    assert issuer == "https://dbc.test/oidc"
    assert found["token_endpoint"] == "https://dbc.test/oidc/v1/token"
    assert found["authorization_endpoint"] == "https://dbc.test/oidc/v1/authorize"


def test_client_credentials_are_exchanged_for_a_token():
    client = with_robot()

    answer = ask(client)

    assert answer.status_code == 200
    assert {**answer.json(), "access_token": "…"} == {
        "access_token": "…",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "all-apis",
    }
    robot = client.by(answer.json()["access_token"])
    assert robot.create({"name": "chat"})["creator"] == ROBOT


def test_each_token_is_another_one():
    client = with_robot()

    assert token_of(client) != token_of(client)


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (ROBOT, "wrong"),
        (ROBOT, ""),
        (ROBOT, "geheimnis-ü"),
        ("nobody", PASSWORD),
        ("serving.admin@example.com", "dapi-emulator"),
    ],
)
def test_wrong_client_credentials_are_an_invalid_client(user, password):
    answer = ask(with_robot(), user, password)

    assert (answer.status_code, answer.json()) == (401, REFUSED)


@pytest.mark.parametrize("header", ["Bearer dapi-emulator", "Basic !", "Basic /w==", "Basic"])
def test_anything_but_basic_credentials_is_an_invalid_client(header):
    answer = with_robot().http.post(TOKEN, data=FORM, headers={"Authorization": header})

    assert (answer.status_code, answer.json()) == (401, REFUSED)


def test_another_grant_is_not_supported():
    answer = ask(with_robot(), grant_type="password")

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_token_ends_after_an_hour():
    client = with_robot()
    robot = client.by(token_of(client))
    client.clock.advance(3599)
    before = robot.call("GET", ENDPOINTS)[0]

    client.clock.advance(1)

    assert before == 200
    assert robot.call("GET", ENDPOINTS) == (
        403,
        {"error_code": 403, "message": "Invalid access token."},
    )


def test_a_token_ends_with_the_secret_that_it_was_got_for():
    client = with_robot()
    robot = client.by(token_of(client))

    client.does(
        "POST",
        "/_emulator/service-principals",
        {"application_id": ROBOT, "client_secret": "another"},
    )

    assert robot.call("GET", ENDPOINTS)[0] == 403


def test_a_token_outlives_a_restart(tmp_path):
    first = with_robot(db=tmp_path / "workspace.db")
    token = token_of(first)
    first.workspace.close()

    again = Client(db=tmp_path / "workspace.db")

    assert again.by(token).call("GET", ENDPOINTS) == (200, {})
    again.workspace.close()


def forged(**changes):
    """A token for somebody else, under the signature of the robot's own."""
    header, claims, signature = token_of(with_robot()).split(".")
    known = json.loads(base64.urlsafe_b64decode(claims + "=="))
    text = json.dumps({**known, **changes}).encode()
    return f"{header}.{base64.urlsafe_b64encode(text).rstrip(b'=').decode()}.{signature}"


@pytest.mark.parametrize(
    "token",
    [
        forged(exp=9e12),
        forged(sub="serving.admin@example.com"),
        forged(sub="nobody"),
        forged(exp="never"),
        "a.b.c",
        "a.W10.c",
    ],
    ids=["other time", "other user", "nobody", "no time", "no JSON", "no claims"],
)
def test_a_made_up_token_is_no_token(token):
    assert with_robot().by(token).call("GET", ENDPOINTS)[0] == 403


def test_credentials_are_good_as_soon_as_they_are_known():
    client = Client()
    client.http.headers.pop("Authorization")
    before = ask(client).status_code
    client.service_principal(application_id=ROBOT, client_secret=PASSWORD)

    after = ask(client).status_code

    assert (before, after) == (401, 200)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", TOKEN), ("POST", METADATA), ("POST", "/oidc/v1/authorize")]
)
def test_there_is_no_more_of_oauth_than_that(method, path):
    client = Client()

    assert client.refuses(method, path)[:2] == (404, "ENDPOINT_NOT_FOUND")
    assert [call.path for call in client.workspace.unknown_calls] == [path]


def test_getting_a_token_can_fail_by_a_fault_and_is_no_call_of_the_api():
    client = with_robot()
    client.workspace.faults.add(Fault(path="/oidc/**"))

    statuses = [ask(client).status_code for _ in range(2)]

    assert statuses == [503, 200]
    assert client.workspace.calls == ()


@pytest.mark.one_door("starts a server of its own")
def test_a_service_principal_gets_a_token_over_http():
    workspace = Workspace()
    robot = workspace.identities.add_service_principal(application_id=ROBOT)
    with RunningServer(workspace) as server, httpx.Client(base_url=server.url) as http:
        endpoint = http.get(METADATA).json()["token_endpoint"]
        token = http.post(endpoint, data=FORM, auth=(ROBOT, robot.client_secret)).json()
        wrong = http.post(endpoint, data=FORM, auth=(ROBOT, "wrong"))
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        listed = http.get(ENDPOINTS, headers=headers)

    assert (wrong.status_code, wrong.json()) == (401, REFUSED)
    assert (listed.status_code, listed.json()) == (200, {})
