"""How the official client finds its credentials, and what a server says to them."""

from __future__ import annotations

import pytest
from databricks.sdk.credentials_provider import credentials_strategy
from databricks.sdk.errors import PermissionDenied, Unauthenticated

from databricks_serving_emulator import Workspace

ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
PASSWORD = "dose-made-up"
ADMIN = "serving.admin@example.com"
PROFILES = """\
[DEFAULT]
host = {host}
token = dapi-emulator

[ann]
host = {host}
token = token-of-ann

[robot]
host = {host}
client_id = {robot}
client_secret = {password}

[stale]
host = {host}
token = dapi-revoked
"""


@pytest.fixture
def workspace():
    found = Workspace(strict=True)
    found.identities.add_user("ann@example.com", token="token-of-ann")
    found.identities.add_service_principal("ci", application_id=ROBOT, client_secret=PASSWORD)
    return found


@pytest.fixture
def environment(monkeypatch, server):
    """Settings that the client finds in the environment, the host among them."""

    def given(**settings):
        for name, value in {"HOST": server.url, **settings}.items():
            monkeypatch.setenv(f"DATABRICKS_{name}", value)

    return given


@pytest.fixture
def profiles(server, tmp_path):
    text = PROFILES.format(host=server.url, robot=ROBOT, password=PASSWORD)
    (tmp_path / "databrickscfg").write_text(text)


@credentials_strategy("none", [])
def no_credentials(_config):
    return dict


def test_a_token_is_found_in_the_environment(sdk, environment):
    environment(TOKEN="token-of-ann")

    client = sdk()

    assert client.config.auth_type == "pat"
    assert client.current_user.me().user_name == "ann@example.com"


def test_a_client_s_secret_is_found_in_the_environment(sdk, environment):
    environment(CLIENT_ID=ROBOT, CLIENT_SECRET=PASSWORD)

    client = sdk()

    assert client.config.auth_type == "oauth-m2m"
    assert client.current_user.me().user_name == ROBOT


@pytest.mark.parametrize(
    ("settings", "who", "how"),
    [
        ({}, ADMIN, "pat"),
        ({"profile": "ann"}, "ann@example.com", "pat"),
        ({"profile": "robot"}, ROBOT, "oauth-m2m"),
    ],
)
@pytest.mark.usefixtures("profiles")
def test_a_profile_says_who_and_where(sdk, settings, who, how):
    client = sdk(**settings)

    assert client.config.auth_type == how
    assert client.current_user.me().user_name == who


@pytest.mark.usefixtures("profiles")
def test_a_profile_is_chosen_by_the_environment(sdk, monkeypatch):
    monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", "ann")

    assert sdk().current_user.me().user_name == "ann@example.com"


def test_what_the_program_says_goes_before_the_environment(sdk, environment):
    environment(TOKEN="dapi-revoked")

    assert sdk(token="token-of-ann").current_user.me().user_name == "ann@example.com"


def test_two_ways_at_once_are_one_too_many(sdk, environment):
    environment(TOKEN="token-of-ann")

    with pytest.raises(ValueError, match="more than one authorization method"):
        sdk(client_id=ROBOT, client_secret=PASSWORD)


@pytest.mark.usefixtures("profiles")
def test_a_profile_that_is_not_there_is_no_profile(sdk):
    with pytest.raises(ValueError, match="has no prod profile"):
        sdk(profile="prod")


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda client: client.serving_endpoints.get("chat"), id="endpoint"),
        pytest.param(lambda client: list(client.serving_endpoints.list()), id="endpoints"),
        pytest.param(lambda client: list(client.secrets.list_scopes()), id="scopes"),
        pytest.param(lambda client: client.current_user.me(), id="me"),
    ],
)
def test_a_wrong_token_is_no_permission(connect, call):
    stranger = connect(token="dapi-other", auth_type="pat")

    with pytest.raises(PermissionDenied, match=r"^Invalid access token\."):
        call(stranger)


@pytest.mark.usefixtures("profiles")
def test_a_revoked_token_in_a_profile_is_no_permission(sdk):
    with pytest.raises(PermissionDenied, match=r"^Invalid access token\."):
        sdk(profile="stale").current_user.me()


def test_no_token_at_all_is_nobody(connect):
    nobody = connect(credentials_strategy=no_credentials)

    with pytest.raises(Unauthenticated, match="Credential was not sent"):
        nobody.current_user.me()


def test_an_oauth_token_serves_for_many_calls(connect):
    client = connect(client_id=ROBOT, client_secret=PASSWORD, auth_type="oauth-m2m")
    client.current_user.me()

    first, second = client.config.authenticate(), client.config.authenticate()

    assert first == second
    assert client.config.oauth_token().token_type == "Bearer"


def test_a_new_secret_ends_the_tokens_of_the_old_one(connect, workspace):
    client = connect(client_id=ROBOT, client_secret=PASSWORD, auth_type="oauth-m2m")
    client.current_user.me()

    workspace.identities.add_service_principal(application_id=ROBOT, client_secret="dose-new")

    with pytest.raises(PermissionDenied, match="Invalid access token"):
        client.current_user.me()
    again = connect(client_id=ROBOT, client_secret="dose-new", auth_type="oauth-m2m")
    assert again.current_user.me().user_name == ROBOT


def test_who_has_left_has_no_token(connect, workspace):
    client = connect(token="token-of-ann", auth_type="pat")
    client.current_user.me()

    workspace.identities.remove("ann@example.com")

    with pytest.raises(PermissionDenied, match="Invalid access token"):
        client.current_user.me()
