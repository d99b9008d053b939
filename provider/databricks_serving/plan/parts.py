"""Parts: what is compared, written and carried along as one, or left alone as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import Shape, Unknown, Value, fields_of

from .change import Action, Change, Reason
from .classify import Trio, classify, facts_of, is_off
from .compare import ABSENT, at, differing
from .places import told_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical import Tree, TreePath


def part_paths(kind: type[Value], *trees: dict[str, Tree]) -> Iterator[TreePath]:
    """The parts that any of the trees has, in the order of the schema's fields; newer ones last."""
    known = fields_of(kind)
    said = dict.fromkeys(name for tree in trees for name in tree)
    for name in (*filter(said.__contains__, known), *(n for n in said if n not in known)):
        field = known.get(name)
        if field is None or field.part or field.shape is not Shape.MODEL or field.model is None:
            yield (name,)
            continue
        inner = [tree[name] for tree in trees if name in tree]
        if any(isinstance(tree, Unknown) for tree in inner):
            yield (name,)  # which parts it has is not yet known
            continue
        below = [tree for tree in inner if isinstance(tree, dict)]
        for path in part_paths(field.model, *below):
            yield (name, *path)


def part_changes(
    kind: type[Value],
    part: TreePath,
    *,
    applied: dict[str, Tree],
    desired: dict[str, Tree],
    actual: dict[str, Tree],
    replace_on: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    """Every difference of one part, classified. A part that nobody declared has none."""
    was, wanted, answered = at(applied, part), at(desired, part), at(actual, part)
    if wanted is ABSENT:
        if was is not ABSENT:
            yield Change(part, was, wanted, answered, Action.NOTE, Reason.NO_LONGER_MANAGED)
        return
    paths = differing(wanted, answered)
    if was is not ABSENT:
        paths |= differing(was, wanted)
    if not paths:
        return
    places = {told_at(kind, (*part, *path), desired=desired, actual=actual) for path in paths}
    for place in sorted(places):
        yield classify(
            facts_of(
                kind,
                place,
                applied=applied,
                desired=desired,
                actual=actual,
                of_part=Trio(was, wanted, answered),
                replace_on=replace_on,
            )
        )


def without_off(kind: type[Value], actual: dict[str, Tree]) -> dict[str, Tree]:
    """`actual` without what the service may answer where nobody ever said anything."""
    left: dict[str, Tree] = {}
    known = fields_of(kind)
    for name, value in actual.items():
        field = known.get(name)
        if field is not None and is_off(field.policy, value):
            continue
        inner = field.model if field is not None and field.shape is Shape.MODEL else None
        on = without_off(inner, value) if inner is not None and isinstance(value, dict) else value
        if on != {}:
            left[name] = on
    return left
