"""The property bag of any resource but an endpoint: what it is, and its settings beside that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from databricks_serving_schema import (
    Allowances,
    InvalidResource,
    Value,
    fields_of,
    parse_program,
)

from .bag import Bag
from .derived import derived_of
from .endpoint import settings_of
from .keys import PROVIDER, SECRET_LEAVES

V = TypeVar("V", bound=Value)
S = TypeVar("S", bound=Value)

#: What stands in the inputs of every kind beside what the program says.
_BESIDE = (PROVIDER, SECRET_LEAVES)


def resource_inputs(
    model: type[V], settings: type[S], bag: Mapping[str, Any], allowances: Allowances
) -> tuple[V, S]:
    """What a program says of a resource, and how. Raises `InvalidResource` with every problem."""
    how, problems = settings_of(settings, bag)
    # By exclusion: a misspelt field must not get lost.
    beside = (*fields_of(settings), *_BESIDE, *derived_of(model))
    own: Bag = {name: value for name, value in bag.items() if name not in beside}
    try:
        value = parse_program(model, own, allowances, beside=tuple(fields_of(settings)))
    except InvalidResource as invalid:
        raise InvalidResource((*invalid.problems, *problems)) from None
    if problems:
        raise InvalidResource(problems)
    return value, how
