"""The recordings that the mini engine is measured by are what the real engine does today.

`make recordings` records them all anew; the mini engine's tests then tell what it has to learn.
"""

from __future__ import annotations

import os

import pytest

from support.recorder import recorder
from support.recordings import RECORDED, RECORDINGS, read, with_providers, written

ANEW = os.environ.get("DBSERVING_RECORD") == "all"
#: One that needs most of what the mini engine knows.
ONE = "replaced-delete-first-with-a-dependent"


@pytest.mark.parametrize("name", RECORDED if ANEW else [ONE])
def test_the_real_engine_still_does_what_was_recorded(engine, tmp_path, name):
    with recorder(engine, tmp_path) as made:
        recorded = made.record(RECORDED[name])
    if ANEW:
        RECORDINGS.mkdir(exist_ok=True)
        (RECORDINGS / f"{name}.json").write_text(written(recorded))

    assert with_providers(recorded) == read(name)
