"""The reference of the command line: whole, and true of the commands."""

from __future__ import annotations

import re
from pathlib import Path

import generate_cli
import pytest

from databricks_serving.cli.configuration import COMMANDS
from databricks_serving.report.model import ExitCode

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
NAMED = list(generate_cli.commands())
SECTION = re.compile(r"^## `dbserving ([^`]+)`\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
SECTIONS = {match[1]: match[2] for match in SECTION.finditer(PAGE)}


def test_every_command_has_a_section_with_an_example():
    named = [each.name for each in NAMED]

    assert list(SECTIONS) == named, "run `make generate`"
    without = [name for name in named if "dbserving " not in SECTIONS[name]]
    assert without == [], "give them a line in EXAMPLES of tools/generate_cli.py, or in their help"


@pytest.mark.parametrize("each", NAMED, ids=lambda each: each.name)
def test_every_option_has_a_row(each):
    rows = re.findall(r"^\| `(--[\w-]+)`", SECTIONS[each.name], re.MULTILINE)

    assert rows == [option.opts[0] for option in each.options]


def test_every_variable_is_one_that_a_command_reads():
    known = {
        f"DBSERVING_{own}{name}".upper()
        for settings in COMMANDS
        for name in settings.model_fields
        for own in ("", f"{settings.COMMAND}_")
    }
    named = set(re.findall(r"<br>`(DBSERVING_\w+)` \|", PAGE))

    assert len(named) > 30
    assert named <= known


def test_every_exit_code_is_given_to_a_command():
    given = {
        int(code)
        for section in SECTIONS.values()
        for code in re.findall(r"\d+", section.rpartition("[Exit codes]")[2].partition("\n")[0])
    }

    assert given == {int(code) for code in ExitCode}


def test_a_code_that_all_but_one_have_is_told_of_the_others():
    page = "| 7 | Lost | all that talk to a workspace but drift |\n"
    (drift, usage, schema) = (
        next(each for each in NAMED if each.name == name) for name in ("drift", "usage", "schema")
    )

    assert list(generate_cli._codes(drift, page)) == []
    assert list(generate_cli._codes(usage, page)) == ["7"]
    assert list(generate_cli._codes(schema, page)) == []


def test_a_row_reads_like_this():
    assert (
        "| `--confirm-delay` `DURATION`<br>`DBSERVING_CONFIRM_DELAY` | `20s` | How long after a "
        "first look what differs is looked at again (20s); 0s: not at all. |"
    ) in SECTIONS["drift"].splitlines()
