"""Rules of secret scopes and secrets."""

from __future__ import annotations

import base64
import binascii

from pydantic import SecretStr

from ..secrets import Secret, SecretScope
from .rule import Allowances, Found, known, rule

#: Bytes; source: SDK, secrets/put.
_LARGEST = 128 * 1024


@rule(
    "key-vault",
    source="REST reference, secrets/createscope",
    remedy="Say the backend type and backend_azure_keyvault together, or neither.",
    of=SecretScope,
)
def key_vault(scope: SecretScope, _: Allowances) -> Found:
    """A scope of Azure Key Vault says which vault, and no other scope does."""
    vault, backend = scope.backend_azure_keyvault, scope.scope_backend_type
    if known(backend) == "AZURE_KEYVAULT" and vault is None:
        yield ("backend_azure_keyvault",), "required for scope_backend_type 'AZURE_KEYVAULT'"
    if vault is not None and backend in (None, "DATABRICKS"):
        yield ("backend_azure_keyvault",), "goes with scope_backend_type 'AZURE_KEYVAULT' only"


@rule(
    "base64",
    source="REST reference, secrets/putsecret, bytes_value",
    remedy="Encode the value, or say it as value.",
    of=Secret,
)
def is_base64(secret: Secret, _: Allowances) -> Found:
    """`value_base64` is base64."""
    if isinstance(secret.value_base64, SecretStr) and _decoded(secret.value_base64) is None:
        yield ("value_base64",), "is no base64 text"


@rule(
    "secret-size",
    source="SDK, secrets/put",
    remedy="Keep the value elsewhere, and only what leads to it in the secret.",
    of=Secret,
)
def secret_size(secret: Secret, _: Allowances) -> Found:
    """A value has at most 128 KB."""
    if isinstance(secret.value, SecretStr):
        # A lone surrogate is no reason to fail in ways of its own.
        size = len(secret.value.get_secret_value().encode(errors="surrogatepass"))
        if size > _LARGEST:
            yield ("value",), f"{size} bytes; {_LARGEST} are allowed"
    if isinstance(secret.value_base64, SecretStr):
        size = len(_decoded(secret.value_base64) or b"")
        if size > _LARGEST:
            yield ("value_base64",), f"{size} bytes; {_LARGEST} are allowed"


def _decoded(secret: SecretStr) -> bytes | None:
    try:
        return base64.b64decode(secret.get_secret_value(), validate=True)
    except (binascii.Error, ValueError):
        return None
