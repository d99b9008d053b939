"""What `dbserving plan` does: each step of a preview, beside the state and the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from databricks_serving.apply.foreseen import Declared
from databricks_serving.apply.subjects import Seen, Subject
from databricks_serving.apply.wanted import wanted_of
from databricks_serving.cli.configuration import PlanSettings
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.errors import ServingError
from databricks_serving.report.model import ErrorEntry
from databricks_serving.report.planned import planned_of

from . import ci
from .foresight import Foresight, Item, items_of
from .found import Found
from .looking import looked_at, survey_of
from .project import project_file, refreshes_always
from .review import Session, review
from .stack import recorded_state, saved_preview

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from databricks_serving.apply.subjects import Stray
    from databricks_serving.apply.survey import Survey
    from databricks_serving.state.deployment import Deployment, Preview, Recorded
    from databricks_serving.state.settings import StackSettings

_NEITHER = (
    "A --state goes with a --preview that was made from it: without one, `pulumi preview` runs "
    "here and reads the stack's own state. Add --preview FILE, or take --stack."
)
_PREVIEW_ALONE = (
    "A --preview does not say what was recorded: give --stack, or the state itself with --state."
)
_ENDED_EARLY = (
    "The preview ended before all was planned: of {count} recorded resource(s) it says nothing, "
    "nor of what would be deleted: {named}."
)
_WITHOUT_SAMES = (
    "The preview says nothing of {count} recorded resource(s), so nobody looked at them and the "
    "plan has no digest: {named}. Make it with `pulumi preview --json --refresh=false "
    "--show-sames`, and without --target."
)
#: The most resources that a notice names.
_NAMED = 5
_NOT_REFRESHED = (
    "{file} has no `options: {{refresh: always}}`: without --refresh, `pulumi up` does not look at "
    "the workspace, and leaves manual changes of resources that the program does not change."
)


def run_plan(given: Mapping[str, object], *, quiet: int = 0, verbose: bool = False) -> int:
    """Look what the next `pulumi up` does, and tell it; the exit code."""
    return review(PlanSettings, given, _look, quiet=quiet, verbose=verbose)


def _look(session: Session[PlanSettings], found: Found) -> None:
    settings = session.settings
    if settings.preview is not None and settings.stack is None and settings.state is None:
        raise UsageMistake(_PREVIEW_ALONE, id="preview-without-state")
    if settings.preview is None and settings.state is not None:
        raise UsageMistake(_NEITHER, id="state-without-preview")
    deployment, stack = recorded_state(settings.stack, settings.state, session.engine)
    if settings.preview is not None:
        preview = saved_preview(settings.preview)
    else:
        preview = session.engine.preview(settings.stack)
    found.project, found.stack = deployment.project, deployment.stack or settings.stack or ""
    found.others = deployment.others
    every = list(items_of(preview, deployment, stack))
    items = [item for item in every if session.wants(item.step.kind, item.id, item.step.name)]
    unseen = _unseen(preview, deployment)
    unplanned = [one for one in unseen if session.wants(one.kind, one.id, one.name)]
    session.selection.check()
    _tell_what_failed(preview, unplanned, found)
    _tell_of_refresh(found)
    found.total, found.whole = len(items) + len(unplanned), not unplanned
    chosen = {id(item) for item in items}
    beside = [item.subject() for item in every if id(item) not in chosen]
    beside += [Subject(one.kind, one.id, one, one.inputs) for one in unseen]
    _survey(session, found, items, beside, preview, stack)


def _unseen(preview: Preview, deployment: Deployment) -> list[Recorded]:
    """The recorded resources that a preview does not speak of."""
    spoken = {step.before or step.urn for step in preview.steps}
    return [one for one in deployment.resources if one.urn not in spoken]


def _tell_what_failed(preview: Preview, unplanned: list[Recorded], found: Found) -> None:
    for error in preview.errors:
        kind, name = (error.urn or "").split("::")[-2:] if error.urn else ("", "")
        resource = f"{kind.rsplit(':', 1)[-1]}/{name}" if name else ""
        found.errors.append(
            ErrorEntry(
                message=f"The preview failed: {error.message}",
                resource=resource,
                id="preview-failed",
            )
        )
    if unplanned:
        why = _ENDED_EARLY if preview.errors else _WITHOUT_SAMES
        named = ", ".join(sorted(f"{one.kind}/{one.name}" for one in unplanned)[:_NAMED])
        more = f" and {len(unplanned) - _NAMED} more" if len(unplanned) > _NAMED else ""
        found.notices.append(why.format(count=len(unplanned), named=f"{named}{more}"))


def _tell_of_refresh(found: Found) -> None:
    file = project_file(Path.cwd())
    if file is not None and not refreshes_always(file):
        found.notices.append(_NOT_REFRESHED.format(file=file.name))


def _survey(
    session: Session[PlanSettings],
    found: Found,
    items: list[Item],
    beside: list[Subject],
    preview: Preview,
    stack: StackSettings,
) -> None:
    survey = survey_of(session, stack)
    subjects = [item.subject() for item in items]
    session.progress.begin(len(items))
    scope_goes = any(item.step.kind == "SecretScope" and item.goes for item in items)
    strays = _strays(session, survey, [*subjects, *beside], found) if scope_goes else ()
    there = _at_new_addresses(session, items, [*subjects, *beside], stack)
    foresight = Foresight(stack, Declared(preview.steps), strays, there)
    of = {id(subject): item for subject, item in zip(subjects, items, strict=True)}
    for one in looked_at(session, survey, subjects, beside, found):
        item = of[id(one.subject)]
        planned = foresight.planned(item, one)
        if item.broken is not None:
            found.failures.append(item.broken)
        found.findings.append(ci.in_repository(planned_of(planned, stack=found.stack)))


def _at_new_addresses(
    session: Session[PlanSettings],
    items: list[Item],
    declared: list[Subject],
    stack: StackSettings,
) -> dict[str, Seen]:
    """What stands where a replacement moves a resource to, by the URN of its step."""
    moves: dict[int, tuple[str, Subject]] = {}
    for item in items:
        if item.new_id:
            inputs = item.step.inputs or {}
            wanted = wanted_of(item.step, None, stack)
            subject = Subject(item.step.kind, item.new_id, None, inputs, wanted)
            moves[id(subject)] = (item.step.urn, subject)
    if not moves:
        return {}
    survey = survey_of(session, stack, once=True)
    subjects = [subject for _, subject in moves.values()]

    def look() -> Iterator[Seen]:
        return survey.look(subjects, beside=declared)

    looks = session.watch.each(look, session.progress.tick)
    return {moves[id(seen.subject)][0]: seen for seen in looks}


def _strays(
    session: Session[PlanSettings], survey: Survey, subjects: list[Subject], found: Found
) -> tuple[Stray, ...]:
    """What no program declares: a scope that goes takes its secrets along."""

    def unlisted(error: ServingError) -> None:
        found.notices.append(f"What else the scopes that go hold could not be listed. {error}")

    def listed() -> tuple[Stray, ...]:
        return survey.strays(subjects, on_error=unlisted)

    return tuple(session.watch.each(listed, session.progress.tick))
