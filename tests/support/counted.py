"""Counting calls of our own code: what does not depend on how fast, or how busy, a machine is."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import databricks_serving
import databricks_serving_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_OWN = tuple(
    f"{Path(package.__file__).parent}/"
    for package in (databricks_serving, databricks_serving_schema)
)


def calls_of(work: Callable[[], object]) -> Counter[str]:
    """How often each plain function of ours is called, by name, in a second run of `work`.

    The first fills what is kept for good (what a model's fields are). Generators, comprehensions
    and lambdas are left out: Python's releases differ in what of those is a call.
    """
    work()
    counted: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_flags & inspect.CO_GENERATOR or code.co_name[0] == "<":
            return
        if code.co_filename.startswith(_OWN):
            counted[code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted
