"""The table of all routes, one module per family, and how a path finds its route."""

from __future__ import annotations

from urllib.parse import unquote

from . import identity, permissions, scope_acls, scopes
from .serving import routes as serving
from .world import Route

ROUTES: tuple[Route, ...] = (
    *serving.ROUTES,
    *permissions.ROUTES,
    *scopes.ROUTES,
    *scope_acls.ROUTES,
    *identity.ROUTES,
)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and its placeholders' values, decoded; None when there is none.

    A slash at the end makes no difference: mlflow's client ends the path of all endpoints with one.
    """
    parts = path.removesuffix("/").split("/")
    for route in ROUTES:
        if route.method == method:
            values = _match(route.pattern.split("/"), parts)
            if values is not None:
                return route, values
    return None


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    values: dict[str, str] = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            values[wanted[1:-1]] = unquote(part)
        elif wanted != unquote(part):
            return None
    return values
