"""The thread that writes: changes in order, none lost to a disk that fails for a while."""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from shammah_tui.adapters.sqlite.connection import BUSY_TIMEOUT_S, flush, transaction
from shammah_tui.adapters.sqlite.faults import (
    Fault,
    damaged_sentence,
    fault_of,
    read_sentence,
    write_sentence,
)
from shammah_tui.adapters.sqlite.opening import OpenedDatabase, mark_damaged, open_database
from shammah_tui.core.store_error import StoreError

log = logging.getLogger(__name__)

SAVED_AGAIN = "The disk takes what you say again: nothing was lost"
_PATIENCE_AFTER_A_FAULT_S = 0.05
"""Once the wait for another program was in vain, each change would hold up what is shown."""

Change = Callable[[sqlite3.Connection], object]
_T = TypeVar("_T")


class WriteThread:
    """Opens the database on a thread of its own and makes changes there, in order.

    A change that the disk refuses is held in memory with all that come after it, and tried again
    with each new one. Holding them takes no more than the screen does, which shows the same text.

    Args:
        path: The file; None is a database in memory.
        clock: Returns seconds since 1970.
        on_notice: Called on this thread with a sentence for the user.
    """

    def __init__(
        self, path: Path | None, clock: Callable[[], float], on_notice: Callable[[str], None]
    ) -> None:
        self._path = path
        self._name = path or Path("memory")
        self._clock = clock
        self._on_notice = on_notice
        self._waiting: deque[Change] = deque()
        self._fault: Fault | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="conversations-write")
        self._opened = self._executor.submit(self._open)
        self._last: Future[None] = self._executor.submit(lambda: None)

    def put(self, change: Change) -> None:
        """Make a change after all that were put before; takes microseconds."""
        self._last = self._executor.submit(self._apply, change)

    def put_steps(self, steps: Callable[[sqlite3.Connection], Iterator[None]]) -> None:
        """Make a long change in steps; what is put meanwhile comes between them.

        What is left when the thread closes is not done, and nobody is told of an error.
        """
        self._executor.submit(self._begin_steps, steps)

    def flush(self) -> None:
        """Have all changes so far survive a power cut, as soon as the disk has time."""
        self._executor.submit(self._flush)

    async def written(self) -> None:
        """Wait until all changes so far are made, or held because the disk refuses them."""
        last = self._last
        if not last.done():
            # Shielded, or cancelling the one who waits would take the change out of the queue.
            await asyncio.shield(asyncio.wrap_future(last))

    async def opened(self) -> OpenedDatabase:
        """Wait until the database is open."""
        return await asyncio.shield(asyncio.wrap_future(self._opened))

    def call(self, work: Callable[[sqlite3.Connection], _T]) -> "Future[_T]":
        """Run something on this thread; the future has its result or its error."""
        return self._executor.submit(lambda: work(self._opened.result().connection))

    def call_whole(self, work: Callable[[sqlite3.Connection], _T]) -> "Future[_T]":
        """Run something in one transaction; the future has its result, or a ``StoreError``."""

        def run(connection: sqlite3.Connection) -> _T:
            try:
                with transaction(connection):
                    return work(connection)
            except sqlite3.Error as error:
                fault = fault_of(error)
                if fault is Fault.DAMAGED:
                    self.note_damage()
                sentence = write_sentence if fault.may_pass else read_sentence
                raise StoreError(sentence(fault, self._name)) from error

        return self.call(run)

    def close(self) -> "Future[None]":
        """Try what is held a last time and close the database."""
        future = self._executor.submit(self._close)
        self._executor.shutdown(wait=False)
        return future

    def note_damage(self) -> None:
        """Stop storing, and have the file examined at the next start; may be called twice."""
        if self._path is None or self._fault is Fault.DAMAGED:
            return
        self._fault = Fault.DAMAGED
        mark_damaged(self._path)
        self._on_notice(damaged_sentence(self._path))

    def _open(self) -> OpenedDatabase:
        return open_database(self._path, int(self._clock() * 1000), self._on_notice)

    def _apply(self, change: Change) -> None:
        if self._fault is Fault.DAMAGED:
            return
        self._waiting.append(change)
        self._work_off()

    def _work_off(self) -> None:
        connection = self._opened.result().connection
        while self._waiting:
            try:
                with transaction(connection):
                    self._waiting[0](connection)
            except sqlite3.Error as error:
                fault = fault_of(error)
                if fault.may_pass:
                    self._hold(connection, fault)
                    return
                if fault is Fault.DAMAGED:
                    self._waiting.clear()
                    self.note_damage()
                    return
                # A mistake of ours, in this change alone. SQLite's sentences hold no values.
                log.exception("A change could not be made")
            except Exception:
                log.exception("A change could not be made")
            self._waiting.popleft()
        if self._fault is not None:
            self._fault = None
            self._be_patient(connection, BUSY_TIMEOUT_S)
            self._on_notice(SAVED_AGAIN)

    def _hold(self, connection: sqlite3.Connection, fault: Fault) -> None:
        if self._fault is None:
            self._be_patient(connection, _PATIENCE_AFTER_A_FAULT_S)
            self._on_notice(write_sentence(fault, self._name))
        self._fault = fault

    def _be_patient(self, connection: sqlite3.Connection, seconds: float) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def _begin_steps(self, steps: Callable[[sqlite3.Connection], Iterator[None]]) -> None:
        self._step(steps(self._opened.result().connection))

    def _step(self, steps: Iterator[None]) -> None:
        try:
            with transaction(self._opened.result().connection):
                next(steps)
        except StopIteration:
            return
        except sqlite3.Error as error:
            log.warning("A long change was not ended: %s", fault_of(error).name)
            return
        # A closed executor takes no more.
        with suppress(RuntimeError):
            self._executor.submit(self._step, steps)

    def _flush(self) -> None:
        if self._fault is not None:
            return
        try:
            flush(self._opened.result().connection)
        except sqlite3.Error as error:
            # The changes are in the log; what is the matter shows with the next one.
            log.warning("The conversations' log could not be emptied: %s", fault_of(error).name)

    def _close(self) -> None:
        if self._waiting:
            self._work_off()
        self._opened.result().connection.close()
