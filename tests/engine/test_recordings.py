"""The recordings that the mini engine is measured by are what the real engine does today."""

from __future__ import annotations

import pytest

from support.recorder import recorder
from support.recordings import RECORDED, read, with_providers


@pytest.mark.parametrize("name", ["replaced-delete-first-with-a-dependent"])
def test_the_real_engine_still_does_what_was_recorded(engine, tmp_path, name):
    with recorder(engine, tmp_path) as made:
        recorded = with_providers(made.record(RECORDED[name]))

    # `make recordings` records anew; the mini engine's tests then tell what it has to learn.
    assert recorded == read(name)
