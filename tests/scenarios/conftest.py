"""Scenarios run over gRPC, on the mini engine, or with the verbs where time has to stand still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import scenario_writes
from support.context import Bench
from support.mini_engine.processes import Nursery
from support.mini_engine.stand import Stand, stand
from support.stories import Story

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where plugin processes come from."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def one_stand(nursery: Nursery) -> Iterator[Stand]:
    """The servers, once."""
    with stand(nursery) as made:
        yield made


@pytest.fixture
def story(one_stand: Stand, request: pytest.FixtureRequest) -> Iterator[Story]:
    """An empty stack on a new, strict workspace."""
    one_stand.begin()
    told = Story(one_stand)
    yield told
    one_stand.environment = {}
    scenario_writes.note(request, told.told)
    assert told.workspace.unknown_calls == ()


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """The verbs and a clock that stands still, for what takes hours."""
    made = Bench()
    yield made
    scenario_writes.note(request, made.sent)
