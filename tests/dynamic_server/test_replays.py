"""The mini engine does what the real one was recorded doing: same calls, same state.

`make recordings` records anew; `tests/engine/test_recordings.py` tells when it is time for that.
"""

from __future__ import annotations

import pytest

from support.mini_engine.canned import Canned
from support.mini_engine.engine import MiniEngine
from support.mini_engine.programs import program
from support.recordings import RECORDED, RECORDINGS, read


def test_every_recording_is_of_a_scenario():
    assert {kept.stem for kept in RECORDINGS.glob("*.json")} == set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_the_mini_engine_makes_the_recorded_calls_and_ends_with_the_recorded_state(name):
    engine = MiniEngine(start=lambda: None)
    wanted = None

    for number, (step, recorded) in enumerate(zip(RECORDED[name], read(name), strict=True)):
        said = Canned(recorded["calls"])
        engine.start = lambda said=said: said
        engine.config, engine.secret_keys = {"shop:key": step.key}, ("shop:key",)
        wanted = step.program if step.program is not None else wanted
        report = replayed(engine, step, wanted)

        where = f"{name}, step {number}"
        asked, expected = said.differing or ({}, {})
        assert asked == expected, where
        assert said.left == [], where
        assert (report.error is not None) is recorded["failed"], where
        state = [each.shown() for each in engine.state]
        assert in_order(state) == in_order(recorded["state"]), where


def replayed(engine, step, wanted):
    """One step on the mini engine."""
    if step.command == "refresh":
        return engine.refresh()
    if step.command == "destroy":
        return engine.destroy(refresh=step.refresh)
    return getattr(engine, step.command)(program(wanted), refresh=step.refresh)


def in_order(state):
    """A state by URN; what is to be deleted comes after what has taken its place."""
    return sorted(state, key=lambda each: (each["urn"], each.get("delete", False)))
