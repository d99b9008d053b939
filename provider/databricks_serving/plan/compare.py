"""Find where two canonical trees differ, leaf by leaf. The only module that knows DeepDiff."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from .canonical import Tree, TreePath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deepdiff.model import DiffLevel


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


#: There is nothing at this path.
ABSENT: Final = _Absent.ABSENT
Absent: TypeAlias = _Absent
MaybeTree: TypeAlias = "Tree | Absent"


def at(tree: MaybeTree, path: TreePath) -> MaybeTree:
    """What stands at `path`, or ABSENT."""
    for step in path:
        if not isinstance(tree, dict):
            return ABSENT
        tree = tree.get(step, ABSENT)
    return tree


def with_at(tree: dict[str, Tree], path: TreePath, value: Tree) -> dict[str, Tree]:
    """`tree` with `value` at `path`, objects on the way made where there are none."""
    name, *rest = path
    if not rest:
        return {**tree, name: value}
    below = tree.get(name)
    inner = with_at(below if isinstance(below, dict) else {}, tuple(rest), value)
    return {**tree, name: inner}


def is_empty(tree: MaybeTree) -> bool:
    """Whether nothing is said: absent, or a container without content."""
    return tree is ABSENT or (isinstance(tree, (dict, tuple)) and not tree)


def differing(left: MaybeTree, right: MaybeTree) -> frozenset[TreePath]:
    """The paths of all leaves in which two trees differ; a block on one side only is given by leaf.

    A tuple is a leaf: its order and content count as one.
    """
    if same(left, right):
        return frozenset()
    if not isinstance(left, dict) or not isinstance(right, dict):
        return frozenset({*leaves(left), *leaves(right)}) or frozenset({()})
    alone = _alone(left, right)
    return frozenset(_walk(left, right) if alone is None else alone)


def _alone(left: dict[str, Tree], right: dict[str, Tree]) -> list[TreePath] | None:
    """The leaves that one side only has, where nothing else differs; None where more does.

    So differ an endpoint as it is said and as it is shown, which has a traffic route and a mark of
    ours besides: of a thousand in step, a thousand.
    """
    found: list[TreePath] = []
    for key in {**left, **right}:
        one, other = left.get(key, ABSENT), right.get(key, ABSENT)
        if one is ABSENT or other is ABSENT:
            found += ((key, *path) for side in (one, other) for path in leaves(side))
        elif same(one, other):
            continue
        elif isinstance(one, dict) and isinstance(other, dict):
            below = _alone(one, other)
            if below is None:
                return None
            found += ((key, *path) for path in below)
        else:
            return None
    return found


def same(left: MaybeTree, right: MaybeTree) -> bool:
    """Whether two trees are equal as JSON: unlike in Python, true is not 1."""
    return left is right or (left == right and _same_types(left, right))


def alike(left: MaybeTree, right: MaybeTree) -> bool:
    """The same, or nothing on both sides: GET tells no empty list from none."""
    return same(left, right) or (is_empty(left) and is_empty(right))


def _same_types(left: MaybeTree, right: MaybeTree) -> bool:
    """The same for two trees that are equal for Python."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key, inner in left.items():
            if not isinstance(inner, str) and not _same_types(inner, right[key]):
                return False
        return True
    if isinstance(left, tuple) and isinstance(right, tuple):
        return all(map(_same_types, left, right))
    return isinstance(left, bool) is isinstance(right, bool)


class _Report(Protocol):
    def custom_report_result(self, report_type: str, level: DiffLevel) -> None: ...


class _JudgedAsLeaves:
    """An operator for DeepDiff: it walks through differing objects, and `same` judges the rest.

    Of two sequences it would tell the elements, and to it true is 1 there.
    """

    def match(self, level: DiffLevel) -> bool:
        both = isinstance(level.t1, dict) and isinstance(level.t2, dict)
        return not both or same(level.t1, level.t2)

    def give_up_diffing(self, level: DiffLevel, diff_instance: _Report) -> bool:
        if not same(level.t1, level.t2):
            diff_instance.custom_report_result("leaf", level)
        return True


def _walk(left: dict[str, Tree], right: dict[str, Tree]) -> list[TreePath]:
    # Imported here: it costs more than all the rest of a clean comparison.
    from deepdiff import DeepDiff  # noqa: PLC0415 - see above

    # The threshold would give up on objects that share few keys, equal leaves included.
    found = DeepDiff(
        left,
        right,
        view="tree",
        custom_operators=[_JudgedAsLeaves()],
        threshold_to_diff_deeper=0,
    )
    levels = [level for kind in found.values() for level in kind]
    places: list[TreePath] = [tuple(level.path(output_format="list")) for level in levels]
    return [
        (*place, *leaf)
        for place in places
        for side in (left, right)
        for leaf in leaves(at(side, place))
    ]


def leaves(tree: MaybeTree) -> Iterator[TreePath]:
    """The paths of the leaves below; an empty container is a leaf, ABSENT has none."""
    # A list of what is ahead, and no generator in a generator: each leaf would pass by all of them.
    ahead: list[tuple[TreePath, Tree]] = [] if tree is ABSENT else [((), tree)]
    while ahead:
        path, here = ahead.pop()
        if isinstance(here, dict) and here:
            ahead += [((*path, key), here[key]) for key in reversed(here)]
        else:
            yield path
