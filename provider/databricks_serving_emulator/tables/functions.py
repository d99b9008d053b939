"""What functions of Databricks' SQL mean, where DuckDB's of that name mean something else.

Source: the documentation's pages on each function. Which of them are not run at all is said here,
too: no wrong value is answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from sqlglot import exp

from .failures import unsupported
from .rewrites import (
    FROM_DIALECT,
    MAPS,
    TO_DIALECT,
    item,
    template,
    to_whole_number,
    whole_units,
    with_escape,
)

#: How long a list or a text may be whose length a statement says: no limit of memory is asked.
_LONGEST = 10_000
_GROWING = frozenset({"bitstring", "generate_series", "range", "repeat", "space"})
# DuckDB answers all of these, and otherwise.
_OTHERWISE = frozenset(
    {
        "current_catalog",
        "current_database",
        "current_schema",
        "current_setting",
        "hash",
        "typeof",
        "version",
    }
)
_PADDED = frozenset({"lpad", "pad", "rpad"})
_UNITS = {
    **dict.fromkeys(("MM", "MON", "MONTH"), "month"),
    **dict.fromkeys(("YEAR", "YYYY", "YY"), "year"),
    "QUARTER": "quarter",
    "WEEK": "week",
}

_DAYS = frozenset({"DAYOFWEEK", "DOW"})

_Rewrite: TypeAlias = "Callable[[exp.Expr], exp.Expr | None]"


def function(call: exp.Expr) -> str:
    """The name of a function, in small letters."""
    if isinstance(call, exp.Anonymous):
        return call.name.lower()
    return call.sql_name().lower() if isinstance(call, exp.Func) else ""


def check_functions(tree: exp.Expr) -> None:
    """Raise `SqlFailure` for what would answer otherwise, or at any length."""
    for call in tree.find_all(exp.Func):
        name = function(call)
        if name in _GROWING | _OTHERWISE and not (name == "generate_series" and _is_short(call)):
            said = "sequence" if name == "generate_series" else name
            raise unsupported(f"The emulator does not run the function {said}.")
        if name in _PADDED and not _is_little(_length_of_pad(call)):
            raise unsupported(f"The emulator pads to at most {_LONGEST} characters, said as such.")


def _length_of_pad(call: exp.Expr) -> exp.Expr | None:
    return call.args.get("expression") if isinstance(call, exp.Pad) else None


def _is_short(call: exp.Expr) -> bool:
    """Whether a sequence is one of whole numbers that the statement says, and not long."""
    said = (call.args.get("start"), call.args.get("end"))
    return call.args.get("step") is None and all(_is_little(one) for one in said)


def _is_little(said: exp.Expr | None) -> bool:
    number = said.this if isinstance(said, exp.Neg) else said
    return isinstance(number, exp.Literal) and number.is_int and int(number.name) <= _LONGEST


def mean_the_same(tree: exp.Expr) -> None:
    """Let each function and operator answer what it does in Databricks' SQL."""
    # What stands in another comes first.
    for node in reversed(list(tree.walk())):
        rewrite = _REWRITES.get(type(node).__name__)
        wanted = rewrite(node) if rewrite else None
        if wanted is not None:
            node.replace(wanted)


def _day_of_week(node: exp.Expr) -> exp.Expr:
    # The first day is 1 in place of 0: Sunday.
    return exp.paren(template("DAYOFWEEK(CAST(:day AS DATE)) + 1", day=node.this))


def _part_of_day(node: exp.Expr) -> exp.Expr | None:
    if node.name.upper() not in _DAYS:
        return None
    return _day_of_week(exp.Anonymous(this=node.expression))


def _later_day(node: exp.Expr) -> exp.Expr | None:
    if node.text("unit").upper() != "DAY":
        return None
    text = "CAST(:day AS DATE) + CAST(:days AS INTEGER)"
    return exp.paren(template(text, day=node.this, days=node.expression))


def _date_beside_interval(node: exp.Expr) -> exp.Expr | None:
    date, interval = node.this, node.expression
    is_date = isinstance(date, (exp.CurrentDate, exp.TsOrDsToDate)) or (
        isinstance(date, exp.Cast) and date.is_type("date")
    )
    days = ("DAY", "WEEK", "MONTH", "YEAR")
    if not is_date or not isinstance(interval, exp.Interval):
        return None
    if not interval.text("unit").upper().startswith(days):
        return None
    return exp.cast(node.copy(), "DATE")


def _start_of_date(node: exp.Expr) -> exp.Expr | None:
    unit = _UNITS.get(node.text("unit").upper())
    if unit is None:
        raise unsupported("The emulator runs trunc with the units YEAR, QUARTER, MONTH and WEEK.")
    return template(f"CAST(DATE_TRUNC('{unit}', CAST(:day AS DATE)) AS DATE)", day=node.this)


def _in_zone(node: exp.Expr) -> exp.Expr:
    # A time is one of UTC; what has no zone DuckDB would take for one of the zone.
    text = "(CAST(:time AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE :zone)"
    return template(text, time=node.this, zone=node.args["zone"])


def _percentile(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="QUANTILE_CONT", expressions=[node.this, node.args["quantile"]])


def _item_at(node: exp.Expr) -> exp.Expr:
    # One of the values, as Databricks has it; what it may be off by is not made up.
    return exp.Anonymous(this="QUANTILE_DISC", expressions=[node.this, node.args["quantile"]])


def _count_if(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node.this, exp.Distinct):
        return None
    return template("COUNT(CASE WHEN :condition THEN 1 END)", condition=node.this)


def _substring(node: exp.Expr) -> exp.Expr | None:
    start = node.args.get("start")
    if start is not None and not (isinstance(start, exp.Literal) and start.name != "0"):
        node.set("start", template("CASE WHEN :start = 0 THEN 1 ELSE :start END", start=start))
    return None


def _from_json(node: exp.Expr) -> exp.Expr:
    if not node.expression.is_string or node.args.get("options"):
        raise unsupported("The emulator runs from_json with a schema that is a text.")
    said = node.expression.name
    kind = _json_type(said if "<" in said.partition(" ")[0] else f"STRUCT<{said}>")
    text = "FROM_JSON(TRY_CAST(:text AS JSON), :kind)"
    return template(text, text=node.this, kind=exp.Literal.string(json.dumps(kind)))


def _json_type(said: str) -> str:
    kind = exp.DataType.build(said, dialect=FROM_DIALECT).sql(TO_DIALECT)
    return kind.replace("TIMESTAMPTZ", "TIMESTAMP")


def _contains_key(node: exp.Expr) -> exp.Expr:
    text = "ARRAY_CONTAINS(MAP_KEYS(:map), :key)"
    return template(text, map=node.this, key=node.args["key"])


def _size(node: exp.Expr) -> exp.Expr | None:
    column = node.this
    # Of them alone it is known: DuckDB asks for the size of one by another name.
    is_map = isinstance(column, exp.Column) and column.name.lower() in MAPS
    return template("CARDINALITY(:map)", map=column) if is_map else None


def _exploded(node: exp.Expr) -> None:
    """A map in the list of what is selected: two columns."""
    columns = _entry(node.this, node.expressions)
    if columns and isinstance(node.parent, exp.Select):
        around = [columns if one is node else [one] for one in node.parent.expressions]
        node.parent.set("expressions", [column for some in around for column in some])


def _viewed(node: exp.Expr) -> None:
    """A map in a LATERAL VIEW: two columns for each row that is beside it."""
    alias, select = node.args.get("alias"), node.parent
    if not isinstance(alias, exp.TableAlias) or not isinstance(select, exp.Select):
        return
    columns = _entry(node.this, alias.columns)
    if not columns:
        return
    rows = exp.select(*columns).subquery(alias.name)
    outer = {"side": "LEFT", "on": exp.true()} if node.args.get("outer") else {"kind": "CROSS"}
    node.pop()
    select.append("joins", exp.Join(this=rows, **outer))


def _entry(exploded: exp.Expr, names: Sequence[exp.Expr]) -> list[exp.Expr]:
    """Key and value of what is a map, for two names are given to it; else nothing."""
    if type(exploded) is not exp.Explode or len(names) != len(_ENTRY):
        return []
    whole = [template(text, map=exploded.this) for text in _ENTRY]
    return [exp.alias_(one, name.name, quoted=True) for one, name in zip(whole, names, strict=True)]


def _by_name(node: exp.Expr) -> exp.Expr | None:
    """Functions that sqlglot knows by their name alone."""
    name, given = function(node), node.expressions
    if name in {"date_part", "datepart"} and given and given[0].name.upper() in _DAYS:
        return _day_of_week(exp.Anonymous(this=given[-1]))
    write = _BY_NAME.get(name)
    return template(write, x=given[0]) if write and len(given) == 1 else None


_ENTRY = ("UNNEST(MAP_KEYS(:map))", "UNNEST(MAP_VALUES(:map))")
_BY_NAME = {
    "weekday": "(ISODOW(CAST(:x AS DATE)) - 1)",
    "timestamp_millis": "EPOCH_MS(CAST(:x AS BIGINT))",
    "octet_length": "OCTET_LENGTH(ENCODE(:x))",
}
_REWRITES: Mapping[str, _Rewrite] = {
    "Add": _date_beside_interval,
    "Aliases": _exploded,
    "Anonymous": _by_name,
    "ApproxQuantile": _item_at,
    "ArraySize": _size,
    "AtTimeZone": _in_zone,
    "Bracket": item,
    "Cast": to_whole_number,
    "CountIf": _count_if,
    "DateTrunc": _start_of_date,
    "DayOfWeek": _day_of_week,
    "Extract": _part_of_day,
    "FromJson": _from_json,
    "ILike": with_escape,
    "Lateral": _viewed,
    "Like": with_escape,
    "MapContainsKey": _contains_key,
    "Quantile": _percentile,
    "Sub": _date_beside_interval,
    "Substring": _substring,
    "TimestampDiff": whole_units,
    "TryCast": to_whole_number,
    "TsOrDsAdd": _later_day,
}
