"""A resource's three states side by side: where each difference comes from, and what was compared.

The same plan as the provider's, told to somebody who cannot read secrets: what a state holds as a
fingerprint only is taken for unchanged, and counted as not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from databricks_serving_schema import OWNERSHIP_TAG, Readback

from .answered import ANSWERED
from .canonical import Fingerprint, fingerprinted
from .change import Action, Change, Reason
from .compare import ABSENT, MaybeTree, at, is_empty, leaves, same, with_at
from .endpoint import ENDPOINT_ID, REDEPLOY_ON
from .parts import part_paths, without_off
from .places import steps
from .plan import Plan, make_plan
from .secrets import TIMESTAMP
from .states import Orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving_schema import Policy, Value

    from .canonical import Canonical, Tree, TreePath
    from .states import Actual

#: What stands in a tree beside what the resource itself is.
_BESIDE = (ENDPOINT_ID, REDEPLOY_ON, ANSWERED, TIMESTAMP)


class Origin(Enum):
    """Who made a difference: the program, somebody outside, both, or both the same."""

    CODE = "code"
    OUTSIDE = "outside"
    BOTH = "both"
    CONVERGED = "converged"


class Standing(Enum):
    """How a thing stands in the workspace, beside how it is set up."""

    SETTLED = "settled"
    UPDATING = "updating"
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
class Coverage:
    """How many leaves of a resource were compared, and how many nobody can: never shown, secret."""

    compared: int = 0
    write_only: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(self.compared + other.compared, self.write_only + other.write_only)


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
    sealed = _sealed(applied)
    if applied is not None and actual is not None:
        actual = replace(actual, tree=_as_recorded(actual.tree, applied.tree, sealed))
    plan = make_plan(applied=applied, desired=desired, actual=actual, orders=orders)
    told = (Difference(change, _origin(change, applied, desired.kind)) for change in plan.changes)
    undeclared = (
        ()
        if actual is None
        else tuple(_undeclared(plan, applied, desired, actual, declared_elsewhere))
    )
    return Comparison(
        plan=plan,
        differences=tuple(found for found in told if _is_told(found)),
        undeclared=undeclared,
        coverage=_coverage(applied or desired, sealed),
    )


def _sealed(applied: Canonical | None) -> frozenset[TreePath]:
    """Where a state holds fingerprints; of a list with secrets in its keys, the whole list."""
    paths = fingerprinted(applied.tree) if applied is not None else frozenset()
    return frozenset(_before_a_sealed_key(path) for path in paths)


def _before_a_sealed_key(path: TreePath) -> TreePath:
    for length, step in enumerate(path):
        if Fingerprint.is_one(step) or ":hmac-sha256:" in step:
            return path[:length]
    return path


def _as_recorded(
    actual: dict[str, Tree], applied: dict[str, Tree], sealed: frozenset[TreePath]
) -> dict[str, Tree]:
    """`actual` with what was recorded wherever nobody here can compare the two."""
    for path in sealed:
        recorded = at(applied, path)
        if recorded is not ABSENT and not is_empty(at(actual, path)):
            actual = with_at(actual, path, recorded)
    return actual


def _alike(one: MaybeTree, other: MaybeTree) -> bool:
    return same(one, other) or (is_empty(one) and is_empty(other))


def _origin(change: Change, applied: Canonical | None, kind: type[Value]) -> Origin | None:
    if change.reason is Reason.MISSING:
        return Origin.CODE if applied is None else Origin.OUTSIDE
    policy = _policy_at(kind, change.path)
    unseen = policy is not None and policy.readback is Readback.NEVER
    filled_in = (
        policy is not None and policy.readback is Readback.DEFAULTED and change.applied is ABSENT
    )
    edited = not _alike(change.applied, change.desired)
    moved = not (unseen or filled_in) and not _alike(change.applied, change.actual)
    if edited and moved:
        return Origin.CONVERGED if _alike(change.desired, change.actual) else Origin.BOTH
    if edited:
        return Origin.CODE
    return Origin.OUTSIDE if moved else None


def _policy_at(kind: type[Value], path: TreePath) -> Policy | None:
    last = None
    for step in steps(kind, path):
        last = step.field if not step.element else None
    return last.policy if last is not None else None


def _is_told(found: Difference) -> bool:
    change = found.change
    if found.origin is None:
        return change.action > Action.NOTE
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
        if change.reason is Reason.UNDECLARED and not is_empty(change.actual):
            yield Difference(change, None)
    was = applied.tree if applied is not None else {}
    there = _own(actual.tree)
    if isinstance(tags := there.get("tags"), dict):
        there = {**there, "tags": {k: v for k, v in tags.items() if k != OWNERSHIP_TAG}}
    there = without_off(desired.kind, there)
    for part in part_paths(desired.kind, there):
        found = at(there, part)
        said = at(desired.tree, part) is not ABSENT or at(was, part) is not ABSENT
        if said or _is_said_above(desired.tree, part) or is_empty(found):
            continue
        if declared_elsewhere(part):
            continue
        policy = _policy_at(desired.kind, part)
        yield Difference(
            Change(
                part,
                ABSENT,
                ABSENT,
                found,
                Action.SKIP,
                Reason.UNDECLARED,
                severity=policy.severity if policy is not None else None,
            ),
            None,
        )


def _is_said_above(tree: dict[str, Tree], part: TreePath) -> bool:
    """Whether a container of a part is declared empty, and the part with it (`ai_gateway={}`)."""
    return any(at(tree, part[:length]) == {} for length in range(1, len(part)))


def _own(tree: dict[str, Tree]) -> dict[str, Tree]:
    return {name: value for name, value in tree.items() if name not in _BESIDE}


def _coverage(state: Canonical, sealed: frozenset[TreePath]) -> Coverage:
    compared_, write_only = 0, 0
    for path in leaves(_own(state.tree)):
        policy = _policy_at(state.kind, path)
        never = policy is not None and policy.readback is Readback.NEVER
        if never or any(path[:length] in sealed for length in range(len(path) + 1)):
            write_only += 1
        else:
            compared_ += 1
    return Coverage(compared_, write_only)
