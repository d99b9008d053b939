"""The order of a report: what is gravest comes first, and equal things stand in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.comparison import Origin
from databricks_serving_schema import RESOURCES

from .model import SEVERITIES, Classification, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from databricks_serving_schema import Severity

    from .model import FieldChange, Finding

#: What nobody could look at comes first: it may be anything.
_CLASSES = (
    {Classification.ERROR},
    {Classification.MISSING, Classification.DRIFTED},
    {Classification.PENDING},
    {Classification.IN_FLUX},
    {Classification.UNMANAGED},
    {Classification.IN_SYNC},
    {Classification.UNVERIFIABLE},
    {Classification.IGNORED},
)
#: Of a plan: what cannot be undone first.
_EFFECTS = (
    Effect.REFUSE,
    Effect.DELETE,
    Effect.REPLACE,
    Effect.UPDATE,
    Effect.CREATE,
    Effect.NONE,
)
_KINDS = tuple(resource.name for resource in RESOURCES)
_ORIGINS = (Origin.BOTH, Origin.OUTSIDE, Origin.CODE, Origin.CONVERGED, None)


def sorted_findings(findings: Iterable[Finding], mode: str) -> tuple[Finding, ...]:
    """The findings, the gravest first, and so the changes of each."""
    inner = (
        finding.model_copy(update={"changes": tuple(sorted(finding.changes, key=_of_change))})
        for finding in findings
    )
    return tuple(sorted(inner, key=_of_plan if mode == "plan" else _of_drift))


def _of_drift(finding: Finding) -> tuple[int | str, ...]:
    rank = next(at for at, some in enumerate(_CLASSES) if finding.classification in some)
    return (rank, _grave(finding.severity), *_name(finding))


def _of_plan(finding: Finding) -> tuple[int | str, ...]:
    failed = finding.classification is not Classification.ERROR
    kept = not finding.overwritten
    effect = _EFFECTS.index(finding.effect)
    grave = min(effect, _EFFECTS.index(Effect.UPDATE))
    return (failed, grave, kept, effect, _grave(finding.severity), *_name(finding))


def _name(finding: Finding) -> tuple[str, int, str, str]:
    """An endpoint stands before what stands on it, a scope before its secrets."""
    at = _KINDS.index(finding.kind) if finding.kind in _KINDS else len(_KINDS)
    return finding.workspace, at, finding.kind, finding.name


def _of_change(change: FieldChange) -> tuple[int | str, ...]:
    return _grave(change.severity), _ORIGINS.index(change.origin), change.pointer


def _grave(severity: Severity | None) -> int:
    return len(SEVERITIES) if severity is None else SEVERITIES.index(severity)
