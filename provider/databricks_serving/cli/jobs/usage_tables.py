"""The one statement of `dbserving usage`, its parameters, and what its rows say.

Nothing that anybody says becomes part of the text. The tables are of a whole region, so the
workspace is a parameter too. Source: Databricks page "System tables: Model Serving", which joins
the two tables by `served_entity_id`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation

from databricks_serving.errors import StatementFailed
from databricks_serving.report.usage import Measured

#: How many keys of a context one look may group by: each is a column of the fixed statement.
MOST_KEYS = 5
_SLOTS = tuple(f"key_{number}" for number in range(1, MOST_KEYS + 1))
#: No time is later for a TIMESTAMP parameter.
_NO_END = "9999-12-31T23:59:59Z"

# A served entity has a row for each change of it; what it was called last is its name. Calls whose
# entity has no row are kept: somebody made them, of the endpoints that are asked for perhaps.
STATEMENT = f"""\
SELECT
  entity.endpoint_name,
  entity.served_entity_name,
  entity.entity_name,
  usage.requester,
  {", ".join(f"usage.usage_context[:{slot}] AS {slot}" for slot in _SLOTS)},
  count(*) AS calls,
  count_if(usage.status_code >= 400) AS errors,
  coalesce(sum(usage.input_token_count), 0) AS input_tokens,
  coalesce(sum(usage.output_token_count), 0) AS output_tokens
FROM system.serving.endpoint_usage AS usage
LEFT JOIN (
  SELECT
    served_entity_id,
    max_by(endpoint_name, change_time) AS endpoint_name,
    max_by(served_entity_name, change_time) AS served_entity_name,
    max_by(entity_name, change_time) AS entity_name
  FROM system.serving.served_entities
  GROUP BY served_entity_id
) AS entity ON entity.served_entity_id = usage.served_entity_id
WHERE usage.request_time >= :since
  AND usage.request_time < :until
  AND (:workspace_id = '' OR usage.workspace_id = :workspace_id)
  AND (
    :endpoints = ''
    OR entity.endpoint_name IS NULL
    OR array_contains(split(:endpoints, ','), entity.endpoint_name)
  )
GROUP BY ALL
"""  # noqa: S608 - made of this module's own constants

REMEDY = (
    "The schema system.serving has to be enabled by an account admin, and the caller needs USE on "
    "it and SELECT on its tables endpoint_usage and served_entities (docs/usage.md)."
)


@dataclass(frozen=True)
class Asked:
    """What to ask the tables. `endpoints` None: all; `workspace_id` None: of the whole region.

    `keys`: of the context, at most `MOST_KEYS`. The times have a zone; `until` None: no end.
    """

    since: datetime
    until: datetime | None = None
    workspace_id: str | None = None
    endpoints: tuple[str, ...] | None = None
    keys: tuple[str, ...] = ()

    def parameters(self) -> dict[str, tuple[str, str]]:
        """By name, the value and its type. Names of endpoints have no comma in them."""
        slots = dict.fromkeys(_SLOTS, "") | dict(zip(_SLOTS, self.keys, strict=False))
        return {
            **{slot: (key, "STRING") for slot, key in slots.items()},
            "since": (instant(self.since), "TIMESTAMP"),
            "until": (_NO_END if self.until is None else instant(self.until), "TIMESTAMP"),
            "workspace_id": (self.workspace_id or "", "STRING"),
            "endpoints": (",".join(self.endpoints or ()), "STRING"),
        }

    def measured(self, rows: Iterable[Mapping[str, str | None]]) -> tuple[Measured, ...]:
        """What the rows say; a context is of the keys that were asked for.

        Raises `StatementFailed` for a row without one of the columns, or whose number is none.
        """
        try:
            return tuple(self._measured(row) for row in rows)
        except KeyError as missing:
            raise StatementFailed(
                f"The warehouse answered without the column {missing}, which it was asked for.",
                id="warehouse-odd-answer",
            ) from None

    def _measured(self, row: Mapping[str, str | None]) -> Measured:
        return Measured(
            endpoint=row["endpoint_name"],
            entity=row["served_entity_name"],
            model=row["entity_name"],
            requester=row["requester"],
            context={key: row[slot] for key, slot in zip(self.keys, _SLOTS, strict=False)},
            calls=_whole(row["calls"]),
            errors=_whole(row["errors"]),
            input_tokens=_whole(row["input_tokens"]),
            output_tokens=_whole(row["output_tokens"]),
        )


def instant(moment: datetime) -> str:
    """A time as RFC 3339 in UTC, to the second."""
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def _whole(text: str | None) -> int:
    """A count, as whatever numeric type it is written (`10`, `1.0E1`)."""
    try:
        number = Decimal(text or 0)
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        whole, number = 0, Decimal("NaN")
    if whole != number:
        raise StatementFailed(
            f"The warehouse answered with {text!r} where it counts.", id="warehouse-odd-answer"
        )
    return whole
