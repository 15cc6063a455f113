"""Looks at the conversations' file without changing it."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.adapters.sqlite.connection import (
    fault_of,
    is_undecodable,
)
from shammah_tui.adapters.sqlite.schema import MIGRATIONS
from shammah_tui.core.wording.storage import Fault, newer_fact, read_sentence

_MOST_S = 2.0
"""Of a big file the beginning; 100 000 messages take about that long."""
_STEPS = 10_000
_TEXTS = (
    ("conversation", "title"),
    ("message", "text"),
    ("receipt", "label"),
    ("draft", "text"),
    ("thought", "text"),
)


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """What was found.

    Attributes:
        damaged_texts: How many texts have a byte that is none of theirs.
        trouble: What keeps it from being used, as a sentence; empty where nothing does.
    """

    exists: bool = True
    conversations: int = 0
    damaged_texts: int = 0
    trouble: str = ""
    fault: Fault = Fault.DAMAGED


def condition_of(path: Path) -> StoreCondition:
    """Look at the file for up to two seconds."""
    if not path.exists():
        return StoreCondition(exists=False)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0)) as opened:
            return _look(path, opened)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if is_undecodable(error):
            return StoreCondition(trouble=f"{path} is damaged in its own description")
        fault = fault_of(error, path)
        return StoreCondition(trouble=read_sentence(fault, path), fault=fault)


def _look(path: Path, connection: sqlite3.Connection) -> StoreCondition:
    until_s = time.monotonic() + _MOST_S
    connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        return StoreCondition(trouble=newer_fact(path), fault=Fault.NEWER)
    if version == 0:
        return StoreCondition()
    connection.set_progress_handler(lambda: int(time.monotonic() > until_s), _STEPS)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok" and "fts5" not in found.lower():
            return StoreCondition(trouble=f"{path} is damaged")
        connection.text_factory = bytes
        damaged = sum(_damaged_in(connection, table, column) for table, column in _TEXTS)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        damaged = 0
    connection.set_progress_handler(None, 0)
    kept = connection.execute("SELECT count(*) FROM conversation WHERE deleted_ms IS NULL")
    return StoreCondition(conversations=kept.fetchone()[0], damaged_texts=damaged)


def _damaged_in(connection: sqlite3.Connection, table: str, column: str) -> int:
    count = 0
    for (text,) in connection.execute(f"SELECT {column} FROM {table}"):  # noqa: S608
        try:
            text.decode()
        except UnicodeDecodeError:
            count += 1
    return count
