"""The thread that reads, beside the one that writes: neither waits for the other."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from shammah_tui.adapters.sqlite.connection import connect, read_damaged_text
from shammah_tui.adapters.sqlite.faults import (
    fault_of,
    is_undecodable,
)
from shammah_tui.adapters.sqlite.write_thread import WriteThread
from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording.storage import (
    Fault,
    read_sentence,
)

_T = TypeVar("_T")
_P = ParamSpec("_P")


class ReadThread:
    """Reads with a connection of its own; a database in memory is read on the writing thread."""

    def __init__(self, path: Path | None, writer: WriteThread) -> None:
        self._path = path
        self._writer = writer
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="conversations-read")
        self._connection: sqlite3.Connection | None = None
        self._reads_damaged = False

    async def read(
        self,
        reads: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *given: _P.args,
        **named: _P.kwargs,
    ) -> _T:
        """Return what ``reads`` finds with a connection and what is given; cancelling stops it.

        It sees every change put before. In text that is not UTF-8 each such byte has a mark.

        Raises:
            StoreError: The file cannot be read.
        """

        def work(connection: sqlite3.Connection) -> _T:
            return reads(connection, *given, **named)

        await self._writer.written()
        while True:
            is_stored = (await self._writer.opened()).is_stored
            future = self._submit(work) if is_stored else self._writer.call(work)
            try:
                return await asyncio.wrap_future(future)
            except asyncio.CancelledError:
                # Still waiting in the queue it is taken out of it; running, it is interrupted.
                if is_stored and future.running() and self._connection is not None:
                    self._connection.interrupt()
                raise
            except (sqlite3.Error, UnicodeDecodeError) as error:
                if is_undecodable(error) and is_stored and not self._reads_damaged:
                    self._reads_damaged = True
                    continue
                fault = fault_of(error, self._path)
                # The interruption was meant for the one before.
                if fault is Fault.INTERRUPTED:
                    continue
                if fault is Fault.DAMAGED:
                    self._writer.call(lambda _: self._writer.note_damage())
                raise StoreError(read_sentence(fault, self._path or Path("memory"))) from error

    def close(self) -> "Future[None]":
        future = self._executor.submit(self._close)
        self._executor.shutdown(wait=False)
        return future

    def _submit(self, work: Callable[[sqlite3.Connection], _T]) -> "Future[_T]":
        return self._executor.submit(lambda: work(self._opened()))

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            assert self._path is not None
            self._connection = connect(self._path)
            self._connection.execute("PRAGMA query_only = ON")
        if self._reads_damaged:
            read_damaged_text(self._connection)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
