"""SQL statements: POST and GET /sql/statements (contract §4).

A statement that is taken has ended when it is answered: with a result, or failed as the service
lets one fail. Codes and texts are those of recorded answers where there are any.
"""

from __future__ import annotations

import re
import uuid

from .errors import ApiError, invalid
from .fields import WHOLE, ListOf, fields, texts
from .statements import Statement
from .tables.failures import SqlFailure
from .tables.running import run
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World

_WAREHOUSE = re.compile(r"[0-9a-f]{16}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


def execute(world: World, ask: Ask) -> Response:
    """POST: 400 for what is no statement; that one fails is no refusal."""
    waits = _checked_wait(ask.body)
    ended = _run(world, ask)
    statement = Statement(str(uuid.uuid4()), ask.caller.user, ended, world.clock.now())
    world.statements.add(statement)
    if not waits:
        return json_response({"statement_id": statement.id, "status": {"state": "PENDING"}})
    return json_response(_shown(statement))


def get_statement(world: World, ask: Ask) -> Response:
    """GET: how a statement ended; 404 also when that was long ago, or somebody else sent it."""
    statement_id = ask.path["statement_id"]
    if not _ID.fullmatch(statement_id):
        raise invalid(f"{statement_id} is not a valid statement id.")
    statement = world.statements.find(statement_id, ask.caller.user, world.clock.now())
    if statement is None:
        raise ApiError(404, "NOT_FOUND", f"The statement {statement_id} was not found.")
    return json_response(_shown(statement))


def _checked_wait(body: JsonObject) -> bool:
    """Whether the answer is waited for."""
    for name in ("warehouse_id", "statement"):
        # An empty statement is one that fails.
        if name not in body:
            raise ApiError(400, "BAD_REQUEST", f"Missing required field: {name}")
    if not _WAREHOUSE.fullmatch(body["warehouse_id"]):
        raise invalid(f"{body['warehouse_id']} is not a valid endpoint id.")
    form = body.get("format")
    if form in {"ARROW_STREAM", "CSV"} and body.get("disposition") != "EXTERNAL_LINKS":
        text = f"The format {form} is supported only with the EXTERNAL_LINKS disposition."
        raise invalid(text)
    duration = _DURATION.fullmatch(body.get("wait_timeout", "10s"))
    if duration is None:
        raise invalid("Error while parsing type: duration.")
    seconds = float(duration[1])
    if seconds and not 5 <= seconds <= 50:
        raise invalid(
            "The wait_timeout field must be 0 seconds (disables wait), or between 5 seconds and "
            "50 seconds."
        )
    return bool(seconds)


def _run(world: World, ask: Ask) -> JsonObject:
    try:
        return {"status": {"state": "SUCCEEDED"}, **run(world, ask)}
    except SqlFailure as failure:
        # The code is the same whatever the cause: clients read the state of SQL.
        error = {"error_code": "BAD_REQUEST", "message": failure.message}
        status = {"state": "FAILED", "error": error, "sql_state": failure.sql_state}
        return {"status": status}


def _shown(statement: Statement) -> JsonObject:
    return {"statement_id": statement.id, **statement.answer}


_PATTERN = "/api/2.0/sql/statements"
_BODY = fields(
    texts(
        "statement",
        "warehouse_id",
        "wait_timeout",
        "on_wait_timeout",
        "disposition",
        "format",
        "catalog",
        "schema",
    ),
    parameters=ListOf(fields(texts("name", "value", "type"))),
    query_tags=ListOf(fields(texts("key", "value"))),
    row_limit=WHOLE,
    byte_limit=WHOLE,
)

ROUTES = (
    Route("POST", _PATTERN, execute, _BODY),
    Route("GET", f"{_PATTERN}/{{statement_id}}", get_statement),
)
