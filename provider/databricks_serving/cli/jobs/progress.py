"""How far a run has come: a bar where somebody looks, else one line every 30 seconds."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TextIO

from databricks_serving.cli.terminal import is_ci, is_terminal, looks

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

EVERY_SECONDS = 30.0


class Progress(Protocol):
    """Told of each resource that was looked at; safe to call from any thread."""

    def begin(self, total: int) -> None:
        """So many resources are looked at."""

    def seen(self, *, drifted: bool) -> None:
        """One more was looked at."""

    def tick(self) -> None:
        """Time has passed."""

    def end(self) -> None:
        """Nothing more comes: the terminal is free."""


def progress(
    environment: Mapping[str, str],
    *,
    quiet: bool = False,
    color: str = "auto",
    stream: TextIO | None = None,
    now: Callable[[], float] = time.monotonic,
) -> Progress:
    """The progress for a stream: a bar on a terminal, lines in a log, nothing if `quiet`."""
    stream = stream or sys.stderr
    if quiet:
        return Silent()
    if is_terminal(stream) and not is_ci(environment) and environment.get("TERM") != "dumb":
        return OnTerminal(stream, color=looks(stream, environment, color).color)
    return InLog(stream, now)


class Silent:
    """Says nothing."""

    def begin(self, total: int) -> None:
        """Say nothing."""

    def seen(self, *, drifted: bool) -> None:
        """Say nothing."""

    def tick(self) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Say nothing."""


class InLog:
    """A line every 30 seconds: `17/120 checked, 2 drifted`."""

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._now = now
        self._told = now()
        self._total = self._checked = self._drifted = 0

    def begin(self, total: int) -> None:
        """Count from here."""
        self._total, self._told = total, self._now()

    def seen(self, *, drifted: bool) -> None:
        """Count one."""
        self._checked += 1
        self._drifted += drifted

    def tick(self) -> None:
        """Say how far it is, if 30 seconds have passed since it was said."""
        if self._total and self._now() - self._told >= EVERY_SECONDS:
            self._told = self._now()
            words = _words(self._checked, self._total, self._drifted)
            with contextlib.suppress(OSError):  # a full disk ends no review
                print(words, file=self._stream, flush=True)

    def end(self) -> None:
        """Nothing is left to take away."""


class OnTerminal:
    """A bar that goes when the run is done."""

    def __init__(self, stream: TextIO, *, color: bool) -> None:
        self._stream = stream
        self._color = color
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._total = self._checked = self._drifted = 0

    def begin(self, total: int) -> None:
        """Show the bar."""
        from rich.console import Console  # noqa: PLC0415 - only where a terminal is
        from rich.progress import BarColumn, SpinnerColumn, TextColumn  # noqa: PLC0415 - the same
        from rich.progress import Progress as Bar  # noqa: PLC0415 - the same

        console = Console(file=self._stream, no_color=not self._color, highlight=False)
        columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}", markup=False))
        self._total = total
        self._bar = Bar(*columns, console=console, transient=True)
        self._task = self._bar.add_task(_words(0, total, 0), total=total)
        self._bar.start()

    def seen(self, *, drifted: bool) -> None:
        """Move the bar."""
        self._checked += 1
        self._drifted += drifted
        if self._bar is not None and self._task is not None:
            words = _words(self._checked, self._total, self._drifted)
            self._bar.update(self._task, completed=self._checked, description=words)

    def tick(self) -> None:
        """The bar moves by itself."""

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _words(checked: int, total: int, drifted: int) -> str:
    return f"{checked}/{total} checked, {drifted} drifted"
