"""What docs/security.md says: the tests that it names are there, and what no other test holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from databricks_serving.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def options() -> list[str]:
    """All options, as `COMMAND --OPTION`, but the emulator's, whose token is made up."""
    found, left = [], [typer.main.get_command(app)]
    while left:
        command: Any = left.pop()
        left += getattr(command, "commands", {}).values()
        if command.name != "emulator":
            names = (name for each in command.params for name in each.opts)
            found += (f"{command.name} {name}" for name in names)
    return found


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w./:-]+)`", PAGE))))
def test_a_file_of_tests_that_the_page_names_is_there(named):
    file, _, test = named.partition("::")

    assert f"def {test or 'test_'}" in (ROOT / file).read_text(encoding="utf-8")


def test_every_test_that_the_page_names_is_there():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]

    missing = [
        name
        for name in set(re.findall(r"`(?:[\w/.]+::)?(test_\w+)`", PAGE))
        if not any(f"def {name}(" in text for text in texts)
    ]

    assert missing == []


def test_no_option_takes_a_token():
    asked = options()

    secret = [name for name in asked if re.search("token|password|passphrase|credential", name)]

    assert secret == ["notify --token-env"], "this one takes the name of a variable"
    assert "drift --stack" in asked
