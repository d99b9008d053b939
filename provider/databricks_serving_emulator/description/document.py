"""The document: the routes of the route table, with what is described of each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib.metadata import version

from ..json_schema import TEXT, object_of, ref
from ..routing import OPEN_ROUTES, ROUTES, OpenRoute
from ..wire import JsonObject
from ..world import Route
from .answers import SCHEMAS
from .bodies import taken_body
from .operations import FAMILIES, Operation

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TOKEN_ROUTE = "POST /oidc/v1/token"  # noqa: S105 - a path, no secret
#: Of every call that needs a token: none, one that is unknown or not enough, and a broken file.
_ALWAYS = ("401", "403", "500")
_WHY = {
    "400": "The request makes no sense, or asks for what cannot be.",
    "401": "There is no credential.",
    "403": "The token is unknown, or its holder may not do this.",
    "404": "There is no such thing.",
    "409": "An update is under way.",
    "429": "There were too many calls.",
    "500": "The file of the workspace cannot be written.",
    "5XX": "A served entity fails.",
}
_SCHEMES: JsonObject = {
    "token": {"type": "http", "scheme": "bearer"},
    "client": {"type": "http", "scheme": "basic"},
}


def described(route: Route | OpenRoute) -> str:
    """The key under which a route is described."""
    return f"{route.method} {route.pattern}"


def document() -> JsonObject:
    """The OpenAPI 3.1 description of the API, but for what steers the emulator."""
    found = {key: (tag, one) for tag, family in FAMILIES.items() for key, one in family.items()}
    paths: dict[str, JsonObject] = {}
    routes: tuple[Route | OpenRoute, ...] = (*OPEN_ROUTES, *ROUTES)
    for route in routes:
        tag, operation = found[described(route)]
        shown = _operation(route, operation)
        paths.setdefault(route.pattern, {})[route.method.lower()] = {"tags": [tag], **shown}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "An emulated Databricks workspace",
            "version": version("databricks-serving"),
            "description": "Of a workspace whose switches are as at the start, and for which no "
            "failure is planned.",
        },
        "tags": [{"name": tag} for tag in FAMILIES],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": _SCHEMES},
    }


def _operation(route: Route | OpenRoute, operation: Operation) -> JsonObject:
    shown: JsonObject = {
        "description": inspect.getdoc(route.answer) or "",
        "parameters": [*_parameters(route, operation)],
        "responses": _responses(route, operation),
    }
    if described(route) == _TOKEN_ROUTE:
        return {**shown, "security": [{"client": []}], "requestBody": _credentials()}
    if isinstance(route, OpenRoute):
        return {**shown, "security": []}
    if route.body is not None:
        content: JsonObject = {"schema": taken_body(route.body, operation.required)}
        if operation.examples:
            content["examples"] = {name: {"value": one} for name, one in operation.examples.items()}
        required = bool(operation.required)
        shown["requestBody"] = {"required": required, "content": {"application/json": content}}
    return shown


def _parameters(route: Route | OpenRoute, operation: Operation) -> Iterator[JsonObject]:
    for name in _PLACEHOLDER.findall(route.pattern):
        yield {"name": name, "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}}
    for name in operation.query:
        yield {"name": name, "in": "query", "required": True, "schema": {**TEXT, "minLength": 1}}


def _responses(route: Route | OpenRoute, operation: Operation) -> JsonObject:
    shown: JsonObject = {"200": _answer(operation)}
    if described(route) == _TOKEN_ROUTE:
        return {**shown, **{status: _refusal(status, "OAuthError") for status in ("400", "401")}}
    if isinstance(route, OpenRoute):
        return shown
    statuses = {*operation.refusals, *_ALWAYS, *(["5XX"] if operation.streams else [])}
    return {**shown, **{status: _refusal(status, "Error") for status in sorted(statuses)}}


def _answer(operation: Operation) -> JsonObject:
    schemas = [ref(name) for name in operation.answers]
    if not schemas:
        return {"description": "A text.", "content": {"text/plain": {"schema": TEXT}}}
    content: JsonObject = {
        "application/json": {"schema": {"anyOf": schemas} if len(schemas) > 1 else schemas[0]}
    }
    if operation.streams:
        # In OpenAPI 3.1 this is by custom the schema of each event; 3.2 has a word for it.
        content["text/event-stream"] = {"schema": object_of(("data",), data=TEXT)}
    shown: JsonObject = {"description": "The answer.", "content": content}
    if operation.headers:
        header = {"required": True, "schema": TEXT}
        shown["headers"] = dict.fromkeys(operation.headers, header)
    return shown


def _refusal(status: str, schema: str) -> JsonObject:
    content = {"application/json": {"schema": ref(schema)}}
    return {"description": _WHY[status], "content": content}


def _credentials() -> JsonObject:
    form: JsonObject = {
        "type": "object",
        "properties": {"grant_type": {"const": "client_credentials"}, "scope": TEXT},
        "required": ["grant_type"],
    }
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}}
