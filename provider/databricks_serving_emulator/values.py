"""What a value may be, said once for Python and for the controls.

The annotations of a dataclass's fields are the check: `check` holds an instance against them, and
`body_of` makes of them what a control takes. A `description` completes `… must be …`, in the words
of JSON.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, ClassVar, Literal, get_type_hints

import pydantic
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model
from pydantic_core import ErrorDetails

_SHOWN = 60
_PYTHON = {"null": "None", "true": "True", "false": "False"}

Switch = Annotated[bool, pydantic.Field(description="true or false")]
Text = Annotated[str, pydantic.Field(description="a string")]
Name = Annotated[str, StringConstraints(min_length=1), pydantic.Field(description="a name")]
Count = Annotated[int, pydantic.Field(ge=0, description="a whole number, 0 or more")]
CountOrAny = Annotated[
    Annotated[int, pydantic.Field(ge=0)] | None,
    pydantic.Field(description="a whole number, 0 or more, or null for any number"),
]
Times = Annotated[
    Annotated[int, pydantic.Field(ge=1)] | None,
    pydantic.Field(description="a whole number, 1 or more, or null for every time"),
]
# Thirty years: more than anybody waits, and less than any arithmetic on times minds.
MOST_SECONDS = 1e9
AnySeconds = Annotated[float, pydantic.Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)]
Seconds = Annotated[
    AnySeconds, pydantic.Field(description="a number of seconds, 0 or more and at most 1000000000")
]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
METHODS = '"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" or "OPTIONS"'
HeaderName = Annotated[str, StringConstraints(pattern=r"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^([!-~]([ -~]*[!-~])?)?$")]


class Taken(BaseModel):
    """What one control takes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    example: ClassVar[str] = ""


def check(value: Any, name: str = "") -> None:  # noqa: ANN401 - an instance of any dataclass
    """ValueError, in one paragraph, when fields of a dataclass are not what they say they are.

    name: what its users call it; its class's name if empty
    """
    kind: Any = type(value)
    given = {field.name: getattr(value, field.name) for field in fields(value)}
    try:
        body_of(kind).model_validate(given)
    except ValidationError as error:
        found = "; ".join(problems(body_of(kind), given, "field", error, in_python=True))
        raise ValueError(f"{name or kind.__name__}: {found}.") from None


@functools.cache
def body_of(kind: type[Any], example: str = "") -> type[Taken]:
    """What a control takes that says all of a dataclass, with the dataclass's own defaults."""
    hints = get_type_hints(kind, include_extras=True)
    members: dict[str, Any] = {
        field.name: (hints[field.name], _default(field)) for field in fields(kind)
    }
    made: type[Taken] = create_model(f"{kind.__name__}Body", __base__=Taken, **members)
    made.example = example
    return made


def problems(
    model: type[Taken],
    given: Mapping[str, object],
    kind: str,
    error: ValidationError,
    *,
    in_python: bool = False,
) -> list[str]:
    """What is wrong, each with what to write instead.

    kind: what one of the given things is called
    in_python: speak of None and True, not of null and true
    """
    details = error.errors(include_url=False)
    # An object with two bad members, or a union, reports one field more than once.
    return list(dict.fromkeys(_found(model, given, kind, details, in_python=in_python)))


def _found(
    model: type[Taken],
    given: Mapping[str, object],
    kind: str,
    details: list[ErrorDetails],
    *,
    in_python: bool,
) -> Iterator[str]:
    for detail in details:
        name = str(detail["loc"][0]) if detail["loc"] else ""
        field = model.model_fields.get(name)
        if not detail["loc"]:  # not about one field
            yield "the body holds text that is no Unicode"
        elif field is None:
            yield f'there is no {kind} "{name}"'
        else:
            wanted = _in_python(field.description or "") if in_python else field.description
            if name in given:
                shown = _shown(given[name], in_python=in_python)
                yield f'"{name}" must be {wanted}, not {shown}'
            else:
                yield f'"{name}" is missing and must be {wanted}'


def _in_python(text: str) -> str:
    return re.sub(r"\b(null|true|false)\b", lambda word: _PYTHON[word[0]], text)


def _shown(value: object, *, in_python: bool) -> str:
    text = repr(value) if in_python else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return pydantic.Field(default_factory=field.default_factory)
    return ... if field.default is MISSING else field.default
