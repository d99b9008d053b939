"""Breaches of scopes, secrets, access to scopes, and grants on endpoints."""

from __future__ import annotations

import base64
from typing import Any

from databricks_serving_schema import UNKNOWN

from ..endpoints import Json
from .breach import Breach, one

_NAME = "1 to 128 letters, digits, -, _, @ and . are allowed"
_VAULT: Json = {"resource_id": "/subscriptions/1/vaults/llm", "dns_name": "https://llm.example.net"}
_LARGEST = 131072


def scope(**overrides: Any) -> Json:
    """What a program says of a scope."""
    return {"name": "llm", **overrides}


def secret(**overrides: Any) -> Json:
    """What a program says of a secret; None takes a field out."""
    said = {"scope": "llm", "key": "openai", "value": "sk-1", **overrides}
    return {name: value for name, value in said.items() if value is not None}


def access(**overrides: Any) -> Json:
    """What a program says of access to a scope; None takes a field out."""
    said = {"scope": "llm", "principal": "analysts", "permission": "READ", **overrides}
    return {name: value for name, value in said.items() if value is not None}


def granted(*grants: Any) -> Json:
    """What a program says of grants on an endpoint."""
    return {"endpoint_name": "chat", "access_control": list(grants)}


def _grant(**principal: Any) -> Json:
    return {**principal, "permission_level": "CAN_QUERY"}


def _bytes(count: int) -> str:
    return base64.b64encode(b"x" * count).decode()


_KEY = "1 to 128 letters, digits, -, _, @, . and / are allowed"

KEPT = {
    "a key with slashes, as long as allowed": Breach(
        secret(key="/" + "a/" * 63 + "b"), kind="Secret"
    ),
    "a scope's name as long as allowed": Breach(scope(name="x" * 128), kind="SecretScope"),
    "a scope of every allowed character": Breach(scope(name="aZ09-_@."), kind="SecretScope"),
    "a backend that is not yet known, with a vault": Breach(
        scope(scope_backend_type=UNKNOWN, backend_azure_keyvault=_VAULT), kind="SecretScope"
    ),
    "a vault that is not yet known": Breach(
        scope(scope_backend_type="AZURE_KEYVAULT", backend_azure_keyvault=UNKNOWN),
        kind="SecretScope",
    ),
    "a value that is not yet known": Breach(secret(value=UNKNOWN), kind="Secret"),
    "a value as large as allowed": Breach(secret(value="x" * _LARGEST), kind="Secret"),
    "an empty value": Breach(secret(value=""), kind="Secret"),
    "bytes as large as allowed": Breach(
        secret(value=None, value_base64=_bytes(_LARGEST)), kind="Secret"
    ),
    "no grants": Breach(granted(), kind="EndpointPermissions"),
    "one user and one group of the same name": Breach(
        granted(_grant(user_name="a"), _grant(group_name="a")), kind="EndpointPermissions"
    ),
    "a grant to whom is not yet known": Breach(
        granted(_grant(user_name=UNKNOWN), _grant(user_name="a")), kind="EndpointPermissions"
    ),
}

BROKEN = {
    "one-of, an empty principal": one(
        granted({"user_name": "", "permission_level": "CAN_VIEW"}),
        "access_control[0].user_name",
        "one-of",
        "cannot be empty",
        kind="EndpointPermissions",
    ),
    "spelling, an endpoint that cannot be": one(
        {**granted(), "endpoint_name": "chat/../x"},
        "endpoint_name",
        "spelling",
        "1 to 63 letters, digits, - and _ are allowed",
        kind="EndpointPermissions",
    ),
    "required, a scope's name": one({}, "name", "required", "required", kind="SecretScope"),
    "spelling, a scope": one(scope(name="a/b"), "name", "spelling", _NAME, kind="SecretScope"),
    "spelling, a scope too long": one(
        scope(name="x" * 129), "name", "spelling", _NAME, kind="SecretScope"
    ),
    "known-value, who manages a scope": one(
        scope(initial_manage_principal="admins"),
        "initial_manage_principal",
        "known-value",
        "not known here; known are users",
        kind="SecretScope",
    ),
    "known-value, who holds secrets": one(
        scope(scope_backend_type="AZURE_KEY_VAULT", backend_azure_keyvault=_VAULT),
        "scope_backend_type",
        "known-value",
        "not known here; did you mean 'AZURE_KEYVAULT'?",
        kind="SecretScope",
    ),
    "key-vault, none": one(
        scope(scope_backend_type="AZURE_KEYVAULT"),
        "backend_azure_keyvault",
        "key-vault",
        "required for scope_backend_type 'AZURE_KEYVAULT'",
        kind="SecretScope",
    ),
    **{
        f"key-vault, one too many {how}": one(
            scope(backend_azure_keyvault=_VAULT, **said),
            "backend_azure_keyvault",
            "key-vault",
            "goes with scope_backend_type 'AZURE_KEYVAULT' only",
            kind="SecretScope",
        )
        for how, said in (
            ("by default", {}),
            ("said", {"scope_backend_type": "DATABRICKS"}),
        )
    },
    "required, of a vault": Breach(
        scope(scope_backend_type="AZURE_KEYVAULT", backend_azure_keyvault={"dns_name": ""}),
        (
            ("backend_azure_keyvault.resource_id", "required", "required"),
            ("backend_azure_keyvault.dns_name", "required", "required, and here it is empty"),
        ),
        kind="SecretScope",
    ),
    "one-of, no value": one(
        secret(value=None),
        "value",
        "one-of",
        "say exactly one of value, value_base64 and value_from_env; here is none",
        kind="Secret",
    ),
    "one-of, three values": one(
        secret(value_base64="AAE=", value_from_env="OPENAI_KEY"),
        "value",
        "one-of",
        "say exactly one of value, value_base64 and value_from_env; here are value, value_base64 "
        "and value_from_env",
        kind="Secret",
    ),
    "base64": one(
        secret(value=None, value_base64="sk-1"),
        "value_base64",
        "base64",
        "is no base64 text",
        kind="Secret",
    ),
    "secret-size, text": one(
        secret(value="ü" * (_LARGEST // 2 + 1)),
        "value",
        "secret-size",
        "131074 bytes; 131072 are allowed",
        kind="Secret",
    ),
    "secret-size, bytes": one(
        secret(value=None, value_base64=_bytes(_LARGEST + 1)),
        "value_base64",
        "secret-size",
        "131073 bytes; 131072 are allowed",
        kind="Secret",
    ),
    "required and spelling, where a secret is": Breach(
        secret(scope="", key="a:b"),
        (
            ("scope", "required", "required, and here it is empty"),
            ("key", "spelling", _KEY),
        ),
        kind="Secret",
    ),
    "required, of access": Breach(
        {},
        (
            ("scope", "required", "required"),
            ("principal", "required", "required"),
            ("permission", "required", "required"),
        ),
        kind="SecretAcl",
    ),
    "known-value, a permission": one(
        access(permission="read"),
        "permission",
        "known-value",
        "not known here; did you mean 'READ'?",
        kind="SecretAcl",
    ),
    "spelling, the scope of access": one(
        access(scope="a b"), "scope", "spelling", _NAME, kind="SecretAcl"
    ),
    "one-of, a grant to nobody": one(
        granted(_grant()),
        "access_control[0]",
        "one-of",
        "say exactly one of user_name, group_name and service_principal_name; here is none",
        kind="EndpointPermissions",
    ),
    "one-of, a grant to two": one(
        granted(_grant(user_name="a", group_name="b")),
        "access_control[0]",
        "one-of",
        "say exactly one of user_name, group_name and service_principal_name; here are user_name "
        "and group_name",
        kind="EndpointPermissions",
    ),
    "required, a level": one(
        granted({"user_name": "a"}),
        "access_control[0].permission_level",
        "required",
        "required",
        kind="EndpointPermissions",
    ),
    "known-value, a level": one(
        granted({"user_name": "a", "permission_level": "CAN_RUN"}),
        "access_control[0].permission_level",
        "known-value",
        "not known here; known are CAN_VIEW, CAN_QUERY, CAN_MANAGE",
        kind="EndpointPermissions",
    ),
    "stands-once, two grants": one(
        granted(_grant(user_name="a"), _grant(group_name="a"), _grant(user_name="a")),
        "access_control[2]",
        "stands-once",
        "another one with this principal stands here already",
        kind="EndpointPermissions",
    ),
    "required, whose grants": one(
        {"access_control": []},
        "endpoint_name",
        "required",
        "required",
        kind="EndpointPermissions",
    ),
}
