"""Texts and values that a careless program would be broken by."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE = [
    '"); import os; os.system("id") #',
    "'''\"\"\"",
    "a\nb\r\tc\\",
    "\\",
    '\\"',
    "\x00\x1b[31m\x7f\x85",
    "\u202e\u2028\ufeff\u00a0\u00ad",
    "{{secrets/llm/openai}}",
    "{x!r} %s ${y}",
    "\U0001f600 日本 \ud800",
    "it's",
    "",
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=30))
LEAVES = st.one_of(
    TEXTS,
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)
