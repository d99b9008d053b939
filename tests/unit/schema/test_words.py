"""Paths, suggestions, durations and the keys of lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving_schema import InvalidResource, KeyedBy, Problem, among, dotted, seconds
from databricks_serving_schema.suggest import distance

WORDS = st.text(alphabet="abcAB_", max_size=6)
LIMITS = KeyedBy(("key", "principal", "renewal_period"), defaults=("endpoint", "", "minute"))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("name",), "name"),
        (("config", "served_entities", 0, "name"), "config.served_entities[0].name"),
        (("tags", "cost-center"), 'tags["cost-center"]'),
        (("tags", "1st"), 'tags["1st"]'),
        (("tags", ""), 'tags[""]'),
    ],
)
def test_a_path_is_written_the_same_everywhere(path, written):
    assert dotted(path) == written


def test_a_problem_without_a_place_is_its_message():
    assert str(Problem((), "rule", "no")) == "no"
    assert str(Problem(("a", 1), "rule", "no")) == "a[1]: no"


def test_an_invalid_resource_tells_every_problem():
    invalid = InvalidResource((Problem(("a",), "x", "no"), Problem(("b",), "y", "never")))

    assert str(invalid) == "a: no; b: never"


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("opnai", "openai"), ("OPENAI", "openai"), ("cohre", "cohere"), ("initech", None), ("", None)],
)
def test_the_nearest_known_word_is_suggested(word, nearest):
    assert among(word, ("anthropic", "cohere", "openai")) == nearest


def test_a_text_much_longer_than_every_choice_is_not_even_compared(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "databricks_serving_schema.suggest.distance",
        lambda left, right: compared.append((left, right)) or 0,
    )

    assert among("x" * 200_000, ("cohere", "openai")) is None
    assert among("opn", ("openai",)) is None
    assert among("opna", ("openai",)) == "openai"
    assert compared == [("opna", "openai")]


def test_nothing_is_suggested_where_there_is_no_choice():
    assert among("openai", ()) is None


@given(WORDS, WORDS)
def test_a_distance_is_the_same_both_ways_and_nothing_between_equals(left, right):
    assert distance(left, right) == distance(right, left)
    assert (distance(left, right) == 0) is (left == right)


@given(WORDS, WORDS, WORDS)
def test_a_detour_is_never_shorter(left, middle, right):
    assert distance(left, right) <= distance(left, middle) + distance(middle, right)


@pytest.mark.parametrize(
    ("said", "meant"), [("2h", 7200), ("45m", 2700), ("1h30m", 5400), ("90s", 90), ("0s", 0)]
)
def test_a_duration_is_so_many_seconds(said, meant):
    assert seconds(said) == meant


@pytest.mark.parametrize(
    "said", ["", "5", "2d", "m5", "30m1h", "-5m", "1.5h", " 5m ", "5m\n", "\u0665m"]
)
def test_what_is_no_duration_is_an_error(said):
    with pytest.raises(ValueError, match="takes a duration such as 2h, 45m or 1h30m"):
        seconds(said)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ((None, None, None), "endpoint"),
        (("endpoint", "", "minute"), "endpoint"),
        (("user", None, "minute"), "user"),
        (("user", "ada@example.com", "minute"), "user/ada@example.com"),
        (("user_group", "analysts", "hour"), "user_group/analysts/hour"),
        (("user", None, "hour"), "user//hour"),
    ],
)
def test_an_element_is_named_by_its_keys_without_their_defaults(said, key):
    assert LIMITS.key(said) == key
