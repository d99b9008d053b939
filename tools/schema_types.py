"""The types of what a program may say, read from the schema's annotations."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypeAlias, TypeGuard, Union, get_args, get_origin

from pydantic import SecretStr

from databricks_serving_schema import Unknown, Value
from databricks_serving_schema.external_models import Folded, Reference
from databricks_serving_schema.values import Version


class Form(Enum):
    """What a text is beyond a text."""

    REFERENCE = "secret reference"
    ANY_CASE = "upper and lower case are the same"
    OR_WHOLE = "text or whole number"


#: The schema's own types of text, told apart by what stands in their `Annotated`.
_FORMS = {
    Form.REFERENCE: Reference,
    Form.ANY_CASE: Folded,
    Form.OR_WHOLE: Version,
}


@dataclass(frozen=True)
class Leaf:
    """A plain value: `str`, `int`, `float`, `bool` or `Any`."""

    kind: Any
    choices: tuple[str, ...] = ()
    form: Form | None = None
    secret: bool = False


@dataclass(frozen=True)
class ListOf:
    """A list of these."""

    element: Type


@dataclass(frozen=True)
class MapOf:
    """A map of names of the program's own to these."""

    value: Type


@dataclass(frozen=True)
class ObjectOf:
    """The object of that name."""

    name: str


@dataclass(frozen=True)
class Either:
    """One of these."""

    kinds: tuple[Type, ...]


Type: TypeAlias = Leaf | ListOf | MapOf | ObjectOf | Either


class Undescribed(TypeError):
    """The schema says too little of a field for anything to be generated."""


def objects_in(kind: Type) -> Iterator[str]:
    """The names of the objects in a type."""
    match kind:
        case ObjectOf(name):
            yield name
        case ListOf(inner) | MapOf(inner):
            yield from objects_in(inner)
        case Either(kinds):
            for each in kinds:
                yield from objects_in(each)


def type_of(
    annotation: Any,  # noqa: ANN401 - an annotation may be anything
    names: Mapping[type[Value], str],
    choices: tuple[str, ...] = (),
) -> Type:
    """The type that an annotation says. `names` are those of the objects."""
    own, added = _own(annotation)
    origin, inner = get_origin(own), get_args(own)
    if origin is tuple:
        return ListOf(type_of(inner[0], names, choices))
    if origin is dict:
        return MapOf(type_of(inner[1], names))
    if _is_model(own):
        return ObjectOf(names[own])
    if own not in (str, int, float, bool, Any, SecretStr):
        raise Undescribed(f"{own!r}: say in tools/schema_types.py how a program writes it")
    secret = own is SecretStr
    forms = (form for form, alias in _FORMS.items() if set(get_args(alias)[1:]) <= set(added))
    return Leaf(str if secret else own, choices, next(forms, None), secret)


def model_in(annotation: Any) -> type[Value] | None:  # noqa: ANN401 - see `type_of`
    """The model that an annotation holds, itself or in a list or map."""
    own, _ = _own(annotation)
    if get_origin(own) is tuple:
        own, _ = _own(get_args(own)[0])
    elif get_origin(own) is dict:
        own, _ = _own(get_args(own)[1])
    return own if _is_model(own) else None


def _own(annotation: Any) -> tuple[Any, tuple[Any, ...]]:  # noqa: ANN401 - see `type_of`
    """The type without `or unknown` and `or unsaid`, and what was annotated on the way."""
    added: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *marks = get_args(annotation)
            added += tuple(marks)
        elif get_origin(annotation) in (Union, types.UnionType):
            own = [each for each in get_args(annotation) if each not in (Unknown, type(None))]
            if len(own) != 1:
                return annotation, added
            annotation = own[0]
        else:
            return annotation, added


def _is_model(kind: object) -> TypeGuard[type[Value]]:
    # Python 3.10 takes `tuple[str]` for a type, and then stumbles over it.
    return get_origin(kind) is None and isinstance(kind, type) and issubclass(kind, Value)
