"""Killed at any call: the next run does what is left, or names what it cannot recognise.

The provider's process is killed (SIGKILL) before a call has its effect or after it, or the
connection is lost after it. `make crash` does so at every call of every scenario, the tests at a
part of them.
"""

from __future__ import annotations

import os
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.crash_programs import SCENARIOS
from support.mini_engine.crashes import clean, crash, points, some_points

WHOLE = os.environ.get("DBSERVING_CRASHES") == "all"


@pytest.mark.parametrize("name", SCENARIOS)
def test_after_any_interruption_the_next_run_does_what_is_left(name, stands, record_property):
    scenario = SCENARIOS[name]
    first = stands.get()
    calls, expected = clean(first, scenario)
    stands.put(first)
    chosen = points(calls) if WHOLE else some_points(calls)

    def ended(point):
        stand = stands.get()
        try:
            return crash(stand, scenario, point, expected), ""
        except Exception:  # noqa: BLE001 - all of them are told at once
            return "failed", f"{point.how}: {calls[point.at]}\n{traceback.format_exc()}"
        finally:
            stands.put(stand)

    with ThreadPoolExecutor(stands.maxsize or 4) as threads:
        ends = list(threads.map(ended, chosen))

    record_property("crashes", dict(Counter(end for end, _ in ends)))
    assert [told for end, told in ends if end == "failed"] == []
    assert {end for end, _ in ends} <= {"converged", *scenario.adopts}


def test_what_nothing_shows_to_be_ours_is_named_with_the_way_out(stand):
    scenario = SCENARIOS["nothing shows whose the secret is"]
    calls, expected = clean(stand, scenario)
    put = calls.index("POST /api/2.0/secrets/put")
    killed = next(p for p in points(calls) if (p.at, p.how) == (put, "killed after"))

    end = crash(stand, scenario, killed, expected)

    assert end == "openai"
