"""The catalogue of errors as a page: docs/errors.md."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

from databricks_serving.catalogue import GROUPS, Entry

ROOT = Path(__file__).resolve().parents[1]
# The tests' table of programs that break rules: by name, for the tools' types end at the tests.
sys.path.insert(0, str(ROOT / "tests"))
_BROKEN = importlib.import_module("support.refused").BROKEN
_ADVISED = importlib.import_module("unit.schema.test_advice").TOLD

INTRODUCTION = """\
<!-- Generated from the catalogue of errors by `make generate`: do not edit. -->

# Errors

Every error, and every warning in preview, ends with its id in brackets:

```text
{sample}
```

`dbserving explain {id}` prints what stands here of it, and `dbserving explain` lists all.
In reports in JSON the id is a field of its own (`errors[].id`, `findings[].error_id`). Ids are a
contract: none changes its meaning, and none is used again. The words of a message may change.
"""
#: A message of each rule and advice, from the tables of programs that break them.
BROKEN_SAMPLES = {
    rule: f"{path}: {message}" if path else message
    for problems in (
        *(breach.problems for breach in reversed(_BROKEN.values())),
        *(told for _, told, *_ in reversed(_ADVISED.values())),
    )
    for path, rule, message in problems
}


def text() -> str:
    """The whole page."""
    known = {entry.id: entry for entries in GROUPS.values() for entry in entries}
    shown = known["scope-taken"]
    head = INTRODUCTION.format(sample=_sample(shown), id=shown.id)
    contents = "\n".join(f"- [{title}](#{_anchor(title)})" for title in GROUPS)
    sections = "\n".join(
        f"## {title}\n\n" + "\n".join(map(_section, entries)) for title, entries in GROUPS.items()
    )
    return f"{head}\n{contents}\n\n{sections}"


def _section(entry: Entry) -> str:
    parts = [f"### {entry.id}"]
    if sample := _sample(entry):
        parts.append(f"```text\n{sample}\n```")
    parts += [f"**Cause.** {_prose(entry.happened)}", f"**Remedy.** {_prose(entry.remedy)}"]
    if entry.page:
        parts.append(f"See [{entry.page.removesuffix('.md')}]({entry.page}).")
    return "\n\n".join(parts) + "\n"


def _sample(entry: Entry) -> str:
    said = entry.sample or BROKEN_SAMPLES.get(entry.id, "")
    if entry.id.startswith("doctor-"):
        return said  # the id ends its remedy, on the line below
    return f"{said} [{entry.id}]" if said else ""


def _prose(text: str) -> str:
    """A text in which braces, brackets and underscores are not read as Markdown."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([_*\[\]<>{])", r"\\\1", part) for part in parts
    )


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
