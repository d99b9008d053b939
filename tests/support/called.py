"""Which methods the tests of a folder call, by their source."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path


def calls_in(folder: Path) -> dict[str, set[str]]:
    """For each test of a folder's modules, the names of the methods that its own body calls."""
    return {
        node.name: {
            called.func.attr
            for called in ast.walk(node)
            if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute)
        }
        for path in sorted(folder.glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def public_methods(kind: type) -> set[str]:
    """The names of the methods that anybody may call, the inherited ones among them."""
    found = inspect.getmembers(kind, inspect.isroutine)
    return {name for name, _ in found if not name.startswith("_")}
