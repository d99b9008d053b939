"""The three states, as a plan takes them, and the orders that go with the desired one."""

from __future__ import annotations

from dataclasses import dataclass

from .canonical import Canonical
from .operations import CancelStrategy


@dataclass(frozen=True)
class Actual(Canonical):
    """What GET answers. `updating`: a deployment runs; `ever_ready`: a configuration has served."""

    updating: bool = False
    ever_ready: bool = True


@dataclass(frozen=True)
class Orders:
    """What the program says about how to roll out, and the mark that a create leaves.

    `authoritative`: grants that only actual has are removed. `caller`: whose own CAN_MANAGE is
    nobody's difference, None where no call was made to find out; `groups`: those that it is in.
    `removed`: sections of a gateway that go although the program says nothing of them; a PUT leaves
    them out.
    """

    on_update_in_progress: CancelStrategy = CancelStrategy.SUPERSEDE
    replace_on: frozenset[str] = frozenset()
    mark: str | None = None
    authoritative: bool = False
    caller: str | None = None
    groups: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
