"""What a rule is, and how rules look into a resource that is not all said or known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Generic, TypeAlias, TypeVar

from ..endpoint import Endpoint
from ..external_models import ExternalModel
from ..fields import Field, holders_of, marked_fields
from ..problems import Path
from ..served import ServedEntity
from ..values import Unknown, Value

T = TypeVar("T")
G = TypeVar("G")
V = TypeVar("V", bound=Value)
M = TypeVar("M")

#: What a check yields: where, and what is wrong there.
Found: TypeAlias = "Iterator[tuple[Path, str]]"


class Objects:
    """A resource and every object in it that is said and known, each with its path.

    It is walked through once, however many rules look into it.
    """

    def __init__(self, resource: Value) -> None:
        self.resource = resource

    def __iter__(self) -> Iterator[tuple[Path, Value]]:
        return iter(self._all)

    @cached_property
    def _all(self) -> tuple[tuple[Path, Value], ...]:
        return tuple(objects(self.resource))


@dataclass(frozen=True)
class Allowances:
    """What the stack's configuration lifts."""

    multiple_external_models: bool = False
    unknown_fields: bool = False


@dataclass(frozen=True)
class Rule(Generic[G]):
    """A check over values `of` one model: `id` stands in messages, `source` says where from.

    `remedy`: what to do about a breach, for whoever looks the id up. `given`: what the check is
    given of a resource of that model; nobody asks it of another.
    """

    id: str
    source: str
    remedy: str
    of: type[Value]
    check: Callable[[G, Allowances], Found]
    given: Callable[[Objects], G]


class Advice(Rule[G]):
    """A rule whose breach is said, never refused: one source alone, or a habit, speaks for it."""


def rule(
    identifier: str, *, source: str, remedy: str, of: type[V]
) -> Callable[[Callable[[V, Allowances], Found]], Rule[V]]:
    """Make a function that yields `(path, message)` pairs the rule `identifier`."""
    return lambda check: Rule(identifier, source, remedy, of, check, attrgetter("resource"))


def advice(
    identifier: str, *, source: str, remedy: str, of: type[V]
) -> Callable[[Callable[[V, Allowances], Found]], Advice[V]]:
    """Make a function that yields `(path, message)` pairs the advice `identifier`."""
    return lambda check: Advice(identifier, source, remedy, of, check, attrgetter("resource"))


def rule_of_objects(
    identifier: str, *, source: str, remedy: str, of: type[Value] = Value
) -> Callable[[Callable[[Objects, Allowances], Found]], Rule[Objects]]:
    """The same of whatever stands anywhere in a resource: the function is given all of it."""
    return lambda check: Rule(identifier, source, remedy, of, check, _itself)


def advice_of_objects(
    identifier: str, *, source: str, remedy: str, of: type[Value] = Value
) -> Callable[[Callable[[Objects, Allowances], Found]], Advice[Objects]]:
    """Advice on whatever stands anywhere in a resource."""
    return lambda check: Advice(identifier, source, remedy, of, check, _itself)


def _itself(found: Objects) -> Objects:
    return found


def known(value: T | Unknown | None) -> T | None:
    """The value, if it is there and known."""
    return None if isinstance(value, Unknown) else value


def objects(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """The value itself and every object in it that is said and known, each with its path."""
    # A list of what is ahead, and no generator in a generator: each would pass by all of them.
    ahead: list[tuple[Path, Value]] = [(path, value)]
    while ahead:
        here, owner = ahead.pop()
        yield here, owner
        below: list[tuple[Path, Value]] = []
        for name in holders_of(type(owner)):
            inner = getattr(owner, name)
            if isinstance(inner, Value):
                below.append(((*here, name), inner))
            elif isinstance(inner, tuple):
                below += (
                    ((*here, name, index), element)
                    for index, element in enumerate(inner)
                    if isinstance(element, Value)
                )
        ahead += reversed(below)


def said_with(found: Objects, mark: type[M]) -> Iterator[tuple[Path, Field, M, object]]:
    """Every said field with such a mark, known or not: its path, what it is, what is said."""
    for path, owner in found:
        for field, its in marked_fields(type(owner), mark):
            said = getattr(owner, field.name)
            if said is not None:
                yield (*path, field.name), field, its, said


def each_with(found: Objects, mark: type[M]) -> Iterator[tuple[Path, Field, M, object]]:
    """As `said_with`, but of lists their elements, and nothing that is not yet known."""
    for path, field, its, said in said_with(found, mark):
        for here, element in each_of(path, said):
            yield here, field, its, element


def each_of(path: Path, said: object) -> Iterator[tuple[Path, object]]:
    """What is said, of a list its elements, each with its path; nothing that is not yet known."""
    if isinstance(said, tuple):
        for index, element in enumerate(said):
            if not isinstance(element, Unknown):
                yield (*path, index), element
    elif not isinstance(said, Unknown):
        yield path, said


def entities(endpoint: Endpoint) -> Iterator[tuple[Path, ServedEntity]]:
    """The served entities that are known, each with its path."""
    config = known(endpoint.config)
    for index, entity in enumerate((config and known(config.served_entities)) or ()):
        if not isinstance(entity, Unknown):
            yield ("config", "served_entities", index), entity


def entity_count(endpoint: Endpoint) -> int | None:
    """How many entities are said, known or not; None where that cannot be told yet."""
    config = endpoint.config
    said = config if config is None or isinstance(config, Unknown) else config.served_entities
    return None if isinstance(said, Unknown) else len(said or ())


def external_models(endpoint: Endpoint) -> Iterator[tuple[Path, ExternalModel]]:
    """The external models that are known, each with its path."""
    for path, entity in entities(endpoint):
        model = known(entity.external_model)
        if model is not None:
            yield (*path, "external_model"), model


def of_model(found: Objects, model: type[V]) -> Iterator[tuple[Path, V]]:
    """The objects of one model, each with its path."""
    return ((path, owner) for path, owner in found if isinstance(owner, model))


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """`a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
