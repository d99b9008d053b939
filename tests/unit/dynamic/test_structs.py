"""A bag off the wire is whole."""

from __future__ import annotations

import pytest
from pulumi.runtime import rpc

from databricks_serving.dynamic.structs import bag_of, hands_all
from databricks_serving_schema import UNKNOWN
from support.dynamic_server import struct


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


def test_what_is_marked_as_secret_is_marked_as_a_whole():
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": "v"}
    wire = struct({"config": {"a": secret}, "name": "chat", "host": rpc.UNKNOWN})

    read = bag_of(wire)

    assert read == {
        "config": {rpc._special_sig_key: rpc._special_secret_sig, "value": {"a": "v"}},
        "name": "chat",
        "host": UNKNOWN,
    }


def test_what_pulumi_hands_over_counts_as_whole_where_no_name_is_left_out():
    bag = {"__applied": {"tags": {"__mine": "x"}}, "tags": {"__mine": "x"}}

    handed = rpc.deserialize_properties(struct(bag), keep_unknowns=True)

    assert hands_all() == (handed == bag)
