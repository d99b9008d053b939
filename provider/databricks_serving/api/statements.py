"""SQL statements on a warehouse: one fixed SELECT, with parameters, and all of its rows.

Source: REST reference, statementexecution (executestatement, getstatement,
getstatementresultchunkn).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from databricks_serving.clock import CalledOff
from databricks_serving.errors import (
    Interrupted,
    StatementFailed,
    StatementNotAllowed,
    StillUpdating,
)

from .transport import Json, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from databricks_serving.clock import Bell, Clock

    from .auth import Credentials
    from .pacing import Waiting

_PATH = "/api/2.0/sql/statements"
#: How long one call waits for the rows; the service takes 5 to 50 seconds, and the client 60.
_SHORTEST_WAIT, _LONGEST_WAIT = 5, 30
_POLLS_SECONDS = (1.0, 2.0, 5.0)
_UNDER_WAY = ("PENDING", "RUNNING")
#: Of SQL: a table, a schema or a catalog that is not there, or that the caller may not see.
_NOT_THERE = ("42P01", "42704")
#: Of SQL: the caller lacks a right (error class INSUFFICIENT_PERMISSIONS).
_NOT_ALLOWED = "42501"
_LONGEST_MESSAGE = 600


class Statements:
    """A client that sends one fixed statement, and reads what comes of it.

    statement: the only text that ever leaves; any other request but GET raises `WriteRefused`
    remedy: said where a table is not there, or may not be read
    waiting: told that the warehouse is waited for, and that the workspace asks to slow down
    """

    def __init__(
        self,
        credentials: Credentials,
        clock: Clock,
        statement: str,
        *,
        remedy: str = "",
        transport: httpx.BaseTransport | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        self._clock = _Until(clock)
        self._statement = statement
        self._remedy = remedy
        self._waiting = waiting
        self._transport = Transport(
            credentials,
            self._clock,
            transport,
            waiting,
            read_only=True,
            but_for=self._is_ours,
            left=self._clock.left,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def rows(
        self, warehouse_id: str, parameters: Mapping[str, tuple[str, str]], timeout: float
    ) -> list[dict[str, str | None]]:
        """The rows, by column: each value as text.

        parameters: by name, the value and its type in SQL
        timeout: seconds, in which an answer has to come; of waits for the workspace that asks to
            slow down, too

        Raises `StatementFailed`; `StillUpdating` when the time is up; `ApiError`, `Unreachable`.
        """
        self._clock.end_after(timeout)
        body = self._body(warehouse_id, parameters, timeout)
        answered = self._transport.send("POST", _PATH, body)
        statement_id = str(answered.get("statement_id", ""))
        looks = 0
        while _state(answered) in _UNDER_WAY:
            if looks == 0 and self._waiting is not None:
                self._waiting("The warehouse has not answered yet: it may be starting.")
            self._wait(_POLLS_SECONDS[min(looks, len(_POLLS_SECONDS) - 1)])
            looks += 1
            answered = self._transport.get(f"{_PATH}/{quote(statement_id, safe='')}")
        if _state(answered) != "SUCCEEDED":
            raise self._failure(answered)
        manifest = _part(answered, "manifest")
        if manifest.get("truncated"):
            raise StatementFailed(
                "The result is larger than the warehouse hands out at once, so it is not whole. "
                "Ask for a shorter time with --since and --until, for the endpoints of one stack, "
                "or with fewer keys of usage_context in --by.",
                id="result-too-large",
            )
        columns = _columns(manifest)
        return [_by_column(columns, row) for row in self._arrays(statement_id, answered)]

    def _is_ours(self, request: httpx.Request) -> bool:
        if (request.method, request.url.path) != ("POST", _PATH):
            return False
        return bool(json.loads(request.content).get("statement") == self._statement)

    def _body(
        self, warehouse_id: str, parameters: Mapping[str, tuple[str, str]], timeout: float
    ) -> Json:
        wait = max(_SHORTEST_WAIT, min(_LONGEST_WAIT, math.ceil(timeout)))
        return {
            "statement": self._statement,
            "warehouse_id": warehouse_id,
            "parameters": [
                {"name": name, "value": value, "type": type_}
                for name, (value, type_) in parameters.items()
            ],
            "wait_timeout": f"{wait}s",
            "on_wait_timeout": "CONTINUE",
            "disposition": "INLINE",
            "format": "JSON_ARRAY",
        }

    def _arrays(self, statement_id: str, answered: Json) -> Iterator[object]:
        """Each row of all chunks; which is the next, each says."""
        index, chunk = 0, _part(answered, "result")
        while True:
            if chunk.get("external_links"):
                raise StatementFailed(
                    "The warehouse answered with links to the rows in place of the rows, though it "
                    "was asked for them: so nothing is known.",
                    id="warehouse-odd-answer",
                )
            rows = chunk.get("data_array") or []
            if not isinstance(rows, list):
                raise _odd("rows that are no list")
            yield from rows
            following = chunk.get("next_chunk_index")
            if following is None:
                return
            if not isinstance(following, int) or following <= index:
                raise StatementFailed(
                    f"The warehouse named chunk {following!r} of the rows as the one after "
                    f"{index}: so nobody knows how many there are. Run it again.",
                    id="warehouse-odd-answer",
                )
            index = following
            self._wait(0)
            chunk = self._transport.get(
                f"{_PATH}/{quote(statement_id, safe='')}/result/chunks/{index}"
            )

    def _wait(self, seconds: float) -> None:
        try:
            self._clock.wait(seconds)
        except CalledOff:
            raise Interrupted(
                "Stopped before the warehouse answered.", id="stopped-at-warehouse"
            ) from None

    def _failure(self, answered: Json) -> StatementFailed:
        status = _part(answered, "status")
        error = _part(status, "error")
        said = str(error.get("message") or "").strip()[:_LONGEST_MESSAGE].rstrip(". ")
        text = f"The SQL statement ended as {_state(answered) or 'nothing known'}"
        text += f": {said}." if said else "."
        state = str(status.get("sql_state") or "")
        if state == _NOT_ALLOWED or "INSUFFICIENT_PERMISSIONS" in said:
            return StatementNotAllowed(
                f"{text} {self._remedy}".rstrip(), id="statement-not-allowed"
            )
        return StatementFailed(
            f"{text} {self._remedy if state in _NOT_THERE else ''}".rstrip(), id="statement-failed"
        )


class _Until:
    """A clock on which no wait, whoever waits, goes on for longer than the whole may take."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timeout = self._end = math.inf

    def end_after(self, timeout: float) -> None:
        """From now on, so many seconds."""
        self._timeout, self._end = timeout, self._clock.now() + timeout

    def now(self) -> float:
        """As the clock itself."""
        return self._clock.now()

    def wait(self, seconds: float) -> None:
        """The same; `StillUpdating` at once where the end would come before."""
        if self.now() + seconds > self._end:
            raise self._too_late()
        self._clock.wait(seconds)

    def left(self) -> float:
        """Seconds until the end; `StillUpdating` where there are none."""
        left = self._end - self.now()
        if left <= 0:
            raise self._too_late()
        return left

    def check(self) -> None:
        """The same."""
        self._clock.check()

    def bell(self) -> Bell:
        """The same: of the one thread that asks here, nobody waits by it."""
        return self._clock.bell()

    def _too_late(self) -> StillUpdating:
        return StillUpdating(
            f"The warehouse had no answer after {self._timeout:.0f} s: it may be starting, or "
            "busy. Run it again, or give it longer with --timeout.",
            id="warehouse-too-slow",
        )


def _columns(manifest: Json) -> list[str]:
    try:
        return [str(one["name"]) for one in manifest["schema"]["columns"]]
    except (KeyError, TypeError):
        raise _odd("columns of which not each has a name") from None


def _by_column(columns: list[str], row: object) -> dict[str, str | None]:
    if not isinstance(row, list):
        raise _odd("a row that is no list")
    if len(row) != len(columns):
        raise _odd(f"a row of {len(row)} values for {len(columns)} columns")
    values = (None if value is None else str(value) for value in row)
    return dict(zip(columns, values, strict=True))


def _state(answered: Json) -> str:
    return str(_part(answered, "status").get("state") or "")


def _part(answered: Json, name: str) -> Json:
    """An object within an answer; an empty one where there is none."""
    part: object = answered.get(name) or {}
    if not isinstance(part, dict):
        raise _odd(f"a {name} that is no object")
    return part


def _odd(what: str) -> StatementFailed:
    return StatementFailed(
        f"The warehouse answered with {what}: so nothing is known. Run it again.",
        id="warehouse-odd-answer",
    )
