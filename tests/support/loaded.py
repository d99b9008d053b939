"""Names of modules that a process has loaded, told apart by whose they are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def libraries(modules: Iterable[str]) -> set[str]:
    """The packages of others; what belongs to Python, or to its build, is none."""
    names = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    return {n for n in names if not n.startswith(("databricks_serving", "_sysconfigdata"))}


def ours(modules: Iterable[str]) -> list[str]:
    """Our own modules, sorted."""
    return sorted(name for name in modules if name.startswith("databricks_serving"))
