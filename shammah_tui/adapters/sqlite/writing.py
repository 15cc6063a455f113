"""Changes to conversations and their questions; each is to run inside a transaction."""

import sqlite3
from datetime import datetime

from shammah_tui.adapters.sqlite.index import index_message, index_title
from shammah_tui.adapters.sqlite.storable import storable
from shammah_tui.adapters.sqlite.tree import remember_versions
from shammah_tui.core.plain_text import plain_line
from shammah_tui.core.records import StoredMessage, TitleSource
from shammah_tui.core.titles import UNTITLED, first_title

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


def pin(connection: sqlite3.Connection, conversation_id: int, pinned: bool) -> None:
    """Keep a conversation on top of the list, or no longer."""
    connection.execute(
        "UPDATE conversation SET is_pinned = ? WHERE id = ?", (int(pinned), conversation_id)
    )


def save_place(
    connection: sqlite3.Connection, conversation_id: int, message_id: int | None
) -> None:
    """Keep which message is at the top of the screen."""
    connection.execute(
        "UPDATE conversation SET place_id = ? WHERE id = ?", (message_id, conversation_id)
    )


def save_draft(connection: sqlite3.Connection, conversation_id: int | None, text: str) -> None:
    """Keep what stands in the composer."""
    key = NOT_BEGUN if conversation_id is None else conversation_id
    if text:
        connection.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (key, storable(text)))
    else:
        connection.execute("DELETE FROM draft WHERE conversation_id = ?", (key,))
