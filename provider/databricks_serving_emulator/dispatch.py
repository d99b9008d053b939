"""From a request and its caller to the answer: the route, what it is given, and who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from . import gate
from .auth import Caller
from .errors import ApiError, malformed
from .fields import read_body
from .journal import Call, Journal
from .routing import find_route
from .wire import JsonObject, NotJsonError, Request, Response, read_json
from .world import Ask, Route, World


def respond(world: World, journal: Journal, request: Request, caller: Caller) -> Response:
    """The answer of the route that the request is for, or the refusal."""
    found = find_route(request.method, request.path)
    if found is None:
        return no_route(journal, request, caller.actor)
    route, path = found
    try:
        gate.spend_write(world, route, caller)
        gate.admit(world, route, caller, path)
        ask = _ask(world, journal, route, request, caller, path)
        gate.check_secrets(world, route, ask)
        return gate.as_seen(world, route, ask, route.answer(world, ask))
    except ApiError as error:
        return error.response()


def turn_away(journal: Journal, request: Request, refusal: ApiError) -> Response:
    """The refusal of a caller who is nobody; a call without a route is recorded all the same."""
    response = refusal.response()
    if find_route(request.method, request.path) is None:
        journal.unknown.append(Call.of(request, response.status, ""))
    return response


def no_route(journal: Journal, request: Request, actor: str) -> Response:
    """404 ENDPOINT_NOT_FOUND; the call is recorded among the unknown ones."""
    journal.unknown.append(Call.of(request, 404, actor))
    text = f"No API found for '{request.method} {request.path}'"
    return ApiError(404, "ENDPOINT_NOT_FOUND", text).response()


def _ask(
    world: World,
    journal: Journal,
    route: Route,
    request: Request,
    caller: Caller,
    path: Mapping[str, str],
) -> Ask:
    try:
        body = _body(world, journal, route, request)
    except ApiError as error:
        if not gate.is_query(route):
            raise
        sent = request.content
        raw = cast("JsonObject", sent) if isinstance(sent, dict) else {}
        return Ask(caller, path, request.query, raw, request.body, request.origin, error)
    return Ask(caller, path, request.query, body, request.body, request.origin)


def _body(world: World, journal: Journal, route: Route, request: Request) -> JsonObject:
    if route.body is None:
        return {}
    try:
        content = read_json(request.body) if request.body.strip() else {}
    except NotJsonError as error:
        raise malformed(f"Could not parse request object: the body {error}.") from None
    body, unknown = read_body(route.body, content)
    if unknown and world.settings.strict:
        raise malformed(f"Could not parse request object: unknown field {', '.join(unknown)}.")
    journal.ignored_fields += (f"{request.method} {request.path}: {field}" for field in unknown)
    return body
