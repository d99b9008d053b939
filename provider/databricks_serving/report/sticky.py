"""A report as one comment, or one issue, that later runs find again. Pure.

The first line of what is posted is a comment that nobody sees:

    <!-- dbserving:report v1 key=<key> run=<run> digest=<sha256> -->

`key` says whose it is, `run` which run is newer, `digest` whether there is anything to write.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from urllib.parse import quote, unquote

from .model import Classification, Report

#: GitHub refuses 65,536 characters, and did so below that where texts were not ASCII.
LIMIT_BYTES = 60_000
LONGEST_KEY = 200
_LINE = re.compile(
    r"\A<!-- dbserving:report v1 key=(\S+) run=(\S+) digest=([0-9a-f]{64}) -->[ \t]*\r?(?:\n|\Z)"
)
_DRIFTED = (Classification.DRIFTED, Classification.MISSING)
#: What differs between two runs that found the same.
_OF_THE_RUN = ("id", "started", "duration_ms", "url")


@dataclass(frozen=True)
class Marker:
    """The hidden first line. `run` sorts as the runs began."""

    key: str
    run: str
    digest: str

    @property
    def line(self) -> str:
        """The line; whatever the key holds, it neither ends the comment nor the line."""
        return (
            f"<!-- dbserving:report v1 key={_quoted(self.key)} run={_quoted(self.run)} "
            f"digest={self.digest} -->"
        )


class Standing(Enum):
    """How what stands there already compares with what this run would write."""

    ABSENT = "absent"
    EQUAL = "equal"
    OLDER = "older"
    NEWER = "newer"


class Verdict(Enum):
    """What some reports come to for an issue: unknown where not all could be looked at.

    Light: there is drift, and all of it is below what the run was asked to fail on.
    """

    DRIFT = "drift"
    CLEAN = "clean"
    LIGHT = "light"
    UNKNOWN = "unknown"


def marker_in(body: str) -> Marker | None:
    """The marker that a text begins with; None where it begins with anything else."""
    found = _LINE.match(body)
    return Marker(_unquoted(found[1]), _unquoted(found[2]), found[3]) if found else None


def marker_of(key: str, reports: Sequence[Report]) -> Marker:
    """The marker of what this run writes. Raises ValueError where a report's time is none."""
    return Marker(key, run_of(reports), digest_of(reports))


def standing(mine: Marker, there: Marker | None) -> Standing:
    """How what stands there compares. One that is newer stays, whatever it says."""
    if there is None:
        return Standing.ABSENT
    if there.run > mine.run:
        return Standing.NEWER
    return Standing.EQUAL if there.digest == mine.digest else Standing.OLDER


def names_of(reports: Sequence[Report]) -> tuple[str, ...]:
    """What the reports are about: `project/stack` each, sorted."""
    names = {f"{r.run.project}/{r.run.stack}".strip("/") or "default" for r in reports}
    return tuple(sorted(names))


def key_of(reports: Sequence[Report]) -> str:
    """The key where none is given: the mode, and what the reports are about."""
    modes = "+".join(sorted({report.run.mode for report in reports}))
    return f"{modes}:{','.join(names_of(reports))}"


def run_of(reports: Sequence[Report]) -> str:
    """When the last of the runs began, in UTC, then its id. Raises ValueError for no time.

    Its own time and not the number of the workflow's run: what was looked at later is newer,
    whichever job posts it.
    """
    return max(f"{_moment(report.run.started)}-{report.run.id}" for report in reports)


def digest_of(reports: Sequence[Report]) -> str:
    """The same for runs that found the same: all that a reader sees but times and addresses."""
    found = [report.model_dump(mode="json") for report in reports]
    for one in found:
        for name in _OF_THE_RUN:
            del one["run"][name]
    text = json.dumps(found, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def quiet(reports: Sequence[Report]) -> bool:
    """Whether there is nothing that a pull request should hear of: no change, drift or error."""
    return all(report.summary.outcome == "clean" and not report.errors for report in reports)


def verdict(reports: Sequence[Report]) -> Verdict:
    """Whether there is drift that counts; drift in one of them is drift.

    Where a run failed, what it did see drifted counts, and what it did not see is unknown.
    """
    verdicts = {_verdict(report) for report in reports}
    ranked = (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.LIGHT, Verdict.CLEAN)
    return next(one for one in ranked if one in verdicts)


def _verdict(report: Report) -> Verdict:
    # Not by the exit code, which `--drift-exit-code` may make any.
    if report.summary.outcome == "drift":
        return Verdict.DRIFT
    seen = any(finding.classification in _DRIFTED for finding in report.findings)
    if report.summary.outcome == "clean" and report.run.complete and not report.errors:
        # What counts for nothing, being too light, is not gone for that.
        return Verdict.LIGHT if seen else Verdict.CLEAN
    return Verdict.DRIFT if seen else Verdict.UNKNOWN


def _moment(started: str) -> str:
    # `fromisoformat` of Python 3.10 knows no Z.
    moment = datetime.fromisoformat(started.strip().replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    try:
        moment = moment.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError(f"{started!r} is before the first year, or after the last") from None
    return moment.strftime("%Y%m%dT%H%M%S.%fZ")


def _quoted(text: str) -> str:
    """Without spaces, line breaks, `>`, and without `--`, which older parsers end a comment at."""
    return quote(text, safe="/:+,", errors="surrogatepass").replace("--", "-%2D")


def _unquoted(text: str) -> str:
    return unquote(text, errors="surrogatepass")
