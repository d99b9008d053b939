"""The configuration file: `dbserving.toml`, or `[tool.dbserving]` of a pyproject.toml.

It is found upward from the current directory to the repository's root. Its keys are the long
options; a table named after a command holds what is for that command alone. Paths in it begin where
it stands.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databricks_serving_schema.suggest import among

from .exits import UsageMistake

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "dbserving.toml"
PYPROJECT = "pyproject.toml"
_PATHS = ("state", "output_dir", "ignore_file", "preview", "prices")


@dataclass(frozen=True)
class File:
    """A configuration file that was found: what it says to all commands, and to each alone."""

    path: Path
    to_all: Mapping[str, Any]
    to_one: Mapping[str, Mapping[str, Any]]

    @property
    def said(self) -> tuple[str, ...]:
        """The names of its keys, and of its tables that say anything."""
        return (*self.to_all, *(command for command, table in self.to_one.items() if table))

    def of(self, command: str) -> dict[str, Any]:
        """What it says to one command alone, or (`""`) to all of them."""
        return dict(self.to_one.get(command, {}) if command else self.to_all)


def find(start: Path, tables: Mapping[str, tuple[str, ...]]) -> File | None:
    """The nearest file; `tables`: each command's options. Raises `UsageMistake` for a bad one."""
    for directory in upward(start):
        own, project = directory / NAME, directory / PYPROJECT
        if own.is_file():
            return _checked(own, _toml(own), tables)
        if project.is_file():
            tools = _toml(project).get("tool")
            if isinstance(tools, dict) and "dbserving" in tools:
                return _checked(project, tools["dbserving"], tables)
    return None


def upward(start: Path) -> list[Path]:
    """The directories from one up to the repository's root; outside of any, the first alone."""
    above = [start, *start.parents]
    root = next((n for n, one in enumerate(above) if (one / ".git").exists()), 0)
    return above[: root + 1]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise UsageMistake(f"{path} is no TOML: {wrong}.", id="config-no-toml") from None
    except OSError as wrong:
        raise UsageMistake(
            f"{path} cannot be read: {wrong.strerror or wrong}.", id="config-unreadable"
        ) from None


def _checked(path: Path, said: object, tables: Mapping[str, tuple[str, ...]]) -> File:
    if not isinstance(said, dict):
        raise UsageMistake(f"{path}: [tool.dbserving] is a table.", id="bad-config-table")
    everywhere = tuple(dict.fromkeys(name for known in tables.values() for name in known))
    whole = _known(path, "", said, (*everywhere, *tables))
    to_one: dict[str, Mapping[str, Any]] = {}
    for command in tables:
        table = whole.pop(command, {})
        if not isinstance(table, dict):
            raise UsageMistake(
                f"{path}: {command} is the table of one command: [{command}].",
                id="bad-config-table",
            )
        to_one[command] = _known(path, f"{command}.", table, tables[command])
    return File(path, whole, to_one)


def _known(
    path: Path, before: str, said: Mapping[str, Any], known: tuple[str, ...]
) -> dict[str, Any]:
    """The keys with underscores, paths from the file on; one that is not known is a mistake."""
    taken = {}
    for key, value in said.items():
        name = key.replace("-", "_")
        if name not in known:
            near = among(name, known)
            hint = f"did you mean {near}?" if near else f"it takes {', '.join(known)}."
            raise UsageMistake(f"{path}: {before}{key} is not known; {hint}", id="unknown-setting")
        is_path = name in _PATHS and isinstance(value, str)
        taken[name] = str(path.parent / value) if is_path else value
    return taken
