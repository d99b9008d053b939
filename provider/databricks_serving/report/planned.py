"""What a run of `plan` says of one resource: what the next `pulumi up` does, and to whose changes.

Pure, as `build` is; a secret is a `Val` before it gets here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.plan.change import Action, Change, Reason, shown
from databricks_serving.plan.compare import ABSENT, at, leaves, same
from databricks_serving.plan.comparison import Comparison, Difference, Origin, Standing
from databricks_serving.plan.endpoint import own_fields
from databricks_serving.state.deployment import Sealed

from .build import change_of, line_of, told
from .model import EFFECT_OF, Classification, Effect, FieldChange, Finding
from .values import Val

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving.plan.canonical import Canonical
    from databricks_serving.state.deployment import Step

_OUTSIDE = (Origin.OUTSIDE, Origin.BOTH)
#: Kinds that set up something of a thing that another resource may have made.
_ABOUT_OTHERS = ("AiGateway", "RateLimits", "EndpointPermissions", "SecretAcl")
_GONE = "it is gone from the workspace; `pulumi up` makes it again"
_GONE_ALREADY = "it is gone from the workspace already; only the state forgets it"
_REPLACED = (
    "It is deleted and made again, with a new id; what is not in code is not there any more then."
)
_NOTHING_SENT = "nothing is sent; only what the state records of it changes"
#: What a person should know of an endpoint that stands so, before its next deployment.
_STANDING = {
    Standing.UPDATING: "an update is in progress: a change of the configuration waits for its end",
    Standing.UNSETTLED: "it was changed between the two looks: what was changed is not sure",
    Standing.UPDATE_FAILED: "its last update failed: what serves is the configuration before it",
    Standing.UPDATE_CANCELED: "its last update was cancelled: what serves is what was before it",
}
#: What Pulumi's own words for a step come to.
EFFECT_OF_OP = {
    "create": Effect.CREATE,
    "update": Effect.UPDATE,
    "replace": Effect.REPLACE,
    "create-replacement": Effect.REPLACE,
    "delete-replaced": Effect.REPLACE,
    "delete": Effect.DELETE,
}


@dataclass(frozen=True)
class Planned:
    """A step of a preview, and what was found of its resource in the workspace.

    name: the resource's own there. comparison: None where it could not be looked at; `error` says
    why, else its address is not yet known. applied, desired: the states that were compared; desired
    None: the resource goes. refusal: why `pulumi up` will refuse it, where the plan alone does not
    tell. error_id: of `error`, or of `refusal`. left: why it stays as it is though it goes.
    given_back: where it goes, what stood there before it comes back. note: what else a person
    should know.
    """

    step: Step
    name: str
    workspace: str
    comparison: Comparison | None = None
    standing: Standing = Standing.SETTLED
    applied: Canonical | None = None
    desired: Canonical | None = None
    error: str | None = None
    error_id: str = ""
    refusal: str = ""
    left: str = ""
    given_back: bool = False
    note: str = ""


def planned_of(planned: Planned, *, stack: str = "") -> Finding:
    """What a run of `plan` found of one resource, whether anything happens to it or not."""
    step = planned.step
    base = Finding(
        kind=step.kind,
        name=planned.name,
        workspace=planned.workspace,
        classification=Classification.PENDING,
        resource=step.name,
        urn=step.urn,
        stack=stack or None,
        # What goes stands in the program no more.
        source=line_of(step.source) if step.inputs is not None else None,
        hint=planned.note,
    )
    if planned.error is not None:
        return told(
            base,
            classification=Classification.ERROR,
            reason=planned.error,
            error_id=planned.error_id,
        )
    if planned.comparison is None:
        return _not_looked_at(base, planned)
    return _judged(base, planned, planned.comparison)


def _not_looked_at(base: Finding, planned: Planned) -> Finding:
    """A resource whose address is an output of something that is yet to be made."""
    effect = EFFECT_OF_OP.get(planned.step.op, Effect.NONE)
    return told(
        base,
        changes=tuple(_leaves(planned.desired, None, effect)),
        effect=effect,
        reason="where it will stand is not yet known, so nobody looked at what is there",
    )


def _judged(base: Finding, planned: Planned, comparison: Comparison) -> Finding:
    effect = _effect(planned, comparison)
    changes = tuple(_changes(planned, comparison))
    classification = _class_of(planned, comparison, changes, effect)
    reason = _reason(planned, comparison, effect)
    is_others = planned.step.op == "create" and effect is Effect.REFUSE
    return told(
        base,
        classification=classification,
        changes=changes,
        not_in_code=() if is_others else tuple(map(change_of, comparison.undeclared)),
        effect=effect,
        reason=reason,
        error_id=planned.error_id if reason == planned.refusal else "",
    )


def _is_gone(comparison: Comparison) -> bool:
    return comparison.plan.action is Action.CREATE


def _effect(planned: Planned, comparison: Comparison) -> Effect:
    """What happens in the workspace: what the three states come to, unless the engine does more."""
    said = EFFECT_OF_OP.get(planned.step.op, Effect.NONE)
    if said is Effect.DELETE and (planned.left or _is_gone(comparison)):
        return Effect.NONE
    if planned.refusal:
        return Effect.REFUSE
    if said in (Effect.DELETE, Effect.REPLACE):
        return said
    # It is new, though the endpoint or scope that it is about is there.
    if said is Effect.CREATE and planned.step.kind in _ABOUT_OTHERS:
        return said
    return EFFECT_OF[comparison.plan.action]


def _changes(planned: Planned, comparison: Comparison) -> Iterator[FieldChange]:
    if planned.desired is None:
        stays = planned.left or _is_gone(comparison)
        after = Val(kind="unknown" if planned.given_back else "absent")
        for found in () if stays else comparison.of(*_OUTSIDE):
            yield change_of(found).model_copy(update={"effect": Effect.DELETE, "desired": after})
        return
    if not _is_gone(comparison):
        yield from map(_row, comparison.differences)
        return
    if planned.applied is not None:
        yield from map(_row, comparison.differences)
    yield from _leaves(planned.desired, planned.applied, Effect.CREATE)


def _row(found: Difference) -> FieldChange:
    """A difference; of a list or object that is secret as a whole, that the program changes it."""
    row = change_of(found)
    if row.applied.kind == "secret" and found.change.reason is Reason.EDITED:
        # Nobody can read it; of one that was taken away, the reason would be another.
        row = row.model_copy(update={"actual": Val(kind="secret")})
    if not isinstance(found.change.desired, Sealed):
        return row
    both = found.origin is Origin.BOTH
    reason = Reason.EDITED_AND_DRIFTED if both else Reason.EDITED
    return row.model_copy(update={"reason": reason.value})


def _leaves(
    desired: Canonical | None, applied: Canonical | None, effect: Effect
) -> Iterator[FieldChange]:
    """What is written where nothing stands: every leaf that the program says otherwise."""
    tree = own_fields(desired.tree) if desired is not None else {}
    was = applied.tree if applied is not None else {}
    for path in leaves(tree):
        wanted, before = at(tree, path), at(was, path)
        if path and not same(wanted, before):
            change = Change(path, before, wanted, ABSENT, Action.CREATE, Reason.EDITED)
            yield change_of(Difference(change, Origin.CODE)).model_copy(update={"effect": effect})


def _class_of(
    planned: Planned, comparison: Comparison, changes: tuple[FieldChange, ...], effect: Effect
) -> Classification:
    if _is_gone(comparison) and planned.applied is not None and planned.desired is not None:
        return Classification.MISSING
    if planned.standing in (Standing.UPDATING, Standing.UNSETTLED):
        return Classification.IN_FLUX
    if any(change.origin in _OUTSIDE for change in changes):
        return Classification.DRIFTED
    settled = planned.standing is Standing.SETTLED
    if changes or effect is not Effect.NONE or planned.step.op != "same" or not settled:
        return Classification.PENDING
    if not comparison.coverage.compared and comparison.coverage.write_only:
        return Classification.UNVERIFIABLE
    return Classification.IN_SYNC


def _reason(planned: Planned, comparison: Comparison, effect: Effect) -> str:
    if _is_gone(comparison) and (planned.desired is None or planned.applied is not None):
        return _GONE_ALREADY if planned.desired is None else _GONE
    if said := planned.left or planned.refusal:
        return said
    if effect is Effect.REPLACE:
        return " ".join((*_why_replaced(comparison), _REPLACED))
    if planned.standing is not Standing.SETTLED:
        return _STANDING[planned.standing]
    if effect is Effect.NONE and planned.step.op == "update":
        return _NOTHING_SENT
    return ""


def _why_replaced(comparison: Comparison) -> Iterator[str]:
    for change in comparison.plan.of(Action.REPLACE):
        because = change.because or change.reason.value
        yield f"{shown(change.path)}: {because}."
