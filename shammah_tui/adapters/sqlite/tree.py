"""The tree of a conversation in the database: its skeleton, and which versions were shown."""

import sqlite3

from shammah_tui.core.conversation import Role
from shammah_tui.core.message_tree import MessageTree, Node

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
