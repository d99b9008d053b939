"""What the service answers instead of what it was sent, where the stack takes that for equal.

Under `databricks-serving:readBack: warn`, a leaf that the service did not keep stands in applied
beside what it answered: for as long as it answers the same, the leaf counts as kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .canonical import Fingerprint
from .compare import ABSENT, at, same, with_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .canonical import Tree, TreePath
    from .change import Change

#: Not the resource's own: `({"path": (...), "value": ...}, ...)`; no value where there was none.
ANSWERED = "answered"


def with_answers(written: Mapping[str, Tree], changes: Iterable[Change]) -> dict[str, Tree]:
    """What was written, and beside it what the service answers at the places of these changes."""
    answers = list(_answers(written))
    for change in changes:
        answer: dict[str, Tree] = {"path": tuple(change.path)}
        if change.actual is not ABSENT:
            answer["value"] = change.actual
        answers.append(answer)
    return {**written, ANSWERED: tuple(answers)}


def as_taken(applied: Mapping[str, Tree], actual: dict[str, Tree]) -> dict[str, Tree]:
    """`actual`, with what was written where it still answers what it answered then."""
    for answer in _answers(applied):
        path = _path(answer)
        written = at(dict(applied), path)
        if written is not ABSENT and same(at(answer, ("value",)), at(actual, path)):
            actual = with_at(actual, path, written)
    return actual


def still_answered(applied: Mapping[str, Tree], desired: dict[str, Tree]) -> dict[str, Tree]:
    """`applied` without the answers to what the program has changed since: it is sent anew."""
    rest = {name: value for name, value in applied.items() if name != ANSWERED}
    kept = tuple(a for a in _answers(applied) if same(at(rest, _path(a)), at(desired, _path(a))))
    return {**rest, ANSWERED: kept} if kept else rest


def _answers(applied: Mapping[str, Tree]) -> tuple[Tree, ...]:
    answers = applied.get(ANSWERED)
    return answers if isinstance(answers, tuple) else ()


def _path(answer: Tree) -> TreePath:
    steps = at(answer, ("path",))
    return tuple(str(step) for step in steps) if isinstance(steps, tuple) else ()


def can_be_kept(change: Change) -> bool:
    """Whether an answer can stand for what was sent; of a secret nothing is shown."""
    return not isinstance(change.desired, Fingerprint) and not isinstance(
        change.actual, Fingerprint
    )
