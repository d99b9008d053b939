"""The ledger: what the tables hold. Whoever calls holds the workspace's lock."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..queries.records import MOST_CHARACTERS, MOST_KEPT, Query
from ..serving.model import Endpoint
from ..wire import JsonObject
from .columns import ENTITIES, ENTITIES_NAME, USAGE, USAGE_NAME, Columns
from .inference import InferenceTable, inference_tables
from .rows import entity_rows, payload_row, timestamp, usage_row

_Value = TypeVar("_Value")

#: How many entities of config versions are listed; the oldest go first.
MOST_ENTITIES = 50_000
#: How many inference tables are known, also of endpoints that were deleted; the oldest go first.
MOST_TABLES = 10_000


@dataclass(frozen=True)
class Table:
    """A table as a statement finds it.

    owner: who may read it besides the admins; None: nobody
    """

    name: str
    columns: Columns
    rows: Iterable[JsonObject]
    owner: str | None = None


class _Kept:
    """Rows with the name of their table, folded: the oldest of too many, or too long, go first."""

    def __init__(self) -> None:
        self._rows: deque[tuple[str, JsonObject, int]] = deque()
        self._characters = 0

    def copy(self) -> _Kept:
        copied = _Kept()
        copied._rows = self._rows.copy()
        copied._characters = self._characters
        return copied

    def add(self, table: str, row: JsonObject) -> None:
        size = sum(len(value) for value in row.values() if isinstance(value, str))
        size += sum(len(key) + len(value or "") for key, value in _maps(row))
        self._rows.append((table, row, size))
        self._characters += size
        while len(self._rows) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            self._characters -= self._rows.popleft()[2]

    def of(self, table: str) -> list[JsonObject]:
        return [row for name, row, _ in self._rows if name == table]


def _maps(row: JsonObject) -> Iterable[tuple[str, str | None]]:
    return (item for value in row.values() if isinstance(value, dict) for item in value.items())


class Ledger:
    """The tables of one workspace: `system.serving`, and every inference table that was ever on.

    A row is there when the setting was on as it happened; switching it off takes none away.
    """

    def __init__(self, workspace_id: str) -> None:
        # No source of an account: it is made up, and always the same for a workspace.
        account_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{workspace_id}.emulator"))
        self._ids = {"account_id": account_id, "workspace_id": workspace_id}
        self.clear()

    def clear(self) -> None:
        """There was no endpoint and no query."""
        self._entities: dict[str, JsonObject] = {}
        self._deleted: dict[str, str] = {}
        self._usage = _Kept()
        self._payloads = _Kept()
        self._inference: dict[str, InferenceTable] = {}

    def copy(self) -> Ledger:
        """What the tables hold now. Rows are shared: none is ever changed."""
        copied = Ledger(self._ids["workspace_id"])
        copied._entities = self._entities.copy()
        copied._deleted = self._deleted.copy()
        copied._usage = self._usage.copy()
        copied._payloads = self._payloads.copy()
        copied._inference = self._inference.copy()
        return copied

    def begin(self, endpoints: Iterable[Endpoint]) -> None:
        """There are those endpoints, and there was no query."""
        self.clear()
        for endpoint in endpoints:
            self.note_endpoint(endpoint)

    def note_endpoint(self, endpoint: Endpoint) -> None:
        """An endpoint was written: what it serves is listed, and its tables are made."""
        if tracks_usage(endpoint):
            for config in (endpoint.active, endpoint.pending):
                self._list_entities(entity_rows(endpoint, config) if config else {})
        for table in inference_tables(endpoint):
            self._make(table)

    def note_deletion(self, endpoint_id: str, at: float) -> None:
        """An endpoint was deleted, in seconds since the epoch; its rows stay and say so."""
        if any(row["endpoint_id"] == endpoint_id for row in self._entities.values()):
            self._deleted[endpoint_id] = timestamp(at)
            _keep_last(self._deleted, MOST_ENTITIES)

    def note_query(self, endpoint: Endpoint, query: Query) -> None:
        """A query was answered by the endpoint as it is."""
        if tracks_usage(endpoint):
            self._usage.add(USAGE_NAME, usage_row(query))
        for table in inference_tables(endpoint):
            self._make(table)
            if query.sampled or table.fraction == 1:
                self._payloads.add(table.name.casefold(), payload_row(table, endpoint, query))

    def find(self, name: str) -> Table | None:
        """The table of that full name, in any case; None when there is none."""
        folded = name.casefold()
        if folded == ENTITIES_NAME:
            rows = [self._entity(row) for row in self._entities.values()]
            return Table(ENTITIES_NAME, ENTITIES, rows)
        if folded == USAGE_NAME:
            rows = [{**row, **self._ids} for row in self._usage.of(USAGE_NAME)]
            return Table(USAGE_NAME, USAGE, rows)
        table = self._inference.get(folded)
        if table is None:
            return None
        return Table(table.name, table.columns, self._payloads.of(folded), table.owner)

    def _list_entities(self, rows: Mapping[str, JsonObject]) -> None:
        for entity_id, row in rows.items():
            self._entities.setdefault(entity_id, row)
        _keep_last(self._entities, MOST_ENTITIES)

    def _make(self, table: InferenceTable) -> None:
        self._inference.setdefault(table.name.casefold(), table)
        _keep_last(self._inference, MOST_TABLES)

    def _entity(self, row: JsonObject) -> JsonObject:
        deleted = self._deleted.get(row["endpoint_id"])
        return {**row, **self._ids, "endpoint_delete_time": deleted}


def _keep_last(kept: dict[str, _Value], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]


def tracks_usage(endpoint: Endpoint) -> bool:
    """Whether the gateway's usage tracking is on."""
    tracking: JsonObject = endpoint.ai_gateway.get("usage_tracking_config", {})
    return bool(tracking.get("enabled"))
