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


def test_it_tells_what_it_took_through_both_doors():
    first, *doors = many_endpoints("--endpoints", "3").splitlines()

    assert first.startswith("3 endpoints; ")
    assert [re.findall(r"^over HTTP|^in process|3 listed", line) for line in doors] == [
        ["over HTTP", "3 listed"],
        ["in process", "3 listed"],
    ]


def test_its_help_says_what_it_does():
    said = " ".join(many_endpoints("--help").split())

    assert "Creates them one after the other, then lists them" in said
    assert "--endpoints N" in said
