"""The full-text index of messages and titles."""

import sqlite3

from shammah_tui.core.search_words import search_text


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
