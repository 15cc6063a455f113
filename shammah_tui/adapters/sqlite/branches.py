"""The tree of a conversation in the database: its skeleton, switching and forking."""

import sqlite3
from collections.abc import Callable

from shammah_tui.adapters.sqlite.index import index_message, index_title
from shammah_tui.adapters.sqlite.receipts import RECEIPT_COLUMNS
from shammah_tui.adapters.sqlite.replies import pieces_of, save_thought
from shammah_tui.core.conversation import Role
from shammah_tui.core.message_tree import MessageTree, Node

_ROLES = {role.value: role for role in Role}
"""Looked up, an enumeration's member comes in a fifth of the time of ``Role(value)``."""


def tree_of(connection: sqlite3.Connection, conversation_id: int) -> MessageTree:
    """Return the tree of a conversation's messages, without their texts."""
    rows = connection.execute(
        "SELECT id, parent_id, role, deleted_ms FROM message WHERE conversation_id = ?",
        (conversation_id,),
    )
    return MessageTree(
        Node(each, parent_id, _ROLES[role], deleted_ms is not None)
        for each, parent_id, role, deleted_ms in rows
    )


def show_branch(connection: sqlite3.Connection, conversation_id: int, message_id: int) -> None:
    """Make the newest end of what follows a message the leaf."""
    if not _is_in(connection, conversation_id, message_id):
        return
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
    """Copy the path to a message into a new conversation; the ledger is not told."""
    if not _is_in(connection, conversation_id, message_id):
        return
    path = tree_of(connection, conversation_id).path(message_id)
    connection.execute(
        "INSERT INTO conversation (id, title, title_source, created_ms, active_ms)"
        " SELECT ?, title, title_source, ?, ? FROM conversation WHERE id = ?",
        (new_conversation_id, now_ms, now_ms, conversation_id),
    )
    title = connection.execute(
        "SELECT title FROM conversation WHERE id = ?", (new_conversation_id,)
    ).fetchone()[0]
    index_title(connection, new_conversation_id, title)
    pieces = pieces_of(connection, set(path))
    thoughts = pieces_of(connection, set(path), of_thoughts=True)
    copy_id: int | None = None
    for each in path:
        parent_id, copy_id = copy_id, new_id()
        connection.execute(
            "INSERT INTO message (id, conversation_id, parent_id, role, text, created_ms)"
            " SELECT ?, ?, ?, role, text || ?, created_ms FROM message WHERE id = ?",
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
