"""A workspace in a file. The only module that knows SQLite.

A table for each table of `Contents`, with a row for each value, and a table `meta` with the
workspace's id. Secrets and tokens are in it in clear, so only the file's owner may read it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import TypeVar, cast

from .contents import Contents, Table
from .errors import StoreError
from .store_rows import (
    Kept,
    read_endpoint,
    read_grants,
    read_group,
    read_model,
    read_principal,
    read_scope,
    write_row,
)

FORMAT = 2

# Format 1 had no table but the first two.
_FIRST = ("endpoints", "scopes")
_LATER = ("principals", "groups", "grants", "models")
_META = "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)"

_KeptT = TypeVar("_KeptT", bound=Kept)


class Store:
    """The file. Not thread-safe: whoever calls holds the workspace's lock.

    workspace_id: for a new file, a random one if None; a file that has one keeps its own
    contents: what is in the file

    Raises StoreError, and leaves the file as it was, when no workspace can be kept there.
    """

    def __init__(self, path: Path, workspace_id: str | None = None) -> None:
        self._path = path
        self.workspace_id = ""
        self.contents = Contents()
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

    def save(self, contents: Contents) -> None:
        """Write what is not in the file yet, all of it or nothing; StoreError when that fails."""
        touched = {name: rows for name, rows in contents.tables().items() if rows.is_touched}
        if not touched:
            return
        kept = self.contents.tables()
        changes = [
            change for name, rows in touched.items() for change in _changes(name, kept[name], rows)
        ]
        if changes:
            with self._explained(), self._transaction():
                for statement, values in changes:
                    self._connection.execute(statement, values)
        for name, rows in touched.items():
            kept[name].take(rows)
            rows.is_touched = False

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _open(self, workspace_id: str) -> None:
        # The lock is held until `close`: two emulators would overwrite each other's rows.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        with self._transaction():
            if not self._rows("SELECT name, sql FROM sqlite_master"):
                self._connection.execute(_META)
                self._add_tables(*_FIRST, *_LATER)
                meta = {"workspace_id": workspace_id}
            else:
                meta = self._known_meta()
            self.workspace_id = meta["workspace_id"]
            self.contents = Contents(
                endpoints=self._read("endpoints", read_endpoint),
                scopes=self._read("scopes", read_scope),
                principals=self._read("principals", read_principal),
                groups=self._read("groups", read_group),
                grants=self._read("grants", read_grants),
                models=self._read("models", read_model),
            )
            # Also for a known file, so that one that cannot be written is refused now. Deleted
            # first, because SQLite skips a write that changes nothing.
            self._connection.execute("DELETE FROM meta")
            items = (meta | {"format": str(FORMAT)}).items()
            self._connection.executemany("INSERT INTO meta VALUES (?, ?)", list(items))

    def _known_meta(self) -> dict[str, str]:
        try:
            meta = self._rows("SELECT name, value FROM meta")
        except sqlite3.OperationalError:
            meta = {}
        if not {"format", "workspace_id"} <= meta.keys():
            raise self._refusal("it is a database of something else")
        if meta["format"] == "1":
            self._add_tables(*_LATER)
        elif meta["format"] != str(FORMAT):
            raise self._refusal(
                f"it has format {meta['format']}, and this version knows format {FORMAT}; "
                "use the version that wrote it, or another file"
            )
        return meta

    def _add_tables(self, *names: str) -> None:
        for name in names:
            self._connection.execute(
                f"CREATE TABLE {name} (name TEXT PRIMARY KEY, content TEXT NOT NULL)"
            )

    def _read(self, table: str, read: Callable[[str], _KeptT]) -> Table[_KeptT]:
        query = f"SELECT name, content FROM {table} ORDER BY rowid"  # noqa: S608 - a name of ours
        try:
            return Table({name: read(text) for name, text in self._rows(query).items()})
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
    table: str, before: Mapping[str, object], now: Mapping[str, object]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    # Lists answer in the order of creation. A row stays in its place as long as all before it do:
    # what was deleted and made again within one request comes after the others.
    places = iter(before)
    in_place = set(takewhile(lambda name: name in places, now))
    for name in before.keys() - in_place:
        yield f"DELETE FROM {table} WHERE name = ?", (name,)  # noqa: S608 - a name of ours
    for name, value in now.items():
        # The values are frozen: what is still the same object has not changed.
        if name not in in_place or before[name] is not value:
            # Unlike REPLACE, an upsert leaves a row in its place.
            put = f"INSERT INTO {table} VALUES (?, ?) "  # noqa: S608 - a name of ours
            put += "ON CONFLICT (name) DO UPDATE SET content = excluded.content"
            yield put, (name, write_row(cast("Kept", value)))
