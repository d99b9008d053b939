"""Walking through programs and answers, to put something else at each place in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from databricks_serving_schema import UNKNOWN

Place = tuple["str | int", ...]


def places(tree: Any, at: Place = ()) -> Iterator[Place]:
    """Every place below the root: leaves and containers."""
    steps: Any = ()
    if isinstance(tree, dict):
        steps = tree.items()
    elif isinstance(tree, list):
        steps = enumerate(tree)
    for step, inner in steps:
        yield (*at, step)
        yield from places(inner, (*at, step))


def put(tree: Any, place: Place, value: Any) -> Any:
    """The tree with `value` at `place`; the tree itself is left alone."""
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(tree, dict):
        return {**tree, step: put(tree[step], rest, value)}
    return [put(inner, rest, value) if i == step else inner for i, inner in enumerate(tree)]


def named(place: Place) -> str:
    """How a test shows a place."""
    return ".".join(map(str, place))


_texts = st.text(alphabet="aB1 -_./{}\n\u00e9", max_size=8)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _texts, st.just(UNKNOWN))
#: Whatever may stand somewhere in a property bag.
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)
    ),
    max_leaves=8,
)
