"""The words of a field: what a change costs, what GET tells, how grave drift is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class OnChange(Enum):
    """What it takes to change a field of something that exists.

    RECORD: the field says how, never what; a change is recorded and nothing is sent. NOTHING: it
    concerns a single run, and a change is no difference.
    """

    UPDATE = "update"
    REPLACE = "replace"
    REFUSE = "refuse"
    RECORD = "record"
    NOTHING = "nothing"


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
    is always the same, else `filled_with` says in words what it is. `required` means that a program
    must say the field.

    `while_on` names the switch beside the field under which its value cannot change. While that is
    off, a change of a REPLACE field costs an update only. While it is on, what an UPDATE changes is
    switched off first, and a field that the program takes out, or never said, stays as it is.
    `kept`: so does this one, whether or not anything is on.
    """

    on_change: OnChange
    readback: Readback
    because: str
    severity: Severity
    source: str
    default: str | int | bool | None = None
    filled_with: str = ""
    required: bool = False
    while_on: str | None = None
    kept: bool = False


def setting(because: str, *, default: str | bool | None = None, recorded: bool = True) -> Policy:
    """The policy of what says how and where to: never sent, in no workspace.

    `recorded`: a later run uses it too.
    """
    return Policy(
        OnChange.RECORD if recorded else OnChange.NOTHING,
        Readback.NEVER,
        because=because,
        severity=Severity.LOW,
        source="this project's design",
        default=default,
    )


@dataclass(frozen=True)
class KeyedBy:
    """How the elements of a list are told apart: by these fields, never by their position.

    A field left out counts as its value in `defaults`. No fields: the elements are plain values,
    told apart by themselves. `one_of`: each element says one of the fields, and which one counts.
    """

    fields: tuple[str, ...]
    defaults: tuple[str, ...] = ()
    one_of: bool = False

    def key(self, said: tuple[str | None, ...]) -> str:
        """The element's name in paths: the values joined by `/`, defaults at the end cut off."""
        if self.one_of:
            named = zip(self.fields, said, strict=True)
            return "/".join(f"{field}:{value}" for field, value in named if value is not None)
        if len(self.fields) == 1:
            return said[0] or "".join(self.defaults)
        defaults = (*self.defaults, *[""] * (len(self.fields) - len(self.defaults)))
        values = [value or default for value, default in zip(said, defaults, strict=True)]
        shown = [
            "" if position and value == default else value
            for position, (value, default) in enumerate(zip(values, defaults, strict=True))
        ]
        while shown and not shown[-1]:
            shown.pop()
        return "/".join(shown)


#: A list of plain values in which order means nothing.
BY_VALUE = KeyedBy(())


@dataclass(frozen=True)
class Part:
    """Marks a field as a part: compared, written and carried along as one, or left alone as one."""
