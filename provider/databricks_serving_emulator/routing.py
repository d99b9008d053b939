"""The table of all routes, one module per family, and how a path finds its route."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

from . import identity, oauth, permissions, scope_acls, scopes, sql, warehouses
from .queries import routes as queries
from .serving import routes as serving
from .wire import Request, Response
from .world import Route, World

# Route-optimized endpoints are asked below the workspace's id.
_OF_CLIENTS = re.compile(r"/(?:api|oidc|(?:[^/]+/)?serving-endpoints)/")

OpenAnswer: TypeAlias = "Callable[[World, Request], Response]"


@dataclass(frozen=True)
class OpenRoute:
    """A call by which clients find their way to a token, and which needs none."""

    method: str
    pattern: str
    answer: OpenAnswer


ROUTES: tuple[Route, ...] = (
    *serving.ROUTES,
    *permissions.ROUTES,
    *scopes.ROUTES,
    *scope_acls.ROUTES,
    *sql.ROUTES,
    *warehouses.ROUTES,
    *identity.ROUTES,
    *queries.ROUTES,
)


OPEN_ROUTES = (
    OpenRoute("GET", "/.well-known/databricks-config", identity.discovery),
    OpenRoute("GET", "/oidc/.well-known/oauth-authorization-server", oauth.metadata),
    OpenRoute("POST", "/oidc/v1/token", oauth.grant_token),
)


def is_client_path(path: str) -> bool:
    """Whether a path is the API's, rather than a page's or a control's."""
    return _OF_CLIENTS.match(path) is not None


def find_open_route(method: str, path: str) -> OpenRoute | None:
    """The open route of a request; None when there is none."""
    asked = (method, path)
    return next((one for one in OPEN_ROUTES if (one.method, one.pattern) == asked), None)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and its placeholders' values, decoded; None when there is none.

    A slash at the end makes no difference: mlflow's client ends the path of all endpoints with one.
    """
    parts = [unquote(part) for part in path.removesuffix("/").split("/")]
    for pattern, route in _BY_LENGTH.get((method, len(parts)), ()):
        values = _match(pattern, parts)
        if values is not None:
            return route, values
    return None


def _by_length() -> dict[tuple[str, int], list[tuple[list[str], Route]]]:
    found: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
    for route in ROUTES:
        pattern = route.pattern.split("/")
        found.setdefault((route.method, len(pattern)), []).append((pattern, route))
    return found


# Few routes have a request's method and number of segments: the others need not be looked at.
_BY_LENGTH = _by_length()


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            values[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return values
