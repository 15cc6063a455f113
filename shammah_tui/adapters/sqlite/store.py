"""The conversation store and its reading thread; ``ports.ConversationStore`` says what it does."""

import asyncio
import secrets
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from shammah_tui.adapters.sqlite import branches, deleting, reading, writing
from shammah_tui.adapters.sqlite.connection import (
    connect,
    fault_of,
    is_undecodable,
    read_damaged_text,
)
from shammah_tui.adapters.sqlite.importing import import_record
from shammah_tui.adapters.sqlite.searching import search
from shammah_tui.adapters.sqlite.write_thread import WriteThread
from shammah_tui.adapters.sqlite.writing import count_reply, storable
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.excerpts import SearchHit
from shammah_tui.core.conversation.ledger import LedgerRow, Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    ConversationSummary,
    DeletedTurn,
    ImportResult,
    OpenedConversation,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.search_query import SearchQuery
from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording.storage import Fault, read_sentence

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


RANDOM_BITS = 20


class IdMaker:
    """Makes ids of at most 63 bits.

    43 are milliseconds since 1970, which last until 2248, and 20 are chance, so that two programs
    meet once in a million tries within the same millisecond. Growing with time, they keep a
    conversation's messages together in the file and the newest hits first in the index, without a
    sort. Each is greater than all before it. May be called from any thread.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> int:
        made = (int(self._clock() * 1000) << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
        with self._lock:
            self._last = max(made, self._last + 1)
            return self._last


class SqliteStore:
    """Keeps conversations in a file; the protocol says what each call does.

    It returns at once and opens the file on its own thread. What cannot be opened is replaced by
    memory, so that everything but keeping works; what is held or has no room is opened as soon as
    that is over. A list that is empty because the file could not be read is a ``StoreError``.

    Args:
        path: The file, see ``opening.store_path``; None keeps nothing on disk.
        on_notice: Called on another thread with a sentence for the user when storing is in
            trouble, and when it is out of it.
        quiet: Whether what is not kept is told by ``settled`` and ``unkept`` alone.
    """

    def __init__(
        self,
        path: Path | None,
        on_notice: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        *,
        quiet: bool = False,
        reads_only: bool = False,
    ) -> None:
        self._clock = clock
        self._new_id = IdMaker(clock)
        self._deleted_ms = 0
        self._writer = WriteThread(path, clock, on_notice, quiet=quiet, reads_only=reads_only)
        self._reader = ReadThread(path, self._writer)

    async def is_stored(self) -> bool:
        return (await self._writer.opened()).is_stored

    async def settled(self, most_s: float) -> str:
        return await self._writer.settled(most_s)

    @property
    def unkept(self) -> str:
        return self._writer.unkept

    @property
    def waits_for(self) -> str:
        return self._writer.waits_for

    async def _or_why(self, found: _T) -> _T:
        """Return what was found; for nothing in a file not read raise ``StoreError``."""
        if not found and (why := (await self._writer.opened()).why_empty):
            raise StoreError(why)
        return found

    def new_id(self) -> int:
        return self._new_id()

    async def written(self) -> None:
        await self._writer.written()

    def add_question(
        self,
        conversation_id: int,
        parent_id: int | None,
        text: str,
        pin: Side | None = None,
        *,
        is_private: bool = False,
    ) -> StoredMessage:
        question = StoredMessage(
            self._new_id(),
            parent_id,
            Role.USER,
            text,
            self._now_ms(),
            pin=pin,
            is_private=is_private,
        )
        self._writer.put(writing.add_question, conversation_id, question)
        self._writer.flush()
        return question

    def begin_reply(
        self,
        conversation_id: int,
        question_id: int,
        receipt: Receipt,
        *,
        is_private: bool = False,
    ) -> StoredMessage:
        reply = StoredMessage(
            self._new_id(),
            question_id,
            Role.ASSISTANT,
            "",
            self._now_ms(),
            receipt,
            is_complete=False,
            is_private=is_private,
        )
        self._writer.put(writing.begin_reply, conversation_id, reply)
        return reply

    def append(self, reply_id: int, text: str) -> None:
        # One row at the end of a small table, one page of log.
        insert = "INSERT INTO piece (message_id, text) VALUES (?, ?)"
        self._execute(insert, reply_id, storable(text))

    def append_thought(self, reply_id: int, text: str) -> None:
        insert = "INSERT INTO piece (message_id, text, is_thought) VALUES (?, ?, 1)"
        self._execute(insert, reply_id, storable(text))

    def text_was_thought(self, reply_id: int) -> None:
        # It follows what was thought before.
        self._execute("UPDATE piece SET is_thought = 1 WHERE message_id = ?", reply_id)

    def finish_reply(self, reply_id: int, receipt: Receipt) -> None:
        self._writer.put(writing.finish_reply, reply_id, receipt, self._now_ms())
        self._writer.flush()

    def count(self, receipt: Receipt) -> None:
        self._writer.put(count_reply, self._new_id(), receipt, self._now_ms())

    def discard(self, message_id: int) -> None:
        self._writer.put(deleting.discard, message_id)

    def save_draft(self, conversation_id: int | None, text: str) -> None:
        self._writer.put(writing.save_draft, conversation_id, text)

    def save_place(self, conversation_id: int, message_id: int | None) -> None:
        update = "UPDATE conversation SET place_id = ? WHERE id = ?"
        self._execute(update, message_id, conversation_id)

    def rename(self, conversation_id: int, title: str, source: TitleSource) -> None:
        self._writer.put(writing.rename, conversation_id, title, source)

    def pin(self, conversation_id: int, pinned: bool) -> None:
        update = "UPDATE conversation SET is_pinned = ? WHERE id = ?"
        self._execute(update, int(pinned), conversation_id)

    def show_branch(self, conversation_id: int, message_id: int) -> None:
        self._writer.put(branches.show_branch, conversation_id, message_id)

    def fork(self, conversation_id: int, message_id: int) -> int:
        fork_id, now_ms = self._new_id(), self._now_ms()
        made: list[int] = []

        def change(connection: sqlite3.Connection) -> None:
            # The same ids each time: what is made in memory first is made in the file later.
            again = iter(tuple(made))

            def new_id() -> int:
                given = next(again, None)
                if given is None:
                    made.append(given := self._new_id())
                return given

            branches.fork(connection, fork_id, conversation_id, message_id, new_id, now_ms)

        self._writer.put(change)
        return fork_id

    def delete_conversation(self, conversation_id: int) -> None:
        update = "UPDATE conversation SET deleted_ms = ? WHERE id = ?"
        self._execute(update, self._now_ms(), conversation_id)

    def restore_conversation(self, conversation_id: int) -> None:
        self._writer.put(deleting.restore_conversation, conversation_id)

    def delete_messages(self, message_ids: Collection[int]) -> None:
        # What is deleted together has one time, and nothing else has it: so it is undone together.
        ids, now_ms = tuple(message_ids), max(self._now_ms(), self._deleted_ms + 1)
        self._deleted_ms = now_ms
        self._writer.put(deleting.mark_messages, ids, now_ms)

    def restore_messages(self, message_ids: Collection[int]) -> None:
        self._writer.put(deleting.mark_messages, tuple(message_ids), None)

    def purge(self, older_than_s: float = 0.0) -> None:
        before_ms = max(self._now_ms(), self._deleted_ms) - int(older_than_s * 1000)
        self._writer.put(deleting.purge, before_ms)
        self._writer.put_steps(deleting.sweep_index)
        self._writer.flush()

    async def conversations(self, limit: int | None = None) -> tuple[ConversationSummary, ...]:
        return await self._or_why(await self._reader.read(reading.conversations, limit))

    async def deleted_conversations(self) -> tuple[ConversationSummary, ...]:
        return await self._reader.read(reading.deleted_conversations)

    async def summary(self, conversation_id: int) -> ConversationSummary | None:
        return await self._reader.read(reading.summary, conversation_id)

    async def last_deleted(self, conversation_id: int) -> DeletedTurn | None:
        return await self._reader.read(reading.last_deleted, conversation_id)

    async def last_conversation(self) -> int | None:
        return await self._or_why(await self._reader.read(reading.last_conversation))

    async def open(self, conversation_id: int) -> OpenedConversation | None:
        return await self._reader.read(reading.open_conversation, conversation_id)

    async def draft(self, conversation_id: int | None) -> str:
        return await self._reader.read(reading.draft, conversation_id)

    async def questions(self, limit: int, but_of: int | None = None) -> tuple[str, ...]:
        return await self._reader.read(reading.questions, limit, but_of)

    async def search(self, query: SearchQuery, limit: int = 50) -> tuple[SearchHit, ...]:
        return await self._or_why(await self._reader.read(search, query, limit))

    async def ledger(self, period: Period) -> tuple[LedgerRow, ...]:
        return await self._or_why(await self._reader.read(reading.ledger, period))

    async def records(
        self, conversation_ids: Collection[int] | None = None
    ) -> AsyncGenerator[ConversationRecord, None]:
        ids = conversation_ids
        if ids is None:
            ids = await self._or_why(await self._reader.read(reading.conversation_ids))
        for conversation_id in sorted(ids):
            # One at a time: the loop goes on in between, and memory holds one.
            record = await self._reader.read(reading.record_of, conversation_id)
            if record is not None:
                yield record

    async def import_records(self, records: Sequence[ConversationRecord]) -> ImportResult:
        conversations = messages = 0
        for record in records:
            # One at a time: what is said meanwhile is written in between.
            work = partial(import_record, record=record, new_id=self._new_id)
            added = await asyncio.shield(asyncio.wrap_future(self._writer.call_whole(work)))
            conversations += added.conversations
            messages += added.messages
        self._writer.flush()
        return ImportResult(conversations, messages)

    async def close(self) -> None:
        # The reader first: the last to close empties the log into the file.
        await asyncio.shield(asyncio.wrap_future(self._reader.close()))
        await asyncio.shield(asyncio.wrap_future(self._writer.close()))

    def _execute(self, statement: str, *values: object) -> None:
        self._writer.put(sqlite3.Connection.execute, statement, values)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)
