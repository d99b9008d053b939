"""The machine's own time."""

from __future__ import annotations

import threading

import pytest

from databricks_serving.clock import CalledOff, SystemClock


def test_time_never_goes_back():
    clock = SystemClock()

    assert clock.now() <= clock.now()


def test_a_wait_ends_by_itself():
    SystemClock().wait(0)


def test_a_wait_that_is_called_off_ends_at_once():
    called_off = threading.Event()
    called_off.set()
    clock = SystemClock(called_off)
    begun = clock.now()

    with pytest.raises(CalledOff):
        clock.wait(3600)

    assert clock.now() - begun < 60
