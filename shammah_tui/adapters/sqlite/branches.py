"""Switching between the branches of a conversation, and forking it."""

import sqlite3
from collections.abc import Callable

from shammah_tui.adapters.sqlite.writing import (
    RECEIPT_COLUMNS,
    index_message,
    index_title,
    pieces_of,
    remember_versions,
    save_thought,
    tree_of,
)
from shammah_tui.core.conversation.records import TitleSource
from shammah_tui.core.conversation.titles import numbered_title

_OF_ONE_ROW = frozenset({"id", "conversation_id", "parent_id", "text", "writer", "deleted_ms"})
"""Columns of a message that a copy has of its own."""


def show_branch(connection: sqlite3.Connection, conversation_id: int, message_id: int) -> None:
    """Make the end of what follows a message the leaf, and remember the versions shown before."""
    if not _is_in(connection, conversation_id, message_id):
        return
    remember_versions(connection, conversation_id)
    tip = tree_of(connection, conversation_id).tip(message_id)
    connection.execute(
        "UPDATE conversation SET leaf_id = ?, place_id = NULL WHERE id = ?", (tip, conversation_id)
    )


def fork(
    connection: sqlite3.Connection,
    new_conversation_id: int,
    conversation_id: int,
    message_id: int,
    new_id: Callable[[], int],
    now_ms: int,
) -> None:
    """Copy the path to a message into a new conversation; the ledger is not told.

    Its title is numbered, and stays so: the two are told apart in the list.
    """
    if not _is_in(connection, conversation_id, message_id):
        return
    path = tree_of(connection, conversation_id).path(message_id)
    title, source = connection.execute(
        "SELECT title, title_source FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    others = connection.execute("SELECT title FROM conversation WHERE deleted_ms IS NULL")
    title = numbered_title(title, {each for (each,) in others})
    if source == TitleSource.WORDS.value:
        source = TitleSource.MODEL.value
    connection.execute(
        "INSERT INTO conversation (id, title, title_source, created_ms, active_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        (new_conversation_id, title, source, now_ms, now_ms),
    )
    index_title(connection, new_conversation_id, title)
    pieces = pieces_of(connection, set(path))
    thoughts = pieces_of(connection, set(path), of_thoughts=True)
    columns = connection.execute("SELECT name FROM pragma_table_info('message')")
    copied = ", ".join(name for (name,) in columns if name not in _OF_ONE_ROW)
    copy_id: int | None = None
    for each in path:
        parent_id, copy_id = copy_id, new_id()
        connection.execute(
            f"INSERT INTO message (id, conversation_id, parent_id, text, {copied})"  # noqa: S608
            f" SELECT ?, ?, ?, text || ?, {copied} FROM message WHERE id = ?",
            (copy_id, new_conversation_id, parent_id, pieces.get(each, ""), each),
        )
        connection.execute(
            f"INSERT INTO receipt (message_id, {RECEIPT_COLUMNS})"  # noqa: S608
            f" SELECT ?, {RECEIPT_COLUMNS} FROM receipt WHERE message_id = ?",
            (copy_id, each),
        )
        connection.execute(
            "INSERT INTO thought SELECT ?, text FROM thought WHERE message_id = ?", (copy_id, each)
        )
        save_thought(connection, copy_id, thoughts.get(each, ""))
        text = connection.execute("SELECT text FROM message WHERE id = ?", (copy_id,)).fetchone()[0]
        index_message(connection, copy_id, text)
    connection.execute(
        "UPDATE conversation SET leaf_id = ? WHERE id = ?", (copy_id, new_conversation_id)
    )


def _is_in(connection: sqlite3.Connection, conversation_id: int, message_id: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM message WHERE id = ? AND conversation_id = ?", (message_id, conversation_id)
    ).fetchone()
    return row is not None
