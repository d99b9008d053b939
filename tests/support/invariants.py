"""What must hold of every program, on the mini engine.

I1 up, then preview: no change. I2 the same after a refresh. I3 an edit outside is named exactly,
and put back by one write. I4 what is not managed is never written. I5 the canary is nowhere. I6 see
the crash matrix. I7 writes are few and in one order. I8 explicit zeros arrive. I9 a second run
writes nothing. I10 preview and refresh write nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .context import without_canary
from .mini_engine.state import in_clear

if TYPE_CHECKING:
    from .mini_engine.engine import Report
    from .mini_engine.programs import Program
    from .mini_engine.stand import Stand


def sent(stand: Stand) -> list[str]:
    """The writes since the last time as `METHOD path`, without what all paths begin with."""
    writes = [f"{c.method} {c.path.removeprefix('/api/2.0/')}" for c in stand.workspace.writes]
    stand.workspace.clear_calls()
    return writes


def seen_of(stand: Stand, report: Report) -> tuple[Any, ...]:
    """All that anybody sees of a run: state file, output, errors, lines, paths of differences."""
    return (
        in_clear(stand.engine.state),
        report.error,
        report.printed,
        report.lines,
        report.paths,
        report.steps,
        stand.heard.heard,
    )


def settled(stand: Stand, wanted: Program, report: Report) -> None:
    """I1, I2, I5, I9 and I10, of a program that has just been deployed."""
    assert report.error is None
    reports = [report]
    sent(stand)
    for look in (
        lambda: stand.engine.preview(wanted),
        lambda: stand.engine.preview(wanted, refresh=True),
        lambda: stand.engine.refresh(preview_only=True),
        stand.engine.refresh,
        lambda: stand.engine.preview(wanted),
        lambda: stand.engine.up(wanted),
    ):
        reports.append(look())
        assert (reports[-1].error, reports[-1].changes) == (None, [])
    assert sent(stand) == []
    for each in reports:
        without_canary(*seen_of(stand, each))
