"""Python's collector of cycles, in a process that looks at a stack and ends."""

from __future__ import annotations

import gc


def seldom() -> None:
    """Have it look seldom; called before a job is imported.

    A run keeps what it makes, and makes hardly a cycle. By Python's own thresholds the collector
    went through all of it 24 times, which took a fifth of the time over 10,000 endpoints, and
    through what is imported 50 ms long.
    """
    gc.set_threshold(10_000, 50, 1_000)
