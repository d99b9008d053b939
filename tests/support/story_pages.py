"""The pages of the stories under docs/stories: what a command printed, kept and compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

STORIES = Path(__file__).resolve().parents[2] / "docs" / "stories"
#: What differs in each run, and how the pages show it.
_MOVING = (
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8765"),
    (r'("(?:started|id)": )"[^"]*"', r'\1"…"'),
    (r'("duration_ms": )\d+', r"\g<1>0"),
    (r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?Z?", "2026-11-22 12:00Z"),
    (r"\b1[6-9]\d{11}\b", "1700000000000"),
    (r"(run=)[^ ]+", r"\1…"),
    (r'("fingerprint": )"[^"]*"', r'\1"…"'),
    (r'(timestamp=)"[^"]*"', r'\1"…"'),
    (r"\b[0-9a-f]{32}\b", "0" * 32),
)


def dbserving(project: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`dbserving` in a project's directory, at 80 columns, with its engine and workspace."""
    environment = {
        name: value
        for name, value in project.pulumi.environment().items()
        if not name.startswith(("GITHUB_", "GITLAB_", "CI"))
    }
    return subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", *arguments],
        cwd=project.directory,
        env={**environment, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def still(text: str) -> str:
    """A page with what moves made the same."""
    for pattern, shown in _MOVING:
        text = re.sub(pattern, shown, text)
    return text


def kept(name: str, page: str) -> None:
    """Fail where the page of that name is another one; DBSERVING_STORIES=1 writes it anew."""
    path = STORIES / name
    if os.environ.get("DBSERVING_STORIES"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
    assert path.read_text() == page
