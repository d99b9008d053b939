"""The steps of a preview, each beside the state, and what will come of each.

What no plan of one resource tells is told by all of them together: what else the program declares,
what stands where a replacement moves to.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from databricks_serving.apply.foreseen import (
    Declared,
    abandoned,
    given_back,
    is_given_back,
    left_alone,
    refused_create,
    refused_delete,
    refused_plan,
    taken_along,
    taken_over,
)
from databricks_serving.apply.ownership import ownership_mark
from databricks_serving.apply.recorded import applied_of
from databricks_serving.apply.subjects import Seen, Subject
from databricks_serving.apply.wanted import wanted_of
from databricks_serving.plan.comparison import Origin, Standing
from databricks_serving.report.planned import Planned
from databricks_serving.state.addresses import id_of
from databricks_serving_schema import InvalidResource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from databricks_serving.apply.subjects import Stray
    from databricks_serving.errors import ServingError
    from databricks_serving.plan.comparison import Comparison, Wanted
    from databricks_serving.state.deployment import Deployment, Preview, Recorded, Step
    from databricks_serving.state.settings import StackSettings

#: Parts of a replacement, which has a step of its own as a whole; and what is no doing of ours.
_PARTS = ("create-replacement", "delete-replaced", "discard", "discard-replaced")
_NOWHERE = "where it will stand is not yet known, so nobody looked at what is there"


@dataclass(frozen=True)
class Item:
    """A step of the preview, the resource in the state, and what the program wants of it."""

    step: Step
    recorded: Recorded | None
    wanted: Wanted | None = field(repr=False)
    broken: InvalidResource | None = None

    @property
    def id(self) -> str:
        """Its own in the workspace; empty where that is not known yet."""
        if self.recorded is not None:
            return self.recorded.id
        return id_of(self.step.kind, self.step.inputs or {})

    @property
    def name(self) -> str:
        """What a report calls it."""
        return self.id or self.step.name

    @property
    def goes(self) -> bool:
        """Whether what is recorded is deleted, be it to be made again."""
        return self.step.inputs is None or self.step.op == "replace"

    @property
    def new_id(self) -> str:
        """The id that a replacement gives it; empty where it keeps the one that it has."""
        if self.step.op != "replace" or self.broken is not None or self.recorded is None:
            return ""
        new = id_of(self.step.kind, self.step.inputs or {})
        return "" if new == self.recorded.id else new

    def subject(self) -> Subject:
        """What is to be looked at."""
        inputs = self.step.inputs
        if inputs is None or self.broken is not None:
            inputs = self.recorded.inputs if self.recorded is not None else {}
        return Subject(self.step.kind, self.id, self.recorded, inputs, self.wanted)


def items_of(preview: Preview, deployment: Deployment, stack: StackSettings) -> Iterator[Item]:
    """The steps of a preview that do something of their own, in its order."""
    recorded = {one.urn: one for one in deployment.resources}
    declared = {step.urn for step in preview.steps if step.inputs is not None}
    for step in preview.steps:
        # The rest of a replacement that a run before has left open.
        leftover = step.inputs is None and step.urn in declared
        if step.op in _PARTS or leftover:
            continue
        own = recorded.get(step.before or step.urn)
        if step.inputs is None:
            yield Item(step, own, None)
            continue
        try:
            yield Item(step, own, wanted_of(step, own, stack))
        except InvalidResource as invalid:
            yield Item(step, own, None, invalid)


def _why(error: ServingError | InvalidResource) -> str:
    return error.told if isinstance(error, InvalidResource) else str(error)


#: Of a replacement that moves elsewhere.
_NOT_LOOKED_AT = "the run ended before it was looked at where it is to move; it was not judged"


@dataclass(frozen=True)
class Foresight:
    """What is known of the whole preview, for what the plan of one resource does not tell."""

    stack: StackSettings
    declared: Declared
    strays: tuple[Stray, ...]
    there: Mapping[str, Seen]

    def planned(self, item: Item, seen: Seen) -> Planned:
        """A step with what was seen of its resource, and what will come of it."""
        step, recorded = item.step, item.recorded
        if item.new_id and step.urn not in self.there:
            return Planned(step, item.name, seen.workspace, error=_NOT_LOOKED_AT)
        there = self.there.get(step.urn, seen)
        error = item.broken or seen.error or there.error
        if error is not None:
            return Planned(
                step,
                item.name,
                seen.workspace,
                error=_why(error),
                error_id=getattr(error, "id", ""),
            )
        nowhere = recorded is None and (seen.nowhere or not item.id)
        desired = item.wanted.desired if item.wanted is not None else None
        applied = None
        if recorded is not None and desired is not None:
            applied = applied_of(desired.kind, recorded.outputs)
        refused = self._refusal(item, seen)
        return Planned(
            step,
            item.name,
            seen.workspace,
            comparison=None if nowhere else self._with_what_is_there(item, seen.comparison),
            standing=seen.standing if recorded is not None else Standing.SETTLED,
            applied=applied,
            desired=desired,
            refusal="" if refused is None else str(refused),
            error_id="" if refused is None else refused.id,
            left=self._left(item, seen),
            given_back=is_given_back(item.step, item.recorded),
            note=self._note(item, seen),
        )

    def _refusal(self, item: Item, seen: Seen) -> ServingError | None:
        if seen.nowhere:
            return None
        mark = ownership_mark(item.step.urn) if self.stack.ownership_tag else None
        kind, inputs = item.step.kind, item.step.inputs
        refused = refused_delete(seen, mark, self.strays) if item.goes else None
        if refused or inputs is None:
            return refused
        there = self.there.get(item.step.urn, seen)
        id_ = item.new_id or item.id
        made = item.step.op == "create" or bool(item.new_id)
        if made and (told := refused_create(kind, id_, inputs, there.actual, mark)):
            return told
        without = self.declared.refused_without_endpoint(kind, id_, there.comparison)
        return without or refused_plan(kind, item.name, seen.comparison)

    def _with_what_is_there(self, item: Item, own: Comparison | None) -> Comparison | None:
        """The comparison, with what a replacement overwrites where it moves to."""
        there = self.there.get(item.step.urn)
        if own is None or there is None or there.comparison is None or there.actual is None:
            return own
        taken = there.comparison.of(Origin.OUTSIDE, Origin.BOTH)
        places = {found.change.path for found in taken}
        kept = (found for found in own.differences if found.change.path not in places)
        return replace(own, differences=(*kept, *taken))

    def _left(self, item: Item, seen: Seen) -> str:
        if item.step.inputs is not None or item.recorded is None:
            return ""
        alone = left_alone(item.step, item.recorded, seen.comparison)
        return alone or self.declared.left_to(item.step, item.recorded)

    def _note(self, item: Item, seen: Seen) -> str:
        if seen.nowhere and item.recorded is not None:
            return _NOWHERE
        if item.step.inputs is None:
            if self._left(item, seen) or refused_delete(seen, None, self.strays):
                return ""
            along = taken_along(item.step.kind, item.id, self.strays)
            return along or given_back(item.step, item.recorded)
        if item.goes and item.step.kind == "SecretScope":
            return taken_along(item.step.kind, item.id, self.strays)
        there = item.step.op == "create" and seen.actual is not None
        if there:
            return taken_over(item.step.kind, item.step.inputs)
        return abandoned(seen.comparison)
