"""What can honestly be done about an update under way, by hand: no call cancels one.

Superseding waits until it has ended, then sends the configuration that is wanted; abandoning
deletes a first deployment that never became ready. Whatever cannot be sent is refused before
anything is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from databricks_serving.errors import Conflict, Interrupted, Refused, StillUpdating
from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import Canonical, Sealing, Tree, fingerprinted
from databricks_serving.plan.compare import at, leaves, same
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.endpoint_calls import by_model_units
from databricks_serving.plan.operations import PutConfig, PutProvisionedThroughput
from databricks_serving.plan.plan import make_plan
from databricks_serving_schema import (
    Allowances,
    Config,
    Endpoint,
    ExternalModel,
    ServedEntity,
    Unknown,
    config_of,
    dotted,
    fields_of,
    judge,
)
from databricks_serving_schema.limits import NotFor
from databricks_serving_schema.rules.rule import objects

from .deletion import delete_and_wait
from .executor import CONFLICT_SECONDS
from .failure import failure_of, masked, page_of
from .observed import actual_of, read_tree
from .ownership import owner_of
from .perform import perform
from .recorded import applied_of, new_key
from .refusals import made_anew, not_to_be_sent, nothing_to_cancel, refuse_what_cannot_be
from .wait import Stage, pause, wait_until_settled

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag
    from databricks_serving_schema import EndpointAnswer

    from .context import Context
    from .wait import Deadline

_Put: TypeAlias = PutConfig | PutProvisionedThroughput
#: What is left to send to an endpoint that answers so; None: it serves what is wanted.
Left: TypeAlias = "Callable[[EndpointAnswer], _Put | None]"

_LENIENT = Allowances(multiple_external_models=True, unknown_fields=True)


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


def as_applied(name: str, outputs: Bag) -> Left:
    """What it takes to serve the configuration that a stack applied; `outputs`: as recorded.

    Raises `Refused` where the state does not hold all that would be sent.
    """
    applied = applied_of(Endpoint, outputs)
    config = applied.tree.get("config") if applied is not None else None
    if applied is None or not isinstance(config, dict):
        raise Refused(
            f"The state records no configuration of endpoint {name}: there is none to send. "
            f"Without --stack and --state, what serves now is sent.",
            id="nothing-recorded-to-send",
        )
    known_only = _unreadable(config)
    if known_only:
        where = ", ".join(dotted(("config", *path)) for path in known_only)
        raise not_to_be_sent(
            f"The state holds no credentials of endpoint {name} that could be sent, only "
            f"fingerprints: {where}."
        )
    desired = Canonical(Endpoint, {"name": name, "config": config})
    sealing = Sealing(bytes.fromhex(new_key()))

    def left(answer: EndpointAnswer) -> _Put | None:
        refuse_another(name, outputs, answer)
        plan = make_plan(applied=applied, desired=desired, actual=actual_of(answer, sealing))
        refuse_what_cannot_be(name, plan)
        return next((op for op in plan.operations if isinstance(op, _Put)), None)

    return left


def as_serving(name: str, answer: EndpointAnswer) -> Left:
    """What it takes to serve on what serves now, once the update under way has ended.

    Raises `Refused` where nothing serves, or where the service does not tell all of it.
    """
    if answer.serving is None:
        raise Refused(
            f"Endpoint {name} has never served: there is no configuration to go back to. "
            f"--abandon deletes this first deployment; --supersede with --stack or --state sends "
            f"what the stack applied.",
            id="never-served",
        )
    untold = sorted(_untold(name, answer.serving))
    if untold:
        raise not_to_be_sent(
            f"The workspace never shows the credentials of endpoint {name}: {', '.join(untold)}. "
            f"So what serves now cannot be sent again."
        )
    wanted = _tree_of(answer.serving)

    def left(later: EndpointAnswer) -> _Put | None:
        there = {} if later.serving is None else _tree_of(later.serving)
        return None if same(there, wanted) else _put(name, wanted, there)

    return left


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


def refuse_another(name: str, outputs: Bag, answer: EndpointAnswer) -> None:
    """Raise `Refused` where the endpoint of this name is not the one that a stack recorded."""
    applied = applied_of(Endpoint, outputs)
    known = applied.tree.get(ENDPOINT_ID) if applied is not None else None
    if known is not None and answer.stamps.id != known:
        raise made_anew(name)


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


def _unreadable(config: dict[str, Tree]) -> tuple[tuple[str, ...], ...]:
    """Where a recorded configuration has no value that could be sent."""
    sealed = (path for path in leaves(config) if isinstance(at(config, path), Unknown))
    return tuple(sorted({*fingerprinted(config), *sealed}))


def _untold(name: str, serving: Config) -> set[str]:
    """Where an answer lacks what a program has to say of an external model."""
    endpoint = Endpoint().model_copy(update={"name": name, "config": serving})
    lacking = (p.path for p in judge(endpoint, _LENIENT) if "external_model" in p.path)
    # Of a vendor that this release does not know, nobody can tell what a credential is.
    newer = (
        ("config", *path)
        for path, model in objects(serving)
        if isinstance(model, ExternalModel) and model.provider not in config_of(ExternalModel)
    )
    return set(map(dotted, (*lacking, *newer)))


def _tree_of(config: Config) -> dict[str, Tree]:
    """A configuration that GET shows, as it can be sent again."""
    entities = config.served_entities
    if isinstance(entities, tuple):
        own = tuple(_without_fillings(e) if isinstance(e, ServedEntity) else e for e in entities)
        config = config.model_copy(update={"served_entities": own})
    # Nothing that GET shows is sealed: the key is of no use.
    return read_tree(config, Sealing(bytes.fromhex(new_key())))


def _without_fillings(entity: ServedEntity) -> ServedEntity:
    """The entity without what GET shows of it although a request for its kind has no such field."""
    foreign = (
        name
        for name, field in fields_of(ServedEntity).items()
        if any(entity.kind in mark.kinds for mark in field.marks_of(NotFor))
    )
    return entity.model_copy(update=dict.fromkeys(foreign))


def _put(name: str, wanted: dict[str, Tree], there: dict[str, Tree]) -> _Put:
    body = wire(Config, wanted)
    if by_model_units({"config": wanted}) and by_model_units({"config": there}):
        return PutProvisionedThroughput(name, body)
    return PutConfig(name, body)
