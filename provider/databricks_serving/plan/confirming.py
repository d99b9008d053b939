"""Two looks at one resource: what both show is there, what one shows may be a stale answer.

Changes of a gateway take up to a minute to show in GET, and lists of access are late too, so right
after somebody else's `pulumi up` a single look sees drift where there is none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .change import Action, Reason
from .compare import same
from .comparison import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .comparison import Comparison, Difference


def is_missing(comparison: Comparison) -> bool:
    """Whether the resource was not there."""
    return any(change.reason is Reason.MISSING for change in comparison.plan.changes)


def needs_another_look(comparison: Comparison) -> bool:
    """Whether somebody outside seems to have changed something."""
    return any(found.origin is not Origin.CODE for found in comparison.differences)


def confirmed(first: Comparison, second: Comparison) -> Comparison:
    """The second look, with what both show of changes made outside.

    Both have to differ at the same place, or one within that of the other; the value is the second
    look's. What is gone after it had seemed to differ is gone.
    """
    if is_missing(second):
        return second
    told = [_judged(found, first.differences) for found in second.differences]
    kept = tuple(found for found in told if found is not None)
    if len(kept) == len(told):
        plan = second.plan
    else:
        pairs = zip(second.differences, told, strict=True)
        dropped = {found.change.path for found, judged in pairs if judged is None}
        changes = tuple(c for c in second.plan.changes if c.path not in dropped)
        acts = any(change.action > Action.NOTE for change in changes)
        plan = replace(second.plan, changes=changes, operations=second.plan.operations * acts)
    undeclared = tuple(found for found in second.undeclared if _is_in(found, first.undeclared))
    return replace(second, plan=plan, differences=kept, undeclared=undeclared)


def is_unsettled(first: Comparison, second: Comparison) -> bool:
    """Whether somebody is changing it: the looks differ from what was applied, each elsewhere."""
    if not needs_another_look(first) or needs_another_look(confirmed(first, second)):
        return False
    return needs_another_look(second)


def _judged(found: Difference, first: Iterable[Difference]) -> Difference | None:
    """A difference of the second look; None where nothing is left of it without the first."""
    if found.origin is Origin.CODE or _differed(found, first):
        return found
    return None if found.origin is Origin.OUTSIDE else replace(found, origin=Origin.CODE)


def _differed(found: Difference, first: Iterable[Difference]) -> bool:
    """Whether the first look too showed a change made outside at, under or around that place."""
    path = found.change.path
    for other in first:
        shared = min(len(path), len(other.change.path))
        if other.origin is not Origin.CODE and other.change.path[:shared] == path[:shared]:
            return True
    return False


def _is_in(found: Difference, looked: Iterable[Difference]) -> bool:
    one = found.change
    changes = (other.change for other in looked)
    return any(one.path == other.path and same(one.actual, other.actual) for other in changes)
