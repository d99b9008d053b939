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

    from .model import FieldChange, Finding
    from .values import Val

#: Grows where the same plan gets another digest by a later release.
_FORM = "plan-1"
_PREFIX = "sha256:"
#: What OWASP asks for of PBKDF2 with SHA-256: a third of a second for a plan with something hidden,
#: and for every guess.
_ROUNDS = 600_000
#: As much of a digest as somebody may shorten it to: 48 bits.
_SHORTEST = 12


def digest_of(findings: Iterable[Finding], stack: str = "") -> str:
    """`sha256:` and 64 hexadecimal digits, over what a plan would do and from where.

    In it: every resource that is written, each of its fields as it is there and as it will be, and
    what else becomes of it. Not in it: times, order, where the program stands, what is only noted.

    A secret counts as one that changes; which value it gets nobody can tell from the digest. An
    environment variable in clear counts with its value, which no report shows: all of a plan's
    together go through PBKDF2, salted with the stack's name, so that whoever has the report and
    guesses must guess all at once, and slowly. A short one that is a secret belongs in a scope.
    """
    written = [finding for finding in findings if finding.effect is not Effect.NONE]
    said = sorted(json.dumps(_finding(f), sort_keys=True, ensure_ascii=False) for f in written)
    hidden = sorted(filter(None, map(_hidden, written)))
    if hidden:
        said.append(_slowly("\n".join(hidden), stack))
    return _PREFIX + hashlib.sha256(json.dumps([_FORM, *said]).encode()).hexdigest()


def _hidden(finding: Finding) -> str:
    """What of a resource counts and is not shown; empty where all is shown."""
    said = [
        [change.pointer, change.desired.hidden, change.actual.hidden]
        for change in _written(finding)
        if change.desired.hidden or change.actual.hidden
    ]
    return (
        json.dumps([finding.workspace, finding.kind, finding.name, *sorted(said)]) if said else ""
    )


def _slowly(text: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), _ROUNDS).hex()


def combined(digests: Iterable[str]) -> str:
    """One digest for the plans of several stacks, in whatever order they come."""
    return _PREFIX + hashlib.sha256(json.dumps([_FORM, *sorted(digests)]).encode()).hexdigest()


def as_digest(said: str | None) -> str:
    """A digest out of a saved report as it is; empty where it is none, for it may be any text."""
    return said if said and re.fullmatch(f"{_PREFIX}[0-9a-f]{{64}}", said) else ""


def agrees(expected: str, digest: str | None) -> bool:
    """Whether a digest is the expected one, which may be cut to its first 12 digits or more."""
    wanted = expected.strip().lower().removeprefix(_PREFIX)
    if digest is None or not re.fullmatch(f"[0-9a-f]{{{_SHORTEST},64}}", wanted):
        return False
    return digest.removeprefix(_PREFIX).startswith(wanted)


def _finding(finding: Finding) -> JsonValue:
    changes = sorted(
        json.dumps(_change(change), sort_keys=True, ensure_ascii=False)
        for change in _written(finding)
    )
    what: list[JsonValue] = [finding.workspace, finding.kind, finding.name, finding.effect.value]
    return [*what, finding.hint, *changes]


def _written(finding: Finding) -> tuple[FieldChange, ...]:
    """What a plan does to the fields of a resource; of one that goes, what goes with it too."""
    written = tuple(change for change in finding.changes if change.effect is not Effect.NONE)
    goes = finding.effect in (Effect.DELETE, Effect.REPLACE)
    return (*written, *finding.not_in_code) if goes else written


def _change(change: FieldChange) -> JsonValue:
    return [change.pointer, change.effect.value, _val(change.desired), _val(change.actual)]


def _val(val: Val) -> JsonValue:
    return [val.kind, val.value if val.kind == "plain" else None]
