"""The machine's own time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

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


def test_a_bell_that_was_rung_ends_the_next_wait_and_no_other():
    called_off = threading.Event()
    bell = SystemClock(called_off).bell()
    bell.ring()

    bell.wait()

    called_off.set()
    with pytest.raises(CalledOff):
        bell.wait()


def test_calling_off_ends_all_waits_by_bells_at_once():
    called_off = threading.Event()
    clock = SystemClock(called_off)

    def waits(_number):
        with pytest.raises(CalledOff):
            clock.bell().wait()
        return True

    with ThreadPoolExecutor(8) as pool:
        ended = pool.map(waits, range(8))
        called_off.set()

    assert list(ended) == [True] * 8


def test_who_is_rung_goes_on_while_the_others_wait():
    clock = SystemClock()
    bells = [clock.bell(), clock.bell()]

    with ThreadPoolExecutor(2) as pool:
        first, second = [pool.submit(bell.wait) for bell in bells]
        bells[1].ring()
        second.result()
        still = first.done()
        bells[0].ring()

    assert not still
