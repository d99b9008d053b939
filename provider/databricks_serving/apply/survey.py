"""Many resources, looked at and compared: what drift detection and reviews stand on.

GETs only. Each endpoint, each scope's lists and each workspace's identity is asked for once in a
look, whatever number of resources stands on it. What seems to have been changed outside is looked
at once more after a while, and counts where both looks show it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted, ServingError, UnknownWorkspace
from databricks_serving.plan.comparison import Standing
from databricks_serving.plan.confirming import confirmed, is_unsettled, needs_another_look

from .abreast import Width, in_order
from .inspection import inspect, without_a_look
from .neighbours import Neighbours, Placed, endpoint_of
from .strays import strays_in
from .subjects import Seen, Stray, Subject
from .whereabouts import Whereabouts

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.clock import Clock
    from databricks_serving.state.bag import Bag

    from .views import Views

#: Seconds that the end of a run needs beside its looks.
_MARGIN = 1.0


def _no_limit() -> None:
    return None


class Survey:
    """Looks at resources in their workspaces.

    api_of: the client for a resource with these inputs, the same one for the same workspace;
        raises `ServingError` where there is no way to it
    parallel: how many are looked at at a time, at most; see `abreast.Width`
    confirm_delay: seconds until what seems to differ is looked at again; 0: one look decides
    name_of: how reports name the workspace of a resource with these inputs; without an answer, the
        address without its scheme
    time_left: seconds until the work is called off, None where nothing calls it off; the wait
        before the second look is cut so that this fits in
    """

    def __init__(
        self,
        api_of: Callable[[Bag], WorkspaceApi],
        clock: Clock,
        *,
        parallel: int = 16,
        confirm_delay: float = 20.0,
        name_of: Callable[[Bag], str | None] | None = None,
        time_left: Callable[[], float | None] = _no_limit,
    ) -> None:
        self._whereabouts = Whereabouts(api_of, name_of)
        self._clock = clock
        self._parallel = max(1, parallel)
        self._width = Width(clock, self._parallel)
        self._delay = confirm_delay
        self._time_left = time_left
        #: Seconds between the two looks, where that is less than was asked for.
        self.cut_to: float | None = None

    def look(
        self,
        subjects: Iterable[Subject],
        on_seen: Callable[[Seen], None] | None = None,
        *,
        beside: Iterable[Subject] = (),
    ) -> Iterator[Seen]:
        """What is seen of each subject, in their order, as soon as it is known for certain.

        on_seen: told of each once it has been looked at for the first time, in this thread
        beside: not looked at; what these declare is in code all the same

        Raises `CalledOff` or `Interrupted` where the work is called off, after what has been looked
        at by then; what needs a second look is not judged. An error of one resource is in its
        `Seen`.
        """
        self._whereabouts.forget_answers()
        with _threads(self._parallel) as pool:
            asked = tuple(subjects)
            everybody = self._whereabouts.of([*asked, *beside], pool.map)
            placed, neighbours = (
                everybody[: len(asked)],
                Neighbours(everybody, looked_at=len(asked)),
            )
            held: deque[tuple[Placed, Seen]] = deque()
            begun = self._clock.now()
            try:
                with closing(self._pass(pool, placed, neighbours, lambda views: views)) as first:
                    for one, seen in zip(placed, first, strict=True):
                        if on_seen is not None:
                            on_seen(seen)
                        if held or self._is_doubtful(seen):
                            held.append((one, seen))
                        else:
                            yield seen
                if held:
                    self._wait(self._clock.now() - begun)
                    yield from self._look_again(pool, held, neighbours)
            except (CalledOff, Interrupted):
                for one, seen in held:
                    undecided = Seen(one.subject, one.workspace, judged=False)
                    yield undecided if _differs_outside(seen) else seen
                raise

    def strays(
        self,
        subjects: Iterable[Subject],
        on_error: Callable[[ServingError], None] | None = None,
    ) -> tuple[Stray, ...]:
        """The endpoints and secrets that no subject declares, by workspace, kind and name.

        Looked for in the workspaces of the subjects, where those are the recorded ones. What the
        last look has listed of a scope is not asked for again. on_error: told what could not be
        listed; without it, that is raised.
        """
        with _threads(self._parallel) as pool:
            return strays_in(self._whereabouts.of(subjects, pool.map), pool.map, on_error)

    def _is_doubtful(self, seen: Seen) -> bool:
        return self._delay > 0 and _differs_outside(seen)

    def _wait(self, took: float) -> None:
        """Wait before the second look; `took`: seconds of the first, which the second needs too."""
        left, delay = self._time_left(), self._delay
        if left is not None and left - took - _MARGIN < delay:
            delay = max(0.0, left - took - _MARGIN)
            self.cut_to = delay
        self._clock.wait(delay)

    def _look_again(
        self, pool: ThreadPoolExecutor, held: deque[tuple[Placed, Seen]], neighbours: Neighbours
    ) -> Iterator[Seen]:
        """A second look at all that seem to differ; takes from `held`."""
        anew: dict[int, Views] = {}
        doubtful = [one for one, seen in held if _differs_outside(seen)]
        for one in doubtful:
            if one.views is not None and id(one.views) not in anew:
                anew[id(one.views)] = one.views.anew()
        again = self._pass(pool, doubtful, neighbours, lambda views: anew[id(views)])
        with closing(again) as second:
            while held:
                _, seen = held[0]
                certain = _certain(seen, next(second)) if _differs_outside(seen) else seen
                held.popleft()
                yield certain

    def _pass(
        self,
        pool: ThreadPoolExecutor,
        placed: list[Placed],
        neighbours: Neighbours,
        through: Callable[[Views], Views],
    ) -> Generator[Seen]:
        """One look at each, in order; `through`: the views to take in place of a workspace's."""
        for one in placed:
            endpoint = endpoint_of(one.subject)
            if one.views is not None and endpoint is not None:
                through(one.views).expect(endpoint)

        def look(one: Placed) -> Seen:
            if isinstance(one.error, UnknownWorkspace):
                known = without_a_look(one.subject)
                return Seen(one.subject, one.workspace, known, nowhere=True)
            if one.views is None:
                return Seen(one.subject, one.workspace, error=one.error)
            return _seen(one, through(one.views), neighbours)

        return in_order(pool, self._width, look, placed)


def _seen(one: Placed, views: Views, neighbours: Neighbours) -> Seen:
    endpoint = endpoint_of(one.subject)
    try:
        inspection = inspect(one, views, neighbours)
    except Interrupted:
        raise
    except ServingError as failed:
        return Seen(one.subject, one.workspace, error=failed)
    finally:
        if endpoint is not None:
            views.done(endpoint)
    found = inspection.found
    return Seen(
        one.subject, one.workspace, inspection.comparison, found.standing, actual=found.actual
    )


def _differs_outside(seen: Seen) -> bool:
    in_motion = seen.standing is Standing.UPDATING
    return seen.comparison is not None and not in_motion and needs_another_look(seen.comparison)


def _certain(first: Seen, second: Seen) -> Seen:
    """What two looks show together."""
    if first.comparison is None or second.comparison is None:
        return second
    both = replace(second, comparison=confirmed(first.comparison, second.comparison))
    if second.standing is Standing.UPDATING or not is_unsettled(
        first.comparison, second.comparison
    ):
        return both
    # What the second look saw is what a deploy would meet; drift is not judged by it.
    return (
        second if second.subject.wanted is not None else replace(both, standing=Standing.UNSETTLED)
    )


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that have ended, with what they were asking, when the block ends."""
    pool = ThreadPoolExecutor(count, thread_name_prefix="survey")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


__all__ = ["Seen", "Stray", "Subject", "Survey"]
