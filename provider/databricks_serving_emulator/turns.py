"""Whose turn it is: SQL statements wait in one queue, and few run at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .statements import Statement


class Turns:
    """A queue of statements. A thread is there only for one that runs.

    most: how many run at a time
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: dict[Statement, Callable[[], None]] = {}
        self._running: dict[threading.Thread, Statement] = {}

    def take(self, statement: Statement, run: Callable[[], None]) -> None:
        """Call `run` when its turn comes, unless the statement has ended before."""
        with self._lock:
            self._waiting[statement] = run
            self._start()
        statement.ended.add_done_callback(lambda _: self._leave(statement))

    def close(self) -> None:
        """Nothing runs any more when this returns, and nothing that waits will."""
        with self._lock:
            self._waiting.clear()
            running = dict(self._running)
        for thread, statement in running.items():
            statement.stop.set()
            thread.join()

    def _leave(self, statement: Statement) -> None:
        with self._lock:
            self._waiting.pop(statement, None)

    def _start(self) -> None:
        while self._waiting and len(self._running) < self._most:
            statement = next(iter(self._waiting))
            run = self._waiting.pop(statement)
            thread = threading.Thread(target=self._run, args=(run,), name="statement", daemon=True)
            self._running[thread] = statement
            thread.start()

    def _run(self, run: Callable[[], None]) -> None:
        try:
            run()
        finally:
            with self._lock:
                del self._running[threading.current_thread()]
                self._start()
