"""What the workspace was asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from .wire import JsonObject, Request


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API.

    path: as sent, with the query string, if any
    body: parsed JSON, as sent (secrets too); None without one, and of queries: they have a record
        of their own, which keeps no more of them than it has room for
    status: of the answer that the client got; 0 when the connection was lost instead
    actor: the user's name, "ui" for a person in the UI, "" when not authenticated
    """

    method: str
    path: str
    body: object
    status: int
    actor: str

    @staticmethod
    def of(request: Request, status: int, actor: str) -> Call:
        """The record of a request and what became of it."""
        content = None if _is_query(request.path) else request.content
        return Call(request.method, request.target, content, status, actor)

    @property
    def is_write(self) -> bool:
        """Whether its method is one that changes things; a query changes nothing."""
        return self.method != "GET" and not _is_query(self.path)

    def shown(self) -> JsonObject:
        """The call for the control routes."""
        return {
            "method": self.method,
            "path": self.path,
            "body": self.body,
            "status": self.status,
            "actor": self.actor,
        }


def _is_query(path: str) -> bool:
    return "/serving-endpoints/" in path and not path.startswith("/api/")


@dataclass
class Journal:
    """Calls in their order, and what in them was not understood."""

    api: list[Call] = field(default_factory=list)
    ui: list[Call] = field(default_factory=list)
    unknown: list[Call] = field(default_factory=list)
    ignored_fields: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything."""
        for kept in (self.api, self.ui, self.unknown, self.ignored_fields):
            kept.clear()
