"""Where two trees differ, leaf by leaf."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.plan.canonical import Fingerprint, Sealing
from databricks_serving.plan.compare import ABSENT, at, differing, is_empty, leaves, same
from support.endpoints import SEALING

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "a", "b", "1", "true"])
)
KEYS = st.sampled_from(["a", "b", "c.d", "e['f']", "0", "user/ada", 'say "hi"', "root"])
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(tuple), st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, TREES, max_size=3)


def by_hand(left, right):
    """The same, the slow way."""
    if isinstance(left, dict) and isinstance(right, dict):
        return {
            (key, *path)
            for key in left.keys() | right.keys()
            for path in by_hand(left.get(key, ABSENT), right.get(key, ABSENT))
        }
    return set() if same(left, right) else {*leaves(left), *leaves(right)}


@given(OBJECTS, OBJECTS)
def test_the_leaves_that_differ_are_found_and_no_others(left, right):
    assert differing(left, right) == by_hand(left, right)


@given(OBJECTS)
def test_nothing_differs_from_itself(tree):
    assert differing(tree, tree) == frozenset()


@given(OBJECTS, OBJECTS)
def test_left_and_right_may_be_swapped(left, right):
    assert differing(left, right) == differing(right, left)


@pytest.mark.parametrize(
    ("left", "right", "paths"),
    [
        ({"a": 1}, {"a": 2}, {("a",)}),
        ({"a": 1}, {"a": True}, {("a",)}),
        ({"a": {"b": (1, True)}}, {"a": {"b": (1, 1)}}, {("a", "b")}),
        ({"a": {"x": 1, "y": {"z": 2}}}, {}, {("a", "x"), ("a", "y", "z")}),
        ({"a": {}}, {}, {("a",)}),
        ({"a": {"x": 1}, "c": 3}, {"a": {"x": 1, "y": {"z": 2}}}, {("a", "y", "z"), ("c",)}),
        ({"a": {"x": 1}, "c": 3}, {"a": {"x": 2, "y": 2}}, {("a", "x"), ("a", "y"), ("c",)}),
        ({"a": (1, 2)}, {"a": (2, 1)}, {("a",)}),
        ({"a": ({"b": 1},)}, {"a": ({"b": 2},)}, {("a",)}),
        ({"a": {"b": 1}}, {"a": "x"}, {("a",), ("a", "b")}),
        ("x", ABSENT, {()}),
        (ABSENT, {"a": {"b": 1}}, {("a", "b")}),
        (ABSENT, ABSENT, set()),
        ({}, ABSENT, {()}),
        (1, 1, set()),
        (1, True, {()}),
    ],
)
def test_a_difference_is_named_by_its_leaf(left, right, paths):
    assert differing(left, right) == paths


def test_secrets_are_compared_by_their_fingerprints_alone():
    one, again, other = (SEALING.seal_leaf(text) for text in ("one", "one", "other"))
    stored = Fingerprint(str.__str__(one))

    assert differing({"key": one}, {"key": again}) == frozenset()
    assert differing({"key": one}, {"key": stored}) == frozenset()
    assert differing({"key": one}, {"key": other}) == {("key",)}
    assert differing({"key": one}, {"key": Sealing(b"x").seal_leaf("one")}) == {("key",)}


def test_nothing_stands_below_a_leaf():
    assert at({"a": {"b": 1}}, ("a", "b")) == 1
    assert at({"a": 1}, ("a", "b")) is ABSENT
    assert at({}, ()) == {}
    assert repr(ABSENT) == "ABSENT"


@pytest.mark.parametrize("tree", [ABSENT, {}, ()])
def test_nothing_is_said_by_what_is_empty(tree):
    assert is_empty(tree)


@pytest.mark.parametrize("tree", [0, False, "", None, {"a": {}}, ((),)])
def test_zero_false_and_empty_text_say_something(tree):
    assert not is_empty(tree)
