"""What a request body may hold, and how its values are read.

Documented samples send booleans and integers as strings, so both forms are accepted (contract §2).
Integers have 64 bits. Unknown fields are left out and reported by path. `null` is the same as
absent, as everywhere in proto-style JSON.

Each scalar also has the JSON Schemas of what is taken and of what an answer then has: the
emulator's description is made of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from .errors import malformed
from .json_schema import one_of
from .wire import JsonObject

_INT64 = range(-(2**63), 2**63)
# Python reads more as a number than proto-style JSON does: `1_000`, ` 7 `, `٣`, `nan`.
_WHOLE_TEXT = r"^-?[0-9]+$"
_NUMBER_TEXT = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_FLAG_TEXT = r"^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"


@dataclass(frozen=True)
class Scalar:
    """One value; `read` raises TypeError or ValueError for what it cannot take.

    taken, answered: JSON Schemas of what `read` takes, and of what it makes of that
    """

    expected: str
    read: Callable[[object], object]
    taken: JsonObject
    answered: JsonObject

    def among(self, *values: str) -> Scalar:
        """One that the route takes only where it is one of these, as the description then says."""
        return replace(self, taken=one_of(*values), answered=one_of(*values))


@dataclass(frozen=True)
class ListOf:
    """A list of the same kind of thing."""

    item: Kind


@dataclass(frozen=True)
class MapOf:
    """Any keys, each with the same kind of thing."""

    item: Kind


@dataclass(frozen=True)
class Fields:
    """An object with these members."""

    members: Mapping[str, Kind]


Kind: TypeAlias = "Scalar | ListOf | MapOf | Fields"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError(value)
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    if isinstance(value, str) and not re.fullmatch(_WHOLE_TEXT, value):
        raise ValueError(value)
    number = int(value)
    if number not in _INT64:
        raise ValueError(value)
    return number


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError(value)
    if isinstance(value, str) and not re.fullmatch(_NUMBER_TEXT, value):
        raise ValueError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(_FLAG_TEXT, value):
        return value.lower() == "true"
    raise ValueError(value)


_BOUNDS: JsonObject = {"minimum": _INT64.start, "maximum": _INT64.stop - 1}

TEXT = Scalar("a string", _text, {"type": ["string", "integer"]}, {"type": "string"})
WHOLE = Scalar(
    "an integer",
    _whole,
    {"type": ["integer", "string"], **_BOUNDS, "pattern": _WHOLE_TEXT},
    {"type": "integer", **_BOUNDS},
)
NUMBER = Scalar(
    "a number",
    _number,
    {"type": ["number", "string"], "pattern": _NUMBER_TEXT},
    {"type": "number"},
)
FLAG = Scalar(
    "a boolean",
    _flag,
    {"type": ["boolean", "string"], "pattern": _FLAG_TEXT},
    {"type": "boolean"},
)
ANY = Scalar("anything", lambda value: value, {}, {})
TEXTS = ListOf(TEXT)
TEXT_MAP = MapOf(TEXT)


def fields(members: Mapping[str, Kind] | None = None, /, **more: Kind) -> Fields:
    """An object with these members."""
    return Fields({**(members or {}), **more})


def texts(*names: str) -> dict[str, Kind]:
    """Members that all are strings."""
    return dict.fromkeys(names, TEXT)


def read_body(shape: Fields, body: object) -> tuple[JsonObject, tuple[str, ...]]:
    """The body with real types, and the paths of its unknown fields.

    Raises `ApiError` 400 MALFORMED_REQUEST for a value of the wrong type. The message names the
    field and never repeats the value, which may be a secret.
    """
    unknown: list[str] = []
    found = _read(shape, body, "", unknown)
    return cast("JsonObject", found), tuple(unknown)


def _read(kind: Kind, value: object, where: str, unknown: list[str]) -> object:
    if isinstance(kind, Scalar):
        return _read_scalar(kind, value, where)
    if isinstance(kind, ListOf):
        if not isinstance(value, list):
            raise _wrong("a list", where)
        return [_read(kind.item, item, f"{where}[{i}]", unknown) for i, item in enumerate(value)]
    if not isinstance(value, dict):
        raise _wrong("an object", where)
    found: JsonObject = {}
    for key, inner in value.items():
        path = f"{where}.{key}" if where else key
        member = kind.item if isinstance(kind, MapOf) else kind.members.get(key)
        if member is None:
            unknown.append(path)
        elif inner is not None:
            found[key] = _read(member, inner, path, unknown)
    return found


def _read_scalar(kind: Scalar, value: object, where: str) -> object:
    try:
        return kind.read(value)
    except (TypeError, ValueError, OverflowError):
        raise _wrong(kind.expected, where) from None


def _wrong(expected: str, where: str) -> Exception:
    return malformed(f"Could not parse request object: expected {expected} at '{where or 'body'}'.")
