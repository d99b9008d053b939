"""Who is added to the workspace and who leaves it; an admin console's part."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace

from .auth import UI_USER
from .directory import ADMINS, USERS, Group, Principal, person
from .errors import RefusedError
from .world import World


class Identities:
    """Users, service principals and groups. What is left out of a change stays as it is.

    The admin of the settings stays an admin, whatever groups are said.

    kept: what holds the workspace's lock, and keeps the changes in its file if there is one

    Raises ValueError, and changes nothing, for what cannot be.
    """

    def __init__(self, world: World, kept: Callable[[], AbstractContextManager[None]]) -> None:
        self._world = world
        self._kept = kept

    def add_built_in(self) -> None:
        """The admin of the settings, and the one who uses the UI, unless they are there already."""
        for name in (self._world.settings.user, UI_USER):
            if name not in self._world.principals:
                self._world.principals[name] = person(name)
                self._join(name, {ADMINS, *self._direct_groups(name)})
        self._keep_admin()

    def add_user(
        self,
        user_name: str,
        *,
        display_name: str | None = None,
        groups: Iterable[str] | None = None,
        token: str | None = None,
        entra_token: str | None = None,
    ) -> Principal:
        """Add a person, or change one.

        groups: all that they are to belong to, but `users`, and for the admin of the settings but
            `admins`; groups that are not there are made
        token: a personal access token; a new user gets one if none is given
        entra_token: a token that counts as one of Microsoft Entra ID
        """
        with self._kept():
            known = self._world.principals.get(user_name) or person(user_name)
            if known.kind != "User":
                raise RefusedError(f"{user_name} is a service principal")
            changed = replace(
                known,
                display_name=display_name or known.display_name,
                token=token or known.token or self._new_token(user_name),
                entra_token=entra_token or known.entra_token,
            )
            return self._put(changed, groups)

    def add_service_principal(
        self,
        display_name: str | None = None,
        *,
        application_id: str | None = None,
        groups: Iterable[str] | None = None,
        token: str | None = None,
        client_secret: str | None = None,
    ) -> Principal:
        """Add a service principal, or change one; what is not given is made up for a new one."""
        with self._kept():
            name = application_id or str(uuid.uuid4())
            fresh = Principal(name, "ServicePrincipal", display_name or name)
            known = self._world.principals.get(name) or fresh
            if known.kind != "ServicePrincipal":
                raise RefusedError(f"{name} is a user")
            secret = client_secret or known.client_secret or f"dose{secrets.token_hex(16)}"
            changed = replace(
                known,
                display_name=display_name or known.display_name,
                token=token or known.token or self._new_token(name),
                client_secret=secret,
            )
            return self._put(changed, groups)

    def set_group(self, name: str, members: Iterable[str]) -> Group:
        """Make a group, or give it other members: users, service principals or other groups."""
        with self._kept():
            if name == USERS:
                raise RefusedError("everybody belongs to users: it has no members of its own")
            wanted = tuple(dict.fromkeys(members))
            known = {*self._world.principals, *self._world.groups}
            strangers = [member for member in wanted if member not in known]
            if strangers:
                raise RefusedError(f"there is no {' and no '.join(strangers)} to be a member")
            self._world.groups[name] = Group(name, wanted)
            self._keep_admin()
            return self._world.groups[name]

    def remove(self, name: str) -> None:
        """Remove a user, a service principal or a group, and its memberships."""
        with self._kept():
            known = name in self._world.principals or name in self._world.groups
            if not known:
                raise RefusedError(f"there is no user, service principal or group {name}")
            if name == self._world.settings.user:
                raise RefusedError(f"{name} is the admin, whose token is always accepted")
            if name == ADMINS:
                raise RefusedError(f"{ADMINS} is reserved: a workspace always has it")
            self._world.principals.pop(name, None)
            self._world.groups.pop(name, None)
            self._join(name, set())

    def groups_of(self, name: str) -> list[str]:
        """The groups that somebody is a direct member of."""
        with self._kept():
            return sorted(self._direct_groups(name))

    def listed(self) -> tuple[list[Principal], list[Group]]:
        """Everybody, and all groups but `users`."""
        with self._kept():
            return list(self._world.principals.values()), list(self._world.groups.values())

    def _put(self, principal: Principal, groups: Iterable[str] | None) -> Principal:
        self._check_tokens(principal)
        self._world.principals[principal.name] = principal
        if groups is not None:
            self._join(principal.name, set(groups) - {USERS})
            self._keep_admin()
        return principal

    def _keep_admin(self) -> None:
        name = self._world.settings.user
        self._join(name, {ADMINS, *self._direct_groups(name)})

    def _check_tokens(self, principal: Principal) -> None:
        own = {principal.token, principal.entra_token} - {None}
        settings = self._world.settings
        taken = set() if principal.name == settings.user else {settings.token}
        for other in self._world.principals.values():
            if other.name != principal.name:
                taken |= {one for one in (other.token, other.entra_token) if one}
        if own & taken:
            raise RefusedError("that token is somebody else's")

    def _new_token(self, name: str) -> str | None:
        # The admin of the settings has the token of the settings.
        is_default = name == self._world.settings.user
        return None if is_default else f"dapi{secrets.token_hex(16)}"

    def _direct_groups(self, name: str) -> set[str]:
        return {group.name for group in self._world.groups.values() if name in group.members}

    def _join(self, name: str, wanted: set[str]) -> None:
        groups = self._world.groups
        for group_name in sorted(wanted - groups.keys()):
            groups[group_name] = Group(group_name)
        for group in list(groups.values()):
            others = tuple(member for member in group.members if member != name)
            members = (*others, name) if group.name in wanted else others
            if set(members) != set(group.members):
                groups[group.name] = replace(group, members=members)
