"""What one difference means: a ladder of small rules, of which the first answer stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    OnChange,
    Policy,
    Readback,
    Unknown,
    Value,
)

from .canonical import Fingerprint
from .change import Action, Change, Reason
from .compare import ABSENT, MaybeTree, alike, at, is_empty, same
from .places import Step, is_uncompared, stays, steps, switched_off

if TYPE_CHECKING:
    from .canonical import TreePath

Verdict: TypeAlias = "tuple[Action, Reason]"


class Facts(NamedTuple):
    """All that is known of one differing leaf."""

    path: TreePath
    applied: MaybeTree
    desired: MaybeTree
    actual: MaybeTree
    #: Of the leaf's own field; None where the schema does not know the field.
    policy: Policy | None
    #: Of the outermost field that the program leaves unsaid on the way to this leaf.
    unsaid: Policy | None
    #: The program leaves out a whole element of a list or map here, not just a field.
    element_unsaid: bool
    #: What is unsaid was said when it was last written.
    was_applied: bool
    #: Nothing was ever written here: the resource is created or adopted.
    first_write: bool
    #: Fields of deploy.replace_on.
    replace_on: frozenset[str]
    #: The switch that a change of this field is costly under (`Policy.while_on`) is off.
    switched_off: bool
    #: What is unsaid stays as it is, and is sent along.
    stays: bool
    #: What GET says of this leaf has nothing to do with what was written.
    uncompared: bool
    #: What was written is gone as a whole, so that nothing in it can merely be unseen.
    part_gone: bool
    #: The program declares the part, and says that nothing is in it.
    part_cleared: bool
    #: Nothing of the part was ever written: whatever stands there is nobody's drift.
    part_new: bool

    @property
    def edited(self) -> bool:
        """Whether the program says something else than what was last written."""
        return not same(self.applied, self.desired)

    @property
    def takes(self) -> Action:
        """What a change of this leaf takes."""
        replaces = self.policy is not None and self.policy.on_change is OnChange.REPLACE
        return Action.REPLACE if replaces and not self.switched_off else Action.UPDATE


def classify(facts: Facts) -> Change:
    """The change that a difference is."""
    action, reason = next(v for rung in LADDER if (v := rung(facts)) is not None)
    if action is Action.SKIP and (_must_be_recorded(facts) or _has_converged(facts, reason)):
        action = Action.NOTE
    policy = facts.policy
    return Change(
        path=facts.path,
        applied=facts.applied,
        desired=facts.desired,
        actual=facts.actual,
        action=action,
        reason=reason,
        because=policy.because if policy is not None else "",
        severity=policy.severity if policy is not None else None,
    )


def _must_be_recorded(f: Facts) -> bool:
    """Whether the record of what was applied has to follow, though no call is needed.

    A leaf that the program newly marks as secret would stand there in clear; a part that it newly
    declares empty would not be looked at by the next read.
    """
    if isinstance(f.desired, Fingerprint):
        return not isinstance(f.applied, Fingerprint) and not f.first_write
    return f.desired in ({}, ()) and f.applied is ABSENT and not f.first_write


def _has_converged(f: Facts, reason: Reason) -> bool:
    """Whether program and workspace came to the same, away from what was written.

    Nothing is sent, but while the record of what was applied stood still, drift would compare the
    workspace with it, and find a difference that no `up` ends; or would not look at a leaf that the
    program has come to say.
    """
    if reason not in (Reason.ALREADY_THERE, Reason.SERVER_DEFAULT) or f.first_write:
        return False
    return f.edited and (f.applied is ABSENT or not _is_shown(f, f.applied))


def ownership_mark(f: Facts) -> Verdict | None:
    """The mark is written by the create alone, and is nobody's difference."""
    if f.path == ("tags", OWNERSHIP_TAG):
        return Action.SKIP, Reason.OWNERSHIP_MARK
    return None


def not_yet_known(f: Facts) -> Verdict | None:
    """An output of something not yet created may turn out to be anything."""
    return (f.takes, Reason.NOT_YET_KNOWN) if isinstance(f.desired, Unknown) else None


def write_only(f: Facts) -> Verdict | None:
    """What GET never shows is compared with what was last written."""
    if f.policy is None or f.policy.readback is not Readback.NEVER:
        return None
    if f.part_gone or (f.policy.on_change is OnChange.REFUSE and f.edited):
        return None
    return _edited(f) if f.edited else (Action.SKIP, Reason.WRITE_ONLY)


def already_there(f: Facts) -> Verdict | None:
    """The workspace has what the program says: an empty list and none are the same."""
    return (Action.SKIP, Reason.ALREADY_THERE) if _is_shown(f, f.desired) else None


def _is_shown(f: Facts, said: MaybeTree) -> bool:
    """Whether GET answers what was said; of a default it may answer nothing."""
    default = f.policy.default if f.policy is not None else None
    unsaid = default is not None and f.actual is ABSENT and said == default
    return unsaid or alike(said, f.actual)


def not_compared(f: Facts) -> Verdict | None:
    """Where the service answers the same whatever was written, no answer is a difference."""
    return (Action.SKIP, Reason.NOT_COMPARED) if f.uncompared else None


def cleared(f: Facts) -> Verdict | None:
    """Of an object that is declared empty nothing stays, but for what the service fills in."""
    if not f.part_cleared or f.element_unsaid:
        return None
    off = f.policy is not None and is_off(f.policy, f.actual)
    return (Action.SKIP, Reason.SERVER_DEFAULT) if off else _edited(f)


def kept(f: Facts) -> Verdict | None:
    """What the program takes out, and no call removes alone, stays as it is."""
    return (Action.NOTE, Reason.NO_LONGER_MANAGED) if f.stays and f.was_applied else None


def is_off(policy: Policy, actual: MaybeTree) -> bool:
    """Whether the service may answer this where nobody ever said anything."""
    if policy.readback is not Readback.DEFAULTED:
        return False
    return actual is False or (policy.default is not None and actual == policy.default)


def server_default(f: Facts) -> Verdict | None:
    """What the service fills in where the program is silent."""
    policy = f.unsaid
    if policy is None or f.element_unsaid or policy.readback is not Readback.DEFAULTED:
        return None
    if not f.was_applied or (policy.default is not None and f.actual == policy.default):
        return Action.SKIP, Reason.SERVER_DEFAULT
    return None


def undeclared(f: Facts) -> Verdict | None:
    """A field that the program never said is carried along; an element is not."""
    if f.desired is ABSENT and not f.was_applied and not f.element_unsaid:
        return Action.SKIP, Reason.UNDECLARED
    return None


def immutable(f: Facts) -> Verdict | None:
    """What no call changes."""
    if f.policy is None or f.policy.on_change is not OnChange.REFUSE:
        return None
    if f.first_write or not f.edited:
        return Action.SKIP, Reason.NO_CALL_CHANGES_IT
    if f.path[0] in f.replace_on:
        return Action.REPLACE, Reason.EDITED
    return Action.REFUSE, Reason.NO_CALL_CHANGES_IT


def edited(f: Facts) -> Verdict | None:
    """Everything else is a change: of the program, outside, or both."""
    return _edited(f)


def _edited(f: Facts) -> Verdict:
    never = f.policy is not None and f.policy.readback is Readback.NEVER
    outside = not never and f.applied is not ABSENT and not same(f.applied, f.actual)
    if f.edited and outside:
        return f.takes, Reason.EDITED_AND_DRIFTED
    return f.takes, Reason.EDITED if f.edited or f.part_new else Reason.DRIFTED


LADDER: tuple[Callable[[Facts], Verdict | None], ...] = (
    ownership_mark,
    not_yet_known,
    write_only,
    already_there,
    not_compared,
    cleared,
    kept,
    server_default,
    undeclared,
    immutable,
    edited,
)


class Trio(NamedTuple):
    """What stands at one path in the three states."""

    applied: MaybeTree
    desired: MaybeTree
    actual: MaybeTree


def facts_of(
    kind: type[Value],
    path: TreePath,
    *,
    applied: MaybeTree,
    desired: MaybeTree,
    actual: MaybeTree,
    of_part: Trio,
    replace_on: frozenset[str],
) -> Facts:
    """What is known of the leaf at `path`, in a part; the states are whole trees of `kind`."""
    last: Step | None = None
    unsaid: Step | None = None
    wanted = desired
    for last in steps(kind, path):
        wanted = at(wanted, last.path[-1:])
        if unsaid is None and wanted is ABSENT:
            unsaid = last
    policy = _policy(last)
    return Facts(
        path=path,
        applied=at(applied, path),
        desired=wanted,
        actual=at(actual, path),
        policy=policy,
        unsaid=_policy(unsaid),
        element_unsaid=unsaid is not None and unsaid.element,
        was_applied=unsaid is not None and at(applied, unsaid.path) is not ABSENT,
        first_write=is_empty(applied),
        replace_on=replace_on,
        switched_off=policy is not None and switched_off(policy, at(actual, path[:-1])),
        stays=unsaid is not None and _stays(unsaid, actual),
        uncompared=last is not None and is_uncompared(last, desired),
        part_gone=_is_gone(of_part.applied, of_part.actual),
        part_cleared=of_part.desired == {},
        part_new=of_part.applied is ABSENT,
    )


def _policy(step: Step | None) -> Policy | None:
    return None if step is None or step.field is None else step.field.policy


def _stays(unsaid: Step, actual: MaybeTree) -> bool:
    policy = None if unsaid.element else _policy(unsaid)
    return policy is not None and stays(policy, at(actual, unsaid.beside))


def _is_gone(applied: MaybeTree, actual: MaybeTree) -> bool:
    """Whether GET no longer answers an object that it answered after the last write."""
    return actual is ABSENT and isinstance(applied, dict) and not is_empty(applied)
