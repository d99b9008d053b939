"""From a statement in Databricks' SQL to a query for DuckDB.

What is no query is refused, and so is what a query must not be able to do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.parser import Parser

from ..wire import JsonObject
from .binding import bind, name_tables
from .failures import SqlFailure, empty_statement, syntax_error, unsupported
from .functions import check_functions, function, mean_the_same
from .rewrites import FROM_DIALECT, TO_DIALECT
from .rows import timestamp

#: How long a statement may be, in characters.
MOST_CHARACTERS = 100_000
# sqlglot tries each `date(` as a type first, so that time doubles with each one in another.
_MOST_TYPES_DEEP = 4

_QUERIES = {
    TokenType.SELECT,
    TokenType.WITH,
    TokenType.FROM,
    TokenType.L_PAREN,
}
_WRITES = {TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE, TokenType.MERGE}
_DIFFERENCES = {"DATEDIFF", "DATE_DIFF"}
_COMMAS_WITH_UNIT = 2
_OPEN = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSED = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}
_NOW = {"current_timestamp", "current_datetime", "localtimestamp", "now"}
# sqlglot meets odd statements with errors of Python's own, too.
_UNREADABLE = (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, LookupError)
# Types that only DuckDB has.
_LIKE = {"HUGEINT": "BIGINT", "UBIGINT": "BIGINT", "UINTEGER": "BIGINT", "JSON": "VARCHAR"}

Named: TypeAlias = "tuple[str, ...]"
#: The full name of the table that those parts stand for; it raises `SqlFailure` for none.
Find: TypeAlias = "Callable[[Named], str]"


@dataclass(frozen=True)
class Setting:
    """What a statement is run with. `now`: seconds since the epoch."""

    user: str
    now: float
    parameters: Sequence[JsonObject] = ()


@dataclass(frozen=True)
class DuckQuery:
    """A query in DuckDB's SQL, the tables named in full as one word, and its parameters.

    reads: the names of the columns that it may read, in small letters; None: all of them
    """

    sql: str
    parameters: Mapping[str, str | None]
    reads: AbstractSet[str] | None = None


def parsed(text: str) -> exp.Expr:
    """The one query that the statement is, or a write; `SqlFailure` for anything else."""
    if len(text) > MOST_CHARACTERS:
        raise unsupported(f"The emulator reads at most {MOST_CHARACTERS} characters of SQL.")
    with _readable():
        tokens = sqlglot.tokenize(text, dialect=FROM_DIALECT)
        _check_tokens(tokens)
        text = _with_units(text, tokens)
        trees = [tree for tree in sqlglot.parse(text, dialect=FROM_DIALECT) if tree]
    trees = [tree for tree in trees if not isinstance(tree, exp.Semicolon)]
    if len(trees) != 1:
        raise syntax_error("Syntax error: only one statement is allowed.")
    return trees[0]


def _check_tokens(found: Sequence[Token]) -> None:
    tokens = [token for token in found if token.token_type is not TokenType.SEMICOLON]
    if not tokens:
        raise empty_statement()
    if tokens[0].token_type not in _QUERIES | _WRITES:
        raise only_queries()
    open_types: list[bool] = []
    for before, token in pairwise(tokens):
        if token.token_type is TokenType.L_PAREN:
            open_types.append(before.token_type in Parser.TYPE_TOKENS)
            if open_types[-1] and sum(open_types) > _MOST_TYPES_DEEP:
                raise unsupported("The emulator reads no types that stand as deep in each other.")
        elif token.token_type is TokenType.R_PAREN and open_types:
            open_types.pop()


def _with_units(text: str, tokens: Sequence[Token]) -> str:
    """`datediff` with a unit by its other name: sqlglot takes the one with two dates for a DAY."""
    named: list[Token] = []
    open_calls: list[tuple[Token, int]] = []
    for before, token in pairwise(tokens):
        if token.token_type in _OPEN:
            open_calls.append((before, 0))
        elif token.token_type in _CLOSED and open_calls:
            call, commas = open_calls.pop()
            if call.text.upper() in _DIFFERENCES and commas == _COMMAS_WITH_UNIT:
                named.append(call)
        elif token.token_type is TokenType.COMMA and open_calls:
            call, commas = open_calls.pop()
            open_calls.append((call, commas + 1))
    for call in sorted(named, key=lambda one: one.start, reverse=True):
        text = f"{text[: call.start]}TIMESTAMPDIFF{text[call.end + 1 :]}"
    return text


def only_queries() -> SqlFailure:
    """What is no query."""
    return unsupported("The emulator runs queries only: SELECT.")


def tables_named(tree: exp.Expr) -> Iterator[exp.Table]:
    """The tables that a statement names, in the order of its text; not what WITH names itself."""
    for table in tree.find_all(exp.Table, bfs=False):
        if _has_name(table) and (table.db or not _is_inside(table)):
            yield table


def _has_name(table: exp.Table) -> bool:
    """Whether it is no function; a name of more than three parts is a name, too."""
    return isinstance(table.this, (exp.Identifier, exp.Dot))


def _is_inside(table: exp.Table) -> bool:
    around = table.parent
    while around is not None:
        named = {cte.alias.casefold() for cte in getattr(around, "ctes", [])}
        if table.name.casefold() in named:
            return True
        around = around.parent
    return False


def name_parts(table: exp.Table) -> Named:
    """The parts of a table's name, as written."""
    return tuple(part.name for part in table.parts)


def for_duckdb(tree: exp.Expr, find: Find, setting: Setting) -> DuckQuery:
    """The query as DuckDB takes it; `SqlFailure` for what is none, or does more than read."""
    with _readable():
        name_tables(tree, setting.parameters)
    found = {id(table): find(name_parts(table)) for table in tables_named(tree)}
    if not isinstance(tree, exp.Query) or tree.find(exp.DML, exp.DDL, exp.Into, exp.Command):
        raise only_queries()
    _check_functions(tree)
    read = _columns_read(tree)
    with _readable():
        _name_columns(tree)
        _name_tables(tree, found)
        bound = bind(tree, setting.parameters)
        mean_the_same(tree)
        _set_scene(tree, setting)
        _in_utc(tree)
        _read_json(tree)
        sql = tree.sql(dialect=TO_DIALECT, unsupported_level=ErrorLevel.IGNORE)
    return DuckQuery(sql, bound, read)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise syntax_error("Syntax error: the emulator cannot read the statement.") from error


def _check_functions(tree: exp.Expr) -> None:
    for table in tree.find_all(exp.Table):
        if not _has_name(table):
            raise unsupported("The emulator runs no table-valued functions.")
    check_functions(tree)


def _columns_read(tree: exp.Expr) -> AbstractSet[str] | None:
    """The names of the columns that a query may read; None: all, or it does not say which."""
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            return None
    if tree.find(exp.Pivot) or any(join.args.get("method") for join in tree.find_all(exp.Join)):
        return None
    tables = {table.alias_or_name.casefold() for table in tree.find_all(exp.Table)}
    named = {column.name.casefold() for column in tree.find_all(exp.Column)}
    # A table's name in place of a column's is a whole row.
    if tables & named:
        return None
    return {one.name.casefold() for one in tree.find_all(exp.Identifier)}


def _name_columns(tree: exp.Query) -> None:
    """Let a column without a name have the text of its expression, as Databricks does."""
    for select in tree.selects:
        if not isinstance(select, (exp.Alias, exp.Aliases, exp.Column, exp.Dot, exp.Star)):
            text = select.sql(dialect=FROM_DIALECT, normalize_functions="lower")
            named = exp.Alias(alias=exp.to_identifier(text, quoted=True))
            select.replace(named)
            named.set("this", select)


def _name_tables(tree: exp.Expr, found: Mapping[int, str]) -> None:
    for table in list(tree.find_all(exp.Table)):
        name = found.get(id(table))
        if name is None:
            continue
        if not table.alias:
            alias = exp.to_identifier(table.name, quoted=True)
            table.set("alias", exp.TableAlias(this=alias))
        table.set("this", exp.to_identifier(name, quoted=True))
        table.set("db", None)
        table.set("catalog", None)
    full = {name.casefold() for name in found.values()}
    for column in tree.find_all(exp.Column):
        parts = [part.name.casefold() for part in column.parts[:-1]]
        if ".".join(parts) in full:  # catalog.schema.table.column
            column.set("db", None)
            column.set("catalog", None)


def _set_scene(tree: exp.Expr, setting: Setting) -> None:
    moment = timestamp(setting.now)
    # What stands in another comes first.
    for call in reversed(list(tree.find_all(exp.Func))):
        name = function(call)
        if name in {"current_user", "session_user"}:
            call.replace(exp.Literal.string(setting.user))
        elif name in {"current_date", "curdate"}:
            call.replace(exp.cast(exp.Literal.string(moment[:10]), "DATE"))
        elif name in _NOW:
            call.replace(exp.cast(exp.Literal.string(moment), exp.DataType.Type.TIMESTAMPNTZ))
        elif isinstance(call, exp.StrToUnix):  # which may be given a timestamp, too
            when = exp.cast(call.this, exp.DataType.Type.TIMESTAMPNTZ)
            seconds = exp.Anonymous(this="EPOCH", expressions=[when])
            call.replace(exp.cast(seconds, exp.DataType.Type.BIGINT))


def _in_utc(tree: exp.Expr) -> None:
    """Let a text with a zone be a moment, and every moment be one of UTC."""
    zoned = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)
    for cast_to in reversed(list(tree.find_all(exp.Cast))):
        if cast_to.to.this in zoned:
            inner = cast_to.copy()
            outer = exp.Cast(this=inner, to=exp.DataType.build(exp.DataType.Type.TIMESTAMPNTZ))
            cast_to.replace(outer)


def _read_json(tree: exp.Expr) -> None:
    """Let what is found in JSON be a text; in a text that is no JSON it is NULL."""
    kind = exp.DataType.build(exp.DataType.Type.JSON)
    for look in reversed(list(tree.find_all(exp.JSONExtract, exp.JSONExtractScalar))):
        look.set("this", exp.TryCast(this=look.this, to=kind.copy()))
        if look.find(exp.JSONPathWildcard):  # as many as there are, in a list
            parts = {"this": look.this, "expression": look.expression}
            listed = exp.Anonymous(this="TO_JSON", expressions=[exp.JSONExtract(**parts)])
            look.replace(exp.cast(listed, "TEXT"))
        elif isinstance(look, exp.JSONExtract):
            look.replace(exp.JSONExtractScalar(this=look.this, expression=look.expression))


def engine_type(kind: str) -> str:
    """A type of Databricks' SQL as DuckDB calls it; times have no zone, for all are UTC."""
    built = exp.DataType.build(kind, dialect=FROM_DIALECT)
    return built.sql(TO_DIALECT).replace("TIMESTAMPTZ", "TIMESTAMP")


def databricks_type(kind: str) -> str:
    """A type of DuckDB's as Databricks' SQL calls it."""
    try:
        built = exp.DataType.build(_LIKE.get(kind, kind), dialect=TO_DIALECT)
    except SqlglotError:
        return "STRING"
    return built.sql(FROM_DIALECT).replace("TIMESTAMP_NTZ", "TIMESTAMP")
