"""The named parameters of a statement, in the places of their markers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from ..wire import JsonObject
from .failures import syntax_error, unbound_parameter, unsupported
from .rewrites import FROM_DIALECT

# The REST reference takes no arrays, maps and structs.
_TYPE = re.compile(r"[A-Za-z_]+( [A-Za-z]+)*(\( ?\d{1,3} ?(, ?\d{1,3} ?)?\))?")


def name_tables(tree: exp.Expr, parameters: Sequence[JsonObject]) -> None:
    """Let `IDENTIFIER(:name)` be the table of that name; `SqlFailure` without such a parameter."""
    given = _given(parameters)
    for table in list(tree.find_all(exp.Table)):
        call = table.this
        if not isinstance(call, exp.Anonymous) or call.name.upper() != "IDENTIFIER":
            continue
        (said,) = call.expressions
        if not isinstance(said, exp.Placeholder) and not said.is_string:
            raise unsupported("The emulator reads IDENTIFIER of one text or one parameter alone.")
        if isinstance(said, exp.Placeholder) and said.name not in given:
            raise unbound_parameter(said.name or "?")
        text = given[said.name].get("value") if isinstance(said, exp.Placeholder) else said.name
        named = exp.to_table(text or "", dialect=FROM_DIALECT)
        for part in ("this", "db", "catalog"):
            table.set(part, named.args.get(part))


def _given(parameters: Sequence[JsonObject]) -> dict[str, JsonObject]:
    return {one["name"]: one for one in parameters if one.get("name")}


def bind(tree: exp.Expr, parameters: Sequence[JsonObject]) -> dict[str, str | None]:
    """Let each marker be a value of its type, and answer the values by name; or `SqlFailure`."""
    given = _given(parameters)
    bound: dict[str, str | None] = {}
    for marker in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        name = marker.name
        if name not in given:
            raise unbound_parameter(name or "?")
        wanted = given[name].get("type") or "STRING"
        if not _TYPE.fullmatch(wanted):
            raise syntax_error(f"Syntax error: a parameter cannot be of the type {wanted}.")
        if wanted.upper() == "VOID":
            marker.replace(exp.Null())
            continue
        kind = exp.DataType.build(wanted, dialect=FROM_DIALECT)
        bound[name] = given[name].get("value")
        marker.replace(exp.cast(exp.Placeholder(this=name), kind))
    return bound
