"""Mends the database's own table of contents, where a byte of it is no longer what it was."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from shammah_tui.adapters.sqlite.connection import connect_memory
from shammah_tui.adapters.sqlite.schema import MIGRATIONS, migrate

_COLUMNS = ("type", "name", "tbl_name", "sql")
_Row = tuple[Any, ...]


def repair_schema(path: Path) -> bool:
    """Write each statement of the schema as it should be; return whether one was wrong.

    The tables themselves are where they were: only how they are made and called is text, and that
    is known here. A file that lacks one of them is not touched.
    """
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            return _repair(connection)
    except (sqlite3.Error, UnicodeDecodeError):
        return False


def _repair(connection: sqlite3.Connection) -> bool:
    connection.text_factory = bytes
    connection.execute("PRAGMA writable_schema = ON")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not 0 < version <= len(MIGRATIONS):
        return False
    found = _rows(connection)
    with closing(connect_memory()) as model:
        migrate(model, version)
        model.text_factory = bytes
        wanted = [row for _, row in _rows(model)]
    right = {row for _, row in found}
    wrong = [(row_id, row) for row_id, row in found if row not in wanted]
    missing = [row for row in wanted if row not in right]
    if not missing or len(missing) != len(wrong):
        return False
    connection.execute("BEGIN IMMEDIATE")
    for row_id, row in wrong:
        # Damage spares most of it: the one that shares the most columns, then the most bytes.
        best = max(missing, key=lambda each: _likeness(each, row))
        missing.remove(best)
        connection.execute(
            "UPDATE sqlite_master SET type = CAST(? AS TEXT), name = CAST(? AS TEXT),"
            " tbl_name = CAST(? AS TEXT), sql = CAST(? AS TEXT) WHERE rowid = ?",
            (*best, row_id),
        )
    connection.execute("COMMIT")
    return True


def _rows(connection: sqlite3.Connection) -> list[tuple[int, _Row]]:
    rows = connection.execute(f"SELECT rowid, {', '.join(_COLUMNS)} FROM sqlite_master")  # noqa: S608
    return [(row_id, tuple(columns)) for row_id, *columns in rows]


def _likeness(one: _Row, other: _Row) -> tuple[int, int]:
    columns = sum(a == b for a, b in zip(one, other, strict=True))
    pairs = (zip(a or b"", b or b"", strict=False) for a, b in zip(one, other, strict=True))
    return columns, sum(a == b for pair in pairs for a, b in pair)
