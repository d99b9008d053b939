from __future__ import annotations

import pytest

from support.ci_stage import opened


@pytest.fixture
def stage(tmp_path):
    """An empty repository with two stacks, and what recipes talk to."""
    with opened(tmp_path) as made:
        yield made
