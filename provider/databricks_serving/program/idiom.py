"""What GET answers, as a program would say it.

Left out is what nobody said: what only answers have, empties, what the service fills in, the
ownership mark. Secret values are in no answer, and would be left out too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from databricks_serving.plan.classify import is_off
from databricks_serving.state.bag import Bag
from databricks_serving_schema import (
    OWNERSHIP_TAG,
    Allowances,
    Config,
    Endpoint,
    ExternalModel,
    Field,
    Kind,
    NotComparedFor,
    Path,
    Readback,
    ServedEntity,
    Shape,
    TrafficConfig,
    Value,
    config_of,
    fields_of,
    judge,
    read_program,
)
from databricks_serving_schema.limits import Doubtful, NotFor, OneOf

_PLAINTEXT = "_plaintext"
#: What a workspace has is allowed there.
_LENIENT = Allowances(multiple_external_models=True)


def said_of(value: Value) -> Bag:
    """A model of what was answered, as a program says it."""
    if not isinstance(value, Endpoint):
        return _object(value, frozenset())
    said = _object(value, _kinds(value.config))
    if isinstance(said.get("tags"), dict):
        said["tags"].pop(OWNERSHIP_TAG, None)
        if not said["tags"]:
            del said["tags"]
    return _with_required(value, said)


def _with_required(endpoint: Endpoint, said: Bag) -> Bag:
    """With what the service may have filled in and a program has to say all the same."""
    program, _ = read_program(Endpoint, said, _LENIENT)
    for problem in judge(program, _LENIENT):
        answered = _at(endpoint, problem.path)
        if isinstance(answered, (str, int, float)):
            said = _put(said, problem.path, answered)
    return said


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, tuple) and step < len(value) else None
        else:
            value = getattr(value, step, None)
    return value


def _kinds(config: object) -> frozenset[Kind]:
    entities = config.served_entities if isinstance(config, Config) else None
    served = entities if isinstance(entities, tuple) else ()
    kinds = (entity.kind for entity in served if isinstance(entity, ServedEntity))
    return frozenset(kind for kind in kinds if kind is not None)


def _object(value: Value, kinds: frozenset[Kind]) -> Bag:
    if isinstance(value, ServedEntity):
        kinds = frozenset({value.kind}) if value.kind is not None else frozenset()
    said: Bag = {}
    for name, field in fields_of(type(value)).items():
        inner = getattr(value, name)
        if inner is None or field.secret or _is_filled_in(field, inner, kinds):
            continue
        plain = _plain(inner, kinds)
        if plain not in ({}, []):
            said[name] = plain
    if isinstance(value, Config) and _says_nothing(value):
        said.pop("traffic_config", None)
    return _with_one_of_each(type(value), said)


def _with_one_of_each(model: type[Value], said: Bag) -> Bag:
    """Without what the service made of the field that may stand in its place."""
    groups: dict[str, list[Field]] = {}
    for name in said:
        field = fields_of(model)[name]
        for mark in field.marks_of(OneOf):
            groups.setdefault(mark.group, []).append(field)
    made = {
        field.name
        for group in groups.values()
        for field in group
        if len(group) > 1 and field.policy.readback is Readback.DEFAULTED
    }
    return {name: value for name, value in said.items() if name not in made}


def _plain(value: object, kinds: frozenset[Kind]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Value):
        return _object(value, kinds)
    if isinstance(value, (list, tuple)):
        return [_plain(inner, kinds) for inner in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, kinds) for name, inner in value.items()}
    return value


def _is_filled_in(field: Field, value: object, kinds: frozenset[Kind]) -> bool:
    """Whether the service may have said this itself."""
    if field.policy.readback is not Readback.DEFAULTED:
        return field.shape is Shape.MODEL and isinstance(value, Value) and _is_all_off(value)
    if any(_is_for(mark, kinds) for mark in field.marks):
        return True
    if isinstance(value, Value):
        return _is_all_off(value)
    default = field.policy.default
    return default is not None and value == default and type(value) is type(default)


def _is_for(mark: object, kinds: frozenset[Kind]) -> bool:
    of = (NotFor, Doubtful, NotComparedFor)
    return isinstance(mark, of) and not kinds.isdisjoint(mark.kinds)


def _is_all_off(value: Value) -> bool:
    """Whether nothing in it is more than the service says where nobody said anything."""
    for name, field in fields_of(type(value)).items():
        inner = getattr(value, name)
        if inner is None or inner in ((), {}):
            continue
        off = _is_all_off(inner) if isinstance(inner, Value) else is_off(field.policy, inner)
        if not off:
            return False
    return True


def _says_nothing(config: Config) -> bool:
    """Whether the traffic is all for the only entity, as it is where nobody says so."""
    traffic = config.traffic_config
    routes = traffic.routes if isinstance(traffic, TrafficConfig) else None
    if not isinstance(routes, tuple) or not isinstance(config.served_entities, tuple):
        return False
    alone = len(routes) == 1 and len(config.served_entities) == 1
    return alone and getattr(routes[0], "traffic_percentage", None) == 100


def several_external_models(said: Bag) -> bool:
    """Whether an endpoint is one that not every workspace allows."""
    return sum("external_model" in entity for _, entity in _entities(said)) > 1


def _entities(said: Bag) -> Iterator[tuple[int, Bag]]:
    config = said.get("config")
    entities = config.get("served_entities") if isinstance(config, dict) else None
    return enumerate(entities or ())


def entity_paths(said: Bag) -> tuple[Path, ...]:
    """Where the entities of an endpoint stand."""
    return tuple(("config", "served_entities", index) for index, _ in _entities(said))


def hidden_credentials(said: Bag, entity: Path) -> Iterator[tuple[Path, ...]]:
    """The sets of credentials that an entity may have as plaintext, which no answer tells.

    Each credential by the path of its `…_plaintext` field; the smallest sets come first, the empty
    one before all. Which of them makes the program whole is for its rules to judge.
    """
    found: Any = said
    for step in entity:
        found = found[step]
    model = found.get("external_model")
    if not isinstance(model, dict):
        yield ()
        return
    config = config_of(ExternalModel).get(str(model.get("provider")))
    field = fields_of(ExternalModel)[config] if config is not None else None
    inner = field.model if field is not None else None
    unsaid: tuple[Path, ...] = ()
    if inner is not None and config is not None:
        # GET may leave out an object of which it shows nothing.
        unsaid = tuple(_unsaid(inner, model.get(config) or {}, (*entity, "external_model", config)))
    for count in range(len(unsaid) + 1):
        yield from combinations(unsaid, count)


def _unsaid(model: type[Value], said: Bag, path: Path) -> Iterator[Path]:
    for name, field in fields_of(model).items():
        if field.secret and name.removesuffix(_PLAINTEXT) not in said:
            yield (*path, name)
        elif field.model is not None:
            yield from _unsaid(field.model, said.get(name) or {}, (*path, name))


def with_at(said: Bag, values: Mapping[Path, object]) -> Bag:
    """The same with a value at each of these paths."""
    for path, value in values.items():
        said = _put(said, path, value)
    return said


def _put(holder: Any, path: Path, value: object) -> Any:  # noqa: ANN401 - JSON
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(holder, list) and isinstance(step, int):
        return [_put(one, rest, value) if i == step else one for i, one in enumerate(holder)]
    there = holder or {}
    return {**there, step: _put(there.get(step), rest, value)}
