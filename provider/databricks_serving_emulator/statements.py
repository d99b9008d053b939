"""SQL statements that were sent lately, and how each one ended (contract §4).

Like recorded calls, they are not kept across a restart.
"""

from __future__ import annotations

import json
import threading
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field

from .wire import JsonObject

#: Source: REST reference, statementexecution/getstatement.
KEPT_SECONDS = 12 * 3600.0
#: How many statements there may be, and how many characters all answers may have together; the
#: oldest are forgotten first.
MOST_KEPT = 10_000
MOST_CHARACTERS = 64 * 1024 * 1024

_CANCELED: JsonObject = {"status": {"state": "CANCELED"}}


@dataclass(eq=False)
class Statement:
    """One statement: who sent it and when, in seconds, and what GET answers beside its id.

    ended: done as soon as `answer` is the last one
    stop: once set, what still runs of it is given up
    """

    sender: str
    sent: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: JsonObject = field(default_factory=lambda: {"status": {"state": "PENDING"}})
    ended: Future[None] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)
    characters: int = 0

    @property
    def shown(self) -> JsonObject:
        """What GET answers."""
        return {"statement_id": self.id, **self.answer}


class Statements:
    """The statements by id. They end while nobody holds the workspace's lock: it has its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Statement] = {}
        self._characters = 0

    def clear(self) -> None:
        """There was no statement; those that still run are stopped."""
        self.stop()
        with self._lock:
            self._kept.clear()
            self._characters = 0

    def stop(self) -> None:
        """Those that still run are canceled."""
        with self._lock:
            running = [one for one in self._kept.values() if not one.ended.done()]
        for statement in running:
            self.cancel(statement)

    def add(self, statement: Statement) -> None:
        """One more was sent; those that were sent too long ago are forgotten, and given up."""
        with self._lock:
            self._kept[statement.id] = statement
            self._forget(statement.sent)

    def begin(self, statement: Statement) -> bool:
        """It runs from now on; False: somebody canceled it before."""
        with self._lock:
            if statement.ended.done():
                return False
            statement.answer = {"status": {"state": "RUNNING"}}
            return True

    def end(self, statement: Statement, answer: JsonObject) -> None:
        """It has ended so; no effect on one that had ended before."""
        characters = len(json.dumps(answer))
        with self._lock:
            if statement.ended.done():
                return
            statement.answer = answer
            statement.ended.set_result(None)
            if statement.id in self._kept:
                statement.characters = characters
                self._characters += characters
                self._forget(statement.sent)

    def cancel(self, statement: Statement) -> None:
        """Nobody wants it any more; no effect on one that has ended."""
        self.end(statement, _CANCELED)
        statement.stop.set()

    def find(self, statement_id: str, sender: str, now: float) -> Statement | None:
        """The statement of that id and sender; None when there is none, or none any more."""
        with self._lock:
            found = self._kept.get(statement_id)
        if found is None or found.sender != sender:
            return None
        return found if now < found.sent + KEPT_SECONDS else None

    def _forget(self, now: float) -> None:
        while len(self._kept) > 1:
            oldest = next(iter(self._kept.values()))
            is_old = oldest.sent <= now - KEPT_SECONDS
            are_many = len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS
            if not is_old and not are_many:
                return
            del self._kept[oldest.id]
            self._characters -= oldest.characters
            if not oldest.ended.done():
                oldest.answer = _CANCELED
                oldest.ended.set_result(None)
                oldest.stop.set()
