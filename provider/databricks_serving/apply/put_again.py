"""A configuration that is sent once more by hand: as a stack applied it, or as it serves.

Whatever cannot be sent is refused before anything is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from databricks_serving.errors import Refused
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

from .observed import actual_of, read_tree
from .recorded import applied_of, new_key
from .refusals import made_anew, not_to_be_sent, refuse_what_cannot_be

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag
    from databricks_serving_schema import EndpointAnswer

_Put: TypeAlias = PutConfig | PutProvisionedThroughput
#: What is left to send to an endpoint that answers so; None: it serves what is wanted.
Left: TypeAlias = "Callable[[EndpointAnswer], _Put | None]"

_LENIENT = Allowances(multiple_external_models=True, unknown_fields=True)


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


def refuse_another(name: str, outputs: Bag, answer: EndpointAnswer) -> None:
    """Raise `Refused` where the endpoint of this name is not the one that a stack recorded."""
    applied = applied_of(Endpoint, outputs)
    known = applied.tree.get(ENDPOINT_ID) if applied is not None else None
    if known is not None and answer.stamps.id != known:
        raise made_anew(name)


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
