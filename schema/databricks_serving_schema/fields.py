"""What the models say of their fields, for everything that walks trees instead of models."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import SecretStr

from .limits import Choices, OneOf, Selects, When
from .policy import KeyedBy, Part, Policy
from .values import Unknown, Value

M = TypeVar("M")


class Shape(Enum):
    """How a field's value is built."""

    LEAF = "leaf"
    MODEL = "model"
    LIST = "list"
    KEYED_LIST = "keyed list"
    MAP = "map"


@dataclass(frozen=True)
class Field:
    """One field of a model: its policy, its shape, the model inside it (or in its elements).

    `kind`: the Python type of a leaf, or of the leaves of a list or map. `choices`: the values that
    are known. `alternative`: another field beside it may take its place.
    """

    name: str
    policy: Policy
    shape: Shape
    kind: Any
    model: type[Value] | None
    keyed_by: KeyedBy | None
    secret: bool
    part: bool
    choices: tuple[str, ...]
    marks: tuple[object, ...]

    @property
    def alternative(self) -> bool:
        """Whether another field beside it may take its place."""
        return self.mark(When) is not None or self.mark(OneOf) is not None

    def mark(self, kind: type[M]) -> M | None:
        """The mark of that kind at the field, if there is one."""
        return next(self.marks_of(kind), None)

    def marks_of(self, kind: type[M]) -> Iterator[M]:
        """Every mark of that kind at the field."""
        return (mark for mark in self.marks if isinstance(mark, kind))


class UndescribedField(TypeError):
    """A field stands in a model without a policy: nothing could be decided about it."""


@cache
def fields_of(model: type[Value]) -> Mapping[str, Field]:
    """Every field of `model` by name. Raises `UndescribedField` where one has no policy.

    Raises `PydanticUndefinedAnnotation` with the name that the model's module does not import.
    """
    model.model_rebuild()
    return {name: _field(model, name) for name in model.model_fields}


@cache
def holders_of(model: type[Value]) -> tuple[str, ...]:
    """The fields of `model` that hold an object, or a list of objects."""
    return tuple(name for name, field in fields_of(model).items() if field.model is not None)


def marked_fields(model: type[Value], mark: type[M]) -> tuple[tuple[Field, M], ...]:
    """The fields of `model` with a mark of exactly that kind, once for each mark."""
    return _by_kind_of_mark(model).get(mark, ())


@cache
def _by_kind_of_mark(model: type[Value]) -> Mapping[type[object], tuple[tuple[Field, Any], ...]]:
    found: dict[type[object], tuple[tuple[Field, Any], ...]] = {}
    for field in fields_of(model).values():
        for mark in field.marks:
            found[type(mark)] = (*found.get(type(mark), ()), (field, mark))
    return found


@cache
def config_of(model: type[Value]) -> Mapping[str, str]:
    """Which object goes with which value of the field that `Selects`: `{"openai": …}`."""
    return {
        mark.value: name
        for name, info in model.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, When)
    }


def _field(model: type[Value], name: str) -> Field:
    info = model.model_fields[name]
    marks = tuple(info.metadata)
    policies = [mark for mark in marks if isinstance(mark, Policy)]
    if len(policies) != 1:
        raise UndescribedField(f"{model.__name__}.{name} needs exactly one Policy")
    keyed = next((mark for mark in marks if isinstance(mark, KeyedBy)), None)
    shape, inner = _shape(info.annotation, keyed)
    return Field(
        name=name,
        policy=policies[0],
        shape=shape,
        kind=inner,
        model=inner if isinstance(inner, type) and issubclass(inner, Value) else None,
        keyed_by=keyed,
        secret=inner is SecretStr,
        part=any(isinstance(mark, Part) for mark in marks),
        choices=_choices(model, marks),
        marks=marks,
    )


def _choices(model: type[Value], marks: tuple[object, ...]) -> tuple[str, ...]:
    if any(isinstance(mark, Selects) for mark in marks):
        return tuple(config_of(model))
    return next((mark.values for mark in marks if isinstance(mark, Choices)), ())


def _shape(annotation: Any, keyed: KeyedBy | None) -> tuple[Shape, Any]:
    kind = own_type(annotation)
    origin = get_origin(kind)
    if origin is tuple:
        element = own_type(get_args(kind)[0])
        return (Shape.KEYED_LIST if keyed else Shape.LIST), element
    if origin is dict:
        return Shape.MAP, own_type(get_args(kind)[1])
    # Python 3.10 takes `tuple[str]` for a type, and then stumbles over it.
    if origin is None and isinstance(kind, type) and issubclass(kind, Value):
        return Shape.MODEL, kind
    return Shape.LEAF, kind


def own_type(annotation: Any) -> Any:
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
