"""From a plan to what `diff` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.operations import CancelStrategy, CancelUpdate
from databricks_serving_schema import Unknown

from .context import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving.plan.plan import Plan
    from databricks_serving.state.bag import Bag

#: Reasons that a reader of the preview should know although nothing is sent.
WORTH_SAYING = (Reason.NO_LONGER_MANAGED, Reason.RECREATED, Reason.NO_CALL_CHANGES_IT)
ABANDONED = (
    "deploy.on_update_in_progress is abandon, and the first deployment never became ready: the "
    "endpoint will be deleted and made again, with a new id"
)
#: Reasons for which nothing but the record of what was applied has to follow.
SAME_AT_BOTH = (Reason.ALREADY_THERE, Reason.SERVER_DEFAULT)
#: Reasons to say also where something is sent: they show in no input, which is what is rendered.
UNSEEN = (Reason.ROTATED_OUTSIDE,)


def verdict(
    plan: Plan, recorded: Bag, said: Bag, *, settings: tuple[str, ...], identity: tuple[str, ...]
) -> Verdict:
    """The plan in few words.

    `settings` are inputs that only read and delete use: a change of one is a difference, so that
    the outputs take it over. A replacement that keeps its `identity`, or does not know it yet,
    deletes first: two things cannot have one name.
    """
    replaces = tuple(dict.fromkeys(change.path[0] for change in plan.of(Action.REPLACE)))
    moved = all(isinstance(said.get(name), str) for name in identity) and any(
        said.get(name) != recorded.get(name) for name in identity
    )
    differing = [change for change in plan.changes if change.action >= Action.NOTE]
    set_anew = any(recorded.get(name) != said.get(name) for name in settings)
    same_at_both = not set_anew and all(change.reason in SAME_AT_BOTH for change in differing)
    return Verdict(
        changed=bool(differing) or set_anew,
        replaces=replaces,
        delete_first=bool(replaces) and not moved,
        notices=tuple(_notices(plan)),
        recorded_only=frozenset(str(change.path[0]) for change in differing if same_at_both),
    )


#: The inputs that say which thing it is that a resource stands on.
_ADDRESSES = ("endpoint_name", "scope", "key", "principal")


def unsayable(said: Bag) -> Verdict:
    """What `diff` answers where no program could say these inputs, and nothing can be planned.

    `check` has judged what a program says. What a refresh saw in the workspace goes by no rule, and
    the engine asks about it too, where it looks for what a replacement takes along: an address that
    is not yet known replaces then (pulumi's `calculateDependentReplacements`).
    """
    replaces = tuple(name for name in _ADDRESSES if isinstance(said.get(name), Unknown))
    return Verdict(changed=True, replaces=replaces, delete_first=bool(replaces))


def _notices(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        silent = change.action <= Action.NOTE and change.reason in WORTH_SAYING
        if silent or change.reason in UNSEEN:
            yield f"{shown(change.path)}: {change.reason.value}"
        # Pulumi shows which input replaces, not which leaf in it, nor why.
        if change.action is Action.REPLACE and change.because and len(change.path) > 1:
            yield f"{shown(change.path)} takes a replacement: {change.because}"
    for operation in plan.operations:
        if isinstance(operation, CancelUpdate) and operation.strategy is CancelStrategy.ABANDON:
            yield ABANDONED
