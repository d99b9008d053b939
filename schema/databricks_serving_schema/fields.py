"""What the models say of their fields, for everything that walks trees instead of models."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import SecretStr

from .policy import KeyedBy, Part, Policy
from .values import Unknown, Value


class Shape(Enum):
    """How a field's value is built."""

    LEAF = "leaf"
    MODEL = "model"
    LIST = "list"
    KEYED_LIST = "keyed list"
    MAP = "map"


@dataclass(frozen=True)
class Field:
    """One field of a model: its policy, its shape, the model inside it (or in its elements)."""

    name: str
    policy: Policy
    shape: Shape
    model: type[Value] | None
    keyed_by: KeyedBy | None
    secret: bool
    part: bool


class UndescribedField(TypeError):
    """A field stands in a model without a policy: nothing could be decided about it."""


@cache
def fields_of(model: type[Value]) -> Mapping[str, Field]:
    """Every field of `model` by name. Raises `UndescribedField` where one has no policy."""
    return {name: _field(model, name) for name in model.model_fields}


def _field(model: type[Value], name: str) -> Field:
    info = model.model_fields[name]
    policies = [item for item in info.metadata if isinstance(item, Policy)]
    if len(policies) != 1:
        raise UndescribedField(f"{model.__name__}.{name} needs exactly one Policy")
    keyed = next((item for item in info.metadata if isinstance(item, KeyedBy)), None)
    shape, inner = _shape(info.annotation, keyed)
    return Field(
        name=name,
        policy=policies[0],
        shape=shape,
        model=inner if isinstance(inner, type) and issubclass(inner, Value) else None,
        keyed_by=keyed,
        secret=inner is SecretStr,
        part=any(isinstance(item, Part) for item in info.metadata),
    )


def _shape(annotation: Any, keyed: KeyedBy | None) -> tuple[Shape, Any]:
    kind = _own(annotation)
    origin = get_origin(kind)
    if origin is tuple:
        element = _own(get_args(kind)[0])
        return (Shape.KEYED_LIST if keyed else Shape.LIST), element
    if origin is dict:
        return Shape.MAP, _own(get_args(kind)[1])
    if isinstance(kind, type) and issubclass(kind, Value):
        return Shape.MODEL, kind
    return Shape.LEAF, kind


def _own(annotation: Any) -> Any:
    """The type itself, without the wrappings that say `or unknown`, `or unsaid`, `validated`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            own = [k for k in get_args(annotation) if k not in (Unknown, type(None))]
            if len(own) != 1:
                return annotation
            annotation = own[0]
        else:
            return annotation
