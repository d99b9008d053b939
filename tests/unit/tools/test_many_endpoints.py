"""The measurement of docs/emulator.md, on a small scale."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[3] / "tools" / "many_endpoints.py"


def many_endpoints(*arguments):
    return subprocess.run(
        [sys.executable, TOOL, *arguments], capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_it_tells_what_it_took_through_both_doors_and_with_a_file():
    first, _, _, *rows = many_endpoints("--endpoints", "3").splitlines()

    assert first.startswith("3 endpoints; ")
    assert [re.split(r"  +", row)[0] for row in rows] == [
        "over HTTP",
        "over HTTP, with --db",
        "the same, started again",
        "in process",
    ]
    assert all("3 in " in row for row in rows)


def test_its_help_says_what_it_does():
    said = " ".join(many_endpoints("--help").split())

    assert "Creates them one after the other, then lists them" in said
    assert "--endpoints N" in said
