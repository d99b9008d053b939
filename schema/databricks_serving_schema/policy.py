"""The words of a field: what a change costs, what GET tells, how grave drift is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class OnChange(Enum):
    """What it takes to change a field of something that exists."""

    UPDATE = "update"
    REPLACE = "replace"
    REFUSE = "refuse"


class Readback(Enum):
    """What GET says of a field that was written."""

    ECHOED = "echoed"
    NEVER = "never"
    DEFAULTED = "defaulted"


class Severity(Enum):
    """How grave it is when somebody changed a field outside."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Policy:
    """All that is known of one field beyond its type, with the reason and its source.

    `default` is what the service fills in where the program is silent (`Readback.DEFAULTED`), if it
    is always the same; `required` means that a program must say the field.
    """

    on_change: OnChange
    readback: Readback
    because: str
    severity: Severity = Severity.MEDIUM
    source: str = ""
    default: str | int | bool | None = None
    required: bool = False


@dataclass(frozen=True)
class KeyedBy:
    """How the elements of a list are told apart: by these fields, never by their position.

    A field left out counts as its value in `defaults`.
    """

    fields: tuple[str, ...]
    defaults: tuple[str, ...] = ()

    def key(self, said: tuple[str | None, ...]) -> str:
        """The element's name in paths: the values joined by `/`, defaults at the end cut off."""
        defaults = (*self.defaults, *[""] * (len(self.fields) - len(self.defaults)))
        values = [value or default for value, default in zip(said, defaults, strict=True)]
        shown = [
            "" if position and value == default else value
            for position, (value, default) in enumerate(zip(values, defaults, strict=True))
        ]
        return "/".join(shown).rstrip("/")


@dataclass(frozen=True)
class Part:
    """Marks a field as a part: compared, written and carried along as one, or left alone as one."""
