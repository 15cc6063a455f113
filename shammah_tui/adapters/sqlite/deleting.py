"""Deleting, which can be undone, and erasing, which cannot."""

import sqlite3
from collections.abc import Collection, Iterator

_PAGES_A_STEP = 64
_CHANGES_OF_WORK = 2
"""By SQLite's manual, a merge that changes fewer rows had nothing to do."""


def restore_conversation(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Show a hidden conversation again; where each of its messages was deleted, those too."""
    connection.execute("UPDATE conversation SET deleted_ms = NULL WHERE id = ?", (conversation_id,))
    connection.execute(
        "UPDATE message SET deleted_ms = NULL WHERE conversation_id = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM message WHERE conversation_id = ?1 AND deleted_ms IS NULL)",
        (conversation_id,),
    )


def mark_messages(
    connection: sqlite3.Connection, message_ids: Collection[int], deleted_ms: int | None
) -> None:
    """Hide messages, or with None show them again."""
    connection.executemany(
        "UPDATE message SET deleted_ms = ? WHERE id = ?",
        [(deleted_ms, message_id) for message_id in message_ids],
    )


def discard(connection: sqlite3.Connection, message_id: int) -> None:
    """Erase a message and all that follows it, and a conversation that is empty then."""
    row = connection.execute(
        "SELECT conversation_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    if row is None:
        return
    found = connection.execute(
        "WITH RECURSIVE following (id) AS (VALUES (?) UNION ALL"
        " SELECT message.id FROM message JOIN following ON parent_id = following.id)"
        " SELECT id FROM following",
        (message_id,),
    )
    # Children before their parents.
    for (each,) in reversed(found.fetchall()):
        forget_message(connection, each)
    _erase_if_empty(connection, row[0])


def purge(connection: sqlite3.Connection, deleted_before_ms: int) -> None:
    """Erase what was deleted at or before a moment; the ledger stays."""
    gone = connection.execute(
        "SELECT id FROM conversation WHERE deleted_ms <= ?", (deleted_before_ms,)
    ).fetchall()
    for (conversation_id,) in gone:
        _erase_conversation(connection, conversation_id)
    hidden = connection.execute(
        "SELECT id, conversation_id FROM message WHERE deleted_ms <= ? AND writer IS NULL",
        (deleted_before_ms,),
    ).fetchall()
    for message_id, _ in hidden:
        forget_message(connection, message_id)
    for conversation_id in {conversation_id for _, conversation_id in hidden}:
        _erase_if_empty(connection, conversation_id)


def sweep_index(connection: sqlite3.Connection) -> Iterator[None]:
    """Have no deleted word left in the index, in steps that may each be a transaction.

    From version 3.42 on SQLite sees to that itself. Before, deleted words stay until the parts of
    the index that hold them are merged; merging all of it takes 4 s for 100 000 messages.
    """
    if sqlite3.sqlite_version_info >= (3, 42):
        return
    for name in ("message_index", "title_index"):
        pages = -_PAGES_A_STEP  # negative: begin with all parts, also those hardly worth merging
        while True:
            before = connection.total_changes
            connection.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608
            if connection.total_changes - before < _CHANGES_OF_WORK:
                break
            pages = _PAGES_A_STEP
            yield


def forget_message(connection: sqlite3.Connection, message_id: int) -> None:
    """Erase one message; its parent takes its place, as a parent and as the leaf."""
    row = connection.execute(
        "SELECT parent_id, conversation_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    if row is None:
        return
    parent_id, conversation_id = row
    connection.execute(
        "UPDATE message SET parent_id = ? WHERE parent_id = ?", (parent_id, message_id)
    )
    connection.execute(
        "UPDATE conversation SET leaf_id = ? WHERE id = ? AND leaf_id = ?",
        (parent_id, conversation_id, message_id),
    )
    connection.execute(
        "UPDATE conversation SET place_id = NULL WHERE id = ? AND place_id = ?",
        (conversation_id, message_id),
    )
    _erase_words(connection, [(message_id,)])
    connection.execute("DELETE FROM message WHERE id = ?", (message_id,))


def _erase_if_empty(connection: sqlite3.Connection, conversation_id: int) -> None:
    left = connection.execute(
        "SELECT 1 FROM message WHERE conversation_id = ? LIMIT 1", (conversation_id,)
    ).fetchone()
    if left is None:
        _erase_conversation(connection, conversation_id)


def _erase_conversation(connection: sqlite3.Connection, conversation_id: int) -> None:
    ids = connection.execute("SELECT id FROM message WHERE conversation_id = ?", (conversation_id,))
    _erase_words(connection, ids.fetchall())
    connection.execute("DELETE FROM title_index WHERE rowid = ?", (conversation_id,))
    connection.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
    connection.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))


def _erase_words(connection: sqlite3.Connection, message_ids: list[tuple[int]]) -> None:
    connection.executemany("DELETE FROM message_index WHERE rowid = ?", message_ids)
    connection.executemany("DELETE FROM piece WHERE message_id = ?", message_ids)
