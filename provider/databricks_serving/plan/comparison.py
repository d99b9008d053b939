"""A resource's three states side by side: where each difference comes from, and what was compared.

The same plan as the provider's, told to somebody who cannot read secrets: what a state holds as a
fingerprint only is taken for unchanged, and counted as not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    EndpointAiGateway,
    EndpointRateLimits,
    Unknown,
)

from .answered import ANSWERED
from .canonical import Canonical
from .change import Action, Change, Reason
from .compare import ABSENT, at, is_empty, same
from .coverage import Coverage, coverage_of, own
from .endpoint import ENDPOINT_ID
from .origin import Origin, field_at, may_be_filled_in, origin_of
from .parts import part_paths, without_off
from .plan import Plan, make_plan
from .sealed import as_recorded
from .secrets import TIMESTAMP
from .states import Orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving_schema import Value

    from .canonical import Tree, TreePath
    from .states import Actual


class Standing(Enum):
    """How a thing stands in the workspace, beside how it is set up."""

    SETTLED = "settled"
    UPDATING = "updating"
    UNSETTLED = "changed between two looks"
    UPDATE_FAILED = "update failed"
    UPDATE_CANCELED = "update canceled"


@dataclass(frozen=True)
class Difference:
    """A change, and whose it is; `origin` None: nobody here ever declared it."""

    change: Change
    origin: Origin | None


@dataclass(frozen=True)
class Wanted:
    """What a program wants of one resource, and how."""

    desired: Canonical
    orders: Orders


@dataclass(frozen=True)
class Comparison:
    """One resource in its three states.

    `differences`: with an origin each. `undeclared`: what the workspace has beside what anybody
    declares, one for each part, or for each leaf inside a declared part.
    """

    plan: Plan
    differences: tuple[Difference, ...]
    undeclared: tuple[Difference, ...]
    coverage: Coverage

    def of(self, *origins: Origin) -> tuple[Difference, ...]:
        """The differences of these origins."""
        return tuple(found for found in self.differences if found.origin in origins)


def _by_nobody(_path: TreePath) -> bool:
    return False


def as_applied(applied: Canonical) -> Canonical:
    """What was applied as what is desired: then only what was changed outside differs."""
    noted = (ENDPOINT_ID, ANSWERED, TIMESTAMP)
    tree = {name: value for name, value in applied.tree.items() if name not in noted}
    return Canonical(applied.kind, tree)


def as_told(actual: Actual, applied: Canonical | None) -> Actual:
    """`actual` with what was recorded wherever the program's own secrets stand: nobody reads it."""
    if applied is None or not applied.sealed:
        return actual
    return replace(actual, tree=as_recorded(actual.tree, applied.tree))


def not_in_code(kind: type[Value], path: TreePath, actual: Tree) -> Difference:
    """What the workspace has at `path`, and no program declares."""
    field = field_at(kind, path) or field_at(kind, path[:1])
    severity = field.policy.severity if field is not None else None
    change = Change(path, ABSENT, ABSENT, actual, Action.SKIP, Reason.UNDECLARED, severity=severity)
    return Difference(change, None)


def compared(
    *,
    applied: Canonical | None,
    desired: Canonical,
    actual: Actual | None,
    orders: Orders | None = None,
    declared_elsewhere: Callable[[TreePath], bool] = _by_nobody,
) -> Comparison:
    """Compare the three states. `desired` = `applied` asks for what was changed outside.

    `declared_elsewhere`: whether another resource declares the part at a path of `actual`.
    """
    sealed = applied.sealed if applied is not None else frozenset()
    actual = None if actual is None else as_told(actual, applied)
    plan = make_plan(applied=applied, desired=desired, actual=actual, orders=orders)
    told = [Difference(change, origin_of(change, applied, desired.kind)) for change in plan.changes]
    if applied is not None and actual is not None:
        told += _declared_as_it_is(applied, desired, actual)
    if applied is not None and any(map(_is_whole, told)):
        drift = compared(applied=applied, desired=as_applied(applied), actual=actual, orders=orders)
        told = [_closed(found, drift) if _is_whole(found) else found for found in told]
    undeclared = (
        ()
        if actual is None
        else tuple(_undeclared(plan, applied, desired, actual, declared_elsewhere))
    )
    return Comparison(
        plan=plan,
        differences=tuple(found for found in told if _is_told(found)),
        undeclared=undeclared,
        coverage=coverage_of(applied, desired, sealed),
    )


def _declared_as_it_is(
    applied: Canonical, desired: Canonical, actual: Actual
) -> Iterator[Difference]:
    """Parts that the program newly declares, and the workspace has already: no plan names them."""
    was = applied.tree
    # What is the very same object is newly declared nowhere: of drift, all that there is.
    wanted = {n: tree for n, tree in own(desired.tree).items() if was.get(n, ABSENT) is not tree}
    for part in part_paths(desired.kind, wanted) if wanted else ():
        said, there = at(wanted, part), at(actual.tree, part)
        if at(was, part) is ABSENT and not is_empty(said) and same(said, there):
            change = Change(part, ABSENT, said, there, Action.SKIP, Reason.ALREADY_THERE)
            yield Difference(change, Origin.CONVERGED)


def _is_whole(found: Difference) -> bool:
    """Whether a list or object is told whole, so that its leaves have to be compared apart.

    It gets a content that is not told, or is taken out of the program.
    """
    reason = found.change.reason
    left = reason is Reason.NO_LONGER_MANAGED and found.origin is not Origin.CONVERGED
    its = found.change.applied
    return (left or isinstance(found.change.desired, Unknown)) and isinstance(its, dict)


def _closed(found: Difference, drift: Comparison) -> Difference:
    """The same, with whether anything in it was changed outside."""
    path = found.change.path
    outside = any(other.change.path[: len(path)] == path for other in drift.differences)
    change = found.change
    if path == ("tags",) and isinstance(change.actual, dict):
        change = replace(change, actual=_unmarked(change.actual))
    return Difference(change, Origin.BOTH if outside else Origin.CODE)


def _unmarked(tags: dict[str, Tree]) -> dict[str, Tree]:
    """Tags without the provider's own mark."""
    return {key: value for key, value in tags.items() if key != OWNERSHIP_TAG}


def _is_told(found: Difference) -> bool:
    change = found.change
    if found.origin is None or change.reason is Reason.OWNERSHIP_MARK:
        return False
    if change.action > Action.SKIP or found.origin is Origin.CONVERGED:
        return True
    return change.reason is Reason.NO_CALL_CHANGES_IT


def _undeclared(
    plan: Plan,
    applied: Canonical | None,
    desired: Canonical,
    actual: Actual,
    declared_elsewhere: Callable[[TreePath], bool],
) -> Iterator[Difference]:
    for change in plan.changes:
        if _is_unsaid(change, desired.kind):
            yield Difference(change, None)
    was = applied.tree if applied is not None else {}
    there = own(actual.tree)
    if isinstance(tags := there.get("tags"), dict):
        there = {**there, "tags": _unmarked(tags)}
    there = without_off(desired.kind, there)
    for part in part_paths(desired.kind, there):
        found = at(there, part)
        said = at(desired.tree, part) is not ABSENT or at(was, part) is not ABSENT
        if said or found is ABSENT or is_empty(found) or declared_elsewhere(part):
            continue
        if _is_said_above(desired.tree, part):
            continue
        yield not_in_code(_whole(desired.kind), part, found)


def _is_unsaid(change: Change, kind: type[Value]) -> bool:
    """Whether somebody set a field there that no program says, in a part that one declares."""
    if change.reason is Reason.UNDECLARED:
        return not is_empty(change.actual)
    if change.reason is not Reason.SERVER_DEFAULT or change.applied is not ABSENT:
        return False
    field = field_at(kind, change.path)
    return field is not None and not may_be_filled_in(field, change.actual)


def _whole(kind: type[Value]) -> type[Value]:
    """The kind that knows all sections: limits alone stand on a gateway that has more."""
    return EndpointAiGateway if kind is EndpointRateLimits else kind


def _is_said_above(tree: dict[str, Tree], part: TreePath) -> bool:
    """Whether a container of a part is declared empty, and the part with it (`ai_gateway={}`)."""
    return any(at(tree, part[:length]) == {} for length in range(1, len(part)))


__all__ = [
    "Comparison",
    "Coverage",
    "Difference",
    "Origin",
    "Standing",
    "Wanted",
    "as_applied",
    "as_told",
    "compared",
    "not_in_code",
]
