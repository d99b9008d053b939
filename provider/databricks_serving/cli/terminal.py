"""How a stream is written to: colours, width, which signs. Light: no library is needed.

`--color`, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then TERM=dumb, then whether it is a
log of GitHub or GitLab, which show colours, then whether it is a terminal (https://no-color.org,
https://force-color.org, https://bixense.com/clicolors).
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_LOGS_WITH_COLORS = ("GITHUB_ACTIONS", "GITLAB_CI")


@dataclass(frozen=True)
class Looks:
    """How text is laid out. `width` None: lines are as long as they are."""

    color: bool = False
    width: int | None = None
    ascii: bool = False


#: For files, which any program may read.
PLAIN = Looks()


def looks(stream: TextIO, environment: Mapping[str, str], color: str = "auto") -> Looks:
    """How to write to a stream; `color`: auto, always or never."""
    return Looks(
        color=_colors(stream, environment, color),
        width=_width(stream, environment),
        ascii=environment.get("TERM") == "dumb" or not _is_unicode(stream),
    )


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether a machine runs it: nobody watches, and a log keeps every line."""
    said = environment.get("CI", "").lower() not in ("", "0", "false")
    return said or any(environment.get(name) for name in (*_LOGS_WITH_COLORS, "TF_BUILD"))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person may look at it right now."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def opened() -> None:
    """Give the process the streams that it was started without (`>&-`).

    What goes to a closed standard output is not written, which is an error as on a full disk; what
    would go to a closed standard error is lost.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def emptied(stream: TextIO) -> OSError | None:
    """Write out what a stream still holds; why it cannot be.

    What cannot be is dropped: else the interpreter tries it again at its end, and exits with 120.
    """
    try:
        stream.flush()
    except OSError as wrong:
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        return wrong
    except ValueError:  # it is closed
        return None
    return None


def _colors(stream: TextIO, environment: Mapping[str, str], color: str) -> bool:
    if color != "auto":
        return color == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(
        environment.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    ):
        return True
    if environment.get("TERM") == "dumb":
        return False
    if any(environment.get(name) for name in _LOGS_WITH_COLORS):
        return not is_file(stream)
    return is_terminal(stream)


def _width(stream: TextIO, environment: Mapping[str, str]) -> int | None:
    if is_terminal(stream):
        with contextlib.suppress(OSError, ValueError):
            return os.get_terminal_size(stream.fileno()).columns or None
    columns = environment.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and int(columns) > 0 else None


def _is_unicode(stream: TextIO) -> bool:
    encoding = (getattr(stream, "encoding", None) or "ascii").lower()
    return encoding.replace("-", "").replace("_", "").startswith("utf")


def is_file(stream: TextIO) -> bool:
    """Whether it was redirected into a file, which no log shows."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False
