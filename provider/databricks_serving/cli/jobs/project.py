"""The project that a run takes place in: its Pulumi.yaml, and what that says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
#: The section `options` with its value: on its line, or in the indented lines below. Pulumi.yaml is
#: read by no parser here: the only one at hand is not a dependency of ours.
_OPTIONS = re.compile(r'^"?options"?:[ \t]*(.*(?:\n(?:[ \t]+.*|[ \t]*#.*|[ \t]*))*)', re.MULTILINE)
_JSON_OPTIONS = re.compile(r'"options"\s*:\s*(\{[^}]*\})')
_NAME = re.compile(r"""^["']?name["']?:[ \t]*["']?([\w.-]+)""", re.MULTILINE)
_JSON_NAME = re.compile(r'"name"\s*:\s*"([\w.-]+)"')
_REFRESH_ALWAYS = re.compile(r"""^[^#\n]*["']?\brefresh\b["']?\s*:\s*["']?always\b""", re.MULTILINE)

_TOOLCHAIN = re.compile(r"""^[^#\n]*["']?\btoolchain\b["']?\s*:\s*["']?(\w+)""", re.MULTILINE)


def project_file(directory: Path) -> Path | None:
    """The project's file in a directory or in the nearest above it, as `pulumi` finds it."""
    places = (one / name for one in (directory, *directory.parents) for name in _NAMES)
    return next((place for place in places if place.is_file()), None)


def project_name(file: Path) -> str:
    """The project's name; empty where the file says none."""
    content = file.read_text(encoding="utf-8", errors="replace")
    found = (_JSON_NAME if file.suffix == ".json" else _NAME).search(content)
    return found.group(1) if found else ""


def refreshes_always(file: Path) -> bool:
    """Whether each `pulumi up` of the project looks at the workspace first."""
    content = file.read_text(encoding="utf-8", errors="replace")
    section = (_JSON_OPTIONS if file.suffix == ".json" else _OPTIONS).search(content)
    return section is not None and bool(_REFRESH_ALWAYS.search(section.group(1)))


def toolchain(file: Path) -> str:
    """What the project's Python packages are installed with; empty where the file says none."""
    found = _TOOLCHAIN.search(file.read_text(encoding="utf-8", errors="replace"))
    return found.group(1) if found else ""
