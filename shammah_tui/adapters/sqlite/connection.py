"""Connections to the database, how a change is made whole, and what an error tells of."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shammah_tui.core.wording.storage import Fault

BUSY_TIMEOUT_S = 2.0
"""How long a change waits for another program's, and then in memory; the longest of ours, importing
a conversation of 2 000 messages, takes 0.4 s."""
CHECKPOINT_PAGES = 4_000
"""16 MB of log, four long replies; in between, each turn's end empties it."""

DAMAGED_MARK = " [damaged]"
"""After a text of which a byte is not what was written."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database in a file that exists.

    The log is written to but not flushed at each change (``synchronous=NORMAL``): a change
    survives the death of the process, since the system has it, in 10 µs. Flushing takes 0.4 to
    25 ms here; ``flush`` does it once a question and once a reply, so that a power cut takes at
    most what was said since. The file stays sound in either case.

    Raises:
        sqlite3.Error: It cannot be opened, or is no database.
    """
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        # On file systems without shared memory the mode stays what it was, which works too.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        _common(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_memory() -> sqlite3.Connection:
    """Open a database that is gone when it is closed."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _common(connection)
    return connection


def read_damaged_text(connection: sqlite3.Connection) -> None:
    """From now on read text that is not UTF-8 too, with a mark for each byte that is none.

    Not from the beginning: a function of ours for each text makes long lists slower.
    """

    def decode(data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("utf-8", "replace") + DAMAGED_MARK

    connection.text_factory = decode


def _common(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # What was deleted is overwritten, not only let go of.
    connection.execute("PRAGMA secure_delete = ON")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make the changes in the block together or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def flush(connection: sqlite3.Connection) -> None:
    """Have everything written so far survive a power cut, and empty the log as far as it goes."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


_FAULTS = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.NOT_WRITABLE,
    sqlite3.SQLITE_PERM: Fault.NOT_WRITABLE,
    sqlite3.SQLITE_AUTH: Fault.NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: Fault.NOT_WRITABLE,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_PROTOCOL: Fault.BUSY,
    sqlite3.SQLITE_IOERR: Fault.DISK,
    sqlite3.SQLITE_NOMEM: Fault.DISK,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    sqlite3.SQLITE_INTERRUPT: Fault.INTERRUPTED,
}
_MISNAMED = ("no such column", "no such table")
"""The steps make all that is asked for: a letter of the file's own description is another one."""
_PRIMARY = 0xFF
"""The low byte is the kind; what is above it tells kinds of a kind apart."""


_DISK_ERRORS = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EIO: Fault.DISK,
    errno.EAGAIN: Fault.BUSY,
}
_NEXT_TO_NOTHING_BYTES = 256 * 1024
"""Opening the file takes 32 KB for what SQLite shares between programs, and a page of log."""


def fault_of(error: Exception, path: Path | None = None) -> Fault:
    """Return which kind of trouble an error tells of.

    Args:
        error: SQLite's, or the system's.
        path: The file; SQLite calls a full disk many names, but the disk can be asked.
    """
    if isinstance(error, OSError):
        return _DISK_ERRORS.get(error.errno or 0, Fault.OTHER)
    if isinstance(error, UnicodeDecodeError):
        # A name in the file, or what SQLite says of it, is no text.
        return Fault.DAMAGED
    if isinstance(error, sqlite3.OperationalError) and str(error).startswith(_MISNAMED):
        return Fault.DAMAGED
    code = getattr(error, "sqlite_errorcode", None)
    fault = Fault.OTHER if code is None else _FAULTS.get(code & _PRIMARY, Fault.OTHER)
    if fault in (Fault.DISK, Fault.NOT_WRITABLE) and path is not None and _is_full(path):
        return Fault.FULL
    return fault


def is_undecodable(error: Exception) -> bool:
    """Return whether a text could not be read for a byte that is not UTF-8."""
    return isinstance(error, UnicodeDecodeError) or (
        isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)
    )


def _is_full(path: Path) -> bool:
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _NEXT_TO_NOTHING_BYTES
