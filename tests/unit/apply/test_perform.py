"""Sending operations exactly as planned."""

from __future__ import annotations

import pytest

from databricks_serving.apply.perform import perform
from databricks_serving.errors import Refused
from databricks_serving.plan.canonical import Fingerprint
from databricks_serving.plan.operations import (
    CancelStrategy,
    CancelUpdate,
    PutConfig,
    PutSecret,
)
from support.context import Bench

UNSENDABLE = Fingerprint(f"hmac-sha256:{'0' * 64}")


@pytest.mark.parametrize(
    "operation",
    [
        PutSecret("keys", "openai", {"string_value": UNSENDABLE}),
        PutConfig("chat", {"served_entities": [{"external_model": {"k": UNSENDABLE}}]}),
    ],
)
def test_a_fingerprint_is_never_sent_in_place_of_its_secret(operation):
    bench = Bench()

    with pytest.raises(Refused, match="known by its fingerprint only"):
        perform(operation, bench.context().api)

    assert bench.sent == []


def test_no_call_cancels_an_update():
    bench = Bench()

    with pytest.raises(TypeError, match="no call cancels an update"):
        perform(CancelUpdate("chat", CancelStrategy.SUPERSEDE), bench.context().api)

    assert bench.sent == []
