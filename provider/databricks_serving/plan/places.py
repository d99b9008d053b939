"""What the schema says of a place in a canonical tree, where the trees decide with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from databricks_serving_schema import (
    Field,
    NotComparedFor,
    Policy,
    ServedEntity,
    Shape,
    Unknown,
    Value,
    fields_of,
    kind_of,
)

from .compare import ABSENT, MaybeTree, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical import TreePath


#: Paths: a thousand endpoints differ in the same few, by what the service fills in.
_REMEMBERED = 1024


@dataclass(frozen=True)
class Step:
    """One step of a path: where it has come to, and the field there, or whose `element` it is."""

    path: TreePath
    owner: type[Value] | None
    field: Field | None
    element: bool

    @property
    def beside(self) -> TreePath:
        """The object that the field stands in."""
        return self.path[:-1]


@lru_cache(maxsize=_REMEMBERED)
def steps(kind: type[Value], path: TreePath) -> tuple[Step, ...]:
    """The steps of a path through a tree of `kind`; beyond the schema they have no field."""
    return tuple(_steps(kind, path))


def _steps(kind: type[Value], path: TreePath) -> Iterator[Step]:
    inside: Shape | None = Shape.MODEL
    model: type[Value] | None = kind
    field: Field | None = None
    for length, name in enumerate(path, 1):
        if inside in (Shape.KEYED_LIST, Shape.MAP):
            inside = Shape.LEAF if model is None else Shape.MODEL
            yield Step(path[:length], None, field, element=True)
            continue
        owner = model if inside is Shape.MODEL else None
        field = None if owner is None else fields_of(owner).get(name)
        model, inside = (None, None) if field is None else (field.model, field.shape)
        yield Step(path[:length], owner, field, element=False)


def switched_off(policy: Policy, beside: MaybeTree) -> bool:
    """Whether the switch of a field is off in the object that it stands in, or nothing is there."""
    if policy.while_on is None:
        return False
    return beside is ABSENT or at(beside, (policy.while_on,)) is False


def stays(policy: Policy, beside: MaybeTree) -> bool:
    """Whether a field that a program does not say stays as it is, and is sent along."""
    return policy.kept or (policy.while_on is not None and not switched_off(policy, beside))


def told_at(
    kind: type[Value], path: TreePath, *, desired: MaybeTree, actual: MaybeTree
) -> TreePath:
    """Where a difference is told: what is not yet known, or stays as it is, is one difference."""
    wanted = desired
    for step in steps(kind, path):
        wanted = at(wanted, step.path[-1:])
        if isinstance(wanted, Unknown):
            return step.path
        if wanted is ABSENT and step.field is not None and not step.element:
            kept = stays(step.field.policy, at(actual, step.beside))
            return step.path if kept else path
    return path


def is_uncompared(step: Step, tree: MaybeTree) -> bool:
    """Whether what GET says there has nothing to do with what the program says (`tree`)."""
    field = None if step.element else step.field
    return field is not None and is_uncompared_in(step.owner, field, at(tree, step.beside))


def is_uncompared_in(owner: type[Value] | None, field: Field, tree: MaybeTree) -> bool:
    """The same for a field of an object, `tree`."""
    mark = field.mark(NotComparedFor)
    if mark is None or owner is not ServedEntity or not isinstance(tree, dict):
        return False
    return kind_of(tree) in mark.kinds
