"""How the checks are told: for a person, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from databricks_serving_schema import identified

from .check import Checked, Verdict

if TYPE_CHECKING:
    from databricks_serving.cli.net import Net
    from databricks_serving.cli.terminal import Looks

_MARKS = {Verdict.OK: "✔", Verdict.WARNING: "▲", Verdict.FAILED: "✖", Verdict.SKIPPED: "○"}
_ASCII_MARKS = {Verdict.OK: "+", Verdict.WARNING: "!", Verdict.FAILED: "x", Verdict.SKIPPED: "o"}
_COLORS = {Verdict.OK: "32", Verdict.WARNING: "33", Verdict.FAILED: "31", Verdict.SKIPPED: "2"}
_TITLE = 15
_WIDTH = 80
#: Wider lines are hard to read, however wide the terminal.
_WIDEST = 100


def told(checked: Sequence[Checked], how: Looks, net: Net) -> str:
    """The checks as text, in their groups; `net`: over every word, before it is cut into lines."""
    lines: list[str] = []
    for group, members in groupby(checked, key=lambda one: one.check.group):
        shown = list(members)
        if len({one.finding for one in shown}) == 1 and shown[0].finding.verdict is Verdict.SKIPPED:
            shown = shown[:1]  # the same reason for all of them
            shown[0] = replace(shown[0], check=replace(shown[0].check, title="Not looked at"))
        lines += [group, *(line for one in shown for line in _lines(one, how, net)), ""]
    return "\n".join([*lines, summary(checked)]) + "\n"


def summary(checked: Sequence[Checked]) -> str:
    """How many checks ended how: `1 failed, 2 warnings, 14 ok, 3 skipped.`."""
    count = Counter(one.finding.verdict for one in checked)
    warned = count[Verdict.WARNING]
    return (
        f"{count[Verdict.FAILED]} failed, {warned} warning{'' if warned == 1 else 's'}, "
        f"{count[Verdict.OK]} ok, {count[Verdict.SKIPPED]} skipped."
    )


def as_json(checked: Sequence[Checked], exit_code: int, version: str, net: Net) -> str:
    """The checks for a machine; the ids and `verdict` are a contract, the words are not."""
    document = {
        "tool": {"name": "dbserving", "version": version},
        "exit_code": exit_code,
        "checks": [
            {
                "id": one.check.id,
                "group": one.check.group,
                "title": one.check.title,
                "verdict": one.finding.verdict.value,
                "error_id": one.error_id,
                "found": one.finding.found,
                "remedy": one.finding.remedy,
            }
            for one in checked
        ],
    }
    return json.dumps(net.over_tree(document), indent=2, ensure_ascii=False) + "\n"


def _lines(one: Checked, how: Looks, net: Net) -> list[str]:
    verdict = one.finding.verdict
    mark = (_ASCII_MARKS if how.ascii else _MARKS)[verdict]
    arrow = "->" if how.ascii else "→"
    width = min(how.width or _WIDTH, _WIDEST)
    found, remedy = net.over(one.finding.found), net.over(one.finding.remedy)
    if not remedy:
        found = identified(found, one.error_id)
    lines = _wrapped(found, f"  {mark} {one.check.title:<{_TITLE}} ", width, how)
    if remedy:
        lines += _wrapped(identified(remedy, one.error_id), f"    {arrow} ", width, how)
    if how.color:
        lines[0] = lines[0].replace(mark, f"\x1b[{_COLORS[verdict]}m{mark}\x1b[0m", 1)
    return lines


def _wrapped(text: str, before: str, width: int, how: Looks) -> list[str]:
    """The text behind `before`, its lines below indented as far; no control characters."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    if how.ascii:
        shown = shown.encode("ascii", "replace").decode()
    return textwrap.wrap(
        shown,
        width=max(width, len(before) + 20),
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [before.rstrip()]
