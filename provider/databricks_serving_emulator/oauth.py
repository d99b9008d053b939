"""OAuth tokens for service principals: the client-credentials flow (contract §16).

For queries of route-optimized endpoints, the SDKs exchange such a token for another one, which the
service restricts to the endpoint; here it is worth what the first is.

A token names its holder and its end, and is signed with the holder's client secret. Nothing has to
be kept, so a token outlives a restart, and ends with the secret that it was got for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from .directory import Principal
from .wire import Request, Response, json_response

if TYPE_CHECKING:
    from .world import World

LIFETIME_SECONDS = 3600
_CREDENTIALS = "client_credentials"
#: Source: Databricks SDK for Python, data_plane.
_EXCHANGE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HEADER = {"alg": "HS256", "typ": "JWT"}


def metadata(_world: World, request: Request) -> Response:
    """GET of the authorization server's description; needs no token."""
    issuer = f"{request.origin}/oidc"
    return json_response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/v1/authorize",
            "token_endpoint": f"{issuer}/v1/token",
            "grant_types_supported": [_CREDENTIALS, _EXCHANGE],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
    )


def grant_token(world: World, request: Request) -> Response:
    """POST of client credentials, or of a token to be exchanged.

    401 invalid_client, 400 invalid_grant or unsupported_grant_type, or a token.
    """
    form = dict(parse_qsl(request.body.decode("latin-1")))
    if form.get("grant_type") == _EXCHANGE:
        principal = holder(form.get("assertion", ""), world.principals, world.clock.now())
        if principal is None:
            return _refusal(400, "invalid_grant", "The assertion is no valid OAuth token")
    else:
        principal = _client(request, world.principals)
        if principal is None:
            return _refusal(401, "invalid_client", "Client authentication failed")
        if form.get("grant_type") != _CREDENTIALS:
            text = f"Only {_CREDENTIALS} and {_EXCHANGE} are supported"
            return _refusal(400, "unsupported_grant_type", text)
    return json_response(
        {
            "access_token": issued(principal, world.clock.now()),
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "scope": form.get("scope", "all-apis"),
        }
    )


def issued(principal: Principal, now: float) -> str:
    """A token of a service principal, for as long as such tokens last."""
    return _sign(principal, now + LIFETIME_SECONDS)


def holder(token: str, principals: Mapping[str, Principal], now: float) -> Principal | None:
    """Whose token it is; None for one that is no token of ours, or has expired."""
    signed, _, signature = token.rpartition(".")
    try:
        claims = json.loads(_decoded(signed.partition(".")[2]))
        principal = principals.get(str(claims["sub"]))
        expires = float(claims["exp"])
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return None  # any text may come as a token
    if principal is None or principal.client_secret is None:
        return None
    genuine = hmac.compare_digest(_signature(signed, principal.client_secret), signature.encode())
    return principal if genuine and now < expires else None


def _client(request: Request, principals: Mapping[str, Principal]) -> Principal | None:
    scheme, _, credential = request.header("authorization").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(credential.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    client_id, _, secret = pair.partition(":")
    principal = principals.get(client_id)
    if principal is None or principal.client_secret is None:
        return None
    known = principal.client_secret.encode()
    return principal if hmac.compare_digest(known, secret.encode()) else None


def _refusal(status: int, error: str, description: str) -> Response:
    return json_response({"error": error, "error_description": description}, status)


def _sign(principal: Principal, expires: float) -> str:
    claims = {"sub": principal.name, "exp": expires, "jti": secrets.token_hex(8)}
    signed = f"{_encoded(_HEADER)}.{_encoded(claims)}"
    return f"{signed}.{_signature(signed, principal.client_secret or '').decode()}"


def _signature(signed: str, secret: str) -> bytes:
    code = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(code).rstrip(b"=")


def _encoded(content: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
