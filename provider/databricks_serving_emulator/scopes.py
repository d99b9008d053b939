"""Secret scopes and secrets (contract §14).

Scope names are compared without regard to case and kept as given. Empty results leave the array
out. READ is needed to read a scope, WRITE to change its secrets, MANAGE to delete it.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace

from .access import may, require_scope
from .errors import ApiError, RefusedError, invalid, malformed, missing
from .fields import TEXT, fields, texts
from .scopes_model import Scope, Secret
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World

NAME = re.compile(r"^[\w.@/-]{1,128}$", re.ASCII)
MAX_SCOPES = 1000
MAX_SECRETS = 1000
MAX_VALUE_BYTES = 128 * 1024


def create_scope(world: World, ask: Ask) -> Response:
    """POST scopes/create: the creator gets MANAGE, unless all users shall have it."""
    name = _name(ask, "scope")
    if name.casefold() in world.scopes:
        raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Scope {name} already exists!")
    if len(world.scopes) >= MAX_SCOPES:
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"At most {MAX_SCOPES} scopes are allowed.")
    manager = ask.body.get("initial_manage_principal")
    if manager not in {None, "users"}:
        raise invalid("initial_manage_principal can only be 'users'.")
    scope = Scope(name, acls={manager or ask.caller.user: "MANAGE"}, keyvault=_keyvault(ask))
    world.scopes[name.casefold()] = scope
    return json_response({})


def _keyvault(ask: Ask) -> JsonObject | None:
    backend = ask.body.get("scope_backend_type") or "DATABRICKS"
    if backend == "DATABRICKS":
        return None
    if backend != "AZURE_KEYVAULT":
        raise invalid(f"Unknown scope_backend_type: {backend}")
    if not ask.caller.entra:
        # Observed with a personal access token: only an Entra ID user may create one.
        raise invalid("Scope with Azure KeyVault must have userAADToken defined!")
    vault: JsonObject = ask.body.get("backend_azure_keyvault") or {}
    if not vault.get("resource_id") or not vault.get("dns_name"):
        raise invalid("backend_azure_keyvault needs resource_id and dns_name.")
    return vault


def list_scopes(world: World, ask: Ask) -> Response:
    """GET scopes/list: those that the caller may read."""
    caller = ask.caller
    readable = [
        _shown(scope)
        for scope in world.scopes.values()
        if may(scope, caller.user, caller.groups, "READ")
    ]
    return json_response(listing("scopes", readable))


def _shown(scope: Scope) -> JsonObject:
    if scope.keyvault is None:
        return {"name": scope.name, "backend_type": "DATABRICKS"}
    return {
        "name": scope.name,
        "backend_type": "AZURE_KEYVAULT",
        "keyvault_metadata": scope.keyvault,
    }


def delete_scope(world: World, ask: Ask) -> Response:
    """POST scopes/delete: its secrets and access list go with it."""
    scope = require_scope(world, ask.caller, ask.text("scope"), "MANAGE")
    del world.scopes[scope.name.casefold()]
    world.access_past.forget(acl_key(scope))
    return json_response({})


def put_secret(world: World, ask: Ask) -> Response:
    """POST put: the timestamp always moves forward, even for the same value."""
    scope = _writable(world, ask)
    key = _name(ask, "key")
    value = _value(ask.body)
    known = scope.secrets.get(key)
    if known is None and len(scope.secrets) >= MAX_SECRETS:
        text = f"Scope {scope.name} has {MAX_SECRETS} secrets already."
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", text)
    stamp = max(world.now(), known.last_updated_timestamp + 1 if known else 0)
    store(world, replace(scope, secrets={**scope.secrets, key: Secret(value, stamp)}))
    return json_response({})


def _writable(world: World, ask: Ask) -> Scope:
    scope = require_scope(world, ask.caller, ask.text("scope"), "WRITE")
    if scope.keyvault is not None:
        raise ApiError(400, "BAD_REQUEST", f"Cannot write to Azure KeyVault scope {scope.name}.")
    return scope


def _value(body: JsonObject) -> bytes:
    if ("string_value" in body) == ("bytes_value" in body):
        raise invalid("Exactly one of string_value and bytes_value must be given.")
    if "string_value" in body:
        try:
            value = str(body["string_value"]).encode()
        except UnicodeEncodeError:
            raise malformed("string_value is not valid text.") from None
    else:
        try:
            value = base64.b64decode(body["bytes_value"], validate=True)
        except (binascii.Error, ValueError):
            raise malformed("bytes_value is not valid base64.") from None
    if len(value) > MAX_VALUE_BYTES:
        raise invalid(f"A secret's value may have at most {MAX_VALUE_BYTES} bytes.")
    return value


def delete_secret(world: World, ask: Ask) -> Response:
    """POST delete."""
    scope = _writable(world, ask)
    key = ask.text("key")
    _secret(scope, key)
    rest = {name: secret for name, secret in scope.secrets.items() if name != key}
    store(world, replace(scope, secrets=rest))
    return json_response({})


def list_secrets(world: World, ask: Ask) -> Response:
    """GET list: keys and timestamps, never values."""
    scope = require_scope(world, ask.caller, ask.parameter("scope"), "READ")
    shown: list[JsonObject] = [
        {"key": key, "last_updated_timestamp": secret.last_updated_timestamp}
        for key, secret in sorted(scope.secrets.items())
    ]
    return json_response(listing("secrets", shown))


def get_secret(world: World, ask: Ask) -> Response:
    """GET get: the value in base64."""
    scope = require_scope(world, ask.caller, ask.parameter("scope"), "READ")
    key = ask.parameter("key")
    value = base64.b64encode(_secret(scope, key).value).decode()
    return json_response({"key": key, "value": value})


def listing(name: str, shown: list[JsonObject]) -> JsonObject:
    """A list as the service answers it: an empty one is left out."""
    return {name: shown} if shown else {}


def _name(ask: Ask, field: str) -> str:
    name = ask.text(field)
    if not NAME.fullmatch(name):
        raise invalid(
            f"{field} must have 1 to 128 characters: letters, digits, dashes, underscores, "
            "periods, @ and slashes."
        )
    return name


def _secret(scope: Scope, key: str) -> Secret:
    if key not in scope.secrets:
        raise missing(f"Secret does not exist with scope: {scope.name} and key: {key}")
    return scope.secrets[key]


def acl_key(scope: Scope) -> str:
    """What `World.access_past` calls the access list of a scope."""
    return f"scope {scope.name.casefold()}"


def put_in_vault(world: World, name: str, key: str, value: str | None) -> None:
    """What somebody does in Azure, where a vault's secrets are made; None: deletes one.

    Raises ValueError when there is no Azure Key Vault scope of that name.
    """
    scope = world.scopes.get(name.casefold())
    if scope is None or scope.keyvault is None:
        raise RefusedError(f"there is no scope {name} with an Azure Key Vault behind it")
    secrets = {one: secret for one, secret in scope.secrets.items() if one != key}
    if value is not None:
        try:
            secrets[key] = Secret(value.encode(), world.now())
        except UnicodeEncodeError:
            raise RefusedError("the value is not valid text") from None
    store(world, replace(scope, secrets=secrets))


def store(world: World, scope: Scope) -> None:
    """Put a scope in the place of the one of that name."""
    world.scopes[scope.name.casefold()] = scope


BASE = "/api/2.0/secrets"
_SCOPE = fields(
    texts("scope", "initial_manage_principal", "scope_backend_type"),
    backend_azure_keyvault=fields(texts("resource_id", "dns_name")),
)

ROUTES = (
    Route("POST", f"{BASE}/scopes/create", create_scope, _SCOPE),
    Route("GET", f"{BASE}/scopes/list", list_scopes),
    Route("POST", f"{BASE}/scopes/delete", delete_scope, fields(scope=TEXT)),
    Route(
        "POST",
        f"{BASE}/put",
        put_secret,
        fields(texts("scope", "key", "string_value", "bytes_value")),
    ),
    Route("POST", f"{BASE}/delete", delete_secret, fields(texts("scope", "key"))),
    Route("GET", f"{BASE}/list", list_secrets),
    Route("GET", f"{BASE}/get", get_secret),
)
