"""From a path to a database that can be used: made, private, sound and of this version."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from shammah_tui.adapters.sqlite.connection import connect, connect_memory, transaction
from shammah_tui.adapters.sqlite.faults import Fault, fault_of
from shammah_tui.adapters.sqlite.replies import settle
from shammah_tui.adapters.sqlite.schema import NewerSchemaError, make_index, migrate

APP_NAME = "shammah"
FILE_NAME = "conversations.db"
_MOST_LINES = 100
"""Of what SQLite finds wrong; there are two indexes, and it says a line or two of each."""


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database of this version.

    Attributes:
        connection: To be used on the thread that opened it.
        is_stored: False when it is in memory only.
    """

    connection: sqlite3.Connection
    is_stored: bool


class _DamagedError(Exception):
    """The file was examined and is not sound."""


def store_path() -> Path:
    """Return where the conversations belong on this platform, whether the file exists or not."""
    return user_data_path(APP_NAME, appauthor=False) / FILE_NAME


def open_database(
    path: Path | None, now_ms: int, on_notice: Callable[[str], None]
) -> OpenedDatabase:
    """Open the file, or a database in memory where that cannot be.

    A damaged file is set aside under a new name and a new one is begun. Replies that were cut
    short by the death of their program are closed.

    Args:
        path: The file, made with its folder when missing; None asks for memory.
        now_ms: The time, for names and for closing what was cut short.
        on_notice: Is told, in one sentence, when all is not as the user expects.
    """
    if path is not None:
        try:
            return OpenedDatabase(_open_file(path, now_ms, on_notice), is_stored=True)
        except NewerSchemaError:
            on_notice(
                f"{path} was written by a newer Shammah: update this one to see it; until then "
                "nothing is stored"
            )
        except OSError as error:
            on_notice(f"Nothing is stored: {path} cannot be opened ({error.strerror})")
        except sqlite3.Error as error:
            on_notice(f"Nothing is stored: {path} cannot be opened ({error})")
    connection = connect_memory()
    migrate(connection)
    return OpenedDatabase(connection, is_stored=False)


def mark_damaged(path: Path) -> None:
    """Have the file examined when it is opened next."""
    try:
        _mark(path).touch(mode=0o600)
    except OSError:
        # A disk that takes no mark takes nothing else either; the damage will show again.
        return


def _open_file(path: Path, now_ms: int, on_notice: Callable[[str], None]) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_private(path.parent, 0o700)
    with _only_one(path):
        try:
            return _open_sound(path, now_ms)
        except _DamagedError:
            pass
        except sqlite3.Error as error:
            if fault_of(error) is not Fault.DAMAGED:
                raise
        aside = _set_aside(path, now_ms)
        on_notice(f"The conversations' file was damaged: it is now {aside}, and a new one is begun")
        return _open_sound(path, now_ms)


def _open_sound(path: Path, now_ms: int) -> sqlite3.Connection:
    # SQLite gives the log and the shared memory beside it the mode of the file.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for each in (path, *_companions(path)):
        _make_private(each, 0o600)
    connection = connect(path)
    try:
        migrate(connection)
        if _mark(path).exists():
            _examine(connection)
            _mark(path).unlink()
        with transaction(connection):
            settle(connection, now_ms)
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
    """Rename the file and what is beside it; return the new name."""
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
def _only_one(path: Path) -> Iterator[None]:
    """Let no other program make, migrate or set aside the file meanwhile."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Some network file systems have no locks; SQLite's own still guard each change.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
