"""What `dbserving plan` does: each step of a preview, beside the state and the workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from databricks_serving.apply.foreseen import (
    Declared,
    abandoned,
    given_back,
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
from databricks_serving.apply.survey import Survey
from databricks_serving.apply.wanted import wanted_of
from databricks_serving.cli.configuration import PlanSettings
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.errors import ServingError
from databricks_serving.plan.comparison import Standing
from databricks_serving.report.model import ErrorEntry
from databricks_serving.report.planned import Planned, planned_of
from databricks_serving.state.addresses import id_of
from databricks_serving_schema import InvalidResource

from . import ci
from .project import project_file, refreshes_always
from .review import Found, Session, review
from .stack import recorded_state, saved_preview

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from databricks_serving.apply.subjects import Stray
    from databricks_serving.plan.comparison import Wanted
    from databricks_serving.state.deployment import Deployment, Preview, Recorded, Step
    from databricks_serving.state.settings import StackSettings

#: Parts of a replacement, which has a step of its own as a whole; and what is no doing of ours.
_PARTS = ("create-replacement", "delete-replaced", "discard", "discard-replaced")
_NEITHER = (
    "A --state goes with a --preview that was made from it: without one, `pulumi preview` runs "
    "here and reads the stack's own state. Add --preview FILE, or take --stack."
)
_PREVIEW_ALONE = (
    "A --preview does not say what was recorded: give --stack, or the state itself with --state."
)
_NOT_REFRESHED = (
    "{file} has no `options: {{refresh: always}}`: without --refresh, `pulumi up` does not look at "
    "the workspace, and leaves manual changes of resources that the program does not change."
)


def run_plan(given: Mapping[str, object], *, quiet: int = 0, verbose: bool = False) -> int:
    """Look what the next `pulumi up` does, and tell it; the exit code."""
    return review(PlanSettings, given, _look, quiet=quiet, verbose=verbose)


@dataclass(frozen=True)
class _Item:
    """A step of the preview, the resource in the state, and what the program wants of it."""

    step: Step
    recorded: Recorded | None
    wanted: Wanted | None = field(repr=False)
    broken: InvalidResource | None = None

    @property
    def id(self) -> str:
        if self.recorded is not None:
            return self.recorded.id
        return id_of(self.step.kind, self.step.inputs or {})

    @property
    def name(self) -> str:
        return self.id or self.step.name

    def subject(self) -> Subject:
        inputs = self.step.inputs
        if inputs is None or self.broken is not None:
            inputs = self.recorded.inputs if self.recorded is not None else {}
        return Subject(self.step.kind, self.id, self.recorded, inputs, self.wanted)


def _look(session: Session[PlanSettings], found: Found) -> None:
    settings = session.settings
    if settings.preview is not None and settings.stack is None and settings.state is None:
        raise UsageMistake(_PREVIEW_ALONE)
    if settings.preview is None and settings.state is not None:
        raise UsageMistake(_NEITHER)
    deployment, stack = recorded_state(settings.stack, settings.state, session.engine)
    if settings.preview is not None:
        preview = saved_preview(settings.preview)
    else:
        preview = session.engine.preview(settings.stack)
    found.project, found.stack = deployment.project, deployment.stack or settings.stack or ""
    found.others = deployment.others
    every = list(_items(preview, deployment, stack))
    items = [item for item in every if session.wants(item.step.kind, item.id, item.step.name)]
    _tell_what_failed(preview, deployment, found)
    _tell_of_refresh(found)
    found.total = len(items) + (_unseen(preview, deployment) if preview.errors else 0)
    chosen = {id(item) for item in items}
    beside = [item.subject() for item in every if id(item) not in chosen]
    _survey(session, found, items, beside, preview, stack)


def _items(preview: Preview, deployment: Deployment, stack: StackSettings) -> Iterator[_Item]:
    recorded = {one.urn: one for one in deployment.resources}
    declared = {step.urn for step in preview.steps if step.inputs is not None}
    for step in preview.steps:
        # The rest of a replacement that a run before has left open.
        leftover = step.inputs is None and step.urn in declared
        if step.op in _PARTS or leftover:
            continue
        own = recorded.get(step.before or step.urn)
        if step.inputs is None:
            yield _Item(step, own, None)
            continue
        try:
            yield _Item(step, own, wanted_of(step, own, stack))
        except InvalidResource as invalid:
            yield _Item(step, own, None, invalid)


def _unseen(preview: Preview, deployment: Deployment) -> int:
    """How many resources a preview that failed does not speak of."""
    spoken = {step.before or step.urn for step in preview.steps}
    return sum(one.urn not in spoken for one in deployment.resources)


def _tell_what_failed(preview: Preview, deployment: Deployment, found: Found) -> None:
    for error in preview.errors:
        kind, name = (error.urn or "").split("::")[-2:] if error.urn else ("", "")
        resource = f"{kind.rsplit(':', 1)[-1]}/{name}" if name else ""
        found.errors.append(
            ErrorEntry(message=f"The preview failed: {error.message}", resource=resource)
        )
    missing = _unseen(preview, deployment) if preview.errors else 0
    if missing:
        found.notices.append(
            f"The preview ended before all was planned: of {missing} recorded resource(s) it says "
            f"nothing, nor of what would be deleted."
        )


def _tell_of_refresh(found: Found) -> None:
    file = project_file(Path.cwd())
    if file is not None and not refreshes_always(file):
        found.notices.append(_NOT_REFRESHED.format(file=file.name))


def _survey(
    session: Session[PlanSettings],
    found: Found,
    items: list[_Item],
    beside: list[Subject],
    preview: Preview,
    stack: StackSettings,
) -> None:
    survey = Survey(
        session.api_of(stack),
        session.watch.clock,
        parallel=session.settings.parallel,
        confirm_delay=session.settings.confirm_delay,
        name_of=session.name_of(stack),
    )
    subjects = [item.subject() for item in items]
    session.progress.begin(len(items))
    scope_goes = any(item.step.kind == "SecretScope" and item.step.inputs is None for item in items)
    strays = _strays(session, survey, [*subjects, *beside], found) if scope_goes else ()
    foresight = _Foresight(stack, Declared(preview.steps), strays)
    seen = session.each(
        lambda: survey.look(subjects, on_seen=session.counted, beside=beside), found
    )
    for item, one in zip(items, seen, strict=False):
        planned = foresight.planned(item, one)
        if item.broken is not None:
            found.failures.append(item.broken)
        found.findings.append(ci.in_repository(planned_of(planned, stack=found.stack)))


def _strays(
    session: Session[PlanSettings], survey: Survey, subjects: list[Subject], found: Found
) -> tuple[Stray, ...]:
    """What no program declares: a scope that goes takes its secrets along."""

    def unlisted(error: ServingError) -> None:
        found.notices.append(f"What else the scopes that go hold could not be listed. {error}")

    def listed() -> tuple[Stray, ...]:
        return survey.strays(subjects, on_error=unlisted)

    return tuple(session.watch.each(listed, session.progress.tick))


@dataclass(frozen=True)
class _Foresight:
    """What is known of the whole preview, for what the plan of one resource does not tell."""

    stack: StackSettings
    declared: Declared
    strays: tuple[Stray, ...]

    def planned(self, item: _Item, seen: Seen) -> Planned:
        """A step with what was seen of its resource, and what will come of it."""
        step, recorded = item.step, item.recorded
        error = item.broken or seen.error
        if error is not None:
            return Planned(step, item.name, seen.workspace, error=str(error))
        nowhere = not item.id and recorded is None
        desired = item.wanted.desired if item.wanted is not None else None
        applied = None
        if recorded is not None and desired is not None:
            applied = applied_of(desired.kind, recorded.outputs)
        return Planned(
            step,
            item.name,
            seen.workspace,
            comparison=None if nowhere else seen.comparison,
            standing=seen.standing if recorded is not None else Standing.SETTLED,
            applied=applied,
            desired=desired,
            refusal=self._refusal(item, seen),
            left=self._left(item, seen),
            note=self._note(item, seen),
        )

    def _refusal(self, item: _Item, seen: Seen) -> str:
        mark = ownership_mark(item.step.urn) if self.stack.ownership_tag else None
        if item.step.inputs is None:
            return refused_delete(seen, mark, self.strays)
        if item.step.op == "create":
            kind, inputs = item.step.kind, item.step.inputs
            if told := refused_create(kind, item.id, inputs, seen.actual, mark):
                return told
        without = self.declared.refused_without_endpoint(item.step.kind, item.id, seen.comparison)
        return without or refused_plan(item.step.kind, item.name, seen.comparison)

    def _left(self, item: _Item, seen: Seen) -> str:
        if item.step.inputs is not None or item.recorded is None:
            return ""
        alone = left_alone(item.step, item.recorded, seen.comparison)
        return alone or self.declared.left_to(item.step, item.recorded)

    def _note(self, item: _Item, seen: Seen) -> str:
        if item.step.inputs is None:
            if refused_delete(seen, None, self.strays):
                return ""
            along = taken_along(item.step.kind, item.id, self.strays)
            return along or given_back(item.step, item.recorded)
        there = item.step.op == "create" and seen.actual is not None
        if there:
            return taken_over(item.step.kind, item.step.inputs)
        return abandoned(seen.comparison)
