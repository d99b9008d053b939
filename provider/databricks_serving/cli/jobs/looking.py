"""The looks of a review: resources surveyed until the run ends, and what could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from databricks_serving.apply.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from databricks_serving.apply.subjects import Seen, Subject
    from databricks_serving.cli.configuration import ReviewSettings
    from databricks_serving.state.settings import StackSettings

    from .found import Found
    from .review import Session

Settings = TypeVar("Settings", bound="ReviewSettings")
_UNDECIDED = (
    "{name} seemed to differ, and the run ended before a second look could tell; it was not judged."
)
_CUT = (
    "The second look came sooner than after {asked:g} s, to be done before --timeout: what "
    "somebody changed right before may still have been answered as it was."
)


def survey_of(session: Session[Settings], stack: StackSettings, *, once: bool = False) -> Survey:
    """A survey as this run asks for it; its waits end with the run. `once`: one look decides."""
    return Survey(
        session.api_of(stack),
        session.watch.clock,
        parallel=session.settings.parallel,
        confirm_delay=0.0 if once else session.settings.confirm_delay,
        name_of=session.name_of(stack),
        time_left=session.watch.time_left,
    )


def looked_at(
    session: Session[Settings],
    survey: Survey,
    subjects: Sequence[Subject],
    beside: Iterable[Subject],
    found: Found,
) -> Iterator[Seen]:
    """What is seen of those that were judged, as it comes; coverage and failures are noted.

    A run that is ended has some of them.
    """

    def look() -> Iterator[Seen]:
        return survey.look(subjects, on_seen=session.counted, beside=beside)

    for one in session.watch.each(look, session.progress.tick):
        if not one.judged:
            name = f"{one.subject.kind}/{one.subject.id}"
            found.notices.append(_UNDECIDED.format(name=name))
            continue
        if one.error is not None:
            found.failures.append(one.error)
        if one.comparison is not None:
            found.coverage += one.comparison.coverage
        yield one
    if survey.cut_to is not None:
        asked = session.settings.confirm_delay
        found.notices.append(_CUT.format(asked=asked))
