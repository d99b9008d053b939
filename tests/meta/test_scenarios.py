"""Every scenario has a test that bears its id, or says why it has none, and stands in the table."""

from __future__ import annotations

from pathlib import Path

import generate_scenarios
import pytest

from scenarios.catalogue import SCENARIOS, Scenario

ROOT = Path(__file__).resolve().parents[2]
TWO = {"PD-01": Scenario("tags"), "FR-01": Scenario("stopped", why_not="nobody wants it")}


def test_every_scenario_is_tested_or_says_why_not_and_stands_in_the_table():
    tests = generate_scenarios.tests_by_scenario(ROOT / generate_scenarios.TESTS)
    written = (ROOT / generate_scenarios.TABLE).read_text(encoding="utf-8")

    assert generate_scenarios.shortcomings(SCENARIOS, tests, written) == []


def test_a_table_has_the_tests_and_what_they_write():
    tests = {"PD-01": ["test_pd_01_a", "test_pd_01_b"]}
    writes = {
        "test_pd_01_a[x]": ["POST serving-endpoints", "PUT serving-endpoints/chat/config"],
        "test_pd_01_a[y]": ["POST serving-endpoints", "POST secrets/acls/put"],
    }

    written = generate_scenarios.text(TWO, tests, writes)

    assert (
        "| PD-01 | tags | `test_pd_01_a`<br>`test_pd_01_b` "
        "| 2 POST endpoint, 1 PUT config, 1 POST acls/put<br>none |\n"
    ) in written
    assert "| FR-01 | stopped | none: nobody wants it |  |\n" in written


@pytest.mark.parametrize(
    ("tests", "missing"),
    [
        ({}, "PD-01: neither a test nor a reason why not"),
        ({"PD-01": ["test_pd_01_a"], "PD-99": ["test_pd_99_b"]}, "test_pd_99_b: no such scenario"),
        ({"PD-01": ["test_pd_01_a"], "": ["test_a"]}, "test_a: no such scenario"),
    ],
)
def test_what_is_missing_is_named(tests, missing):
    written = generate_scenarios.text(TWO, tests, {})

    assert generate_scenarios.shortcomings(TWO, tests, written) == [missing]


def test_a_test_that_the_table_lacks_is_named():
    written = generate_scenarios.text(TWO, {"PD-01": ["test_pd_01_a"]}, {})

    found = generate_scenarios.shortcomings(
        TWO, {"PD-01": ["test_pd_01_a", "test_pd_01_b"]}, written
    )

    assert found == ["test_pd_01_b: not in docs/scenarios.md, run `make scenarios`"]
