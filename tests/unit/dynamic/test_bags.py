"""Whose bags a call takes: the request's own, or what Pulumi has read in it already."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

from databricks_serving.dynamic.bags import asked, incoming
from databricks_serving.dynamic.providers import SecretScopeProvider
from databricks_serving.dynamic.structs import hands_all
from databricks_serving_schema import UNKNOWN
from support.counted import calls_of
from support.dynamic_server import struct

SAID = {"name": "chat", "tags": {"__mine": rpc.UNKNOWN}, "__key": "k", "__provider": "pickled"}


@dataclass
class Request:
    news: Struct
    olds: Struct | None = None
    urn: str = ""


class Context:
    def set_trailing_metadata(self, trailer):
        """What tells the servicer's frame."""


def answered(take, **more):
    """What a method of a provider takes, called by the servicer as it calls all of them."""
    request, context = Request(struct(SAID)), Context()
    handed = rpc.deserialize_properties(request.news, **more)
    return (take("news", handed), context)[0]


@pytest.mark.parametrize(("take", "more"), [(asked, {"keep_unknowns": True}), (incoming, {})])
def test_a_bag_is_whole_with_what_is_not_yet_known(take, more):
    bag = answered(take, **more)

    assert bag == {"name": "chat", "tags": {"__mine": UNKNOWN}, "__key": "k"}


def test_a_check_and_a_diff_read_again_only_what_pulumi_does_not_hand_over_whole():
    provider, scope = SecretScopeProvider(), struct({"name": "keys"})

    def check_and_diff():
        handed = {"name": "keys"}
        request, context = Request(urn="urn::scope", olds=scope, news=scope), Context()
        assert provider.check(handed, handed).failures == []
        assert not provider.diff("keys", handed, handed).changes
        return request, context

    counted = calls_of(check_and_diff)

    # Two bags each; a release that leaves nothing out has read them already.
    assert (counted["current_rpc"] > 0, counted["bag_of"]) == (True, 0 if hands_all() else 4)
