"""What `dbserving explain` prints: one entry of the catalogue of errors, or the names of all."""

from __future__ import annotations

import textwrap

from databricks_serving.catalogue import CATALOGUE, GROUPS
from databricks_serving.cli.exits import UsageMistake
from databricks_serving_schema import among

_WIDTH = 80
#: Where the entries' pages are, and one that has all of them.
_DOCS = "docs"


def explained(id_: str) -> str:
    """What an id stands for, as text. Raises `UsageMistake` where there is none such.

    id_: also with the brackets around it, as it is copied from a message
    """
    asked = id_.strip().strip("[]")
    entry = CATALOGUE.get(asked)
    if entry is None:
        near = among(asked, tuple(CATALOGUE))
        hint = f"did you mean {near}?" if near else "`dbserving explain` lists all."
        raise UsageMistake(f"No message has the id {asked!r}; {hint}", id="unknown-id")
    parts = [
        ("What happened", entry.happened),
        ("What to do", entry.remedy),
        ("Such a message", entry.sample and f"{entry.sample} [{entry.id}]"),
    ]
    told = [f"{title}:\n{_wrapped(text)}" for title, text in parts if text]
    more = f"{_DOCS}/{entry.page}" if entry.page else f"{_DOCS}/errors.md#{entry.id}"
    return "\n\n".join([entry.id, *told, f"More: {more}"])


def listed() -> str:
    """Every id with what it means, in the groups of docs/errors.md."""
    lines: list[str] = []
    for title, entries in GROUPS.items():
        lines += [title, *(f"  {one.id:<26} {_first(one.happened)}" for one in entries), ""]
    return "\n".join([*lines, "`dbserving explain ID` says what to do."])


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text,
        width=_WIDTH,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _first(text: str) -> str:
    """The first sentence."""
    return text.partition(". ")[0].rstrip(".")
