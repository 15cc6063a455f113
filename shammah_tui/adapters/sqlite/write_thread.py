"""The thread that writes: changes in order, none lost to a disk that fails for a while."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from shammah_tui.adapters.sqlite.connection import (
    BUSY_TIMEOUT_S,
    fault_of,
    flush,
    transaction,
)
from shammah_tui.adapters.sqlite.opening import OpenedDatabase, mark_damaged, open_database
from shammah_tui.adapters.sqlite.writing import settle
from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording.storage import (
    SAVED_AGAIN,
    Fault,
    read_fact,
    read_sentence,
    write_sentence,
)

log = logging.getLogger(__name__)

_PATIENCE_AFTER_A_FAULT_S = 0.05
"""Once the wait for another program was in vain, each change would hold up what is shown."""
_LAST_PATIENCE_S = 1.0
"""At the end, when nothing is shown any more; whoever closes the window waits as long."""
_TRY_AGAIN_S = 1.0
_IMPORT_PATIENCE_S = 30.0

Change = Callable[[sqlite3.Connection], object]
_T = TypeVar("_T")
_P = ParamSpec("_P")


class WriteThread:
    """Opens the database on a thread of its own and makes changes there, in order.

    A change that the disk refuses is held in memory with all that come after it, and tried again
    with each new one, and each second. Holding them takes no more than the screen does, which shows
    the same text. Where the file cannot even be opened for now, a database in memory stands in for
    it: changes are made there and held as well.

    Args:
        on_notice: Called on this thread with a sentence for the user.
        quiet: Whether what is not kept is told by ``settled`` alone.
    """

    def __init__(
        self,
        path: Path | None,
        clock: Callable[[], float],
        on_notice: Callable[[str], None],
        *,
        quiet: bool = False,
        reads_only: bool = False,
    ) -> None:
        self._path = path
        self._name = path or Path("memory")
        self._clock = clock
        self._on_notice = on_notice
        self._quiet = quiet
        self._reads_only = reads_only
        self._waiting: deque[Change] = deque()
        self._fault: Fault | None = None
        self._retry: threading.Timer | None = None
        self._is_closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="conversations-write")
        self._opened = self._executor.submit(self._open)
        self._last: Future[None] = self._executor.submit(lambda: None)

    def put(
        self,
        change: Callable[Concatenate[sqlite3.Connection, _P], object],
        *given: _P.args,
        **named: _P.kwargs,
    ) -> None:
        """Make a change, with what is given, after all that were put before; takes microseconds."""
        self._last = self._executor.submit(
            self._apply, lambda connection: change(connection, *given, **named)
        )

    def put_steps(self, steps: Callable[[sqlite3.Connection], Iterator[None]]) -> None:
        """Make a long change in steps; what is put meanwhile comes between them.

        What is left when the thread closes is not done, and nobody is told of an error.
        """
        self._executor.submit(lambda: self._step(steps(self._database.connection)))

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
        await asyncio.shield(asyncio.wrap_future(self._opened))
        return self._database

    async def settled(self, most_s: float) -> str:
        """Wait up to ``most_s`` until all changes are in the file; return why not, or nothing."""
        until_s = time.monotonic() + most_s
        while why := await asyncio.shield(asyncio.wrap_future(self._executor.submit(self._why))):
            if time.monotonic() > until_s or not self._may_pass:
                return why
            await asyncio.sleep(_TRY_AGAIN_S / 5)
        return ""

    @property
    def unkept(self) -> str:
        """Why something that was said is in memory alone; empty where all is kept."""
        if self._path is None:
            return ""
        if not self._opened.done():
            return read_sentence(Fault.BUSY, self._name)
        if not self._database.is_stored:
            return self._database.why_empty
        if self._fault is not None:
            return read_sentence(self._fault, self._name)
        return ""

    @property
    def waits_for(self) -> str:
        """Why it takes long until all is in the file; to be asked while ``unkept`` says why."""
        opened = self._database if self._opened.done() else None
        fault = self._fault or (None if opened is None else opened.fault)
        return read_fact(fault or Fault.BUSY, self._name)

    @property
    def _may_pass(self) -> bool:
        return self._database.may_open or (self._fault is not None and self._fault.may_pass)

    def _why(self) -> str:
        self._try_again()
        return self.unkept

    def call(self, work: Callable[[sqlite3.Connection], _T]) -> "Future[_T]":
        return self._executor.submit(lambda: work(self._database.connection))

    def call_whole(self, work: Callable[[sqlite3.Connection], _T]) -> "Future[_T]":
        """Run something in one transaction; the future has its result, or a ``StoreError``."""

        def run(connection: sqlite3.Connection) -> _T:
            until_s = time.monotonic() + _IMPORT_PATIENCE_S
            while True:
                try:
                    with transaction(connection):
                        return work(connection)
                except sqlite3.Error as error:
                    fault = fault_of(error, self._path)
                    if fault is Fault.BUSY and time.monotonic() < until_s:
                        continue
                    if fault is Fault.DAMAGED:
                        self.note_damage()
                    is_ours = fault.may_pass and fault is not Fault.BUSY
                    sentence = write_sentence if is_ours else read_sentence
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
        self._on_notice(read_sentence(Fault.DAMAGED, self._path))

    def _open(self) -> OpenedDatabase:
        told: list[str] = []
        opened = open_database(self._path, int(self._clock() * 1000), told.append)
        if opened.is_stored and not self._reads_only:
            # It is told below, and there is a new file to look into.
            opened = replace(opened, why_empty="")
        self._database = opened
        for sentence in told:
            if not (self._quiet and opened.why_empty):
                self._on_notice(sentence)
        if opened.may_open:
            self._try_later()
        elif opened.is_stored and not self._reads_only:
            self._apply(self._settle)
        elif opened.is_stored:
            self._be_patient(opened.connection, _PATIENCE_AFTER_A_FAULT_S)
            # Nobody who reads waits for what can be done the next time as well.
            with suppress(sqlite3.Error), transaction(opened.connection):
                self._settle(opened.connection)
        return opened

    def _settle(self, connection: sqlite3.Connection) -> None:
        settle(connection, int(self._clock() * 1000))

    def _open_again(self) -> None:
        """Put the file in the place of the memory that stands in for it, if it can be opened."""
        now_ms = int(self._clock() * 1000)
        told: list[str] = []
        opened = open_database(self._path, now_ms, told.append, _PATIENCE_AFTER_A_FAULT_S)
        if opened.may_open:
            opened.connection.close()
            return
        if opened.is_stored:
            if not self._reads_only:
                self._waiting.appendleft(self._settle)
            self._database.connection.close()
            self._fault = self._fault or Fault.BUSY
        else:
            # It turned out to be none of ours: what there is in memory stays.
            opened.connection.close()
            opened = replace(opened, connection=self._database.connection)
            self._waiting.clear()
        self._database = opened
        for sentence in told if not self._quiet else ():
            self._on_notice(sentence)

    def _apply(self, change: Change) -> None:
        if self._fault is Fault.DAMAGED:
            return
        if self._database.may_open:
            self._make(self._database.connection, change)
        if self._database.is_stored or self._database.may_open:
            self._waiting.append(change)
            self._work_off()
        else:
            self._make(self._database.connection, change)

    def _make(self, connection: sqlite3.Connection, change: Change) -> None:
        """Make a change in memory, where nothing but a mistake of ours can go wrong."""
        try:
            with transaction(connection):
                change(connection)
        except Exception:
            log.exception("A change could not be made")

    def _try_later(self) -> None:
        if self._is_closed or (self._retry is not None and self._retry.is_alive()):
            return

        def submit() -> None:
            # A closed executor takes no more.
            with suppress(RuntimeError):
                self._executor.submit(self._try_again)

        self._retry = threading.Timer(_TRY_AGAIN_S, submit)
        self._retry.daemon = True
        self._retry.start()

    def _try_again(self) -> None:
        if self._database.may_open:
            self._open_again()
        if self._database.is_stored and self._fault is not Fault.DAMAGED:
            self._work_off()
        self._retry = None
        if self._database.may_open or self._waiting:
            self._try_later()

    def _work_off(self) -> None:
        if self._database.may_open:
            return
        connection = self._database.connection
        while self._waiting:
            try:
                with transaction(connection):
                    self._waiting[0](connection)
            except sqlite3.Error as error:
                fault = fault_of(error, self._path)
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
            if not self._quiet:
                self._on_notice(SAVED_AGAIN)

    def _hold(self, connection: sqlite3.Connection, fault: Fault) -> None:
        if self._fault is None:
            self._be_patient(connection, _PATIENCE_AFTER_A_FAULT_S)
            if not self._quiet:
                self._on_notice(write_sentence(fault, self._name))
        self._fault = fault
        self._try_later()

    def _be_patient(self, connection: sqlite3.Connection, seconds: float) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def _step(self, steps: Iterator[None]) -> None:
        try:
            with transaction(self._database.connection):
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
            flush(self._database.connection)
        except sqlite3.Error as error:
            # The changes are in the log; what is the matter shows with the next one.
            log.warning("The conversations' log could not be emptied: %s", fault_of(error).name)

    def _close(self) -> None:
        self._is_closed = True
        if self._retry is not None:
            self._retry.cancel()
        until_s = time.monotonic() + _LAST_PATIENCE_S
        while self._may_pass and self._waiting:
            self._try_again()
            if time.monotonic() > until_s:
                break
            time.sleep(_PATIENCE_AFTER_A_FAULT_S)
        self._database.connection.close()
