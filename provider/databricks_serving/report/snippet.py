"""Ready-made ignore rules for what a report found; somebody has to give reason, owner and day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import shown
from .model import Classification

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import FieldChange, Finding, Report

_WHOLE = (Classification.MISSING, Classification.UNMANAGED)
_HEAD = """\
# Rules for .dbserving-ignore.toml. Each needs a reason, an owner, and the last day that it is fine
# (or permanent = true); until then this file is refused.
"""


def snippet(reports: Sequence[Report]) -> str:
    """One `[[ignore]]` for each difference, in TOML."""
    rules = [rule for each in reports for found in each.findings for rule in _rules(found)]
    return (
        _HEAD + "".join(f"\n{rule}" for rule in rules)
        if rules
        else "# There is nothing to ignore.\n"
    )


def _rules(finding: Finding) -> Iterator[str]:
    if finding.classification in _WHOLE:
        yield _rule(finding, ())
        return
    for change in (*finding.changes, *finding.not_in_code):
        if change.rule is None:
            yield _rule(finding, _about(change))


def _about(change: FieldChange) -> tuple[str, ...]:
    lines = [f"path     = {_text(change.pointer)}"]
    if change.actual.kind == "plain" and isinstance(change.actual.value, (str, int, bool)):
        lines.append(f"value    = {_text(change.actual.value)}")
    return tuple(lines)


def _rule(finding: Finding, about: tuple[str, ...]) -> str:
    resource = _glob(f"{finding.workspace}:{finding.kind}/{finding.name}")
    lines = [
        "[[ignore]]",
        f"resource = {_text(resource)}",
        *about,
        'reason   = ""',
        'owner    = ""',
        "# until  = 2027-01-31",
    ]
    return "\n".join(lines) + "\n"


def _glob(name: str) -> str:
    """A name as a glob that means only it."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _text(value: str | float) -> str:
    """A TOML value; its basic strings are those of JSON but for the halves of surrogate pairs."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else shown.printable(text)
