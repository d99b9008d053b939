"""What a rule is, and how rules look into a resource that is not all said or known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from ..ai_gateway import RateLimit
from ..endpoint import Endpoint
from ..external_models import ExternalModel
from ..fields import Field, fields_of
from ..problems import Path, Problem
from ..served import ServedEntity
from ..values import Unknown, Value

T = TypeVar("T")
V = TypeVar("V", bound=Value)

#: What a check yields: where, and what is wrong there.
Found: TypeAlias = "Iterator[tuple[Path, str]]"


@dataclass(frozen=True)
class Allowances:
    """What the stack's configuration lifts."""

    multiple_external_models: bool = False
    unknown_fields: bool = False


@dataclass(frozen=True)
class Rule(Generic[V]):
    """A check over values `of` one model: `id` stands in reports, `source` says where from."""

    id: str
    source: str
    of: type[V]
    check: Callable[[V, Allowances], Found]

    def problems(self, value: Value, allowances: Allowances) -> Iterator[Problem]:
        """Every breach of this rule; none where the rule is of another model."""
        if isinstance(value, self.of):
            for path, message in self.check(value, allowances):
                yield Problem(path, self.id, message)


class Advice(Rule[V]):
    """A rule whose breach is said, never refused: one source alone, or a habit, speaks for it."""


def rule(
    identifier: str, source: str, of: type[V]
) -> Callable[[Callable[[V, Allowances], Found]], Rule[V]]:
    """Make a function that yields `(path, message)` pairs the rule `identifier`."""

    def named(check: Callable[[V, Allowances], Found]) -> Rule[V]:
        return Rule(identifier, source, of, check)

    return named


def advice(
    identifier: str, source: str, of: type[V]
) -> Callable[[Callable[[V, Allowances], Found]], Advice[V]]:
    """Make a function that yields `(path, message)` pairs the advice `identifier`."""

    def named(check: Callable[[V, Allowances], Found]) -> Advice[V]:
        return Advice(identifier, source, of, check)

    return named


def known(value: T | Unknown | None) -> T | None:
    """The value, if it is there and known."""
    return None if isinstance(value, Unknown) else value


def objects(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """The value itself and every object in it that is said and known, each with its path."""
    yield path, value
    for name in fields_of(type(value)):
        inner = getattr(value, name)
        if isinstance(inner, Value):
            yield from objects(inner, (*path, name))
        elif isinstance(inner, tuple):
            for index, element in enumerate(inner):
                if isinstance(element, Value):
                    yield from objects(element, (*path, name, index))


def said_fields(value: Value) -> Iterator[tuple[Path, Field, object]]:
    """Every field that is said, known or not, at any depth: its path, what it is, what is said."""
    for path, owner in objects(value):
        for name, field in fields_of(type(owner)).items():
            said = getattr(owner, name)
            if said is not None:
                yield (*path, name), field, said


def each_said(value: Value) -> Iterator[tuple[Path, Field, object]]:
    """As `said_fields`, but of lists their elements, and nothing that is not yet known."""
    for path, field, said in said_fields(value):
        elements = enumerate(said) if isinstance(said, tuple) else [(None, said)]
        for index, element in elements:
            if not isinstance(element, Unknown):
                yield (path if index is None else (*path, index)), field, element


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


def rate_limits(value: Value) -> Iterator[tuple[Path, RateLimit]]:
    """The rate limits that are known, each with its path."""
    for path, found in objects(value):
        if isinstance(found, RateLimit):
            yield path, found


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """`a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
