"""Which kind of trouble an error of SQLite's tells of."""

import errno
import os
import sqlite3
from pathlib import Path

from shammah_tui.core.wording.storage import Fault

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
