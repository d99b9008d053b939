"""What is described of each route beside its body: answers, refusals, parameters, examples.

A key is a route's method and pattern, and each family a tag of the document. A test compares the
keys with the table of routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .. import scopes
from ..serving.entities import NAME
from ..warehouses import WAREHOUSE
from ..wire import JsonObject
from .answers import QUERY_ANSWERS
from .examples import BODIES


@dataclass(frozen=True)
class Operation:
    """One call.

    answers: names of the schemas of which the answer has one; none: it is a text
    refusals: the statuses with which it refuses whoever is known, beside those of every call
    required: members that the body must have, and what is to be said of them beside their type
    query: parameters of the query, all of which are required
    streams: whether it also answers in server-sent events
    headers: those of the answer
    """

    answers: tuple[str, ...]
    refusals: tuple[str, ...] = ()
    required: Mapping[str, JsonObject] = field(default_factory=dict)
    query: tuple[str, ...] = ()
    streams: bool = False
    headers: tuple[str, ...] = ()
    examples: Mapping[str, JsonObject] = field(default_factory=dict)


_SAID: JsonObject = {"minLength": 1}
_NAME: JsonObject = {"pattern": NAME.pattern}
_SCOPE_NAME: JsonObject = {"pattern": scopes.NAME.pattern}

_ENDPOINT = ("ServingEndpoint",)
_EMPTY = ("Empty",)
#: What a write of an endpoint may meet: 429 where the workspace has a budget of writes.
_WRITE = ("400", "404", "429")
_TURN = (*_WRITE, "409")
_ONE = "/api/2.0/serving-endpoints"

SERVING = {
    f"GET {_ONE}": Operation(("ServingEndpoints",)),
    f"POST {_ONE}": Operation(
        _ENDPOINT, ("400", "404", "409", "429"), {"name": _NAME}, examples=BODIES["endpoint"]
    ),
    f"GET {_ONE}/{{name}}": Operation(_ENDPOINT, ("404",)),
    f"DELETE {_ONE}/{{name}}": Operation(_EMPTY, ("404", "409")),
    f"POST {_ONE}/pt": Operation(
        _ENDPOINT,
        ("400", "404", "409", "429"),
        {"name": _NAME, "config": {}},
        examples=BODIES["throughput"],
    ),
    f"PUT {_ONE}/pt/{{name}}/config": Operation(
        _ENDPOINT, _TURN, {"config": {}}, examples=BODIES["throughput_config"]
    ),
    f"GET {_ONE}/get-model-optimization-info/{{model}}/{{version}}": Operation(
        ("OptimizationInfo",), ("400",)
    ),
    f"PUT {_ONE}/{{name}}/config": Operation(_ENDPOINT, _TURN, examples=BODIES["config"]),
    f"PATCH {_ONE}/{{name}}/tags": Operation(("Tags",), _WRITE, examples=BODIES["tags"]),
    f"PUT {_ONE}/{{name}}/rate-limits": Operation(
        ("RateLimits",), _WRITE, examples=BODIES["rate_limits"]
    ),
    f"PUT {_ONE}/{{name}}/ai-gateway": Operation(
        ("AiGateway",), _WRITE, examples=BODIES["ai_gateway"]
    ),
    f"PATCH {_ONE}/{{name}}/notifications": Operation(
        ("Notifications",), _WRITE, examples=BODIES["notifications"]
    ),
    f"PATCH {_ONE}/{{name}}/telemetry-config": Operation(
        _ENDPOINT, _TURN, examples=BODIES["telemetry"]
    ),
    f"POST {_ONE}/{{name}}/config:stop": Operation(_ENDPOINT, _TURN),
    f"POST {_ONE}/{{name}}/config:start": Operation(_ENDPOINT, _TURN),
    f"GET {_ONE}/{{name}}/served-models/{{served}}/build-logs": Operation(("Logs",), ("404",)),
    f"GET {_ONE}/{{name}}/served-models/{{served}}/logs": Operation(("Logs",), ("404",)),
    f"GET {_ONE}/{{name}}/metrics": Operation((), ("400", "404")),
    f"GET {_ONE}/{{name}}/openapi": Operation(("OpenApiDocument",), ("404",)),
}

_OBJECT = "/api/2.0/permissions/serving-endpoints/{id}"
PERMISSIONS = {
    f"GET {_OBJECT}": Operation(("Permissions",), ("404",)),
    f"PUT {_OBJECT}": Operation(("Permissions",), ("400", "404"), examples=BODIES["grants"]),
    f"PATCH {_OBJECT}": Operation(("Permissions",), ("400", "404"), examples=BODIES["grants"]),
    f"GET {_OBJECT}/permissionLevels": Operation(("PermissionLevels",), ("404",)),
}

_SECRETS = "/api/2.0/secrets"
SECRETS = {
    f"POST {_SECRETS}/scopes/create": Operation(
        _EMPTY, ("400",), {"scope": _SCOPE_NAME}, examples=BODIES["scope"]
    ),
    f"GET {_SECRETS}/scopes/list": Operation(("SecretScopes",)),
    f"POST {_SECRETS}/scopes/delete": Operation(_EMPTY, ("400", "404"), {"scope": _SAID}),
    f"POST {_SECRETS}/put": Operation(
        _EMPTY, ("400", "404"), {"scope": _SAID, "key": _SCOPE_NAME}, examples=BODIES["secret"]
    ),
    f"POST {_SECRETS}/delete": Operation(_EMPTY, ("400", "404"), {"scope": _SAID, "key": _SAID}),
    f"GET {_SECRETS}/list": Operation(("Secrets",), ("400", "404"), query=("scope",)),
    f"GET {_SECRETS}/get": Operation(("Secret",), ("400", "404"), query=("scope", "key")),
    f"POST {_SECRETS}/acls/put": Operation(
        _EMPTY,
        ("400", "404"),
        {"scope": _SAID, "principal": _SAID, "permission": {}},
        examples=BODIES["acl"],
    ),
    f"POST {_SECRETS}/acls/delete": Operation(
        _EMPTY, ("400", "404"), {"scope": _SAID, "principal": _SAID}
    ),
    f"GET {_SECRETS}/acls/get": Operation(
        ("SecretAcl",), ("400", "404"), query=("scope", "principal")
    ),
    f"GET {_SECRETS}/acls/list": Operation(("SecretAcls",), ("400", "404"), query=("scope",)),
}

_SQL = "/api/2.0/sql/statements"
STATEMENTS = {
    f"POST {_SQL}": Operation(
        ("Statement",),
        ("400",),
        {"statement": {}, "warehouse_id": {"pattern": f"^{WAREHOUSE.pattern}$"}},
        examples=BODIES["statement"],
    ),
    f"GET {_SQL}/{{statement_id}}": Operation(("Statement",), ("400", "404")),
    f"GET {_SQL}/{{statement_id}}/result/chunks/{{chunk_index}}": Operation(
        ("StatementChunk",), ("400", "404")
    ),
    f"POST {_SQL}/{{statement_id}}/cancel": Operation(_EMPTY, ("400", "404")),
    "GET /api/2.0/sql/warehouses": Operation(("Warehouses",)),
    "GET /api/2.0/sql/warehouses/{warehouse_id}": Operation(("Warehouse",), ("400",)),
}

IDENTITY = {
    "GET /api/2.0/preview/scim/v2/Me": Operation(("Me",), headers=("X-Databricks-Org-Id",)),
    "GET /.well-known/databricks-config": Operation(("Discovery",)),
    "GET /oidc/.well-known/oauth-authorization-server": Operation(("AuthorizationServer",)),
    "POST /oidc/v1/token": Operation(("Token",)),
}


def _query(*required: str) -> Operation:
    return Operation(
        QUERY_ANSWERS,
        ("400", "404", "429"),
        dict.fromkeys(required, _SAID),
        streams=True,
        headers=("served-model-name", "x-request-id"),
        examples=BODIES["query"],
    )


QUERIES = {
    "POST /serving-endpoints/{name}/invocations": _query(),
    "POST /serving-endpoints/{name}/served-models/{entity}/invocations": _query(),
    "POST /{workspace}/serving-endpoints/{name}/invocations": _query(),
    "POST /{workspace}/serving-endpoints/{name}": _query(),
    "POST /serving-endpoints/chat/completions": _query("model"),
    "POST /serving-endpoints/completions": _query("model"),
    "POST /serving-endpoints/embeddings": _query("model"),
}

FAMILIES: Mapping[str, Mapping[str, Operation]] = {
    "Serving endpoints": SERVING,
    "Permissions": PERMISSIONS,
    "Secrets": SECRETS,
    "SQL statements": STATEMENTS,
    "Identity": IDENTITY,
    "Queries": QUERIES,
}
