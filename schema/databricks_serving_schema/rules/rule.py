"""What a rule is, and how rules look into an endpoint that is not all said or known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from ..ai_gateway import RateLimit
from ..endpoint import Endpoint, ServedEntity
from ..external_models import ExternalModel
from ..problems import Path, Problem
from ..suggest import among
from ..values import Unknown

T = TypeVar("T")


@dataclass(frozen=True)
class Allowances:
    """What the stack's configuration lifts."""

    multiple_external_models: bool = False
    unknown_fields: bool = False


@dataclass(frozen=True)
class Rule:
    """A check over an endpoint: `id` stands in reports, `source` says where the rule comes from."""

    id: str
    source: str
    check: Check

    def problems(self, endpoint: Endpoint, allowances: Allowances) -> Iterator[Problem]:
        """Every breach of this rule."""
        for path, message in self.check(endpoint, allowances):
            yield Problem(path, self.id, message)


Check: TypeAlias = "Callable[[Endpoint, Allowances], Iterator[tuple[Path, str]]]"


def rule(identifier: str, source: str) -> Callable[[Check], Rule]:
    """Make a function that yields `(path, message)` pairs the rule `identifier`."""

    def named(check: Check) -> Rule:
        return Rule(identifier, source, check)

    return named


def known(value: T | Unknown | None) -> T | None:
    """The value, if it is there and known."""
    return None if isinstance(value, Unknown) else value


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


def rate_limits(endpoint: Endpoint) -> Iterator[tuple[Path, RateLimit]]:
    """The gateway's rate limits that are known, each with its path."""
    gateway = known(endpoint.ai_gateway)
    for index, limit in enumerate((gateway and known(gateway.rate_limits)) or ()):
        if not isinstance(limit, Unknown):
            yield ("ai_gateway", "rate_limits", index), limit


def must_be_among(
    path: Path, value: str | Unknown | None, choices: tuple[str, ...], allowances: Allowances
) -> Iterator[tuple[Path, str]]:
    """Yield a problem where `value` is known and none of `choices`."""
    said = known(value)
    if said is None or said in choices:
        return
    near = among(said, choices)
    if allowances.unknown_fields and not near:
        return
    hint = f"did you mean {near!r}?" if near else f"known are {', '.join(choices)}"
    yield path, f"not known here; {hint}"
