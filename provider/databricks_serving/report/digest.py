"""The digest of a plan: equal where two plans would do the same to the same things."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from .model import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from .model import FieldChange, Finding, Val

#: Grows where the same plan gets another digest by a later release.
_FORM = "plan-1"
_PREFIX = "sha256:"
#: As much of a digest as somebody may shorten it to: 48 bits.
_SHORTEST = 12


def digest_of(findings: Iterable[Finding]) -> str:
    """`sha256:` and 64 hexadecimal digits, over what a plan would do and from where.

    In it: every resource that is written, and each of its fields as it is there and as it will be.
    Not in it: times, order, where the program stands, what is only noted. A secret counts as one
    that changes; which value it gets nobody can tell from the digest.
    """
    said = sorted(
        json.dumps(_finding(finding), sort_keys=True, ensure_ascii=False)
        for finding in findings
        if finding.effect is not Effect.NONE
    )
    return _PREFIX + hashlib.sha256(json.dumps([_FORM, *said]).encode()).hexdigest()


def combined(digests: Iterable[str]) -> str:
    """One digest for the plans of several stacks, in whatever order they come."""
    return _PREFIX + hashlib.sha256(json.dumps([_FORM, *sorted(digests)]).encode()).hexdigest()


def agrees(expected: str, digest: str | None) -> bool:
    """Whether a digest is the expected one, which may be cut to its first 12 digits or more."""
    wanted = expected.strip().lower().removeprefix(_PREFIX)
    if digest is None or not re.fullmatch(f"[0-9a-f]{{{_SHORTEST},64}}", wanted):
        return False
    return digest.removeprefix(_PREFIX).startswith(wanted)


def _finding(finding: Finding) -> JsonValue:
    changes = sorted(
        json.dumps(_change(change), sort_keys=True, ensure_ascii=False)
        for change in finding.changes
        if change.effect is not Effect.NONE
    )
    what: list[JsonValue] = [finding.workspace, finding.kind, finding.name, finding.effect.value]
    return [*what, *changes]


def _change(change: FieldChange) -> JsonValue:
    return [change.pointer, change.effect.value, _val(change.desired), _val(change.actual)]


def _val(val: Val) -> JsonValue:
    return [val.kind, val.value if val.kind == "plain" else None]
