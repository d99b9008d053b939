from __future__ import annotations

import pytest

from support.shop import opened


@pytest.fixture
def shop(tmp_path):
    """A deployed stack, its workspace over HTTP, and `dbserving` to run on them."""
    with opened(tmp_path) as made:
        yield made
