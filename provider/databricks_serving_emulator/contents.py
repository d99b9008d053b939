"""What the workspace holds and, with a file, keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from .directory import Group, Principal
from .grants import AccessList
from .scopes_model import Scope
from .serving.model import Endpoint
from .serving.registry import RegisteredModel


@dataclass(kw_only=True)
class Contents:
    """Tables of frozen values: whoever changes one puts a new value in its place.

    endpoints: by name
    scopes: by name, folded
    principals, groups: by name
    grants: direct permissions by endpoint id; one that was never written has its default ones
    models: registered models by name, of which somebody has said what they are
    """

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    principals: dict[str, Principal] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    grants: dict[str, AccessList] = field(default_factory=dict)
    models: dict[str, RegisteredModel] = field(default_factory=dict)

    def tables(self) -> dict[str, Mapping[str, object]]:
        """The tables by name; they go on changing with the contents."""
        return {table.name: getattr(self, table.name) for table in fields(Contents)}

    def take(self, other: Contents) -> None:
        """Hold what the other holds, and nothing else."""
        for table in fields(Contents):
            mine = getattr(self, table.name)
            mine.clear()
            mine.update(getattr(other, table.name))
