"""The ground of every model: frozen values, and the marker for what is not yet known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationError,
)
from pydantic_core import PydanticCustomError, core_schema

from .limits import OlderForm

T = TypeVar("T")

#: The validation context under which a value that does not fit its field is kept as it came:
#: what the server answers is a fact, even where this release knows nothing of it.
TOLERANT: Mapping[str, bool] = {"tolerant": True}
#: The validation context under which such a value counts as not yet known, so that the rules can
#: judge the rest of a program that has a wrong type somewhere.
FORGIVING: Mapping[str, bool] = {"forgiving": True}


class Unknown:
    """A value that the engine cannot tell yet: an output of something not yet created.

    Every field accepts it. Rules of presence and count treat it as present, rules of value skip it.
    """

    def __repr__(self) -> str:
        return "(not yet known)"

    def __deepcopy__(self, _memo: object) -> Unknown:
        return self


UNKNOWN = Unknown()


class OrUnknown:
    """The field accepts `Unknown` beside its own type, and under `TOLERANT` anything."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        own = tuple(kind for kind in get_args(source) if kind is not Unknown)
        return core_schema.with_info_wrap_validator_function(
            _accept,
            handler.generate_schema(Union[own]),  # noqa: UP007 - made of a tuple
        )


def _accept(
    value: Any, validate: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo
) -> Any:
    if isinstance(value, Unknown):
        return value
    try:
        return validate(value)
    except ValidationError:
        if info.context is TOLERANT:
            return value
        if info.context is FORGIVING:
            return UNKNOWN
        raise


#: What a program said of a field: a value, something not yet known, or nothing (`None`: unsaid, not
#: sent).
Said: TypeAlias = Annotated[T | Unknown | None, OrUnknown()]
#: An element of a list or map, which may be not yet known.
Each: TypeAlias = Annotated[T | Unknown, OrUnknown()]


_DIGITS = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
#: Integers of the API have 64 bits.
_BEYOND = 2**63


def _whole(value: object) -> object:
    # Pulumi's wire has floats only; the documentation's samples write numbers as strings.
    if isinstance(value, bool):
        raise PydanticCustomError("whole_number", "takes a whole number, not true or false")
    # pydantic would take "1_00", "1.0" and blanks as well.
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise PydanticCustomError("whole_number", "takes a whole number")
    return value


def _within_64_bits(value: int) -> int:
    if not -_BEYOND <= value < _BEYOND:
        raise PydanticCustomError("whole_number", "takes a whole number of fewer digits")
    return value


def _truth(value: object) -> object:
    # pydantic would take 1, "yes" and "on" as well; the service takes true, false and their
    # strings.
    if isinstance(value, bool) or value in ("true", "false"):
        return value
    raise PydanticCustomError("truth", "takes true or false")


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number", "takes a number, not true or false")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise PydanticCustomError("number", "takes a number")
    return value


def _text(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BEYOND
    return str(value) if whole else value


#: Text that the documentation's samples also write as a whole number: 3 is "3".
Version: TypeAlias = Annotated[str, BeforeValidator(_text)]
Integer: TypeAlias = Annotated[int, BeforeValidator(_whole), AfterValidator(_within_64_bits)]
Number: TypeAlias = Annotated[float, BeforeValidator(_number)]
Boolean: TypeAlias = Annotated[bool, BeforeValidator(_truth)]


class Value(BaseModel):
    """A frozen piece of what things are. `None` means unsaid, and what is unsaid is not sent."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, protected_namespaces=(), hide_input_in_errors=True
    )

    #: Fields that only answers have: never accepted in a program, never compared, never sent back.
    ANSWER_ONLY: ClassVar[frozenset[str]] = frozenset()
    #: For some of those, the field to write instead, and how to say so.
    INSTEAD: ClassVar[Mapping[str, tuple[str, str]]] = {}
    #: Names beside the model's own that a program may use; they are gone before anything is judged.
    OLDER_FORMS: ClassVar[Mapping[str, OlderForm]] = {}

    def __repr__(self) -> str:
        # pydantic's own would print every field: a traceback is no place for a configuration.
        return f"<{type(self).__name__}>"

    __str__ = __repr__
