"""What `dbserving explain` prints: one entry of the catalogue of errors, or the names of all."""

from __future__ import annotations

import textwrap

from databricks_serving.catalogue import CATALOGUE, GROUPS
from databricks_serving.cli.exits import UsageMistake
from databricks_serving_schema import among

_WIDTH = 80
#: Wider lines are hard to read, however wide the terminal.
_WIDEST = 100
_DOCTOR = "doctor-"


def explained(id_: str, width: int | None = None) -> str:
    """What an id stands for, as text. Raises `UsageMistake` where there is none such.

    id_: also with the brackets around it, as it is copied from a message
    width: of the terminal, in columns
    """
    asked = id_.strip().strip("[]")
    entry = CATALOGUE.get(asked)
    if entry is None:
        of_a_check = f"{_DOCTOR}{asked}"  # `doctor --json` and `--only` name checks without it
        near = of_a_check if of_a_check in CATALOGUE else among(asked, tuple(CATALOGUE))
        hint = f"did you mean {near}?" if near else "`dbserving explain` lists all."
        raise UsageMistake(f"No message has the id {asked!r}; {hint}", id="unknown-id")
    parts = [
        ("What happened", entry.happened),
        ("What to do", entry.remedy),
        ("Such a message", entry.sample and f"{entry.sample} [{entry.id}]"),
    ]
    told = [f"{title}:\n{_wrapped(text, width)}" for title, text in parts if text]
    more = [f"More: docs/{entry.page} of the documentation"] if entry.page else []
    return "\n\n".join([entry.id, *told, *more])


def listed(width: int | None = None) -> str:
    """Every id with what it means, in the groups of docs/errors.md.

    width: of the terminal, in columns
    """
    lines: list[str] = []
    for title, entries in GROUPS.items():
        told = (_wrapped(_first(one.happened), width, f"  {one.id:<26} ") for one in entries)
        lines += [title, *told, ""]
    return "\n".join([*lines, "`dbserving explain ID` says what to do."])


def _wrapped(text: str, width: int | None, before: str = "  ") -> str:
    return textwrap.fill(
        text,
        width=max(min(width or _WIDTH, _WIDEST), len(before) + 20),
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _first(text: str) -> str:
    """The first sentence."""
    return text.partition(". ")[0].rstrip(".")
