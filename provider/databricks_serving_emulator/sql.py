"""SQL statements: POST and GET below /sql/statements (contract §4).

A statement runs beside the workspace, on what its tables held when its turn came. Codes and texts
are those of recorded answers where there are any.
"""

from __future__ import annotations

import atexit
import re
from dataclasses import replace

from .errors import ApiError, invalid
from .fields import TEXT, WHOLE, ListOf, fields, texts
from .statements import Statement
from .tables.failures import SqlFailure
from .tables.running import Asked, run
from .turns import Turns
from .warehouses import checked_warehouse
from .wire import JsonObject, Response, Waited, json_response
from .world import Ask, Route, World

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")
_FORMATS = ("JSON_ARRAY", "ARROW_STREAM", "CSV")
_CHOICES = {
    "disposition": ("INLINE", "EXTERNAL_LINKS"),
    "format": _FORMATS,
    "on_wait_timeout": ("CONTINUE", "CANCEL"),
}
_DEFECT: JsonObject = {
    "status": {
        "state": "FAILED",
        "error": {"error_code": "INTERNAL_ERROR", "message": "This is a defect of the emulator."},
        "sql_state": "XX000",
    }
}
# As many statements run at a time: each may take 512 MB.
_turns = Turns(2)
# Python's end under the engine's feet would be a crash.
atexit.register(_turns.close)


def execute(world: World, ask: Ask) -> Response:
    """POST: 400 for what is no statement; that one fails is no refusal."""
    seconds = _checked_wait(ask.body)
    statement = Statement(ask.caller.user, world.clock.now())
    world.statements.add(statement)
    pending = json_response(statement.shown)
    _turns.take(statement, lambda: _run(world, ask, statement))
    if not seconds:
        return pending

    def body() -> bytes:
        if ask.body.get("on_wait_timeout") == "CANCEL":
            world.statements.cancel(statement)
        return json_response(statement.shown).body

    return replace(pending, waited=Waited(statement.ended, seconds, body))


def get_statement(world: World, ask: Ask) -> Response:
    """GET: how a statement ended; 404 also when that was long ago, or somebody else sent it."""
    return json_response(_found(world, ask).shown)


def get_chunk(world: World, ask: Ask) -> Response:
    """GET of a part of the result: there is the first one, or none."""
    statement = _found(world, ask)
    index = ask.path["chunk_index"]
    if "result" not in statement.answer or index != "0":
        raise invalid(f"The statement {statement.id} has no chunk {index} of a result.")
    return json_response(statement.answer["result"])


def cancel(world: World, ask: Ask) -> Response:
    """POST: what has ended stays as it is."""
    world.statements.cancel(_found(world, ask))
    return json_response({})


def _found(world: World, ask: Ask) -> Statement:
    statement_id = ask.path["statement_id"]
    if not _ID.fullmatch(statement_id):
        raise invalid(f"{statement_id} is not a valid statement id.")
    statement = world.statements.find(statement_id, ask.caller.user, world.clock.now())
    if statement is None:
        raise ApiError(404, "NOT_FOUND", f"The statement {statement_id} was not found.")
    return statement


def _checked_wait(body: JsonObject) -> float:
    """How many seconds the answer is waited for; 0: not at all."""
    for name in ("warehouse_id", "statement"):
        # An empty statement is one that fails.
        if name not in body:
            raise ApiError(400, "BAD_REQUEST", f"Missing required field: {name}")
    checked_warehouse(body["warehouse_id"])
    _check_result(body)
    duration = _DURATION.fullmatch(body.get("wait_timeout", "10s"))
    if duration is None:
        raise invalid("Error while parsing type: duration.")
    seconds = float(duration[1])
    if seconds and not 5 <= seconds <= 50:
        raise invalid(
            "The wait_timeout field must be 0 seconds (disables wait), or between 5 seconds and "
            "50 seconds."
        )
    return seconds


def _check_result(body: JsonObject) -> None:
    """Raise `ApiError` 400 for what no result can be like."""
    for name in ("row_limit", "byte_limit"):
        if body.get(name, 0) < 0:
            raise invalid(f"{name} cannot be negative.")
    for name, choices in _CHOICES.items():
        if body.get(name, choices[0]) not in choices:
            raise invalid(f"{name} must be one of {', '.join(choices)}.")
    form = body.get("format")
    if form in {"ARROW_STREAM", "CSV"} and body.get("disposition") != "EXTERNAL_LINKS":
        text = f"The format {form} is supported only with the EXTERNAL_LINKS disposition."
        raise invalid(text)


def _run(world: World, ask: Ask, statement: Statement) -> None:
    outcome = _DEFECT
    try:
        if world.statements.begin(statement):
            with world.lock:
                ledger = world.ledger.copy()
            asked = Asked(ask.body, ask.caller, ledger, statement.sent, statement.stop)
            outcome = _outcome(asked)
    finally:
        world.statements.end(statement, outcome)


def _outcome(asked: Asked) -> JsonObject:
    try:
        return {"status": {"state": "SUCCEEDED"}, **run(asked)}
    except SqlFailure as failure:
        # The code is the same whatever the cause: clients read the state of SQL.
        error = {"error_code": "BAD_REQUEST", "message": failure.message}
        status = {"state": "FAILED", "error": error, "sql_state": failure.sql_state}
        return {"status": status}


_PATTERN = "/api/2.0/sql/statements"
_BODY = fields(
    {
        **texts("statement", "warehouse_id", "wait_timeout", "catalog", "schema"),
        **{name: TEXT.among(*choices) for name, choices in _CHOICES.items()},
    },
    parameters=ListOf(fields(texts("name", "value", "type"))),
    query_tags=ListOf(fields(texts("key", "value"))),
    row_limit=WHOLE,
    byte_limit=WHOLE,
)

ROUTES = (
    Route("POST", _PATTERN, execute, _BODY),
    Route("GET", f"{_PATTERN}/{{statement_id}}", get_statement),
    Route("GET", f"{_PATTERN}/{{statement_id}}/result/chunks/{{chunk_index}}", get_chunk),
    Route("POST", f"{_PATTERN}/{{statement_id}}/cancel", cancel),
)
