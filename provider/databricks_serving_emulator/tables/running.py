"""A statement, run for somebody: what it may read, and what it answers."""

from __future__ import annotations

from ..auth import Caller
from ..directory import ADMINS
from ..wire import JsonObject
from ..world import Ask, World
from .failures import not_allowed, table_not_found, unsupported
from .ledger import Table

_INSTALL = "pip install 'databricks-serving[emulator]'"


def run(world: World, ask: Ask) -> JsonObject:
    """`manifest` and `result` of a statement; `SqlFailure` when it fails."""
    try:
        from . import engine, reading, results  # noqa: PLC0415 - most workspaces run no SQL
    except ImportError as error:
        raise unsupported(f"The emulator runs SQL where DuckDB is: {_INSTALL}") from error
    body = ask.body
    read: dict[str, Table] = {}

    def find(parts: tuple[str, ...]) -> str:
        table = _find(world, ask, parts)
        read[table.name] = table
        return table.name

    setting = reading.Setting(ask.caller.user, world.clock.now(), body.get("parameters", []))
    query = reading.for_duckdb(reading.parsed(body["statement"]), find, setting)
    if body.get("disposition", "INLINE") != "INLINE":
        raise unsupported("The emulator answers results only with the INLINE disposition.")
    with engine.running(query, read.values()) as found:
        return results.answer(found, body.get("row_limit"), body.get("byte_limit"))


def _find(world: World, ask: Ask, parts: tuple[str, ...]) -> Table:
    catalog, schema = ask.body.get("catalog"), ask.body.get("schema")
    before = {1: (catalog, schema), 2: (catalog,)}.get(len(parts), ())
    full = ".".join(part for part in (*before, *parts) if part)
    table = world.ledger.find(full)
    if table is None:
        raise table_not_found(parts)
    if not _may_read(ask.caller, table):
        raise not_allowed(table.name)
    return table


def _may_read(caller: Caller, table: Table) -> bool:
    return ADMINS in caller.groups or caller.user == table.owner
