"""Access lists of secret scopes (contract §14). Every call needs MANAGE on the scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .access import SCOPE_PERMISSIONS, check_principal, require_scope
from .errors import invalid, missing
from .fields import TEXT, fields, texts
from .scopes import BASE, acl_key, listing, store
from .scopes_model import Scope
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World


def put_acl(world: World, ask: Ask) -> Response:
    """POST acls/put: overwrites, as real workspaces do."""
    scope = require_scope(world, ask.caller, ask.text("scope"), "MANAGE")
    principal, permission = ask.text("principal"), ask.text("permission")
    if permission not in SCOPE_PERMISSIONS:
        raise invalid(f"permission must be one of {', '.join(SCOPE_PERMISSIONS)}.")
    check_principal(world, None, principal)
    return _write(world, scope, {**scope.acls, principal: permission})


def delete_acl(world: World, ask: Ask) -> Response:
    """POST acls/delete: also of the caller's own permission."""
    scope = require_scope(world, ask.caller, ask.text("scope"), "MANAGE")
    principal = ask.text("principal")
    _permission(scope, scope.acls, principal)
    rest = {name: granted for name, granted in scope.acls.items() if name != principal}
    return _write(world, scope, rest)


def get_acl(world: World, ask: Ask) -> Response:
    """GET acls/get."""
    scope = require_scope(world, ask.caller, ask.parameter("scope"), "MANAGE")
    principal = ask.parameter("principal")
    permission = _permission(scope, _seen(world, scope), principal)
    return json_response({"principal": principal, "permission": permission})


def list_acls(world: World, ask: Ask) -> Response:
    """GET acls/list: the wire field is `items`."""
    scope = require_scope(world, ask.caller, ask.parameter("scope"), "MANAGE")
    shown: list[JsonObject] = [
        {"principal": principal, "permission": permission}
        for principal, permission in _seen(world, scope).items()
    ]
    return json_response(listing("items", world.access_past.ordered(shown, world.behaviour)))


def _write(world: World, scope: Scope, acls: Mapping[str, str]) -> Response:
    key = acl_key(scope)
    world.access_past.wait_for_overlap(key, world.behaviour)
    # Its secrets may have changed meanwhile, and so may its access list: that change is lost.
    now = world.scopes.get(scope.name.casefold())
    if now is None:
        raise missing(f"Scope {scope.name} does not exist!")
    world.access_past.wrote(key, now.acls, world.behaviour, world.clock.now())
    store(world, replace(now, acls=acls))
    return json_response({})


def _seen(world: World, scope: Scope) -> Mapping[str, str]:
    now = world.clock.now()
    return world.access_past.seen(acl_key(scope), scope.acls, world.behaviour, now)


def _permission(scope: Scope, acls: Mapping[str, str], principal: str) -> str:
    if principal not in acls:
        raise missing(f"No ACL of scope {scope.name} for principal {principal}.")
    return acls[principal]


_ACLS = f"{BASE}/acls"

ROUTES = (
    Route(
        "POST",
        f"{_ACLS}/put",
        put_acl,
        fields(texts("scope", "principal"), permission=TEXT.among(*SCOPE_PERMISSIONS)),
    ),
    Route("POST", f"{_ACLS}/delete", delete_acl, fields(texts("scope", "principal"))),
    Route("GET", f"{_ACLS}/get", get_acl),
    Route("GET", f"{_ACLS}/list", list_acls),
)
