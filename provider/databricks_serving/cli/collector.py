"""Python's collector of cycles, in a process that does one thing and ends."""

from __future__ import annotations

import gc

#: Of objects that hold others, more made than freed: some 100 MB of them.
_SELDOM = 1_000_000


def seldom() -> None:
    """Have it look seldom; called before anything else is imported.

    A run keeps what it makes, and makes hardly a cycle. By Python's own thresholds the collector
    went through all of it 24 times, which took a fifth of the time over 10,000 endpoints, and
    through what is imported 50 ms long.
    """
    gc.set_threshold(_SELDOM, 50, 1_000)


def no_more() -> None:
    """Leave what there is as it is: the process ends, and the system takes all of it at once."""
    gc.freeze()
