"""What Databricks' SQL means where DuckDB's answer hangs on the type, which only DuckDB knows.

Source: the documentation's pages on `cast`, `timestampdiff`, `like`, `element_at` and array access.
"""

from __future__ import annotations

from sqlglot import exp

from .failures import unsupported

FROM_DIALECT = "databricks"
TO_DIALECT = "duckdb"

#: What is known to be a map: columns of that name.
MAPS = frozenset({"usage_context", "request_metadata"})

# What is rewritten here is repeated in its place: its text grows with each one in another.
_MOST_DEEP = 3
_REPEATED = (exp.Cast, exp.TimestampDiff, exp.Bracket)
_WHOLE = {
    exp.DataType.Type.TINYINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_SPANS = frozenset({"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK"})
# A text that DuckDB takes for a whole number, and Databricks does not: 1.5, 1e3, 1_000, 0x1F.
_NOT_WHOLE = r"^(\s*[+-]?[0-9.]+[^0-9\s].*|\s*[+-]?[0-9]*\..*)$"


def template(text: str, /, **parts: exp.Expr) -> exp.Expr:
    """An expression in DuckDB's SQL, with `:name` for each part."""
    tree: exp.Expr = exp.maybe_parse(text, dialect=TO_DIALECT)
    # A part may be there more than once, and no node has two parents.
    return exp.replace_placeholders(tree, **parts).copy()


def to_whole_number(node: exp.Expr) -> exp.Expr | None:
    """A cast to one: of numbers, DuckDB rounds and Databricks cuts; of texts, it takes no other."""
    inner, to = node.this, node.args["to"]
    if to.this not in _WHOLE or inner.is_int:
        return None
    _check_depth(node)
    name = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    kind = to.sql(TO_DIALECT)
    text = (
        "CASE REPLACE(SPLIT_PART(TYPEOF(:x), '(', 1), 'FLOAT', 'DOUBLE') "
        f"WHEN 'DOUBLE' THEN {name}(TRUNC(TRY_CAST(:x AS DOUBLE)) AS {kind}) "
        f"WHEN 'DECIMAL' THEN {name}(SPLIT_PART(CAST(:x AS TEXT), '.', 1) AS {kind}) "
        f"WHEN 'VARCHAR' THEN {name}(REGEXP_REPLACE(CAST(:x AS TEXT), :form, :quoted) AS {kind}) "
        f"ELSE {name}(:x AS {kind}) END"
    )
    form, quoted = exp.Literal.string(_NOT_WHOLE), exp.Literal.string(r'"\1"')
    return template(text, x=inner, form=form, quoted=quoted)


def whole_units(node: exp.Expr) -> exp.Expr:
    """`timestampdiff`: how many whole units, where DuckDB's counts the boundaries of units."""
    unit = node.text("unit").upper()
    parts = {"start": node.expression, "end": node.this}
    if unit in _SPANS:
        text = f"DATESUB('{unit}', CAST(:start AS TIMESTAMP), CAST(:end AS TIMESTAMP))"
        return template(text, **parts)
    if unit not in _MONTHS:
        known = ", ".join(sorted({*_SPANS, *_MONTHS}))
        raise unsupported(f"The emulator runs timestampdiff with the units {known}.")
    _check_depth(node)
    # DuckDB's own takes the last day of a short month for a whole one.
    return template(_whole_months(_MONTHS[unit]), **parts)


def _whole_months(months: int) -> str:
    start, end = "CAST(:start AS TIMESTAMP)", "CAST(:end AS TIMESTAMP)"
    into_start = f"({start} - DATE_TRUNC('month', {start}))"
    into_end = f"({end} - DATE_TRUNC('month', {end}))"
    not_whole = (
        f"CASE WHEN {start} <= {end} AND {into_end} < {into_start} THEN 1 "
        f"WHEN {start} > {end} AND {into_end} > {into_start} THEN -1 ELSE 0 END"
    )
    return f"CAST(TRUNC((DATEDIFF('month', {start}, {end}) - {not_whole}) / {months}) AS BIGINT)"


def with_escape(node: exp.Expr) -> exp.Expr | None:
    """LIKE: a backslash escapes, where the statement names no other character."""
    pattern = node.expression
    if isinstance(node.parent, exp.Escape) or (pattern.is_string and "\\" not in pattern.name):
        return None
    if isinstance(pattern, (exp.All, exp.Any)):
        if any("\\" in text.name for text in pattern.find_all(exp.Literal)):
            raise unsupported("The emulator reads no backslash in the texts of LIKE ANY and ALL.")
        return None
    # No copy, which would be one of all that stands in it.
    return exp.Escape(this=type(node)(**node.args), expression=exp.Literal.string("\\"))


def item(node: exp.Expr) -> exp.Expr | None:
    """One of an array, which fails beyond its end; what is not in a map is NULL."""
    held = node.this
    is_map = isinstance(held, exp.Column) and held.name.lower() in MAPS
    if is_map or len(node.expressions) != 1:
        return None
    (index,) = node.expressions
    if index.is_string or (isinstance(index, exp.Cast) and index.is_type(*exp.DataType.TEXT_TYPES)):
        return None
    if not index.is_int or isinstance(held, (exp.Map, exp.VarMap)):
        raise unsupported("The emulator reads in brackets a number, or a text, said as such.")
    _check_depth(node)
    said = int(index.to_py())
    from_one = node.args.get("offset") == 1
    least = abs(said) if from_one else said + 1
    text = (
        f"CASE WHEN LEN(TRY_CAST(:held AS VARCHAR[])) < {least} OR {least} < 1 "
        f"THEN ERROR('The index {said} is out of bounds. The array has ' "
        "|| LEN(TRY_CAST(:held AS VARCHAR[])) || ' elements.') ELSE :own END"
    )
    return template(text, held=held, own=node.copy())


def _check_depth(node: exp.Expr) -> None:
    found = 0
    around = node.parent
    while around is not None:
        found += isinstance(around, _REPEATED)
        around = around.parent
    if found > _MOST_DEEP:
        raise unsupported("The emulator reads no brackets and casts that stand as deep in others.")
