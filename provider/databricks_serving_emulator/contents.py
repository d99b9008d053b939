"""What the workspace holds and, with a file, keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, ValuesView
from dataclasses import dataclass, field, fields
from typing import TypeVar

from .directory import Group, Principal
from .grants import AccessList
from .scopes_model import Scope
from .serving.model import Endpoint
from .serving.registry import RegisteredModel

ValueT = TypeVar("ValueT")


class Table(MutableMapping[str, ValueT]):
    """Frozen values by name: whoever changes one puts a new value in its place.

    is_touched: whether anything was put in or taken out since somebody last said that it was not.
        Most requests are GETs, which touch nothing: what looks for changes does not have to look
        at thousands of values after each of them
    """

    def __init__(self, rows: Mapping[str, ValueT] | None = None) -> None:
        self._rows = dict(rows or {})
        self.is_touched = True

    def __getitem__(self, name: str) -> ValueT:
        return self._rows[name]

    def __setitem__(self, name: str, value: ValueT) -> None:
        if name in self._rows and self._rows[name] is value:
            return
        self._rows[name] = value
        self.is_touched = True

    def __delitem__(self, name: str) -> None:
        del self._rows[name]
        self.is_touched = True

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def values(self) -> ValuesView[ValueT]:
        """The values, as a dict has them: without a look-up for each."""
        return self._rows.values()

    def clear(self) -> None:
        """Hold nothing."""
        self.take({})

    def take(self, rows: Mapping[str, ValueT]) -> None:
        """Hold what the other holds, and nothing else."""
        self._rows = dict(rows)
        self.is_touched = True


@dataclass(kw_only=True)
class Contents:
    """What there is, in tables.

    endpoints: by name
    scopes: by name, folded
    principals, groups: by name
    grants: direct permissions by endpoint id; one that was never written has its default ones
    models: registered models by name, of which somebody has said what they are
    """

    endpoints: Table[Endpoint] = field(default_factory=Table)
    scopes: Table[Scope] = field(default_factory=Table)
    principals: Table[Principal] = field(default_factory=Table)
    groups: Table[Group] = field(default_factory=Table)
    grants: Table[AccessList] = field(default_factory=Table)
    models: Table[RegisteredModel] = field(default_factory=Table)

    def tables(self) -> dict[str, Table[object]]:
        """The tables by name; they go on changing with the contents."""
        return {table.name: getattr(self, table.name) for table in fields(Contents)}

    def take(self, other: Contents) -> None:
        """Hold what the other holds, and nothing else."""
        theirs = other.tables()
        for name, table in self.tables().items():
            table.take(theirs[name])
