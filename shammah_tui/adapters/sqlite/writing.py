"""Changes to conversations, and what they keep in step: index, ledger, versions shown.

Replies are here as well: begun, grown, finished, or closed after their program was killed. They
are rows of the same tables, which change together.
"""

import os
import sqlite3
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from shammah_tui.adapters.sqlite.deleting import forget_message
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.message_tree import MessageTree, Node
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    RECEIPT_FIELDS,
    USAGE_FIELDS,
    Receipt,
    StoredMessage,
    TitleSource,
    receipt_values,
)
from shammah_tui.core.conversation.reply import StopReason, Usage
from shammah_tui.core.conversation.search_query import search_text
from shammah_tui.core.conversation.titles import UNTITLED, first_title
from shammah_tui.core.text.plain_text import plain_line
from shammah_tui.core.wording.ending import CUT_SHORT


def index_message(connection: sqlite3.Connection, message_id: int, text: str) -> None:
    """Have a message found by its words, as they are now."""
    connection.execute("DELETE FROM message_index WHERE rowid = ?", (message_id,))
    connection.execute(
        "INSERT INTO message_index (rowid, words) VALUES (?, ?)", (message_id, search_text(text))
    )


def index_title(connection: sqlite3.Connection, conversation_id: int, title: str) -> None:
    """Have a conversation found by its title, as it is now."""
    connection.execute("DELETE FROM title_index WHERE rowid = ?", (conversation_id,))
    connection.execute(
        "INSERT INTO title_index (rowid, words) VALUES (?, ?)",
        (conversation_id, search_text(title)),
    )


_T = TypeVar("_T", bound=Enum)


def storable(text: str) -> str:
    """Return ``text`` with halves of surrogate pairs joined, and lone ones replaced by U+FFFD.

    Python's strings may hold them, UTF-8 may not.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def one_of(kind: type[_T], value: object, otherwise: _T) -> _T:
    """Return the member of an enumeration with this value; ``otherwise`` where there is none."""
    try:
        return kind(value)
    except ValueError:
        return otherwise


BEGINNING = 0
"""Stands for what the first message follows, in the table of versions that were shown."""

_ROLES = {role.value: role for role in Role}
"""Looked up, an enumeration's member comes in a fifth of the time of ``Role(value)``."""


def tree_of(connection: sqlite3.Connection, conversation_id: int) -> MessageTree:
    """Return the tree of a conversation's messages, without their texts."""
    rows = connection.execute(
        "SELECT id, parent_id, role, deleted_ms FROM message WHERE conversation_id = ?",
        (conversation_id,),
    )
    chosen = connection.execute(
        "SELECT parent_id, child_id FROM chosen WHERE conversation_id = ?", (conversation_id,)
    )
    return MessageTree(
        (
            Node(each, parent_id, _ROLES.get(role, Role.ASSISTANT), deleted_ms is not None)
            for each, parent_id, role, deleted_ms in rows
        ),
        {parent_id or None: child_id for parent_id, child_id in chosen},
    )


def remember_versions(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Remember which versions of its messages a conversation shows, before it shows others."""
    row = connection.execute(
        "SELECT leaf_id FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    if row is None:
        return
    connection.executemany(
        "INSERT OR REPLACE INTO chosen (conversation_id, parent_id, child_id) VALUES (?, ?, ?)",
        [
            (conversation_id, parent_id or BEGINNING, child_id)
            for parent_id, child_id in tree_of(connection, conversation_id).choices(row[0]).items()
        ],
    )


def count_reply(
    connection: sqlite3.Connection, reply_id: int, receipt: Receipt, at_ms: int
) -> None:
    """Count a reply, once."""
    connection.execute(
        "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            reply_id,
            at_ms,
            receipt.side.value,
            storable(receipt.model),
            receipt.usage.prompt_tokens or 0,
            receipt.usage.reply_tokens or 0,
            receipt.cost_microusd,
        ),
    )


NOT_BEGUN = 0
"""Stands for the conversation that has not begun, in the table of drafts."""


def ensure_conversation(
    connection: sqlite3.Connection, conversation_id: int, question: str, now_ms: int
) -> None:
    """Begin a conversation that is not there; one that was deleted comes back."""
    connection.execute(
        "UPDATE conversation SET deleted_ms = NULL WHERE id = ? AND deleted_ms IS NOT NULL",
        (conversation_id,),
    )
    title = first_title(question, datetime.fromtimestamp(now_ms / 1000).astimezone().date())
    began = connection.execute(
        "INSERT OR IGNORE INTO conversation (id, title, title_source, created_ms, active_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        (conversation_id, title, TitleSource.WORDS.value, now_ms, now_ms),
    )
    if began.rowcount:
        index_title(connection, conversation_id, title)


def add_question(
    connection: sqlite3.Connection, conversation_id: int, question: StoredMessage
) -> None:
    """Add a question at the end of the path, or as a branch."""
    text = storable(question.text)
    ensure_conversation(connection, conversation_id, text, question.created_ms)
    add_message(connection, conversation_id, question, None)
    index_message(connection, question.id, text)


def add_message(
    connection: sqlite3.Connection,
    conversation_id: int,
    message: StoredMessage,
    writer: str | None,
) -> None:
    """Add a message and make it the leaf; a parent that was purged is left out."""
    leaf = connection.execute(
        "SELECT leaf_id FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    if leaf is not None and leaf[0] not in (None, message.parent_id):
        # It becomes another branch.
        remember_versions(connection, conversation_id)
    insert_message(connection, conversation_id, message, writer)
    connection.execute(
        "UPDATE conversation SET leaf_id = ?, active_ms = max(active_ms, ?) WHERE id = ?",
        (message.id, message.created_ms, conversation_id),
    )


def insert_message(
    connection: sqlite3.Connection,
    conversation_id: int,
    message: StoredMessage,
    writer: str | None,
) -> None:
    """Add the row of a message; a parent that was purged is left out."""
    connection.execute(
        "INSERT INTO message"
        " (id, conversation_id, parent_id, role, text, created_ms, writer, pin, is_private)"
        " VALUES (?, ?, (SELECT id FROM message WHERE id = ? AND conversation_id = ?),"
        " ?, ?, ?, ?, ?, ?)",
        (
            message.id,
            conversation_id,
            message.parent_id,
            conversation_id,
            message.role.value,
            storable(message.text),
            message.created_ms,
            writer,
            None if message.pin is None else message.pin.value,
            int(message.is_private),
        ),
    )


def rename(
    connection: sqlite3.Connection, conversation_id: int, title: str, source: TitleSource
) -> None:
    """Give a title, unless the present one's source comes later in ``TitleSource``."""
    sources = [each.value for each in TitleSource]
    weaker = sources[: sources.index(source.value) + 1]
    title = plain_line(title) or UNTITLED
    marks = ", ".join("?" * len(weaker))
    done = connection.execute(
        "UPDATE conversation SET title = ?, title_source = ?"  # noqa: S608
        f" WHERE id = ? AND title_source IN ({marks})",
        (title, source.value, conversation_id, *weaker),
    )
    if done.rowcount:
        index_title(connection, conversation_id, title)


def save_draft(connection: sqlite3.Connection, conversation_id: int | None, text: str) -> None:
    """Keep what stands in the composer."""
    key = conversation_id or NOT_BEGUN
    if text:
        connection.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (key, storable(text)))
    else:
        connection.execute("DELETE FROM draft WHERE conversation_id = ?", (key,))


RECEIPT_COLUMNS = ", ".join(RECEIPT_FIELDS)
_MARKS = ", ".join("?" * len(RECEIPT_FIELDS))


def save_receipt(connection: sqlite3.Connection, message_id: int, receipt: Receipt) -> None:
    """Keep a message's receipt, in the place of the one it has."""
    values = receipt_values(receipt).values()
    connection.execute(
        f"INSERT OR REPLACE INTO receipt (message_id, {RECEIPT_COLUMNS}) VALUES (?, {_MARKS})",  # noqa: S608
        (message_id, *(storable(each) if isinstance(each, str) else each for each in values)),
    )


def receipt_from(columns: tuple[Any, ...]) -> Receipt | None:
    """Return the receipt in the ``RECEIPT_COLUMNS`` of a row; None where there is none."""
    values = dict(zip(RECEIPT_FIELDS, columns, strict=True))
    if values["side"] is None:
        return None
    stop = values["stop_reason"]
    values["side"] = one_of(Side, values["side"], Side.CLAUDE)
    values["stop_reason"] = None if stop is None else one_of(StopReason, stop, StopReason.STOPPED)
    values["is_estimated"] = bool(values["is_estimated"])
    usage = Usage(**{name: values.pop(name) for name in USAGE_FIELDS})
    return Receipt(usage=usage, **values)


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
