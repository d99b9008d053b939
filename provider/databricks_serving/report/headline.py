"""The verdict of a report in a line, and its counts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Classification, Effect
from .rows import COUNTED
from .shown import counted

if TYPE_CHECKING:
    from .model import Report, RuleUse

_PLANNED = (Effect.CREATE, Effect.UPDATE, Effect.REPLACE, Effect.DELETE, Effect.REFUSE)
_REFUSED = {Effect.REFUSE: "refused"}


def headline(report: Report) -> str:
    """The verdict: `1 update; 1 manual change would be overwritten`."""
    said = _plan(report) if report.run.mode == "plan" else _drift(report)
    return said + _incomplete(report)


def _incomplete(report: Report) -> str:
    if report.summary.outcome == "timed_out":
        why = ", timed out"
    elif report.summary.outcome == "interrupted":
        why = ", interrupted"
    elif report.run.complete:
        return ""
    else:
        why = ", incomplete"
    coverage = report.coverage
    if not coverage.resources_total:
        return f" ({why.removeprefix(', ')})"
    return f" ({coverage.resources_checked} of {coverage.resources_total} checked{why})"


def _drift(report: Report) -> str:
    by_class = report.summary.by_class
    failed = by_class.get("error", 0) or len(report.errors)
    drifted, missing = by_class.get("drifted", 0), by_class.get("missing", 0)
    said = []
    if failed:
        said.append(f"{counted(failed, 'error')}, the result is not known")
    if drifted:
        worst = report.summary.max_severity
        said.append(f"{drifted} drifted" + (f" (worst: {worst.value})" if worst else ""))
    if missing:
        said.append(f"{missing} missing")
    if not said:
        said.append(_none_seen(report, "drift"))
    if in_flux := by_class.get("in_flux", 0):
        said.append(f"{in_flux} in flux, not judged")
    if beside := report.summary.not_in_code:
        said.append(f"{beside} not in code")
    return "; ".join(said)


def _none_seen(report: Report, what: str) -> str:
    """That there is none, as far as it was looked for: nothing is said of what nobody judged."""
    run, totals = report.run, report.coverage
    if not totals.resources_checked:
        nothing_there = run.complete and not totals.resources_total
        return "nothing to check" if nothing_there else "nothing was checked"
    if report.summary.outcome in ("timed_out", "interrupted"):
        return f"no {what} seen until then"
    by_class = report.summary.by_class
    open_ = by_class.get("error", 0) + (by_class.get("in_flux", 0) if run.mode == "drift" else 0)
    whole = run.complete and totals.resources_checked >= totals.resources_total and not open_
    return f"no {what}" if whole else f"no {what} in what was checked"


def _plan(report: Report) -> str:
    said = []
    if failed := (report.summary.by_class.get("error", 0) or len(report.errors)):
        said.append(f"{counted(failed, 'error')}, the plan is not whole")
    effects = [
        counted(number, effect.value) if effect not in _REFUSED else f"{number} refused"
        for effect in _PLANNED
        if (number := report.summary.by_effect.get(effect.value, 0))
    ]
    if effects:
        said.append(", ".join(effects))
    elif not failed:
        said.append(_none_seen(report, "changes"))
    if report.summary.overwrites:
        said.append(overwrites(report))
    return "; ".join(said)


def overwrites(report: Report) -> str:
    """`1 manual change would be overwritten`."""
    return f"{counted(report.summary.overwrites, 'manual change')} would be overwritten"


def effects(report: Report) -> str:
    """What a plan does, zeros included: `0 create, 1 update, 0 replace, 0 delete, 9 unchanged`."""
    by_effect = report.summary.by_effect
    counts = ", ".join(f"{by_effect.get(e.value, 0)} {e.value}" for e in _PLANNED[:4])
    refused = by_effect.get(Effect.REFUSE.value, 0)
    same = report.summary.by_class.get(Classification.IN_SYNC.value, 0)
    return counts + (f", {refused} refused" if refused else "") + f", {same} unchanged"


def classes(report: Report) -> str:
    """How many of what, without zeros: `2 drifted (worst: critical), 1 in flux, 9 in sync`."""
    by_class, worst = report.summary.by_class, report.summary.max_severity
    said = []
    for each, words in COUNTED.items():
        number = by_class.get(each.value, 0)
        if not number:
            continue
        grave = each is Classification.DRIFTED and worst is not None
        said.append(f"{number} {words}" + (f" (worst: {worst.value})" if grave and worst else ""))
    return ", ".join(said) or "nothing to check"


def counts(report: Report) -> str:
    """How many of what, with the verdict where there is nothing to count."""
    summary = report.summary
    if report.run.mode == "plan":
        said = effects(report) if summary.by_effect else _none(report, "changes")
        return f"{said}; {overwrites(report)}" if summary.overwrites else said
    known = any(summary.by_class.get(each) for each in ("drifted", "missing", "error"))
    known = known or bool(report.errors)
    said = classes(report) if known else _none(report, "drift")
    beside = sum(len(finding.not_in_code) for finding in report.findings)
    return f"{said}; {counted(beside, 'setting')} not in code" if beside else said


def _none(report: Report, what: str) -> str:
    said = _none_seen(report, what)
    return f"{said}; {classes(report)}" if report.summary.by_class else said


def coverage(report: Report) -> str:
    """`Compared 398 of 412 fields; 11 write-only, 3 ignored by rule.` Nothing where none are."""
    totals = report.coverage
    said = []
    if totals.fields_write_only:
        said.append(f"{totals.fields_write_only} write-only")
    if totals.fields_ignored:
        said.append(f"{totals.fields_ignored} ignored by rule{_ending(report.rules)}")
    rest = f"; {', '.join(said)}" if said else ""
    if not totals.fields_total:
        return ""
    return f"Compared {totals.fields_compared} of {counted(totals.fields_total, 'field')}{rest}."


def _ending(rules: tuple[RuleUse, ...]) -> str:
    """The next rule in use that ends."""
    left = [
        rule.expires_in_days
        for rule in rules
        if rule.matched and rule.expires_in_days is not None and rule.expires_in_days >= 0
    ]
    if not left or min(left) > 30:
        return ""
    when = f"in {counted(min(left), 'day')}" if min(left) else "today"
    return f" (1 expires {when})"


def others(report: Report) -> str:
    """What of the stack nobody looked at."""
    if not report.others:
        return ""
    number = counted(report.others, "resource")
    return f"{number} of other providers {'was' if report.others == 1 else 'were'} not looked at."


def next_steps(report: Report) -> tuple[tuple[str, str], ...]:
    """What to run next, and what that does."""
    by_class, steps = report.summary.by_class, []
    if report.run.mode == "plan":
        return ()
    if by_class.get("drifted") or by_class.get("missing"):
        steps.append(("pulumi up --refresh", "puts back what the program says"))
        steps.append(
            ("dbserving drift -f ignore-snippet", "prints rules that allow it for a while")
        )
    if by_class.get("unmanaged"):
        steps.append(("dbserving import", "writes the program for what is not in code"))
    return tuple(steps)
