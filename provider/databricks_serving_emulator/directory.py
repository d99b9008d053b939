"""Who there is in the workspace: people, service principals and groups (contract §4, §13, §16)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PrincipalKind = Literal["User", "ServicePrincipal"]
ADMINS = "admins"
USERS = "users"


@dataclass(frozen=True)
class Principal:
    """Somebody who may call.

    name: a user's e-mail address, or a service principal's application id
    token: a personal access token
    entra_token: a user's token of Microsoft Entra ID
    client_secret: what a service principal gets OAuth tokens for
    """

    name: str
    kind: PrincipalKind
    display_name: str
    token: str | None = field(default=None, repr=False)
    entra_token: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Group:
    """A group. `members`: names of principals and of other groups."""

    name: str
    members: tuple[str, ...] = ()


def person(name: str) -> Principal:
    """A user with the display name that an address suggests, and no token yet."""
    shown = name.partition("@")[0].replace(".", " ").replace("_", " ").title()
    return Principal(name, "User", shown)


def groups_of(groups: Mapping[str, Group], name: str) -> frozenset[str]:
    """The groups that somebody belongs to, also through other groups; `users` has everybody."""
    found = {USERS}
    fresh = {name, USERS}
    while fresh:
        fresh = {
            group.name for group in groups.values() if not fresh.isdisjoint(group.members)
        } - found
        found |= fresh
    return frozenset(found)


def scim_id(name: str) -> str:
    """The number that SCIM calls a principal or group by: always the same for a name."""
    return str(int(hashlib.sha256(name.encode()).hexdigest()[:13], 16))
