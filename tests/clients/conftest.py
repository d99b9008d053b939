"""A workspace's server, and clients of it, each with its own credentials."""

from __future__ import annotations

import os

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from databricks_serving_emulator import RunningServer, Workspace


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch, tmp_path):
    """No settings of whoever runs the tests: the clients read them on their own."""
    for name in os.environ:
        if name.startswith(("DATABRICKS_", "MLFLOW_", "ARM_", "GOOGLE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def workspace():
    return Workspace(strict=True)


@pytest.fixture
def server(workspace):
    with RunningServer(workspace) as running:
        yield running


@pytest.fixture
def sdk(server):  # noqa: ARG001 - the clients are closed before the server stops
    """Clients of the Databricks SDK, made of what is given and of what they find themselves."""
    clients = []

    def made(**settings):
        config = Config(retry_timeout_seconds=30, http_timeout_seconds=10, **settings)
        clients.append(WorkspaceClient(config=config))
        return clients[-1]

    yield made
    for client in clients:
        client.api_client._api_client._session.close()


@pytest.fixture
def connect(server, sdk):
    """Clients of the server; without credentials, the admin's."""

    def connected(**credentials):
        found = credentials or {"token": "dapi-emulator", "auth_type": "pat"}
        return sdk(host=server.url, **found)

    return connected


@pytest.fixture
def client(connect):
    return connect()
