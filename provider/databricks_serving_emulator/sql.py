"""SQL statements: POST and GET /sql/statements (contract §4).

There is no engine and no table here, so every statement that is taken fails, as the service lets
one fail whose table is not there. Codes and texts are those of recorded answers where there are
any.
"""

from __future__ import annotations

import re
import uuid

from .errors import ApiError, invalid
from .fields import WHOLE, ListOf, fields, texts
from .statements import Statement
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World

_WAREHOUSE = re.compile(r"[0-9a-f]{16}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")

# Comments and literals, also those that nobody closed: they name no table. What is quoted by
# backticks is a name, whatever stands in it.
_BESIDE = re.compile(
    r"(`[^`]*`)|--[^\n]*|/\*.*?(?:\*/|\Z)"
    # Each of these ends somewhere, if only at the end: no text takes long.
    r"|'(?:[^'\\]|\\.?)*(?:'|\Z)"
    r'|"(?:[^"\\]|\\.?)*(?:"|\Z)',
    re.DOTALL,
)
_PART = r"(?:`[^`]+`|\w+)"
_NAMED = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:TABLE\s+)?({_PART}(?:\s*\.\s*{_PART})*)\s*(\(?)",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"\b(\w+)\s+AS\s*\(", re.IGNORECASE)


def execute(world: World, ask: Ask) -> Response:
    """POST: 400 for what is no statement; that one fails is no refusal."""
    waits = _checked_wait(ask.body)
    sql_state, message = _failure(ask.body["statement"])
    statement = Statement(str(uuid.uuid4()), sql_state, message, world.clock.now())
    world.statements.add(statement)
    if not waits:
        return json_response({"statement_id": statement.id, "status": {"state": "PENDING"}})
    return json_response(_shown(statement))


def get_statement(world: World, ask: Ask) -> Response:
    """GET: how a statement ended; 404 also when that was long ago."""
    statement_id = ask.path["statement_id"]
    if not _ID.fullmatch(statement_id):
        raise invalid(f"{statement_id} is not a valid statement id.")
    statement = world.statements.find(statement_id, world.clock.now())
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


def _failure(text: str) -> tuple[str, str]:
    """The state of SQL, and the text, with which a statement fails."""
    bare = _BESIDE.sub(lambda found: found[1] or " ", text)
    if not bare.strip("; \t\r\n"):
        return _said("42617", "PARSE_EMPTY_STATEMENT", "Syntax error, unexpected empty statement.")
    name = _table(bare)
    if name is None:
        return _said("0A000", "UNSUPPORTED_FEATURE", "The emulator runs no SQL.")
    return _said(
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        f"The table or view {name} cannot be found. Verify the spelling and correctness of the "
        "schema and catalog.\n"
        "If you did not qualify the name with a schema, verify the current_schema() output, or "
        "qualify the name with the correct schema and catalog.\n"
        "To tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.",
    )


def _said(sql_state: str, condition: str, text: str) -> tuple[str, str]:
    return sql_state, f"[{condition}] {text} SQLSTATE: {sql_state}"


def _table(bare: str) -> str | None:
    """The first table that a statement names, each part in backticks; None when it names none."""
    inside = {found[1].casefold() for found in _INSIDE.finditer(bare)}
    for found in _NAMED.finditer(bare):
        is_function = found[2] and not re.match(r"INTO\b", found[0], re.IGNORECASE)
        if not is_function and found[1].casefold() not in inside:
            parts = re.findall(_PART, found[1])
            return ".".join(f"`{part.strip('`')}`" for part in parts)
    return None


def _shown(statement: Statement) -> JsonObject:
    # The code is the same whatever the cause: clients read the state of SQL.
    error = {"error_code": "BAD_REQUEST", "message": statement.message}
    status = {"state": "FAILED", "error": error, "sql_state": statement.sql_state}
    return {"statement_id": statement.id, "status": status}


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
