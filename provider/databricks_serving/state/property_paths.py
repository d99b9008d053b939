"""Pulumi's property paths, as a preview's `detailedDiff` has them, parsed.

Grammar: sdk/go/common/resource/property_path.go of pulumi/pulumi. `a.b`, `a[0]`, `a["b.c"]`; within
quotes a backslash escapes a quote.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from databricks_serving_schema import Path

_STEP = re.compile(r'\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<index>\d+)\]|\.?(?P<name>[^.\[]+)')


def property_path(text: str) -> Path:
    """`credentials.gpt["a.b"][0]` as `("credentials", "gpt", "a.b", 0)`."""
    return tuple(_step(found) for found in _STEP.finditer(text))


def _step(found: re.Match[str]) -> str | int:
    if found["index"] is not None:
        return int(found["index"])
    if found["quoted"] is not None:
        return found["quoted"].replace('\\"', '"')
    return found["name"]


def touches(changed: Path, path: Path) -> bool:
    """Whether a difference at `changed` concerns what stands at `path`: one holds the other."""
    shared = min(len(changed), len(path))
    return changed[:shared] == path[:shared]
