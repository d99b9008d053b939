"""The reference of the fields: whole, and as Markdown what it should be."""

from __future__ import annotations

import re
from pathlib import Path

import generate_docs
import pytest
from schema_facts import Description, Entry, Thing, described
from schema_types import Leaf

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "fields.md").read_text(encoding="utf-8")
SECTIONS = {
    match[1]: match[2]
    for match in re.finditer(r"^###? (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
}
THINGS = [*described().resources, *described().nested]


def rows(section):
    """The cells of the section's table, without its head."""
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
def test_each_field_has_a_row_in_the_one_section_of_its_object(thing):
    assert len(re.findall(rf"^###? {thing.name}$", PAGE, re.MULTILINE)) == 1

    named = [cells[0].strip(" `") for cells in rows(SECTIONS[thing.name])]

    assert named == [entry.name for entry in thing.entries]


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
def test_a_row_has_as_many_cells_as_the_head(thing):
    assert {len(cells) for cells in rows(SECTIONS[thing.name])} == {8}


def test_a_link_leads_to_a_heading():
    headings = {match[1].lower() for match in re.finditer(r"^#+ (.+)$", PAGE, re.MULTILINE)}
    links = set(re.findall(r"\]\(#([^)]*)\)", PAGE))

    assert len(links) > 30
    assert links <= headings


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
def test_a_number_leads_to_a_note_and_each_note_is_used(thing):
    section = SECTIONS[thing.name]
    used = {number for cells in rows(section) for number in re.findall(r"\d+", cells[7])}

    assert used == set(re.findall(r"^(\d+)\. ", section, re.MULTILINE))


def test_a_bar_in_a_cell_ends_no_cell():
    entry = Entry("name", Leaf(str), "This | that.")

    page = generate_docs.text(Description((Thing("Some", "A thing.", (entry,), ("Some",)),), ()))

    assert "| `name` | text |  |  |  |  | Older form. This \\| that. |  |" in page.splitlines()


def test_a_row_reads_like_this():
    assert (
        "| `route_optimized` | `True` or `False` | `False` | replace | defaulted | high | Whether "
        "queries take a shorter way, at `endpoint_url` and with OAuth tokens only. | 8, 9 |"
    ) in PAGE.splitlines()
