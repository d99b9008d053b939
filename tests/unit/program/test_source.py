"""Arguments as source: the same values come back, hostile ones too, in the formatter's layout."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.program.declared import FromConfig, Link
from databricks_serving.program.source import WIDTH, call, text
from unit.program.hostile import HOSTILE, TEXTS, TREES


def spelled(**named):
    return call("Kind", "name", named, {})


def given_to(source):
    """What a call gives to its callee, read without running anything."""
    (statement,) = ast.parse(source).body
    made = statement.value
    return (
        [ast.literal_eval(each) for each in made.args],
        {each.arg: ast.literal_eval(each.value) for each in made.keywords},
    )


def same(left, right):
    """Equal, and of the same types: for Python, true is 1 and 1 is 1.0."""
    return left == right and repr(left) == repr(right)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_text_is_a_literal_of_its_own_value_on_one_line(value):
    literal = text(value)

    assert ast.literal_eval(literal) == value
    assert literal.isprintable()


@given(TEXTS, st.dictionaries(st.sampled_from(["a", "config", "tags"]), TREES))
def test_whatever_is_said_comes_back_from_the_source(name, named):
    positional, keywords = given_to(call("Kind", name, named, {}))

    assert positional == [name]
    assert same(keywords, named)


SHORT = st.recursive(
    st.text("ab", max_size=9),
    lambda inner: st.one_of(
        st.lists(inner, max_size=9), st.dictionaries(st.text("ab", max_size=9), inner, max_size=9)
    ),
    max_leaves=10,
)


@given(SHORT)
def test_no_line_is_too_long_where_no_leaf_is(tree):
    source = spelled(tree=tree, other="x" * 80)

    assert max(map(len, source.splitlines())) <= WIDTH


def test_what_fits_stands_on_one_line():
    source = spelled(tags={"team": "crm"}, names=["a", "b"], on=True, share=0.1, none=None)

    assert source == (
        'Kind("name", tags={"team": "crm"}, names=["a", "b"], on=True, share=0.1, none=None)'
    )


def test_what_does_not_fit_has_each_element_on_a_line_of_its_own():
    source = spelled(config={"entities": [{"name": "x" * 60}, {"name": "y", "size": 1}]}, tags={})

    assert source.splitlines() == [
        "Kind(",
        '    "name",',
        "    config={",
        '        "entities": [',
        f'            {{"name": "{"x" * 60}"}},',
        '            {"name": "y", "size": 1},',
        "        ],",
        "    },",
        "    tags={},",
        ")",
    ]


def test_links_and_configuration_are_spelled_as_a_person_would():
    link = Link("Secret", "llm/openai", "reference")

    source = call(
        "k = Secret", "n", {"a": link, "b": FromConfig("llmOpenai")}, {link: "openai.reference"}
    )

    assert source == ('k = Secret("n", a=openai.reference, b=config.require_secret("llmOpenai"))')


@pytest.mark.parametrize("width", range(70, 100))
def test_the_formatter_has_nothing_to_change(width, tmp_path):
    value = {"a": "x" * (width - 40), "b": [1, {"c": ["d"] * 12}], "e": HOSTILE, "f": {}}
    file = tmp_path / "program.py"
    file.write_text(spelled(config=value, tags={"t": "u" * width}) + "\n", errors="surrogatepass")

    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "--diff", file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (formatted.returncode, formatted.stdout) == (0, "")
