"""The rules, for people: what a preview refuses, and what it only says."""

from __future__ import annotations

from typing import Any

from databricks_serving_schema import ADVICE, RESOURCES, RULES
from databricks_serving_schema.rules import Rule

INTRODUCTION = """\
<!-- Generated from the schema by `make generate`: do not edit. -->

# Rules

What is judged in preview, before anything is called. All problems of a resource are told at once,
each as `path: reason`. What is not yet known counts as present, and its value is not judged.

What a single field may be (its type, known values, bounds, lengths) stands in [fields](fields.md).
"""
REFUSED = """\
## What is refused

| Rule | What it asks for | Of | Source |
|---|---|---|---|"""
SAID = """\
## What is said, and may stay

A warning in preview: one source alone speaks for it, or it is legal and probably a mistake.

| Advice | What is told | Of | Source |
|---|---|---|---|"""


def text() -> str:
    """The whole page."""
    refused, said = "\n".join(map(_row, RULES)), "\n".join(map(_row, ADVICE))
    return f"{INTRODUCTION}\n{REFUSED}\n{refused}\n\n{SAID}\n{said}\n"


def _row(rule: Rule[Any]) -> str:
    asks = " ".join((rule.check.__doc__ or "").split())
    return f"| `{rule.id}` | {asks} | {_judged(rule)} | {rule.source} |"


def _judged(rule: Rule[Any]) -> str:
    named = [resource.name for resource in RESOURCES if issubclass(resource.model, rule.of)]
    return "everything" if len(named) == len(RESOURCES) else ", ".join(named)
