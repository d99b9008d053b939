"""What a statement answers, in the format JSON_ARRAY: every value is a text (contract §4)."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice

from ..wire import JsonObject
from .engine import Found, Row
from .failures import too_large
from .reading import databricks_type

#: The most that an inline answer has, in bytes. Source: REST reference, executestatement.
MOST_BYTES = 25 * 1024 * 1024

# What the API calls a type whose name in SQL is another.
_TYPE_NAMES = {"BIGINT": "LONG", "SMALLINT": "SHORT", "TINYINT": "BYTE", "VOID": "NULL"}
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def answer(found: Found, row_limit: int | None, byte_limit: int | None) -> JsonObject:
    """`manifest` and `result`, cut after that many rows or bytes; `SqlFailure` beyond 25 MiB."""
    columns = [_column(position, *one) for position, one in enumerate(found.columns)]
    rows, truncated = _cut(found.rows, row_limit, byte_limit)
    count = len(rows)
    chunk = {"chunk_index": 0, "row_offset": 0, "row_count": count}
    manifest = {
        "format": "JSON_ARRAY",
        "schema": {"column_count": len(columns), "columns": columns},
        "total_chunk_count": 1 if rows else 0,
        "total_row_count": count,
        "truncated": truncated,
    }
    if not rows:
        # As everywhere in proto-style JSON, a list that is empty is not there.
        return {"manifest": manifest, "result": chunk}
    return {"manifest": {**manifest, "chunks": [chunk]}, "result": {**chunk, "data_array": rows}}


def _cut(
    found: Iterator[Row], row_limit: int | None, byte_limit: int | None
) -> tuple[list[list[str | None]], bool]:
    rows: list[list[str | None]] = []
    size = 0
    for row in found if row_limit is None else islice(found, row_limit):
        shown = [_text(value) for value in row]
        size += sum(len(text.encode()) for text in shown if text is not None)
        if byte_limit is not None and size > byte_limit:
            return rows, True
        if size > MOST_BYTES:
            raise too_large(MOST_BYTES)
        rows.append(shown)
    return rows, row_limit is not None and next(found, None) is not None


def _column(position: int, name: str, kind: str) -> JsonObject:
    text = databricks_type(kind)
    base = text.partition("<")[0].partition("(")[0]
    column: JsonObject = {
        "name": name,
        "type_text": text.replace(", ", ",") if base == "DECIMAL" else text,
        "type_name": _TYPE_NAMES.get(base, base),
        "position": position,
    }
    if base == "DECIMAL":
        precision, scale = _digits(text)
        column |= {"type_precision": precision, "type_scale": scale}
    return column


def _digits(text: str) -> Sequence[int]:
    return [int(part) for part in text.partition("(")[2].rstrip(")").split(",")]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        return json.dumps(value, default=_text, separators=(",", ":"))
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _double(value) if isinstance(value, float) else str(value)


def _double(value: float) -> str:
    """As Java writes one: from 10^7 on, and below 10^-3, with an exponent (`1.0E10`)."""
    if not math.isfinite(value):
        return _NOT_FINITE[str(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return str(value)
    sign, digits, exponent = Decimal(str(value)).normalize().as_tuple()
    first, *more = map(str, digits)
    power = int(exponent) + len(more)
    return f"{'-' * sign}{first}.{''.join(more) or '0'}E{power}"
