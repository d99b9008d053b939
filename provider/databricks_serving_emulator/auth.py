"""Who is calling: personal access tokens, Entra ID tokens and OAuth tokens (contract §16, §17)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import oauth
from .directory import ADMINS, USERS, Principal, PrincipalKind, groups_of, person
from .errors import ApiError
from .wire import Request

if TYPE_CHECKING:
    from .world import World

UI_USER = "somebody@example.com"
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Caller:
    """An identity.

    user: a user's e-mail address, or a service principal's application id
    actor: "ui" for a person in the workspace's UI, else the same as `user`
    groups: all it belongs to
    entra: whether a token of Microsoft Entra ID proves it
    oauth: whether an OAuth token proves it, and no personal access token
    """

    user: str
    actor: str
    display_name: str = ""
    kind: PrincipalKind = "User"
    groups: frozenset[str] = frozenset()
    entra: bool = False
    oauth: bool = False

    @property
    def is_person_in_ui(self) -> bool:
        """Whether this is somebody in the workspace's UI."""
        return self.actor == "ui"


def person_in_ui() -> Caller:
    """Somebody else, an admin, who uses the workspace's UI."""
    return Caller(
        user=UI_USER,
        actor="ui",
        display_name=person(UI_USER).display_name,
        groups=frozenset({ADMINS, USERS}),
        entra=True,
        oauth=True,
    )


def check_token(token: str) -> None:
    """Raise ValueError for a token that no header can carry: without one, nobody could call."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ValueError("The token must be ASCII text without blanks, and not empty.")


def authenticate(request: Request, world: World) -> Caller:
    """The caller whose token the request carries; `ApiError` 401 or 403 otherwise."""
    scheme, _, credential = request.header("authorization").partition(" ")
    token = credential.strip()
    if scheme.lower() != "bearer" or not token:
        text = "Credential was not sent or was of an unsupported type for this API."
        raise ApiError(401, "UNAUTHENTICATED", text)
    principal = _principal(token, world)
    if principal is None:
        # Observed on real workspaces: an integer code, and the reason in a header.
        text = "Invalid access token."
        raise ApiError(403, 403, text, headers={"X-Databricks-Reason-Phrase": text})
    return Caller(
        user=principal.name,
        actor=principal.name,
        display_name=principal.display_name,
        kind=principal.kind,
        groups=groups_of(world.groups, principal.name),
        entra=token == principal.entra_token,
        oauth=token not in {principal.token, world.settings.token},
    )


def _principal(token: str, world: World) -> Principal | None:
    if token == world.settings.token:
        return world.principals.get(world.settings.user)
    for principal in world.principals.values():
        if token in {principal.token, principal.entra_token}:
            return principal
    return oauth.holder(token, world.principals, world.clock.now())
