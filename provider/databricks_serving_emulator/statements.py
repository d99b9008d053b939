"""SQL statements that were sent lately, and how each one ended (contract §4).

Like recorded calls, they are not kept across a restart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from .wire import JsonObject

#: Source: REST reference, statementexecution/getstatement.
KEPT_SECONDS = 12 * 3600.0
#: How many characters all answers may have together; the oldest are forgotten first.
MOST_CHARACTERS = 64 * 1024 * 1024


@dataclass(frozen=True)
class Statement:
    """One that has ended: who sent it, what GET answers beside its id, and when, in seconds."""

    id: str
    sender: str
    answer: JsonObject
    ended: float

    @cached_property
    def size(self) -> int:
        """How long the answer is, in characters."""
        return len(json.dumps(self.answer))


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
        characters = sum(one.size for one in self._ended.values())
        while characters > MOST_CHARACTERS and len(self._ended) > 1:
            characters -= self._ended.pop(next(iter(self._ended))).size

    def find(self, statement_id: str, sender: str, now: float) -> Statement | None:
        """The statement of that id and sender; None when there is none, or none any more."""
        found = self._ended.get(statement_id)
        if found is None or found.sender != sender:
            return None
        return found if now < found.ended + KEPT_SECONDS else None
