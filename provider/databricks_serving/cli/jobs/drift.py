"""What `dbserving drift` does: the state's resources, and what the workspace says of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from databricks_serving.apply.subjects import Subject
from databricks_serving.cli.configuration import DriftSettings
from databricks_serving.errors import ServingError
from databricks_serving.report.build import address, finding_of, is_in_step, told
from databricks_serving.report.model import Classification, ErrorEntry, Finding

from . import ci
from .found import Found
from .looking import looked_at, survey_of
from .review import Session, review
from .stack import recorded_state

if TYPE_CHECKING:
    from databricks_serving.apply.subjects import Seen, Stray
    from databricks_serving.apply.survey import Survey
    from databricks_serving.state.deployment import Recorded


_NOWHERE = "which workspace it is in is secret, so nobody looked at what is there"


def run_drift(given: Mapping[str, object], *, quiet: int = 0, verbose: bool = False) -> int:
    """Look for drift, and tell it; the exit code."""
    return review(DriftSettings, given, _look, quiet=quiet, verbose=verbose)


def _look(session: Session[DriftSettings], found: Found) -> None:
    settings = session.settings
    deployment, stack = recorded_state(settings.stack, settings.state, session.engine)
    found.project, found.stack = deployment.project, deployment.stack or settings.stack or ""
    found.others = deployment.others
    declared = {
        one.urn: Subject(kind=one.kind, id=one.id, recorded=one, inputs=one.inputs)
        for one in deployment.resources
    }
    recorded = [r for r in deployment.resources if session.wants(r.kind, r.id, r.name)]
    chosen = [declared[one.urn] for one in recorded]
    found.total = len(chosen)
    survey = survey_of(session, stack)
    session.progress.begin(len(chosen))
    wanted = {one.urn for one in recorded}
    left_out = [one for urn, one in declared.items() if urn not in wanted]
    for seen in looked_at(session, survey, chosen, left_out, found):
        one = seen.subject.recorded
        if one is not None and is_in_step(one, seen.comparison, seen.standing):
            # Of a thousand, a thousand: a finding is much to make, and nobody would read it.
            found.in_sync.append(address(seen.workspace, one.kind, one.id))
        elif one is not None:
            found.add(_finding(one, seen, found.stack))
    blind = bool(found.failures) and len(found.failures) == len(chosen)
    if settings.include_unmanaged and not session.watch.ended and not blind:
        _add_strays(session, survey, tuple(declared.values()), found)
    if not session.watch.ended:
        session.selection.check()


def _add_strays(
    session: Session[DriftSettings], survey: Survey, declared: tuple[Subject, ...], found: Found
) -> None:
    """What no resource of the stack declares. Where that is not listed, drift is known still."""
    judged = "unmanaged" in (session.settings.fail_on or ())

    def unlisted(error: ServingError) -> None:
        if judged:
            found.failures.append(error)
            found.errors.append(ErrorEntry(message=str(error), id=error.id))
        else:
            found.notices.append(f"What is not in code could not be listed. {error}")

    def listed() -> tuple[Stray, ...]:
        return survey.strays(declared, on_error=unlisted)

    for stray in session.watch.each(listed, session.progress.tick):
        if session.wants(stray.kind, stray.name):
            found.findings.append(_unmanaged(stray))


def _finding(recorded: Recorded, seen: Seen, stack: str) -> Finding:
    finding = finding_of(
        recorded,
        seen.comparison,
        workspace=seen.workspace,
        stack=stack,
        standing=seen.standing,
        error=seen.error,
    )
    if seen.nowhere:
        finding = told(finding, reason=_NOWHERE)
    return ci.in_repository(finding)


def _unmanaged(stray: Stray) -> Finding:
    base = Finding(
        kind=stray.kind,
        name=stray.name,
        workspace=stray.workspace,
        classification=Classification.UNMANAGED,
    )
    return told(base, owner=stray.owner)
