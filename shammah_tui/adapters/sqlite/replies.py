"""Replies as they stream: begun, grown, finished, or closed after their program was killed."""

import os
import sqlite3
from collections import defaultdict
from dataclasses import replace
from functools import cache

from shammah_tui.adapters.sqlite.deleting import forget_message
from shammah_tui.adapters.sqlite.receipts import RECEIPT_COLUMNS, receipt_from, save_receipt
from shammah_tui.adapters.sqlite.writing import (
    add_message,
    count_reply,
    ensure_conversation,
    index_message,
)
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    Receipt,
    StoredMessage,
)
from shammah_tui.core.wording.ending import CUT_SHORT

_CLOCK_STEP_S = 2.0
"""Start times of one process differ by rounding; of two with the same number, by more."""


def begin_reply(connection: sqlite3.Connection, conversation_id: int, reply: StoredMessage) -> None:
    """Add an empty reply that this process streams, with its receipt."""
    ensure_conversation(connection, conversation_id, "", reply.created_ms)
    add_message(connection, conversation_id, reply, this_process())
    if reply.receipt is not None:
        save_receipt(connection, reply.id, reply.receipt)


def finish_reply(
    connection: sqlite3.Connection, reply_id: int, receipt: Receipt, now_ms: int
) -> None:
    """Put the pieces together, keep the receipt, index the text and count it."""
    row = connection.execute("SELECT created_ms FROM message WHERE id = ?", (reply_id,)).fetchone()
    count_reply(connection, reply_id, receipt, now_ms if row is None else row[0])
    if not _join(connection, reply_id):
        return
    save_receipt(connection, reply_id, receipt)
    connection.execute(
        "UPDATE conversation SET active_ms = max(active_ms, ?)"
        " WHERE id = (SELECT conversation_id FROM message WHERE id = ?)",
        (now_ms, reply_id),
    )


def settle(connection: sqlite3.Connection, now_ms: int) -> None:
    """Close the replies whose program is no more; those of programs that live are let be.

    Should a living program be taken for dead, nothing is lost: what it still writes is joined to
    the text when it finishes, or here the next time.
    """
    writers = connection.execute("SELECT DISTINCT writer FROM message WHERE writer IS NOT NULL")
    for (writer,) in writers.fetchall():
        if not is_alive(writer):
            _close_replies(connection, writer, now_ms)
    left = connection.execute(
        "SELECT DISTINCT message_id FROM piece LEFT JOIN message ON message.id = message_id"
        " WHERE writer IS NULL"
    )
    for (message_id,) in left.fetchall():
        _join(connection, message_id)


def pieces_of(
    connection: sqlite3.Connection, message_ids: set[int], *, of_thoughts: bool = False
) -> dict[int, str]:
    """Return what came so far of the replies under way among these messages, or their thoughts."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = connection.execute(
        "SELECT message_id, text FROM piece WHERE is_thought = ? ORDER BY id", (int(of_thoughts),)
    )
    for message_id, text in rows:
        if message_id in message_ids:
            found[message_id].append(text)
    return {message_id: "".join(texts) for message_id, texts in found.items()}


def save_thought(connection: sqlite3.Connection, message_id: int, text: str) -> None:
    """Keep what was thought ahead of a reply, after what is there of it."""
    if text:
        connection.execute(
            "INSERT INTO thought VALUES (?, ?)"
            " ON CONFLICT (message_id) DO UPDATE SET text = thought.text || excluded.text",
            (message_id, text),
        )


@cache
def this_process() -> str:
    """Return this process by its number and its start, since numbers are given again."""
    # Deferred: 20 ms, of a library that the hardware probe imports after the first frame.
    import psutil

    return f"{os.getpid()}:{psutil.Process().create_time():.1f}"


def cut_short(begun: Receipt) -> Receipt:
    """Return the receipt of a reply whose program was killed."""
    return replace(begun, stop_reason=None, interrupted=CUT_SHORT)


def is_alive(writer: str) -> bool:
    """Return whether a program is there yet that began a reply; what was killed is not."""
    import psutil

    try:
        pid, _, started = writer.partition(":")
        process = psutil.Process(int(pid))
        difference: float = process.create_time() - float(started)
        # Killed, and whoever started it has not taken notice yet.
        is_dead = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return abs(difference) < _CLOCK_STEP_S and not is_dead
    except (ValueError, psutil.Error):
        return False


def _close_replies(connection: sqlite3.Connection, writer: str, now_ms: int) -> None:
    replies = connection.execute(
        f"SELECT id, {RECEIPT_COLUMNS} FROM message LEFT JOIN receipt ON message_id = id"  # noqa: S608
        " WHERE writer = ?",
        (writer,),
    )
    for reply_id, *columns in replies.fetchall():
        if connection.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM piece WHERE message_id = message.id) AND text = ''"
            " FROM message WHERE id = ?",
            (reply_id,),
        ).fetchone()[0]:
            # Nothing of it was shown; the question waits to be answered.
            forget_message(connection, reply_id)
        else:
            begun = receipt_from(tuple(columns)) or Receipt(Side.CLAUDE)
            finish_reply(connection, reply_id, cut_short(begun), now_ms)


def _join(connection: sqlite3.Connection, message_id: int) -> bool:
    """Make one text of a message's pieces; return whether the message is there."""
    pieces = pieces_of(connection, {message_id}).get(message_id, "")
    thought = pieces_of(connection, {message_id}, of_thoughts=True).get(message_id, "")
    connection.execute("DELETE FROM piece WHERE message_id = ?", (message_id,))
    row = connection.execute("SELECT text FROM message WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        return False
    text = row[0] + pieces
    connection.execute(
        "UPDATE message SET text = ?, writer = NULL WHERE id = ?", (text, message_id)
    )
    index_message(connection, message_id, text)
    save_thought(connection, message_id, thought)
    return True
