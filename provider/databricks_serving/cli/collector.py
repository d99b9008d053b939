"""Python's collector of cycles, in a process that looks at a stack and ends."""

from __future__ import annotations

import gc

#: Of objects that hold others, more made than freed: some 100 MB of them.
_SELDOM = 1_000_000


def seldom() -> None:
    """Have it look seldom; called before a job is imported.

    A run keeps what it reads, and what it makes beside hardly has a cycle. By Python's own
    thresholds the collector went through all of it, which was a tenth of the time over 1,000
    endpoints, and a fifth over 10,000. Not for what runs long: each of its connections has some.
    """
    gc.set_threshold(_SELDOM, 50, 1_000)
