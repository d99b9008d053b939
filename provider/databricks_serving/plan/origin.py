"""Whose a difference is: the program's, somebody's outside, both's, or of both the same."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from databricks_serving_schema import Readback

from .change import Action, Change, Reason
from .compare import ABSENT, alike, at, is_empty, same
from .places import steps

if TYPE_CHECKING:
    from databricks_serving_schema import Field, Value

    from .canonical import Canonical, TreePath
    from .compare import MaybeTree


class Origin(Enum):
    """Who made a difference: the program, somebody outside, both, or both the same."""

    CODE = "code"
    OUTSIDE = "outside"
    BOTH = "both"
    CONVERGED = "converged"


_EDITED = (Reason.EDITED, Reason.EDITED_AND_DRIFTED)


def origin_of(change: Change, applied: Canonical | None, kind: type[Value]) -> Origin | None:
    """Whose it is; None where nobody here ever had to do with it."""
    if change.reason is Reason.MISSING:
        return Origin.CODE if applied is None else Origin.OUTSIDE
    # Where the program newly declares a part, what only the workspace has in it goes with that.
    edited = change.reason in _EDITED or not same(change.applied, change.desired)
    moved = _is_moved(change, kind)
    if edited and moved:
        return Origin.CONVERGED if _is_there(change) else Origin.BOTH
    if edited:
        return Origin.CODE
    if not moved and _goes_along(change, applied):
        return None
    # The plan knows more than two values: that a part is gone whole, that an element is new.
    return Origin.OUTSIDE if moved or change.action > Action.NOTE else None


def _goes_along(change: Change, applied: Canonical | None) -> bool:
    """Whether the service filled it in beside what was written, and the program takes that out."""
    if applied is None or change.applied is not ABSENT or change.desired is not ABSENT:
        return False
    return not is_empty(at(applied.tree, change.path[:-1]))


def _is_there(change: Change) -> bool:
    """Whether the workspace has what the program says, or fills it in."""
    there = change.reason in (Reason.ALREADY_THERE, Reason.SERVER_DEFAULT)
    return there or alike(change.desired, change.actual)


def _is_moved(change: Change, kind: type[Value]) -> bool:
    """Whether GET answers something else than was written, as far as it tells."""
    if change.reason is Reason.NOT_COMPARED or alike(change.applied, change.actual):
        return False
    field = field_at(kind, change.path)
    if field is None or field.policy.readback is Readback.ECHOED:
        return True
    if field.policy.readback is Readback.NEVER:
        return False
    if change.applied is ABSENT:
        return not may_be_filled_in(field, change.actual)
    default = field.policy.default
    return not (change.actual is ABSENT and default is not None and change.applied == default)


def may_be_filled_in(field: Field, actual: MaybeTree) -> bool:
    """Whether the service may answer that where nobody ever said anything."""
    default = field.policy.default
    # Of a free text (a type of hardware) it may have picked another than the default.
    picks = default is None or (default and not (field.kind is bool or field.choices))
    return bool(picks) or actual is ABSENT or actual == default


def field_at(kind: type[Value], path: TreePath) -> Field | None:
    """The field that a path of a tree leads to; None at an element, and beyond the schema."""
    last = None
    for step in steps(kind, path):
        last = step.field if not step.element else None
    return last
