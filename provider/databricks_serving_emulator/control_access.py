"""The controls for who is in the workspace, and for what is in its vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from .control_bodies import Nothing
from .control_route import Control
from .directory import Principal
from .values import Name, Taken
from .wire import JsonObject, Response, json_response

if TYPE_CHECKING:
    from .workspace import Workspace

# What a header can carry.
Token = Annotated[str, StringConstraints(pattern=r"^[!-~]+$")]

_GROUPS = "a list of group names, or null to leave them as they are"
_DISPLAY_NAME = "a name for people, or null to leave it as it is"
_TOKEN = "ASCII text without blanks, or null to leave it as it is"  # noqa: S105 - a description


class UserBody(Taken):
    """POST /_emulator/users."""

    example = '{"user_name": "ann@example.com", "groups": ["data-science"]}'

    user_name: Name = Field(description="an e-mail address")
    display_name: Name | None = Field(default=None, description=_DISPLAY_NAME)
    groups: list[Name] | None = Field(default=None, description=_GROUPS)
    token: Token | None = Field(default=None, description=_TOKEN)
    entra_token: Token | None = Field(default=None, description=_TOKEN)


class ServicePrincipalBody(Taken):
    """POST /_emulator/service-principals."""

    example = '{"display_name": "ci-deployer", "groups": ["admins"]}'

    display_name: Name | None = Field(default=None, description=_DISPLAY_NAME)
    application_id: Name | None = Field(default=None, description="a UUID, or null for a new one")
    groups: list[Name] | None = Field(default=None, description=_GROUPS)
    token: Token | None = Field(default=None, description=_TOKEN)
    client_secret: Token | None = Field(default=None, description=_TOKEN)


class GroupBody(Taken):
    """POST /_emulator/groups."""

    example = '{"group_name": "data-science", "members": ["ann@example.com"]}'

    group_name: Name = Field(description="a group's name")
    members: list[Name] = Field(
        default_factory=list, description="a list of user, service principal and group names"
    )


class NameBody(Taken):
    """DELETE /_emulator/identities."""

    example = '{"name": "ann@example.com"}'

    name: Name = Field(description="the name of a user, a service principal or a group")


class VaultBody(Taken):
    """POST /_emulator/key-vault-secrets."""

    example = '{"scope": "kv", "key": "openai", "value": "sk-made-up"}'

    scope: Name = Field(description="the name of an Azure Key Vault scope")
    key: Name = Field(description="a secret's name")
    value: str | None = Field(default=None, description="a string, or null to delete the secret")


def _add_user(workspace: Workspace, body: UserBody) -> Response:
    added = workspace.identities.add_user(**body.model_dump())
    return json_response(_with_credentials(workspace, added))


def _add_service_principal(workspace: Workspace, body: ServicePrincipalBody) -> Response:
    added = workspace.identities.add_service_principal(**body.model_dump())
    return json_response(_with_credentials(workspace, added))


def _set_group(workspace: Workspace, body: GroupBody) -> Response:
    group = workspace.identities.set_group(body.group_name, body.members)
    return json_response({"group_name": group.name, "members": group.members})


def _remove(workspace: Workspace, body: NameBody) -> Response:
    workspace.identities.remove(body.name)
    return json_response({})


def _list(workspace: Workspace, _taken: Nothing) -> Response:
    principals, groups = workspace.identities.listed()
    shown = [_shown(workspace, one) for one in principals]
    return json_response(
        {
            "users": [one for one in shown if "user_name" in one],
            "service_principals": [one for one in shown if "application_id" in one],
            "groups": [{"group_name": group.name, "members": group.members} for group in groups],
        }
    )


def _shown(workspace: Workspace, principal: Principal) -> JsonObject:
    return {
        "user_name" if principal.kind == "User" else "application_id": principal.name,
        "display_name": principal.display_name,
        "groups": workspace.identities.groups_of(principal.name),
    }


def _with_credentials(workspace: Workspace, principal: Principal) -> JsonObject:
    held = {
        "token": principal.token,
        "entra_token": principal.entra_token,
        "client_secret": principal.client_secret,
    }
    known = {name: value for name, value in held.items() if value is not None}
    return {**_shown(workspace, principal), **known}


def _put_in_key_vault(workspace: Workspace, body: VaultBody) -> Response:
    workspace.put_in_key_vault(body.scope, body.key, body.value)
    return json_response({})


CONTROLS: dict[tuple[str, str], Control[Any]] = {
    ("GET", "/_emulator/identities"): Control(
        "the users, service principals and groups, without their credentials", Nothing, _list
    ),
    ("DELETE", "/_emulator/identities"): Control(
        "remove a user, a service principal or a group: {name}", NameBody, _remove
    ),
    ("POST", "/_emulator/users"): Control(
        "add or change a user: {user_name, display_name, groups, token, entra_token}",
        UserBody,
        _add_user,
    ),
    ("POST", "/_emulator/service-principals"): Control(
        "add or change a service principal: "
        "{display_name, application_id, groups, token, client_secret}",
        ServicePrincipalBody,
        _add_service_principal,
    ),
    ("POST", "/_emulator/groups"): Control(
        "make a group or give it other members: {group_name, members}", GroupBody, _set_group
    ),
    ("POST", "/_emulator/key-vault-secrets"): Control(
        "somebody puts this into the vault behind a scope: {scope, key, value}",
        VaultBody,
        _put_in_key_vault,
    ),
}
