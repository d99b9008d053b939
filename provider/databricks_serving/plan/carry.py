"""What a full replacement must carry along, so as not to undo what nobody here declared."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from databricks_serving_schema import (
    Allowances,
    Endpoint,
    Field,
    Readback,
    Shape,
    Unknown,
    Value,
    fields_of,
    judge,
    read_program,
)

from .bodies import wire
from .places import stays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical import Tree, TreePath

#: Whether a part may be sent so.
Fits: TypeAlias = "Callable[[dict[str, Tree]], bool]"
#: What the stack's configuration may lift, and what only actual has may be of a newer service.
_LENIENT = Allowances(multiple_external_models=True, unknown_fields=True)


class _Undeclared(NamedTuple):
    path: TreePath
    value: Tree

    @property
    def object(self) -> TreePath:
        return self.path[:-1]


def with_undeclared(
    kind: type[Value],
    *,
    applied: dict[str, Tree],
    desired: dict[str, Tree],
    actual: dict[str, Tree],
    fits: Fits | None = None,
) -> dict[str, Tree]:
    """`desired`, with what of `actual` the program never said and the service did not fill.

    What was applied and is no longer desired is not carried: the program took it out. Nor is what
    does not fit: of one object all of it, else what of it does, one by one.
    """
    merged = dict(desired)
    found = _undeclared(kind, (), applied=applied, desired=desired, actual=actual)
    for _, of_one in groupby(found, key=lambda each: each.object):
        together = tuple(of_one)
        whole = _with(merged, together)
        if fits is None or fits(whole):
            merged = whole
            continue
        for one in together:
            more = _with(merged, (one,))
            merged = more if fits(more) else merged
    return merged


def keeping_its_rules(desired: dict[str, Tree]) -> Fits:
    """Whether an endpoint as desired breaks no more rules with another config than with its own.

    Nor may what it serves become of another kind.
    """
    # Judged once, and not at all where there is nothing to carry along, as there seldom is.
    own = cache(lambda: _judged(desired))

    def fits(config: dict[str, Tree]) -> bool:
        kinds, breaches = own()
        others, more = _judged({**desired, "config": config})
        return others == kinds and more <= breaches

    return fits


def _judged(tree: dict[str, Tree]) -> tuple[list[object], set[object]]:
    """The kinds that an endpoint serves, and the rules that it breaks."""
    endpoint, _ = read_program(Endpoint, wire(Endpoint, tree), _LENIENT)
    config = endpoint.config
    entities = None if config is None or isinstance(config, Unknown) else config.served_entities
    known = entities if isinstance(entities, tuple) else ()
    kinds: list[object] = [getattr(entity, "kind", None) for entity in known]
    return kinds, set(judge(endpoint, _LENIENT))


def _undeclared(
    kind: type[Value],
    path: TreePath,
    *,
    applied: dict[str, Tree],
    desired: dict[str, Tree],
    actual: dict[str, Tree],
) -> Iterator[_Undeclared]:
    known, inside = fields_of(kind), []
    for name, answered in actual.items():
        field, here = known.get(name), (*path, name)
        if field is not None and field.part and desired.get(name) == {}:
            continue  # it is cleared
        if name in desired:
            inside.append(_inside(field, here, applied.get(name), desired[name], answered))
        elif _is_carried(name, field, applied=applied, desired=desired, actual=actual):
            yield _Undeclared(here, answered)
    for below in inside:
        yield from below


def _inside(
    field: Field | None, path: TreePath, applied: Tree, desired: Tree, actual: Tree
) -> Iterator[_Undeclared]:
    if field is None or field.model is None:
        return
    if not isinstance(desired, dict) or not isinstance(actual, dict):
        return
    before = applied if isinstance(applied, dict) else {}
    if field.shape is not Shape.KEYED_LIST:
        yield from _undeclared(field.model, path, applied=before, desired=desired, actual=actual)
        return
    for key, element in desired.items():
        was, there = before.get(key), actual.get(key)
        if isinstance(element, dict) and isinstance(there, dict):
            yield from _undeclared(
                field.model,
                (*path, key),
                applied=was if isinstance(was, dict) else {},
                desired=element,
                actual=there,
            )


def _is_carried(
    name: str,
    field: Field | None,
    *,
    applied: dict[str, Tree],
    desired: dict[str, Tree],
    actual: dict[str, Tree],
) -> bool:
    if field is not None and stays(field.policy, actual):
        return True
    if name in applied:
        return False
    if field is None:
        # Of a newer API than this release: whoever set it in the UI wants to keep it.
        return True
    if any(f"{name}_plaintext" in said for said in (applied, desired)):
        # The service may answer a reference that it made itself for a plaintext credential, also
        # for one that the program has taken out since.
        return False
    # A provider's config object belongs to its provider, which the program may have changed.
    return field.policy.readback is Readback.ECHOED and not field.alternative


def _with(tree: dict[str, Tree], carried: tuple[_Undeclared, ...]) -> dict[str, Tree]:
    for path, value in carried:
        tree = _set(tree, path, value)
    return tree


def _set(tree: dict[str, Tree], path: TreePath, value: Tree) -> dict[str, Tree]:
    name, *rest = path
    below = tree.get(name)
    if rest and isinstance(below, dict):
        value = _set(below, tuple(rest), value)
    return {**tree, name: value}
