"""Waiting until an endpoint serves what was asked of it. The one place that polls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.clock import CalledOff
from databricks_serving.errors import Answered, Interrupted, NotFound, StillUpdating
from databricks_serving_schema import EndpointAnswer, EndpointStamps

from .failure import failure_of

if TYPE_CHECKING:
    from databricks_serving.clock import Clock

    from .context import Context

_FIRST_POLL = 0.5
_LONGEST_POLL = 10.0
#: A list that stays behind must hold nobody up for hours, and only a GET tells how far each entity
#: is.
OWN_LOOK_SECONDS = 300.0
#: How long a GET may still show what was before a write (Databricks page on AI Gateway: 20 to 60
#: s).
STALE_SECONDS = 60.0
#: After how long a write that still does not show is taken for lost: two in a minute are sent for
#: nothing at most, where lists are late.
LOST_SECONDS = 20.0


@dataclass(frozen=True)
class Deadline:
    """When to stop waiting."""

    clock: Clock
    at: float
    seconds: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        """The moment so many seconds from now."""
        return cls(clock, clock.now() + seconds, seconds)

    def anew(self) -> Deadline:
        """As many seconds from now: a write may have waited long for its turn to be sent."""
        return Deadline.after(self.clock, self.seconds)

    @property
    def asked(self) -> str:
        """The whole time, in words."""
        return duration(self.seconds)

    @property
    def left(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self.at - self.clock.now())


@dataclass(frozen=True)
class Stage:
    """Where the configurations stood before a write: to tell its outcome from an older one."""

    version: int | None
    pending_since: int | None

    @classmethod
    def of(cls, stamps: EndpointStamps | None) -> Stage:
        """The stage that an answer shows; None: there was no endpoint."""
        if stamps is None:
            return NOTHING
        config, pending = stamps.config, stamps.pending_config
        return cls(
            config.config_version if config else None, pending.start_time if pending else None
        )


#: The stage before a create, and of an endpoint that never had a configuration.
NOTHING = Stage(None, None)


def polls() -> Callable[[], float]:
    """Seconds to wait before each next look: quick at first, never more than ten."""
    wait = _FIRST_POLL / 2

    def following() -> float:
        nonlocal wait
        wait = min(_LONGEST_POLL, wait * 2)
        return wait

    return following


def wait_until_settled(
    name: str, context: Context, deadline: Deadline, before: Stage | None = None
) -> EndpointAnswer:
    """The endpoint once nothing is under way. `before`: the stage before our write, if we wrote.

    Raises `UpdateFailed` where the service gave up on our write, `StillUpdating` when the time is
    up, `Interrupted` on Ctrl-C, `NotFound` if the endpoint goes away. Nothing is ever deleted.
    """
    begun = context.clock.now()
    following = polls()
    seen = seen_updating = False
    while True:
        answer = context.api.get_endpoint(name)
        waited = context.clock.now() - begun
        if answer is None:
            if seen or before != NOTHING or waited > STALE_SECONDS:
                raise gone(name)
            # What was just created may not show yet.
            _wait(following(), name, context, deadline, "not visible")
            continue
        seen, stamps = True, answer.stamps
        seen_updating = seen_updating or stamps.updating
        moved = before is None or seen_updating or Stage.of(stamps) != before
        if not stamps.updating and (moved or waited > STALE_SECONDS):
            failure = None if before is None else failure_of(name, stamps, context)
            if failure is not None:
                raise failure
            if before is None or stamps.settled or not _deploys(stamps):
                if seen_updating:
                    # The last line stays on the screen: it must not say that it still deploys.
                    context.say(f"ready ({duration(waited)})" if stamps.settled else "no update")
                return answer
        context.say(_progress(stamps, waited))
        if stamps.updating:
            _wait_for_news(stamps, following, context, deadline, begun)
        else:
            _wait(following(), name, context, deadline, "not ready")


def _wait_for_news(
    stamps: EndpointStamps,
    following: Callable[[], float],
    context: Context,
    deadline: Deadline,
    begun: float,
) -> None:
    """Wait for the next look, and go on while a list shows the same update still under way."""
    clock, seen = context.clock, context.clock.now()
    own_look = seen + OWN_LOOK_SECONDS
    with context.watch.waiting(stamps, begun) as waiter:
        while True:
            interval = following()
            waiter.next_look = seen + interval
            left = max(0.0, waiter.next_look - clock.now())
            _wait(left, stamps.name, context, deadline, "updating")
            if deadline.left <= interval / 2 or clock.now() >= own_look:
                return
            try:
                asked = context.watch.shown_updating(waiter, context, seen, interval)
            except CalledOff:
                raise _interrupted(stamps.name, "updating") from None
            if asked is None:
                return
            seen = asked
            context.say(_progress(stamps, clock.now() - begun))


def gone(name: str) -> NotFound:
    """The error of an endpoint that somebody deletes while it is being worked on."""
    said = "somebody deleted it meanwhile; `pulumi up` creates it again"
    return NotFound(Answered(f"Endpoint {name}", 404, "", said))


def _deploys(stamps: EndpointStamps) -> bool:
    # An endpoint without a configuration is never ready, and there is nothing to wait for.
    return stamps.config is not None or stamps.pending_config is not None


def _wait(seconds: float, name: str, context: Context, deadline: Deadline, phase: str) -> None:
    if deadline.left <= 0:
        raise StillUpdating(
            f"Endpoint {name} is still {phase} after {deadline.asked}. It was left as it "
            f"is and is recorded; the next `pulumi up` goes on waiting. A longer wait: "
            f'deploy={{"timeout": "2h"}}.',
            id="still-updating",
        )
    try:
        context.clock.wait(min(seconds, deadline.left))
    except CalledOff:
        raise _interrupted(name, phase) from None


def _interrupted(name: str, phase: str) -> Interrupted:
    return Interrupted(
        f"Stopped waiting for endpoint {name}, which is {phase}. The deployment goes on in the "
        f"workspace, what served before keeps serving, and the next `pulumi up` goes on from here.",
        id="stopped-waiting",
    )


def _progress(stamps: EndpointStamps, waited: float) -> str:
    entities = stamps.pending_config.served_entities if stamps.pending_config else ()
    states = [
        f"{entity.name} {entity.state.deployment}"
        for entity in entities
        if entity.state is not None
    ]
    what = ", ".join(states) or (stamps.state.config_update or stamps.state.ready or "waiting")
    return f"{what} ({duration(waited)})"


def pause(context: Context, seconds: float, name: str) -> None:
    """Wait a moment before another look at an endpoint. Raises `Interrupted` on Ctrl-C."""
    look_later(context, seconds, f"endpoint {name}")


def look_later(context: Context, seconds: float, what: str) -> None:
    """Wait a moment before another look at anything. Raises `Interrupted` on Ctrl-C."""
    try:
        context.clock.wait(seconds)
    except CalledOff:
        raise Interrupted(
            f"Stopped while {what} was being looked at again. What was sent is recorded; the next "
            f"`pulumi up` goes on from here.",
            id="stopped-looking",
        ) from None


def looking(context: Context, begun: float) -> Deadline:
    """Until when to look for what was written: a minute from now.

    But no longer than the program's own timeout, from when the work began (`begun`: the clock's
    seconds).
    """
    seconds = STALE_SECONDS
    if context.timeout is not None:
        left = begun + context.timeout - context.clock.now()
        seconds = max(0.0, min(seconds, left))
    return Deadline.after(context.clock, seconds)


def until_seen(
    is_seen: Callable[[], bool],
    context: Context,
    what: str,
    deadline: Deadline,
    again: Callable[[], None] | None = None,
) -> bool:
    """Look until a write shows; whether it did in time (`looking`).

    `again` sends the write once more, now and then: it may have been lost, or not be listed yet,
    and nobody can tell which. Raises `Interrupted` on Ctrl-C, and whatever a look raises.
    """
    sent = context.clock.now()
    following = polls()
    while not is_seen():
        now = context.clock.now()
        if deadline.left <= 0:
            return False
        if again is not None and now - sent >= LOST_SECONDS:
            again()
            sent = now
        look_later(context, min(following(), deadline.left), what)
    return True


def duration(seconds: float) -> str:
    """`45s`, `12m`, `1m30s`, `1h30m`: a length of time for a person."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (0 if hours else rest, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
