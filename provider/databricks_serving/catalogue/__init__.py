"""Every error, warning and finding that a user can meet: what it means, what to do about it.

Of a rule, what it asks for, its source and its remedy stand at the rule itself
(`databricks_serving_schema.rules`); of all else, here. Ids are a contract: from the first release
on none changes its meaning. Nobody imports it but `dbserving explain` and the documentation.
"""

from __future__ import annotations

from typing import Any

from databricks_serving_schema import ADVICE, RULES
from databricks_serving_schema.rules import Advice, Rule

from . import command, doctor, preview, provider, reports, service
from .entry import Entry


def _of_rule(rule: Rule[Any]) -> Entry:
    asks = " ".join((rule.check.__doc__ or "").split())
    what = "says something doubtful" if isinstance(rule, Advice) else "does not keep a rule"
    return Entry(rule.id, f"The program {what}: {asks}", rule.remedy, page="rules.md")


#: The groups of the documentation's page, by heading.
GROUPS: dict[str, tuple[Entry, ...]] = {
    "Refused in preview: what a program says": preview.ENTRIES,
    "Refused in preview: rules": tuple(map(_of_rule, RULES)),
    "Warned of in preview": tuple(map(_of_rule, ADVICE)),
    "From the provider": provider.ENTRIES,
    "From the service": service.ENTRIES,
    "From the command line": command.ENTRIES,
    "From the command line: reports and posts": reports.ENTRIES,
    "From dbserving doctor": doctor.ENTRIES,
}
CATALOGUE: dict[str, Entry] = {entry.id: entry for entries in GROUPS.values() for entry in entries}

__all__ = ["CATALOGUE", "GROUPS", "Entry"]
