"""Which of several verdicts stands for all: what is unknown wins over what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Outcome, Summary

_WORST = (
    ExitCode.ERROR,
    ExitCode.NOT_AUTHORIZED,
    ExitCode.NO_STATE,
    ExitCode.TERMINATED,
    ExitCode.INTERRUPTED,
    ExitCode.TIMED_OUT,
    ExitCode.CANCELLED,
    ExitCode.UNSAFE,
)
_LEAST = (ExitCode.INCOMPLETE, ExitCode.NOTHING_TO_REPORT)
#: The gravest first.
_OUTCOMES: tuple[Outcome, ...] = (
    "error",
    "refused",
    "not_authorized",
    "interrupted",
    "timed_out",
    "unsafe",
    "drift",
    "overwrites",
    "incomplete",
    "changes",
    "clean",
)


def gravest_code(summaries: Iterable[Summary]) -> int:
    """The exit code that stands for all; drift's own may have any number. 0 of none."""
    return min((each.exit_code for each in summaries), key=_rank, default=0)


def gravest_outcome(summaries: Iterable[Summary]) -> Outcome:
    """The word that stands for all; `clean` of none.

    Apart from the code: a plan with changes and one without both end with 0.
    """
    return min((each.outcome for each in summaries), key=_OUTCOMES.index, default="clean")


def _rank(code: int) -> int:
    if code in _WORST:
        return _WORST.index(ExitCode(code))
    return len(_WORST) + 1 + (_LEAST.index(ExitCode(code)) if code in _LEAST else -1)
