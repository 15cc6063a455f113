"""Opens the conversations' file: makes, migrates, repairs or replaces it."""

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from shammah_tui.adapters.sqlite.connection import (
    BUSY_TIMEOUT_S,
    connect,
    connect_memory,
    fault_of,
    is_undecodable,
    read_damaged_text,
    transaction,
)
from shammah_tui.adapters.sqlite.schema import MIGRATIONS, NewerSchemaError, make_index, migrate
from shammah_tui.core.wording.storage import (
    Fault,
    lost_sentence,
    mended_sentence,
    newer_sentence,
    not_opened_sentence,
    read_sentence,
    write_sentence,
)

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


APP_NAME = "shammah"
FILE_NAME = "conversations.db"
_MOST_LINES = 100
"""Of what SQLite finds wrong; there are two indexes, and it says a line or two of each."""
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database of this version.

    Attributes:
        connection: To be used on the thread that opened it.
        why_empty: Why what is kept cannot be found in it, as a sentence; empty where all is there.
        may_open: Whether the file may be opened later, and is to be tried again.
    """

    connection: sqlite3.Connection
    is_stored: bool
    why_empty: str = ""
    may_open: bool = False
    fault: Fault | None = None


class _DamagedError(Exception):
    """The file was examined and is not sound."""


def store_path() -> Path:
    """Return where the conversations belong on this platform, whether the file exists or not."""
    return user_data_path(APP_NAME, appauthor=False) / FILE_NAME


def open_database(
    path: Path | None,
    now_ms: int,
    on_notice: Callable[[str], None],
    patience_s: float = BUSY_TIMEOUT_S,
) -> OpenedDatabase:
    """Open the file, or a database in memory where that cannot be, or where no ``path`` is given.

    A damaged file is mended, or set aside under a new name and a new one is begun. ``on_notice`` is
    told, in one sentence, when all is not as the user expects.
    """
    if path is None:
        return OpenedDatabase(_in_memory(), is_stored=False)
    fault, may_open = None, False
    try:
        connection, mended, lost = _open_file(path, now_ms, patience_s)
    except NewerSchemaError:
        why = newer_sentence(path)
        on_notice(f"{why}; until then nothing is stored")
    except (OSError, sqlite3.Error) as error:
        fault = fault_of(error, path)
        may_open = fault in (Fault.BUSY, Fault.FULL, Fault.DISK)
        if may_open:
            why = read_sentence(fault, path)
            on_notice(write_sentence(fault, path))
        else:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            why = not_opened_sentence(path, reason)
            on_notice(f"Nothing is stored: {why}")
    else:
        if mended or lost:
            on_notice(mended or lost)
        return OpenedDatabase(connection, is_stored=True, why_empty=lost)
    return OpenedDatabase(_in_memory(), False, why, may_open, fault)


def _in_memory() -> sqlite3.Connection:
    connection = connect_memory()
    migrate(connection)
    return connection


def mark_damaged(path: Path) -> None:
    """Have the file examined when it is opened next."""
    try:
        _mark(path).touch(mode=0o600)
    except OSError:
        # A disk that takes no mark takes nothing else either; the damage will show again.
        return


def _open_file(path: Path, now_ms: int, patience_s: float) -> tuple[sqlite3.Connection, str, str]:
    """Return the database, what was mended of it, and why it is empty, as sentences."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_private(path.parent, 0o700)
    with _only_one(path, patience_s):
        try:
            if _mark(path).exists() and repair_schema(path):
                return _patiently(path, patience_s), mended_sentence(path), ""
            return _patiently(path, patience_s), "", ""
        except (_DamagedError, sqlite3.Error, UnicodeDecodeError) as error:
            if not isinstance(error, _DamagedError) and fault_of(error) is not Fault.DAMAGED:
                raise
        if repair_schema(path):
            try:
                connection = _open_sound(path)
            except (_DamagedError, sqlite3.Error, UnicodeDecodeError):
                pass
            else:
                return connection, mended_sentence(path), ""
        aside = _set_aside(path, now_ms)
        return _open_sound(path), "", lost_sentence(aside)


def _patiently(path: Path, patience_s: float) -> sqlite3.Connection:
    """Open it, again and again while another program holds it: SQLite itself may not wait."""
    until_s = time.monotonic() + patience_s
    while True:
        try:
            return _open_sound(path)
        except sqlite3.Error as error:
            if fault_of(error) is not Fault.BUSY or time.monotonic() > until_s:
                raise
            time.sleep(_LOOK_AGAIN_S)


def _open_sound(path: Path) -> sqlite3.Connection:
    # SQLite gives the log and the shared memory beside it the mode of the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for each in (path, *_companions(path)):
        _make_private(each, 0o600)
    connection = connect(path)
    try:
        try:
            # Python reads it as text, which SQLite itself does not look at.
            connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        except (sqlite3.OperationalError, UnicodeDecodeError) as error:
            if is_undecodable(error):
                raise _DamagedError from error
            raise
        read_damaged_text(connection)
        migrate(connection)
        if _mark(path).exists():
            _examine(connection)
            _mark(path).unlink()
    except BaseException:
        connection.close()
        raise
    return connection


def _examine(connection: sqlite3.Connection) -> None:
    """Make the index anew; what looked like damage was in it when the file itself is sound.

    Reads the whole file: seconds for 100 000 messages.

    Raises:
        _DamagedError: The file is not sound.
    """
    found = [line for (line,) in connection.execute(f"PRAGMA integrity_check({_MOST_LINES})")]
    # SQLite 3.44 and newer look into the index, too; what is wrong there is no loss.
    if len(found) == _MOST_LINES or any(
        "fts5" not in line.lower() for line in found if line != "ok"
    ):
        raise _DamagedError
    with transaction(connection):
        make_index(connection)


def _make_private(path: Path, mode: int) -> None:
    try:
        if path.stat().st_mode & 0o777 & ~mode:
            path.chmod(mode)
    except FileNotFoundError:
        return


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".examine")


def _set_aside(path: Path, now_ms: int) -> Path:
    moment = datetime.fromtimestamp(now_ms / 1000).astimezone().strftime("%Y-%m-%d-%H%M%S")
    aside = path.with_name(f"{path.stem}-damaged-{moment}{path.suffix}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.stem}-damaged-{moment}-{number}{path.suffix}")
    for source, target in zip(
        (path, *_companions(path)), (aside, *_companions(aside)), strict=True
    ):
        if source.exists():
            source.rename(target)
    _mark(path).unlink(missing_ok=True)
    return aside


@contextmanager
def _only_one(path: Path, patience_s: float) -> Iterator[None]:
    """Let no other program make, migrate or set aside the file meanwhile."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    until_s = time.monotonic() + patience_s
    try:
        while not _lock(lock):
            if time.monotonic() > until_s:
                raise BlockingIOError(errno.EAGAIN, "another program opens it")
            time.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(lock)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems have no locks; SQLite's own still guard each change.
        return True
    return True
