"""Findings as neutral rows: what each rendering says of a resource and of a field, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.plan.change import Reason
from databricks_serving.plan.comparison import Origin

from . import shown
from .gate import ACTS
from .model import Classification, Effect

if TYPE_CHECKING:
    from databricks_serving_schema import Severity

    from .model import FieldChange, Finding

#: Limits of which 0 means that nothing passes (the Terraform provider took it for no limit: its
#: issue 5362).
_LIMITS = ("calls", "tokens")
_BLOCKS = "0 blocks, it is not unlimited"

#: What a run of `drift` says of a resource.
VERDICTS = {
    Classification.IN_SYNC: "more than in code",
    Classification.DRIFTED: "changed outside",
    Classification.MISSING: "missing",
    Classification.UNMANAGED: "not in code",
    Classification.PENDING: "not finished",
    Classification.IN_FLUX: "in flux",
    Classification.UNVERIFIABLE: "nothing of it can be compared",
    Classification.IGNORED: "ignored by rule",
    Classification.ERROR: "could not be checked",
}
#: How a summary counts them, in its order.
COUNTED = {
    Classification.ERROR: "not checked",
    Classification.DRIFTED: "drifted",
    Classification.MISSING: "missing",
    Classification.PENDING: "not finished",
    Classification.IN_FLUX: "in flux",
    Classification.UNMANAGED: "not in code",
    Classification.UNVERIFIABLE: "unverifiable",
    Classification.IGNORED: "ignored",
    Classification.IN_SYNC: "in sync",
}
#: What a plan says of a resource, and the mark of it.
EFFECTS = {
    Effect.NONE: "no change",
    Effect.CREATE: "create",
    Effect.UPDATE: "update in place",
    Effect.REPLACE: "replace",
    Effect.DELETE: "delete",
    Effect.REFUSE: "refused",
}
EFFECT_MARKS = {
    Effect.NONE: "=",
    Effect.CREATE: "+",
    Effect.UPDATE: "~",
    Effect.REPLACE: "+-",
    Effect.DELETE: "-",
    Effect.REFUSE: "!",
}

YOURS = "your change"
SET_BACK = "changed outside, your deploy sets it back"
GOES = "changed outside, goes with the resource"
BOTH = "both"
ALREADY = "already so"
OUTSIDE = "changed outside"
BESIDE = "not in code"
#: What becomes of a manual change by what happens to the field.
_OVERWRITES = {effect: GOES if effect is Effect.DELETE else SET_BACK for effect in ACTS}


@dataclass(frozen=True)
class Row:
    """One field: what it was or is, what it became or will be, and why.

    In a report of drift `before` is what was applied and `after` what the workspace has; in one of
    a plan `before` is what the workspace has and `after` what the deploy makes of it.
    """

    path: str
    before: str
    after: str
    label: str
    note: str
    severity: Severity | None
    origin: Origin | None
    overwrites: bool
    creates: bool

    @property
    def why(self) -> str:
        """The label with its note."""
        return "; ".join(part for part in (self.label, self.note) if part)


def rows_of(finding: Finding, mode: str) -> tuple[Row, ...]:
    """The rows of a finding's changes, in their order."""
    return tuple(row_of(change, mode) for change in finding.changes)


def row_of(change: FieldChange, mode: str) -> Row:
    """One change as a row."""
    path = shown.cut(shown.printable(change.path), 200)
    before, after = _sides(change, mode)
    if change.reason == Reason.ROTATED_OUTSIDE.value:
        path, before, after = "value", "(secret)", "(newer, not read)"
    return Row(
        path=path,
        before=before,
        after=after,
        label=(label := _label(change, mode)),
        note="; ".join(_notes(change, mode)),
        # What nobody declares alarms nobody.
        severity=None if label == BESIDE else change.severity,
        origin=change.origin,
        overwrites=mode == "plan" and _is_overwritten(change),
        creates=mode == "plan"
        and change.effect is Effect.CREATE
        and change.actual.kind == "absent",
    )


def _is_overwritten(change: FieldChange) -> bool:
    outside = change.origin in (Origin.OUTSIDE, Origin.BOTH)
    return outside and change.effect in ACTS and change.rule is None


def _sides(change: FieldChange, mode: str) -> tuple[str, str]:
    """The two values to show; two secrets that differ look alike, so it is said."""
    if mode == "plan":
        one, other = change.actual, change.desired
    else:
        one, other = change.applied, change.actual
    before, after = shown.value(one), shown.value(other)
    if one.kind == other.kind and one.kind in ("secret", "hidden"):
        after = "(changed, not shown)"
    if mode == "plan" and change.effect is Effect.DELETE and other.kind == "unknown":
        after = "(what was there before)"
    return before, after


def _label(change: FieldChange, mode: str) -> str:
    if change.origin is None:
        return BESIDE
    if mode == "drift":
        return OUTSIDE
    if change.origin is Origin.CODE:
        return YOURS
    if change.origin is Origin.CONVERGED:
        return ALREADY
    if change.origin is Origin.BOTH and change.effect is not Effect.DELETE:
        return BOTH
    return _OVERWRITES.get(change.effect, OUTSIDE)


def _notes(change: FieldChange, mode: str) -> list[str]:
    said = []
    if change.reason == Reason.ROTATED_OUTSIDE.value:
        said.append(f"put by somebody else, {shown.moment(change.actual.value)}")
    if change.reason == Reason.RECREATED.value:
        said.append(change.reason)
    if change.origin is Origin.BOTH:
        said.append(
            f"your change and one outside; it was {shown.value(change.applied)} before them"
        )
    if mode == "plan" and change.effect is Effect.REPLACE:
        said.append("forces a replacement")
    if mode == "plan" and change.effect is Effect.REFUSE:
        said.append("refused")
    if change.reason == Reason.NO_CALL_CHANGES_IT.value:
        said.append("no call changes it back")
    elif change.because and change.effect in (Effect.REPLACE, Effect.REFUSE):
        said.append(change.because)
    if _is_a_limit_of_zero(change, mode):
        said.append(_BLOCKS)
    if change.rule is not None:
        said.append(f"allowed by rule {change.rule}")
    return [shown.cut(shown.printable(each), 300) for each in said]


def _is_a_limit_of_zero(change: FieldChange, mode: str) -> bool:
    val = change.desired if mode == "plan" and change.effect in ACTS else change.actual
    if val.kind != "plain" or change.pointer.rpartition("/")[2] not in _LIMITS:
        return False
    return val.value == 0 and not isinstance(val.value, bool)


def verdict(finding: Finding, mode: str) -> str:
    """What is said of the resource as a whole."""
    if mode == "plan" and finding.classification not in (
        Classification.ERROR,
        Classification.UNMANAGED,
        Classification.IN_FLUX,
    ):
        return EFFECTS[finding.effect]
    if mode == "plan" and finding.classification is Classification.IN_FLUX:
        return f"{EFFECTS[finding.effect]}, after the update that is in progress"
    if finding.classification is Classification.DRIFTED and not finding.changes:
        return "not as declared"
    return VERDICTS[finding.classification]


def remarks(finding: Finding) -> tuple[str, ...]:
    """What else there is to say of the resource, a sentence each."""
    said = [finding.told] if finding.reason else []
    if finding.owner:
        said.append(f"its mark says that it belongs to {finding.owner}")
    if finding.ignored:
        by = ", ".join(sorted({change.rule or "" for change in finding.ignored}))
        said.append(f"{shown.counted(len(finding.ignored), 'difference')} ignored by {by}")
    if finding.hint:
        said.append(finding.hint)
    return tuple(shown.cut(shown.printable(each), 600) for each in said)


def place(finding: Finding) -> str:
    """`infra/__main__.py:41`, or nothing."""
    source = finding.source
    return "" if source is None else f"{shown.name(source.file)}:{source.line}"
