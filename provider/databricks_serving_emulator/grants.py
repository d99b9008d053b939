"""Permissions on serving endpoints as frozen values (contract §13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

PrincipalField = Literal["user_name", "group_name", "service_principal_name"]
Level = Literal["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"]

PRINCIPAL_FIELDS: tuple[PrincipalField, ...] = get_args(PrincipalField)
# Each level includes those before it.
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Grant:
    """Who may do what. `who`: the wire field that holds `name`, and thereby tells its kind."""

    who: PrincipalField
    name: str
    level: Level


@dataclass(frozen=True)
class AccessList:
    """The grants made on an object itself, as opposed to those that it inherits."""

    grants: tuple[Grant, ...]


def includes(held: Level | None, needed: Level) -> bool:
    """Whether somebody with one level may do what needs the other."""
    return held is not None and LEVELS.index(held) >= LEVELS.index(needed)


def strongest(levels: list[Level]) -> Level | None:
    """The level that includes the others; None when there is none."""
    return max(levels, key=LEVELS.index, default=None)
