"""Connections to the database, and how a change is made whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
