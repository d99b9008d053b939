"""A bag off the wire is what Pulumi reads in it, and whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from databricks_serving.dynamic import structs
from databricks_serving.dynamic.structs import bag_of, hands_all
from databricks_serving.dynamic.unknowns import from_pulumi
from databricks_serving_schema import UNKNOWN
from support.dynamic_server import struct

LEAVES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.just(rpc.UNKNOWN)
#: Older releases of Pulumi leave out what begins with `__`.
NAMES = st.text().filter(lambda name: not name.startswith("__"))
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=8
)


@given(st.dictionaries(NAMES, JSON))
def test_any_json_is_read_as_pulumi_reads_it(said):
    wire = struct(said)

    read = bag_of(wire)

    assert read == from_pulumi(rpc.deserialize_properties(wire, keep_unknowns=True))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"a": None, "b": [None, 1.0]}, {"b": [None, 1.0]}),
        ({"a": rpc.UNKNOWN, "b": [rpc.UNKNOWN]}, {"a": UNKNOWN, "b": [UNKNOWN]}),
        ({"__applied": {"tags": {"__mine": "x"}}}, {"__applied": {"tags": {"__mine": "x"}}}),
        ({"a": False, "b": 0, "c": "", "d": {}, "e": []}, None),
    ],
)
def test_what_is_empty_stays_and_what_is_null_goes_but_for_elements(said, expected):
    read = bag_of(struct(said))

    assert read == (said if expected is None else expected)


def test_what_is_more_than_json_is_left_to_pulumi():
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": "v"}
    wire = struct({"config": {"a": secret}, "name": "chat", "host": rpc.UNKNOWN})

    read = bag_of(wire)

    assert read == {
        "config": {structs._SIGNATURE: rpc._special_secret_sig, "value": {"a": "v"}},
        "name": "chat",
        "host": UNKNOWN,
    }


def test_what_pulumi_hands_over_counts_as_whole_where_no_name_is_left_out():
    bag = {"__applied": {"tags": {"__mine": "x"}}, "tags": {"__mine": "x"}}

    handed = rpc.deserialize_properties(struct(bag), keep_unknowns=True)

    assert hands_all() == (handed == bag)
