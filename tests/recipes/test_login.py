"""The login without a stored token, that the recipes have."""

from __future__ import annotations

import os

import pytest

from databricks_serving.api import Where, resolve_credentials
from databricks_serving_emulator import RunningServer, Workspace
from support.ci_stage import ROBOT, TOKEN, Federation


@pytest.mark.parametrize(
    ("seconds", "exchanges"),
    [pytest.param(3600, 1, id="an hour"), pytest.param(30, 2, id="as good as expired")],
)
def test_a_token_that_github_vouched_for_is_kept_until_it_expires(monkeypatch, seconds, exchanges):
    door = Federation(Workspace(token=TOKEN), seconds)
    with RunningServer(door) as server:
        for name, value in {
            "DATABRICKS_AUTH_TYPE": "github-oidc",
            "DATABRICKS_HOST": server.url,
            "DATABRICKS_CLIENT_ID": ROBOT,
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{server.url}/id-token?of=github",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-job",
        }.items():
            monkeypatch.setenv(name, value)
        credentials = resolve_credentials(Where(), os.environ)
        told = [credentials.authenticate() for _ in range(2)]

    assert told == [{"Authorization": f"Bearer {TOKEN}"}] * 2
    assert len(door.vouched) == exchanges
