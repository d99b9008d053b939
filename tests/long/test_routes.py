"""Every route of the emulator is tested: answers, refusals, dependence on state.

It runs all of tests/unit/emulator once more, to count by route: a minute and a half of two cores.
"""

from __future__ import annotations

from pathlib import Path

import generate_routes
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(1800)
def test_every_route_is_tested_in_every_way_and_stands_in_the_table():
    written = (ROOT / "docs" / "emulator-routes.md").read_text(encoding="utf-8")

    assert generate_routes.shortcomings(generate_routes.counted(), written) == []
