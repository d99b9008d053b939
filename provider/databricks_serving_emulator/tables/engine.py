"""DuckDB, which runs one query over the tables that it names, in memory: its one import.

Nothing of it stays: each query has a database of its own, with no access to files or network.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import duckdb

from ..wire import JsonObject
from .failures import SqlFailure, unsupported
from .ledger import Table
from .reading import DuckQuery, engine_type

#: How many seconds of the machine's time a query may take.
MOST_SECONDS = 10.0
# In this order: without access to files, where temporary ones go cannot be said any more.
_SETTINGS = (
    "SET threads = 1",
    # Without it a division by zero is an infinity in place of a failure.
    "SET ieee_floating_point_ops = false",
    "SET memory_limit = '512MB'",
    "SET temp_directory = ''",
    "SET autoload_known_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET TimeZone = 'UTC'",
    "SET lock_configuration = true",
)
_SECONDS_BETWEEN = 0.02
_ROWS_AT_ONCE = 500
# The engine holds each batch several times over while it reads it.
_CHARACTERS_AT_ONCE = 4 * 1024 * 1024
_ZONED = "TIMESTAMP WITH TIME ZONE"

Row: TypeAlias = "tuple[object, ...]"


@dataclass(frozen=True)
class Found:
    """What a query finds. `columns`: names and DuckDB's types; rows come as they are asked for."""

    columns: Sequence[tuple[str, str]]
    rows: Iterator[Row]


@contextmanager
def running(
    query: DuckQuery,
    tables: Iterable[Table],
    stop: threading.Event | None = None,
    seconds: float = MOST_SECONDS,
) -> Iterator[Found]:
    """Run a query, until `stop` is set and that many seconds at most.

    Raises `SqlFailure` also while its rows are read. `stop` is set when it is over.
    """
    stop, over = stop or threading.Event(), threading.Event()
    with closing(duckdb.connect(":memory:")) as connection:
        watch = threading.Thread(
            target=_interrupt, args=(connection, stop, over, seconds), daemon=True
        )
        watch.start()
        try:
            for setting in _SETTINGS:
                connection.execute(setting)
            for table in tables:
                _fill(connection, table, query.reads)
            yield _found(connection, query.sql, dict(query.parameters))
        except duckdb.InterruptException as error:
            text = f"The emulator runs no statement longer than {seconds:g} seconds."
            raise unsupported(text) from error
        except duckdb.Error as error:
            raise _failure(error) from error
        finally:
            over.set()
            stop.set()
            watch.join()


def _interrupt(
    connection: duckdb.DuckDBPyConnection,
    stop: threading.Event,
    over: threading.Event,
    seconds: float,
) -> None:
    stop.wait(seconds)
    # One that comes between two steps of a statement has no effect.
    while not over.wait(_SECONDS_BETWEEN):
        connection.interrupt()


def _fill(
    connection: duckdb.DuckDBPyConnection, table: Table, reads: AbstractSet[str] | None = None
) -> None:
    read = [name for name in table.columns if reads is None or name in reads]
    # No table is without columns; the first one is short.
    kinds = {name: engine_type(table.columns[name]) for name in read or list(table.columns)[:1]}
    columns = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    quoted = _quoted(table.name)
    connection.execute(f"CREATE TABLE {quoted} ({columns})")
    for some in _batches(table.rows, kinds):
        connection.execute(
            f"INSERT INTO {quoted} SELECT row.* FROM (SELECT unnest(from_json(?, ?)) AS row)",  # noqa: S608 - the name is quoted
            [f"[{','.join(some)}]", json.dumps([kinds])],
        )


def _batches(rows: Iterable[JsonObject], columns: Iterable[str]) -> Iterator[list[str]]:
    """The rows as JSON, as many together as are soon read."""
    some: list[str] = []
    size = 0
    for row in rows:
        shown = {name: row[name] for name in columns if name in row}
        some.append(json.dumps(shown, ensure_ascii=False))
        size += len(some[-1])
        if len(some) >= _ROWS_AT_ONCE or size >= _CHARACTERS_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _found(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, str | None]
) -> Found:
    # What a cursor describes is coarser, up to some release after 1.2.
    described = connection.execute(f"DESCRIBE {sql}", parameters).fetchall()
    columns = [(str(name), str(kind)) for name, kind, *_ in described]
    zoned = [name for name, kind in columns if kind == _ZONED]
    if zoned:
        # Python would need another library for these.
        plain = ", ".join(f"{_quoted(name)}::TIMESTAMP AS {_quoted(name)}" for name in zoned)
        sql = f"SELECT * REPLACE ({plain}) FROM ({sql})"  # noqa: S608 - the names are quoted
    connection.execute(sql, parameters)
    return Found(columns, _rows(connection))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while some := connection.fetchmany(_ROWS_AT_ONCE):
        yield from some


def _failure(error: duckdb.Error) -> SqlFailure:
    kind, _, rest = str(error).partition(": ")
    # What follows the first line quotes the query as it was translated.
    said = rest.partition("\n")[0].strip() or kind
    for classes, part, sql_state, condition in _CONDITIONS:
        if isinstance(error, classes) and part in said:
            return SqlFailure(sql_state, condition, _SAID.get(condition, said))
    return unsupported(f"The emulator cannot run the statement: {said}")


_CONDITIONS: Sequence[tuple[type[duckdb.Error], str, str, str]] = (
    (duckdb.InvalidInputException, "Division by zero", "22012", "DIVIDE_BY_ZERO"),
    (duckdb.InvalidInputException, "out of bounds", "22003", "INVALID_ARRAY_INDEX"),
    (duckdb.ConversionException, "", "22018", "CAST_INVALID_INPUT"),
    (duckdb.BinderException, "not found", "42703", "UNRESOLVED_COLUMN"),
    (duckdb.BinderException, "GROUP BY", "42803", "MISSING_AGGREGATION"),
    (duckdb.CatalogException, "Function", "42883", "UNRESOLVED_ROUTINE"),
)
# What the engine says in their place is about settings of its own.
_SAID = {
    "DIVIDE_BY_ZERO": "Division by zero. Use `try_divide` to tolerate divisor being 0 and return "
    "NULL instead."
}
