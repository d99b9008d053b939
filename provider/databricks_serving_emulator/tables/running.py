"""A statement, run for somebody: what it may read, and what it answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ..auth import Caller
from ..directory import ADMINS
from ..wire import JsonObject
from .failures import not_allowed, table_not_found, unsupported
from .ledger import Ledger, Table

_INSTALL = "pip install 'databricks-serving[emulator]'"


@dataclass(frozen=True)
class Asked:
    """A statement as it was sent. It runs without the workspace's lock: for seconds, maybe.

    ledger: what the tables hold, which nobody else writes to
    now: when it was sent, in seconds since the epoch
    stop: once set, the statement is given up
    """

    body: JsonObject
    caller: Caller
    ledger: Ledger
    now: float
    stop: threading.Event


def run(asked: Asked) -> JsonObject:
    """`manifest` and `result` of a statement; `SqlFailure` when it fails."""
    try:
        from . import engine, reading, results  # noqa: PLC0415 - most workspaces run no SQL
    except ImportError as error:
        raise unsupported(f"The emulator runs SQL where DuckDB is: {_INSTALL}") from error
    body = asked.body
    read: dict[str, Table] = {}

    def find(parts: tuple[str, ...]) -> str:
        table = _find(asked, parts)
        read[table.name] = table
        return table.name

    setting = reading.Setting(asked.caller.user, asked.now, body.get("parameters", []))
    query = reading.for_duckdb(reading.parsed(body["statement"]), find, setting)
    if body.get("disposition", "INLINE") != "INLINE":
        raise unsupported("The emulator answers results only with the INLINE disposition.")
    with engine.running(query, read.values(), asked.stop) as found:
        return results.answer(found, body.get("row_limit"), body.get("byte_limit"))


def _find(asked: Asked, parts: tuple[str, ...]) -> Table:
    catalog, schema = asked.body.get("catalog"), asked.body.get("schema")
    before = {1: (catalog, schema), 2: (catalog,)}.get(len(parts), ())
    full = ".".join(part for part in (*before, *parts) if part)
    table = asked.ledger.find(full)
    if table is None:
        raise table_not_found(parts)
    if not _may_read(asked.caller, table):
        raise not_allowed(table.name)
    return table


def _may_read(caller: Caller, table: Table) -> bool:
    return ADMINS in caller.groups or caller.user == table.owner
