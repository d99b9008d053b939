"""Which workspace a resource means, as far as it can be told without a call."""

from __future__ import annotations

import pytest

from databricks_serving.api import Where
from databricks_serving.dynamic.workspaces import known_host, told_apart, where
from databricks_serving.state.settings import StackSettings
from databricks_serving_schema import UNKNOWN

HOST = "https://adb-1.azuredatabricks.net"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("HOST", "CONFIG_PROFILE", "SERVING_ONE_WORKSPACE"):
        monkeypatch.delenv(f"DATABRICKS_{name}", raising=False)
    return monkeypatch


def test_one_host_in_any_spelling_is_one_workspace_whoever_names_it(environment):
    environment.setenv("DATABRICKS_HOST", "ADB-1.azuredatabricks.net/")

    told = [
        told_apart({}, StackSettings()),
        told_apart({}, StackSettings(host=HOST)),
        told_apart({"workspace": {"host": f"{HOST}/"}}, StackSettings(profile="prod")),
    ]

    assert told == [HOST, HOST, HOST]


def test_one_profile_is_one_workspace_whoever_names_it(environment):
    environment.setenv("DATABRICKS_CONFIG_PROFILE", "prod")

    told = [
        told_apart({}, StackSettings()),
        told_apart({}, StackSettings(profile="prod")),
        told_apart({"workspace": {"profile": "prod"}}, StackSettings(host=HOST)),
    ]

    assert told == ["profile prod", "profile prod", "profile prod"]


def test_without_any_name_it_is_the_default_profile():
    assert told_apart({}, StackSettings()) == "profile DEFAULT"


@pytest.mark.parametrize("chosen", [UNKNOWN, {"host": UNKNOWN}, {"profile": UNKNOWN}])
def test_a_workspace_not_yet_known_is_not_taken_for_the_stacks(chosen):
    bag, settings = {"workspace": chosen}, StackSettings(host=HOST)

    assert told_apart(bag, settings) is None
    assert known_host(bag, settings) is None


@pytest.mark.parametrize(
    ("bag", "settings"),
    [
        ({"workspace": {"host": HOST}}, StackSettings()),
        ({"workspace": {"profile": "prod"}}, StackSettings()),
        ({}, StackSettings(host=HOST)),
        ({}, StackSettings(profile="prod")),
    ],
    ids=["host", "profile", "the stack's host", "the stack's profile"],
)
def test_where_there_is_one_workspace_nobody_names_another(bag, settings, environment):
    environment.setenv("DATABRICKS_HOST", "http://127.0.0.1:8765")
    environment.setenv("DATABRICKS_SERVING_ONE_WORKSPACE", "true")

    assert where(bag, settings) == Where()
    assert known_host(bag, settings) == "http://127.0.0.1:8765"
