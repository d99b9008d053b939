"""Lists as the API answers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import Self

from databricks_serving.errors import Answered, ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .transport import Json


def entries_of(path: str, answered: Json, name: str) -> list[Json]:
    """The objects of an answered list, none where it has no such list. Raises `ApiError`."""
    entries = answered.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise odd_list(path)
    return entries


def odd_list(path: str) -> ApiError:
    """The error of an answer that is not the list that was asked for."""
    return ApiError(Answered(f"GET {path}", 200, "", "something that is no such list"))


@dataclass(frozen=True)
class UpdatesUnderWay:
    """Of which endpoints a list shows an update under way, as (name, id); how many it shows."""

    of: frozenset[tuple[str, str]]
    entries: int

    @classmethod
    def among(cls, endpoints: Sequence[Json]) -> Self:
        """What these entries show; one that is not as expected shows no update."""
        under_way: set[tuple[str, str]] = set()
        for one in endpoints:
            name, id_, state = one.get("name"), one.get("id"), one.get("state")
            updating = isinstance(state, dict) and state.get("config_update") == "IN_PROGRESS"
            if updating and isinstance(name, str) and isinstance(id_, str):
                under_way.add((name, id_))
        return cls(frozenset(under_way), len(endpoints))
