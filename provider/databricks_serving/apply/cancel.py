"""What can honestly be done about an update under way, by hand: no call cancels one.

Superseding waits until it has ended, then sends the configuration that is wanted; abandoning
deletes a first deployment that never became ready. What is sent is `put_again`'s to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from databricks_serving.errors import Conflict, Interrupted, Refused, StillUpdating

from .deletion import delete_and_wait
from .executor import CONFLICT_SECONDS
from .failure import failure_of, masked, page_of
from .ownership import owner_of
from .perform import perform
from .put_again import Left, refuse_another
from .refusals import nothing_to_cancel
from .wait import Stage, pause, wait_until_settled

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag
    from databricks_serving_schema import EndpointAnswer

    from .context import Context
    from .wait import Deadline


@dataclass(frozen=True)
class UnderWay:
    """An update that runs.

    `since`: Unix milliseconds, None where the service does not tell. `entities`: name, deployment
    state and the service's words of each. `first`: nothing has ever served there. `owner`: the
    mark of the resource that made the endpoint. `page`: where the UI has the button.
    """

    name: str
    since: int | None
    entities: tuple[tuple[str, str, str], ...]
    first: bool
    owner: str | None
    page: str


def found(name: str, context: Context) -> EndpointAnswer:
    """The endpoint. Raises `Refused` where there is none of that name."""
    answer = context.api.get_endpoint(name)
    if answer is None:
        raise nothing_to_cancel(name, context.api.identity().host)
    return answer


def under_way(answer: EndpointAnswer, context: Context) -> UnderWay | None:
    """The update that an answer shows under way; None where there is none."""
    stamps = answer.stamps
    if not stamps.updating:
        return None
    pending = stamps.pending_config
    entities = tuple(
        (
            str(entity.name),
            entity.state.deployment or "",
            masked(entity.state.deployment_state_message or ""),
        )
        for entity in (pending.served_entities if pending else ())
        if entity.state is not None
    )
    return UnderWay(
        name=stamps.name,
        since=pending.start_time if pending else None,
        entities=entities,
        first=stamps.config is None,
        owner=owner_of(answer),
        page=page_of(stamps.name, context),
    )


def supersede(name: str, left: Left, context: Context, deadline: Deadline) -> bool:
    """Wait until nothing is under way, send what is left, wait until it serves.

    Whether anything had to be sent. Raises `UpdateCanceled` where somebody pressed the button
    meanwhile (nothing is sent then), `UpdateFailed` where the service gave up on what was sent,
    `StillUpdating` when the time is up, `Interrupted` on Ctrl-C.
    """
    while True:
        answer = _settled(name, context, deadline, None)
        if canceled := _canceled(name, answer, context):
            raise canceled
        operation = left(answer)
        if operation is None:
            return False
        before = Stage.of(answer.stamps)
        try:
            perform(operation, context.api)
        except Conflict:
            # Another update began since the last look.
            if deadline.left <= 0:
                raise
            pause(context, min(CONFLICT_SECONDS, deadline.left), name)
            continue
        context.say("sent; waiting until it serves")
        _settled(name, context, deadline.anew(), before)
        return True


def abandon(name: str, outputs: Bag | None, context: Context, deadline: Deadline) -> None:
    """Delete a first deployment that never became ready; return once its name is free.

    outputs: as a stack recorded them. Raises `Refused` for any other endpoint.
    """
    answer = found(name, context)
    if outputs is not None:
        refuse_another(name, outputs, answer)
    refuse_to_abandon(answer)
    delete_and_wait(name, context, deadline)


def refuse_to_abandon(answer: EndpointAnswer) -> None:
    """Raise `Refused` where an endpoint has ever served, or nothing is under way."""
    name, stamps = answer.stamps.name, answer.stamps
    if stamps.config is not None:
        raise Refused(
            f"Endpoint {name} has a configuration that served before: it is not deleted. "
            f"--supersede waits for the update under way and then sends the wanted configuration.",
            id="served-before",
        )
    if not stamps.updating:
        raise Refused(
            f"Nothing is under way at endpoint {name} any more. Nothing was deleted.",
            id="nothing-under-way",
        )


def _settled(
    name: str, context: Context, deadline: Deadline, before: Stage | None
) -> EndpointAnswer:
    sent = "The wanted configuration was sent. " if before is not None else "Nothing was sent. "
    try:
        return wait_until_settled(name, context, deadline, before)
    except StillUpdating:
        _give_up(
            StillUpdating,
            "still-updating",
            f"Endpoint {name} is still updating after {deadline.asked}. {sent}",
            "--timeout gives it more time, for example --timeout 4h.",
        )
    except Interrupted:
        _give_up(
            Interrupted,
            "stopped-waiting",
            f"Stopped waiting for endpoint {name}; the update goes on in the workspace. {sent}",
            "Run it again to go on from here.",
        )


def _give_up(kind: type[StillUpdating | Interrupted], id_: str, what: str, remedy: str) -> NoReturn:
    raise kind(f"{what}What served before keeps serving. {remedy}", id=id_) from None


def _canceled(name: str, answer: EndpointAnswer, context: Context) -> Exception | None:
    if answer.stamps.state.config_update != "UPDATE_CANCELED":
        return None
    return failure_of(name, answer.stamps, context)
