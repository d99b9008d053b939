"""What a field's value may be, beyond its type: marks at the field, judged by one rule each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What an entity serves; the value is how a program says it.

    An agent cannot be told from any other registered model: its task shows in answers only.
    """

    EXTERNAL = "external_model"
    MODEL = "a registered model"
    FEATURE_SPEC = "a feature spec (an entity_name without entity_version)"
    THROUGHPUT = "min_ or max_provisioned_throughput"
    MODEL_UNITS = "provisioned_model_units"


@dataclass(frozen=True)
class Choices:
    """The values that are known; a newer API may have others."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Bounds:
    """From `least` to `most`, both included, in steps of `step`."""

    least: float = 0
    most: float | None = None
    step: int | None = None


@dataclass(frozen=True)
class AtMost:
    """So many characters of a text, or elements of a list (`of_each`: characters of each)."""

    count: int
    of_each: int | None = None


@dataclass(frozen=True)
class Spelled:
    """The whole text has this form; `says` tells people which."""

    pattern: str
    says: str


#: An empty text is no way to say nothing: the service refuses it, or answers its own instead.
NOT_EMPTY = Spelled(r"[\s\S]+", "is empty: leave it out instead")
#: Source: REST reference, path parameters of serving-endpoint and served-model.
NAME = Spelled(r"[A-Za-z0-9_-]{1,63}", "1 to 63 letters, digits, - and _ are allowed")


@dataclass(frozen=True)
class OneOf:
    """Of the fields with this mark in one object exactly one is said (`needed`), or at most one."""

    group: str
    needed: bool = True


@dataclass(frozen=True)
class Selects:
    """The field's value selects which object beside it is said: the one marked `When` it."""


@dataclass(frozen=True)
class When:
    """The object that goes with this value of the field marked `Selects`, and with no other."""

    value: str


@dataclass(frozen=True)
class OnlyWayIn:
    """The credential without which nothing can be reached: a reference, or its `_plaintext`."""


@dataclass(frozen=True)
class NotFor:
    """Entities of these kinds, and endpoints that serve them, have no such field: `why`."""

    kinds: tuple[Kind, ...]
    why: str
    source: str


@dataclass(frozen=True)
class Doubtful:
    """One source says that entities of these kinds have no such field: said, never refused."""

    kinds: tuple[Kind, ...]
    why: str
    source: str


@dataclass(frozen=True)
class NotComparedFor:
    """Of entities of these kinds, what GET says of the field has nothing to do with the program."""

    kinds: tuple[Kind, ...]
    why: str
    source: str


@dataclass(frozen=True)
class Deprecated:
    """The service still takes it; `instead` says what to write."""

    instead: str
    source: str


@dataclass(frozen=True)
class NamedAfterResource:
    """Left out, the thing is named after the resource: required, and yet a program need not say."""


@dataclass(frozen=True)
class AlsoAs:
    """A program may write the field in this type too; the parser makes one form of both."""

    kind: Any


@dataclass(frozen=True)
class OlderForm:
    """A name beside the model's own that a program may use: its type, and what becomes of it."""

    kind: Any
    says: str
