"""Every example on the real engine: what must hold of any program, canary and all."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

CANARY = "sk-CANARY-5c1f"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("name", sorted(p.parent.name for p in EXAMPLES.glob("*/__main__.py")))
def test_an_example_settles_writes_nothing_twice_and_shows_no_secret(name, project):
    for file in (EXAMPLES / name).glob("*.py"):
        shutil.copy(file, project.directory)
    program = (project.directory / "__main__.py").read_text()
    for key in set(re.findall(r"require_secret\(\"(\w+)\"\)", program)):
        project.run("config", "set", "--secret", key, CANARY)

    project.up("-v=7", "--logtostderr")
    writes = project.sent()
    exported = project.run("stack", "export")
    project.preview("--expect-no-changes")
    project.drift(expect=0)
    project.up()

    assert writes
    assert project.sent() == []
    assert CANARY not in exported
    project.destroy()
    assert project.state() == []
