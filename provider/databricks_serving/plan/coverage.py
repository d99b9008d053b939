"""How much of a resource can be compared with what the workspace has, and how much never shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from databricks_serving_schema import NotComparedFor, Readback, Secret, fields_of

from .answered import ANSWERED
from .compare import leaves
from .endpoint import ENDPOINT_ID, REDEPLOY_ON
from .places import is_uncompared, steps
from .secrets import TIMESTAMP, has_value

if TYPE_CHECKING:
    from databricks_serving_schema import Value

    from .canonical import Canonical, Tree, TreePath

#: What stands in a tree beside what the resource itself is.
_BESIDE = (ENDPOINT_ID, REDEPLOY_ON, ANSWERED, TIMESTAMP)


@dataclass(frozen=True)
class Coverage:
    """How many leaves of a resource were compared, and how many nobody can: never shown, secret."""

    compared: int = 0
    write_only: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(self.compared + other.compared, self.write_only + other.write_only)


def own(tree: dict[str, Tree]) -> dict[str, Tree]:
    """What of a tree the resource itself is."""
    return {name: value for name, value in tree.items() if name not in _BESIDE}


def leaves_of(state: Canonical) -> int:
    """How many leaves a resource has, what stands beside it aside."""
    return sum(1 for _ in leaves(own(state.tree))) + _unrecorded(state)


def _unrecorded(state: Canonical) -> int:
    """1 for a secret that was imported or adopted: its value is there, and in no state."""
    return int(state.kind is Secret and not has_value(state))


def coverage_of(
    applied: Canonical | None, desired: Canonical, sealed: frozenset[TreePath]
) -> Coverage:
    """How much is compared, of what was applied if there is any.

    sealed: where it holds what nobody here can read
    """
    state = applied or desired
    if applied is not None and _is_untimed(applied):
        # Found by its name, and nothing more: not even when it was put can be told.
        return Coverage(0, leaves_of(state))
    compared_, write_only = 0, _unrecorded(state)
    seldom = _names_of_hidden(state.kind)
    parts = own(state.tree)
    if not parts:
        return Coverage(1, write_only)  # as `leaves_of`: an empty object is a leaf
    for name, tree in parts.items():
        # Of most parts the names alone tell that they show; a map may have a key of such a name.
        if not sealed and name not in seldom and (shown := _all_shown(tree, seldom)) is not None:
            compared_ += shown
            continue
        for below in leaves(tree):
            path = (name, *below)
            if (sealed or not seldom.isdisjoint(path)) and _is_hidden(state, path, sealed):
                write_only += 1
            else:
                compared_ += 1
    return Coverage(compared_, write_only)


def _all_shown(tree: Tree, seldom: frozenset[str]) -> int | None:
    """How many leaves a tree has; None where one may be called what seldom shows."""
    if not isinstance(tree, dict) or not tree:
        return 1
    if not seldom.isdisjoint(tree):
        return None
    shown = 0
    for inner in tree.values():
        if not isinstance(inner, dict):
            shown += 1
        elif (below := _all_shown(inner, seldom)) is None:
            return None
        else:
            shown += below
    return shown


@cache
def _names_of_hidden(kind: type[Value]) -> frozenset[str]:
    """The names of the fields, at any depth, of which GET does not always tell what is there."""
    names: set[str] = set()
    for name, field in fields_of(kind).items():
        if field.policy.readback is Readback.NEVER or field.mark(NotComparedFor) is not None:
            names.add(name)
        if field.model is not None:
            names |= _names_of_hidden(field.model)
    return frozenset(names)


def _is_untimed(applied: Canonical) -> bool:
    """Whether this is a secret of which nobody noted when it was put."""
    return applied.kind is Secret and not isinstance(applied.tree.get(TIMESTAMP), int)


def _is_hidden(state: Canonical, path: TreePath, sealed: frozenset[TreePath]) -> bool:
    """Whether nobody here can tell what the workspace has there."""
    last = None
    for last in steps(state.kind, path):
        its = last.field.policy if last.field is not None and not last.element else None
        if its is not None and its.readback is Readback.NEVER:
            return True
    if last is not None and is_uncompared(last, state.tree):
        return True
    return any(path[:length] in sealed for length in range(len(path) + 1))
