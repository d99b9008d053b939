"""A pytest plugin that writes down which writes the tests of the scenarios made.

It is loaded with `-p support.scenario_writes --scenario-writes FILE`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

_WRITES: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--scenario-writes", metavar="FILE", help="where the writes are told")


def pytest_configure(config):
    config.stash[_WRITES] = {}


def pytest_sessionfinish(session):
    file = session.config.getoption("--scenario-writes", default=None)
    if file:
        Path(file).write_text(json.dumps(session.config.stash[_WRITES]), encoding="utf-8")


def note(request, writes):
    """Write down what a test sent, under its name; nothing where the plugin is not loaded."""
    told = request.config.stash.get(_WRITES, None)
    if told is not None:
        told.setdefault(request.node.name, []).extend(writes)
