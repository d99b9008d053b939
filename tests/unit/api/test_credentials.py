"""Who we are and where: the fast path, the SDK's, and none."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap

import pytest

from databricks_serving.api import Where, resolve_credentials, with_scheme
from databricks_serving.errors import NoCredentials
from databricks_serving_emulator import RunningServer, Workspace
from support.context import CANARY, without_canary

ANYWHERE = Where()


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """The process's environment without any Databricks setting, for the SDK reads it itself."""
    for name in os.environ:
        if name.startswith(("DATABRICKS_", "ARM_", "GOOGLE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    def change(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return os.environ

    return change


@pytest.fixture
def workspace():
    with RunningServer(Workspace()) as server:
        yield server


def test_host_and_token_are_enough():
    environment = {"DATABRICKS_HOST": "dbc.test", "DATABRICKS_TOKEN": "dapi-1\n"}

    credentials = resolve_credentials(ANYWHERE, environment)

    assert credentials.host == "https://dbc.test"
    assert credentials.authenticate() == {"Authorization": "Bearer dapi-1"}


def test_the_named_host_wins_over_the_environments():
    environment = {"DATABRICKS_HOST": "dbc.test", "DATABRICKS_TOKEN": "dapi-1"}

    assert resolve_credentials(Where(host="other.test"), environment).host == "https://other.test"


def test_credentials_do_not_show_themselves():
    environment = {"DATABRICKS_HOST": "dbc.test", "DATABRICKS_TOKEN": CANARY}

    without_canary(repr(resolve_credentials(ANYWHERE, environment)))


@pytest.mark.parametrize("token", [f"{CANARY}\nX", f"{CANARY} €"])
def test_a_token_that_no_header_can_have_is_refused_unshown(token):
    environment = {"DATABRICKS_HOST": "dbc.test", "DATABRICKS_TOKEN": token}

    with pytest.raises(NoCredentials, match="characters that no token has") as caught:
        resolve_credentials(ANYWHERE, environment)

    without_canary(caught.value, repr(caught.value))


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("dbc.test", "https://dbc.test"),
        ("https://dbc.test/", "https://dbc.test"),
        (" http://127.0.0.1:8765/ ", "http://127.0.0.1:8765"),
    ],
)
def test_an_address_needs_no_scheme(said, address):
    assert with_scheme(said) == address


def test_host_and_token_never_load_the_sdk():
    script = """
        import sys
        from databricks_serving.api import Where, WorkspaceApi, resolve_credentials
        from databricks_serving.clock import SystemClock
        found = resolve_credentials(
            Where(), {"DATABRICKS_HOST": "dbc.test", "DATABRICKS_TOKEN": "dapi-1"}
        )
        WorkspaceApi(found, SystemClock())
        print([name for name in sys.modules if name.startswith("databricks.")])
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_a_profile_is_read_by_the_sdk(environment, tmp_path, workspace):
    (tmp_path / "databrickscfg").write_text(
        f"[staging]\nhost = {workspace.url}\ntoken = dapi-staging\n"
    )

    credentials = resolve_credentials(Where(profile="staging"), environment())

    assert credentials.host == workspace.url
    assert credentials.authenticate()["Authorization"] == "Bearer dapi-staging"


def test_a_profile_that_the_environment_names_is_read(environment, tmp_path, workspace):
    (tmp_path / "databrickscfg").write_text(
        f"[staging]\nhost = {workspace.url}\ntoken = dapi-staging\n"
    )
    elsewhere = environment(DATABRICKS_CONFIG_PROFILE="staging")

    credentials = resolve_credentials(ANYWHERE, elsewhere)

    assert credentials.host == workspace.url


def test_a_named_profile_wins_over_host_and_token_in_the_environment(
    environment, tmp_path, workspace
):
    (tmp_path / "databrickscfg").write_text(
        f"[DEFAULT]\nauth_type = basic\n[staging]\nhost = {workspace.url}\ntoken = dapi-50%off\n"
    )
    elsewhere = environment(DATABRICKS_HOST="https://dev.test", DATABRICKS_TOKEN="dapi-dev")

    credentials = resolve_credentials(Where(profile="staging"), elsewhere)

    assert credentials.host == workspace.url
    assert credentials.authenticate()["Authorization"] == "Bearer dapi-50%off"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        pytest.param(None, "databrickscfg is not there.", id="no file"),
        pytest.param("[dev]\ntoken = x\n", "has no such profile.", id="no such profile"),
        pytest.param("[prod]\ntoken = dapi-prod\n", "gives it no host.", id="token only"),
        pytest.param("[prod]\nhost = {host}\n", "cannot configure default", id="host only"),
        pytest.param(
            "[prod]\nhost = {host}\nauth_type = oauth-m2m\nclient_id = 1b6f\n",
            "cannot configure default",
            id="no secret",
        ),
    ],
)
def test_a_named_profile_is_never_completed_with_the_environments_workspace(
    environment, tmp_path, workspace, file, reason
):
    if file is not None:
        (tmp_path / "databrickscfg").write_text(file.format(host=workspace.url))
    elsewhere = environment(
        DATABRICKS_HOST="https://dev.test",
        DATABRICKS_TOKEN=CANARY,
        DATABRICKS_CLIENT_SECRET=CANARY,
    )

    with pytest.raises(NoCredentials) as caught:
        resolve_credentials(Where(profile="prod"), elsewhere)

    assert caught.value.id == "no-credentials"
    assert str(caught.value).startswith("No credentials for the profile prod: ")
    assert reason in str(caught.value)
    without_canary(caught.value, repr(caught.value))


def test_a_profile_with_its_own_token_needs_nothing_that_the_environment_logs_in_with(
    environment, tmp_path, workspace
):
    (tmp_path / "databrickscfg").write_text(f"[prod]\nhost = {workspace.url}\ntoken = dapi-prod\n")
    elsewhere = environment(
        DATABRICKS_AUTH_TYPE="oauth-m2m", DATABRICKS_CLIENT_ID="1b6f", ARM_CLIENT_ID="2c7a"
    )

    credentials = resolve_credentials(Where(profile="prod"), elsewhere)

    assert credentials.method == "pat"


@pytest.mark.parametrize("method", ["", "auth_type = databricks-cli\n"])
def test_a_profile_with_a_host_alone_takes_the_login_that_the_databricks_cli_keeps(
    environment, tmp_path, workspace, method
):
    (tmp_path / "databrickscfg").write_text(f"[prod]\nhost = {workspace.url}\n{method}")
    cli = tmp_path / "databricks"
    token = {"access_token": "kept", "token_type": "Bearer", "expiry": "2999-01-01T00:00:00Z"}
    # Larger than a megabyte: smaller ones are the CLI of before 2023, which the SDK passes over.
    cli.write_text(f"#!/bin/sh\necho '{json.dumps(token)}'\nexit 0\n" + "#" * 1_100_000)
    cli.chmod(0o755)
    elsewhere = environment(
        DATABRICKS_HOST="https://dev.test",
        DATABRICKS_TOKEN="dapi-dev",
        DATABRICKS_CLI_PATH=str(cli),
    )

    credentials = resolve_credentials(Where(profile="prod"), elsewhere)

    assert (credentials.host, credentials.method) == (workspace.url, "databricks-cli")
    assert credentials.authenticate() == {"Authorization": "Bearer kept"}


@pytest.mark.skipif(
    importlib.util.find_spec("databricks.sdk.oidc") is None,
    reason="this release of the SDK knows no file-oidc",
)
def test_a_profile_takes_the_pipelines_own_identity_from_the_environment(
    environment, tmp_path, workspace
):
    (tmp_path / "databrickscfg").write_text(
        f"[prod]\nhost = {workspace.url}\nauth_type = file-oidc\n"
    )
    (tmp_path / "identity").write_text("made-up")
    elsewhere = environment(
        DATABRICKS_HOST="https://dev.test",
        DATABRICKS_CLIENT_ID="1b6f",
        DATABRICKS_OIDC_TOKEN_FILEPATH=str(tmp_path / "identity"),
    )

    credentials = resolve_credentials(Where(profile="prod"), elsewhere)

    assert (credentials.host, credentials.method) == (workspace.url, "file-oidc")


def test_the_login_of_the_machine_that_a_run_is_on_is_not_used_for_a_profile(
    environment, tmp_path, workspace
):
    (tmp_path / "databrickscfg").write_text(f"[prod]\nhost = {workspace.url}\n")
    token = {"OAUTH_TOKEN": [{"oauthTokenValue": CANARY}]}
    (tmp_path / "model-dependencies-oauth-token").write_text(json.dumps(token))
    in_a_container = environment(
        IS_IN_DB_MODEL_SERVING_ENV="true",
        SERVING_CREDENTIALS_DIR=str(tmp_path),
        DB_MODEL_SERVING_HOST_URL="https://dev.test",
    )

    with pytest.raises(NoCredentials, match=r"^No credentials for the profile prod: "):
        resolve_credentials(Where(profile="prod"), in_a_container)


def test_other_methods_go_through_the_sdk(environment, workspace):
    basic = environment(
        DATABRICKS_HOST=workspace.url, DATABRICKS_USERNAME="ann", DATABRICKS_PASSWORD="made-up"
    )

    credentials = resolve_credentials(ANYWHERE, basic)

    assert credentials.authenticate() == {"Authorization": "Basic YW5uOm1hZGUtdXA="}


def test_a_token_service_that_says_no_is_one_paragraph(environment, workspace):
    machine = environment(
        DATABRICKS_HOST=workspace.url,
        DATABRICKS_CLIENT_ID="1b6f",
        DATABRICKS_CLIENT_SECRET=CANARY,
        DATABRICKS_AUTH_TYPE="oauth-m2m",
    )

    with pytest.raises(NoCredentials) as caught:
        resolve_credentials(ANYWHERE, machine).authenticate()

    assert "Set DATABRICKS_HOST and DATABRICKS_TOKEN" in str(caught.value)
    assert "\n" not in str(caught.value)
    without_canary(caught.value, repr(caught.value))


@pytest.mark.parametrize(
    ("where", "named"),
    [
        pytest.param(ANYWHERE, "a Databricks workspace", id="anywhere"),
        pytest.param(Where(host="dbc.test"), "the workspace https://dbc.test", id="host"),
    ],
)
def test_without_credentials_one_paragraph_says_what_to_set(environment, where, named):
    with pytest.raises(NoCredentials) as caught:
        resolve_credentials(where, environment())

    text = str(caught.value)
    assert text.startswith(f"No credentials for {named}: ")
    assert "Set DATABRICKS_HOST and DATABRICKS_TOKEN" in text
    assert "workspace={'profile': …}" in text
    assert "`dbserving emulator`" in text
    assert "\n" not in text


def test_where_a_profile_is_named_nobody_is_told_to_name_one(environment, tmp_path):
    with pytest.raises(NoCredentials) as caught:
        resolve_credentials(Where(profile="prod"), environment())

    assert str(caught.value) == (
        f"No credentials for the profile prod: {tmp_path}/databrickscfg is not there. `databricks "
        f"auth login --host https://… --profile prod` writes the profile, and "
        f"DATABRICKS_CONFIG_FILE names another file of profiles. Where neither `workspace` nor the "
        f"stack configuration databricks-serving:profile names one, DATABRICKS_HOST and "
        f"DATABRICKS_TOKEN count."
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"[DEFAULT]\nhost = https://dbc.test\ntoken {CANARY}\n", ", line 3 cannot be read"),
        (f"token = {CANARY}\n", ", line 1 cannot be read: no [profile] stands before it"),
        (f"[a]\ntoken = {CANARY}\ntoken = {CANARY}\n", ", line 3 cannot be read"),
        (f"[a]\ntoken = {CANARY}\n[a]\n", ", line 3 cannot be read"),
        (f"[a]\ntoken = {CANARY} \udcff\n", " cannot be read: it is no UTF-8 text"),
    ],
)
def test_a_broken_file_of_profiles_is_told_by_its_line_and_never_by_its_text(
    environment, tmp_path, text, place
):
    file = tmp_path / "databrickscfg"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")

    with pytest.raises(NoCredentials) as caught:
        resolve_credentials(ANYWHERE, environment())

    assert f"{file}{place}" in str(caught.value)
    without_canary(caught.value, repr(caught.value))


@pytest.mark.parametrize(
    "said",
    [
        f"https://joe:{CANARY}@dbc.test",
        f"joe:{CANARY}@dbc.test/x",
        f"https://joe:{CANARY}/2@dbc.test",
    ],
)
def test_a_host_with_a_password_in_it_is_refused_unshown(said):
    environment = {"DATABRICKS_HOST": said, "DATABRICKS_TOKEN": "dapi-1"}

    with pytest.raises(NoCredentials, match=r"host dbc\.test is written with a user") as caught:
        resolve_credentials(ANYWHERE, environment)

    without_canary(caught.value, repr(caught.value))


def test_so_is_one_of_a_profile(environment, tmp_path):
    (tmp_path / "databrickscfg").write_text(
        f"[staging]\nhost = http://joe:{CANARY}@127.0.0.1:1\ntoken = dapi-staging\n"
    )

    with pytest.raises(NoCredentials) as caught:
        resolve_credentials(Where(profile="staging"), environment())

    without_canary(caught.value, repr(caught.value))
