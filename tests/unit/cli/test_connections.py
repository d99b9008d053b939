"""The clients of one run: one for each workspace, and one search for credentials."""

import pytest

from databricks_serving.api import Where
from databricks_serving.cli.connections import Connections
from databricks_serving.errors import NoCredentials
from support.clock import FakeClock

NOBODYS = ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE")


@pytest.fixture(autouse=True)
def without_credentials(monkeypatch, tmp_path):
    for name in NOBODYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "none"))


def refused(connections, where):
    with pytest.raises(NoCredentials) as caught:
        connections.at(where)
    return caught.value


def test_credentials_that_are_not_there_are_looked_for_once(tmp_path):
    connections = Connections(FakeClock())
    first = refused(connections, Where(profile="prod"))

    (tmp_path / "none").write_text("[prod]\nhost = https://dbc.test\ntoken = dapi\n")
    again = refused(connections, Where(profile="prod"))

    assert again is first


def test_of_another_workspace_they_are_looked_for_all_the_same(monkeypatch):
    connections = Connections(FakeClock())
    refused(connections, Where(profile="prod"))

    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi")
    found = connections.at(Where(host="https://dbc.test"))

    assert found.host == "https://dbc.test"
    connections.close()
