"""Every test of the emulator goes through both doors, but for those that say why not."""

from __future__ import annotations

import pytest

from unit.emulator import doors

BOTH = ["in process", pytest.param("over HTTP", marks=pytest.mark.over_http)]


def pytest_generate_tests(metafunc):
    (reason,) = next((mark.args for mark in metafunc.definition.iter_markers("one_door")), [None])
    if reason is None:
        metafunc.parametrize("door", BOTH, indirect=True)


@pytest.fixture(scope="session")
def building():
    with doors.Building() as opened:
        yield opened


@pytest.fixture(autouse=True)
def door(request):
    """The door that `Client` goes through in this test."""
    over_http = getattr(request, "param", None) == "over HTTP"
    chosen = request.getfixturevalue("building").over_http if over_http else doors.in_process
    with doors.through(chosen):
        yield chosen
