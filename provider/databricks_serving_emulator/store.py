"""A workspace in a file. The only module that knows SQLite.

One row for each endpoint and each scope, and a table `meta` with the workspace's id. Secrets are in
it in clear, so only the file's owner may read it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from .errors import StoreError
from .scopes_model import Scope
from .serving.model import Endpoint
from .store_rows import read_endpoint, read_scope, write_row

FORMAT = 1

_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE endpoints (name TEXT PRIMARY KEY, content TEXT NOT NULL)",
    "CREATE TABLE scopes (name TEXT PRIMARY KEY, content TEXT NOT NULL)",
)
# Unlike REPLACE, an upsert leaves a row in its place: lists answer in the order of creation.
_PUT = {
    "endpoints": "INSERT INTO endpoints VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET content = excluded.content",
    "scopes": "INSERT INTO scopes VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET content = excluded.content",
}
_DELETE = {
    "endpoints": "DELETE FROM endpoints WHERE name = ?",
    "scopes": "DELETE FROM scopes WHERE name = ?",
}
_ALL = {
    "endpoints": "SELECT name, content FROM endpoints ORDER BY rowid",
    "scopes": "SELECT name, content FROM scopes ORDER BY rowid",
}

_Kept = TypeVar("_Kept", Endpoint, Scope)


class Store:
    """The file. Not thread-safe: whoever calls holds the workspace's lock.

    workspace_id: for a new file, a random one if None; a file that has one keeps its own
    endpoints, scopes: what is in the file

    Raises StoreError, and leaves the file as it was, when no workspace can be kept there.
    """

    def __init__(self, path: Path, workspace_id: str | None = None) -> None:
        self._path = path
        self.workspace_id = ""
        self.endpoints: dict[str, Endpoint] = {}
        self.scopes: dict[str, Scope] = {}
        with self._explained():
            _prepare(path)
            # Requests come from many threads, one at a time.
            self._connection = sqlite3.connect(
                path, timeout=0, isolation_level=None, check_same_thread=False
            )
        try:
            with self._explained():
                self._open(workspace_id or _new_id())
        except BaseException:
            self._connection.close()
            raise

    def save(self, endpoints: Mapping[str, Endpoint], scopes: Mapping[str, Scope]) -> None:
        """Write what is not in the file yet, all of it or nothing; StoreError when that fails."""
        changes = [
            *_changes("endpoints", self.endpoints, endpoints),
            *_changes("scopes", self.scopes, scopes),
        ]
        if not changes:
            return
        with self._explained(), self._transaction():
            for statement, values in changes:
                self._connection.execute(statement, values)
        self.endpoints, self.scopes = dict(endpoints), dict(scopes)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _open(self, workspace_id: str) -> None:
        # The lock is held until `close`: two emulators would overwrite each other's rows.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        with self._transaction():
            if not self._rows("SELECT name, sql FROM sqlite_master"):
                for statement in _TABLES:
                    self._connection.execute(statement)
                meta = {"workspace_id": workspace_id}
            else:
                meta = self._known_meta()
            self.workspace_id = meta["workspace_id"]
            self.endpoints = self._read("endpoints", read_endpoint)
            self.scopes = self._read("scopes", read_scope)
            # Also for a known file, so that one that cannot be written is refused now. Deleted
            # first, because SQLite skips a write that changes nothing.
            self._connection.execute("DELETE FROM meta")
            items = ({"format": str(FORMAT)} | meta).items()
            self._connection.executemany("INSERT INTO meta VALUES (?, ?)", list(items))

    def _known_meta(self) -> dict[str, str]:
        try:
            meta = self._rows("SELECT name, value FROM meta")
        except sqlite3.OperationalError:
            meta = {}
        if not {"format", "workspace_id"} <= meta.keys():
            raise self._refusal("it is a database of something else")
        if meta["format"] != str(FORMAT):
            raise self._refusal(
                f"it has format {meta['format']}, and this version knows format {FORMAT}; "
                "use the version that wrote it, or another file"
            )
        return meta

    def _read(self, table: str, read: Callable[[str], _Kept]) -> dict[str, _Kept]:
        try:
            return {name: read(text) for name, text in self._rows(_ALL[table]).items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._refusal(f"its table {table} is damaged") from error

    def _rows(self, query: str) -> dict[str, str]:
        return dict(self._connection.execute(query).fetchall())

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN EXCLUSIVE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            locked = "locked" in str(error)
            why = "another emulator is using it" if locked else str(error)
            raise self._refusal(why) from error
        except OSError as error:
            raise self._refusal(error.strerror or str(error)) from error

    def _refusal(self, why: str) -> StoreError:
        return StoreError(f"Cannot keep a workspace in {self._path}: {why}.")


def _prepare(path: Path) -> None:
    """Make sure that only its owner can read the file before there is anything in it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Not opened here: closing it would drop the locks that this process may have on it.
        if path.is_file() and not path.stat().st_size:
            path.chmod(0o600)


def _new_id() -> str:
    return str(10**15 + secrets.randbelow(9 * 10**15))


def _changes(
    table: str, before: Mapping[str, _Kept], now: Mapping[str, _Kept]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in before.keys() - now.keys():
        yield _DELETE[table], (name,)
    for name, value in now.items():
        # The values are frozen: what is still the same object has not changed.
        if before.get(name) is not value:
            yield _PUT[table], (name, write_row(value))
