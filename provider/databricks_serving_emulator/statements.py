"""SQL statements that were sent lately, and how each one ended (contract §4).

Like recorded calls, they are not kept across a restart.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Source: REST reference, statementexecution/getstatement.
KEPT_SECONDS = 12 * 3600.0


@dataclass(frozen=True)
class Statement:
    """One that failed: the state of SQL and the engine's text, and when, in seconds."""

    id: str
    sql_state: str
    message: str
    ended: float


class Statements:
    """The statements by id. Whoever calls holds the workspace's lock."""

    def __init__(self) -> None:
        self._ended: dict[str, Statement] = {}

    def clear(self) -> None:
        """There was no statement."""
        self._ended.clear()

    def add(self, statement: Statement) -> None:
        """One more has ended; those that ended too long ago are forgotten."""
        since = statement.ended - KEPT_SECONDS
        self._ended = {one.id: one for one in self._ended.values() if one.ended > since}
        self._ended[statement.id] = statement

    def find(self, statement_id: str, now: float) -> Statement | None:
        """The statement of that id; None when there is none, or none any more."""
        found = self._ended.get(statement_id)
        return found if found and now < found.ended + KEPT_SECONDS else None
