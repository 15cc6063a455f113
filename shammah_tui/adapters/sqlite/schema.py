"""The tables, as numbered steps: each is run once on a database, in order, and never changed."""

import sqlite3
from collections.abc import Callable

from shammah_tui.adapters.sqlite.connection import transaction
from shammah_tui.adapters.sqlite.writing import index_title
from shammah_tui.core.conversation.records import SENT_ON
from shammah_tui.core.conversation.search_query import search_text
from shammah_tui.core.conversation.titles import day_title
from shammah_tui.core.text.units import local_time


class NewerSchemaError(Exception):
    """The database was written by a newer version of the program."""


def migrate(connection: sqlite3.Connection, to: int | None = None) -> None:
    """Run the steps that the database lacks, all of them or none.

    Args:
        connection: The database, new or of any earlier version.
        to: How many steps it shall have; None is all. Fewer are for the tests of later ones.

    Raises:
        NewerSchemaError: It has steps that are not known here; nothing was changed.
        sqlite3.Error: It cannot be changed.
    """
    wanted = len(MIGRATIONS) if to is None else to
    if _version(connection) == wanted:
        return
    with transaction(connection):
        # Asked again: another program may have been at it.
        version = _version(connection)
        if version > len(MIGRATIONS):
            raise NewerSchemaError
        for step in MIGRATIONS[version:wanted]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {max(version, wanted)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _keep_conversations(connection: sqlite3.Connection) -> None:
    """Conversations, the tree of their messages, and the pieces of replies under way."""
    for statement in (
        """CREATE TABLE conversation (
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            title_source TEXT NOT NULL,
            is_pinned INTEGER NOT NULL DEFAULT 0,
            created_ms INTEGER NOT NULL,
            active_ms INTEGER NOT NULL,
            leaf_id INTEGER,
            place_id INTEGER,
            deleted_ms INTEGER
        )""",
        # "writer" is the process that streams the reply; NULL once it is over. The text comes last:
        # what stands behind a long one is slow to get at.
        """CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
            parent_id INTEGER REFERENCES message (id),
            role TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            writer TEXT,
            deleted_ms INTEGER,
            text TEXT NOT NULL
        )""",
        "CREATE INDEX message_conversation ON message (conversation_id, deleted_ms)",
        "CREATE INDEX message_parent ON message (parent_id)",
        "CREATE INDEX message_writer ON message (writer) WHERE writer IS NOT NULL",
        # A growing text in one row would be written anew with every piece: 8 000 pieces of a long
        # reply come to 130 MB that way, and to 33 MB in rows of their own.
        """CREATE TABLE piece (
            id INTEGER PRIMARY KEY,
            message_id INTEGER NOT NULL,
            text TEXT NOT NULL
        )""",
        """CREATE TABLE receipt (
            message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
            side TEXT NOT NULL,
            label TEXT NOT NULL,
            reason TEXT NOT NULL,
            model TEXT NOT NULL,
            revision TEXT NOT NULL,
            prompt_tokens INTEGER,
            reply_tokens INTEGER,
            tokens_per_s REAL,
            first_token_s REAL,
            cost_microusd INTEGER,
            stop_reason TEXT,
            interrupted TEXT NOT NULL
        )""",
        # Conversation 0 is the one that has not begun.
        "CREATE TABLE draft (conversation_id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    ):
        connection.execute(statement)


def make_index(connection: sqlite3.Connection) -> None:
    """Full-text search; ``core.conversation.search_query`` cuts the words, "ascii" only splits.

    With prefixes of one letter indexed, the first letter typed finds in 0.4 ms among 100 000
    messages instead of 67; longer ones take up to 6 ms as it is, and would cost a third more disk.
    An index that is there is made anew.
    """
    for index, table, column in (
        ("message_index", "message", "text"),
        ("title_index", "conversation", "title"),
    ):
        connection.execute(f"DROP TABLE IF EXISTS {index}")
        connection.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5 (words, tokenize = 'ascii', prefix = '1')"
        )
        if sqlite3.sqlite_version_info >= (3, 42):
            # Deleted words leave the index at once, not when parts of it are merged next.
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('secure-delete', 1)")  # noqa: S608
        rows = connection.execute(f"SELECT id, {column} FROM {table}")  # noqa: S608
        connection.executemany(
            f"INSERT INTO {index} (rowid, words) VALUES (?, ?)",  # noqa: S608
            ((row_id, search_text(text)) for row_id, text in rows),
        )


def _ledger(connection: sqlite3.Connection) -> None:
    """What was spent: numbers only, which stay when conversations are erased."""
    connection.execute(
        """CREATE TABLE ledger (
            reply_id INTEGER PRIMARY KEY,
            at_ms INTEGER NOT NULL,
            side TEXT NOT NULL,
            model TEXT NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            reply_tokens INTEGER NOT NULL,
            cost_microusd INTEGER
        )"""
    )
    connection.execute(
        """INSERT INTO ledger
        SELECT message.id, message.created_ms, receipt.side, receipt.model,
            coalesce(receipt.prompt_tokens, 0), coalesce(receipt.reply_tokens, 0),
            receipt.cost_microusd
        FROM receipt JOIN message ON message.id = receipt.message_id
        WHERE message.writer IS NULL"""
    )


def _keep_thoughts(connection: sqlite3.Connection) -> None:
    """What was thought ahead of a reply, apart from its text; and what receipts lacked."""
    for statement in (
        """CREATE TABLE thought (
            message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
            text TEXT NOT NULL
        )""",
        "ALTER TABLE piece ADD COLUMN is_thought INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE receipt ADD COLUMN reread_tokens INTEGER",
        "ALTER TABLE receipt ADD COLUMN is_estimated INTEGER NOT NULL DEFAULT 0",
    ):
        connection.execute(statement)


def _remember_versions(connection: sqlite3.Connection) -> None:
    """Which version of a message was last shown; 0 is what the first messages follow."""
    connection.execute(
        """CREATE TABLE chosen (
            conversation_id INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
            parent_id INTEGER NOT NULL,
            child_id INTEGER NOT NULL,
            PRIMARY KEY (conversation_id, parent_id)
        ) WITHOUT ROWID"""
    )


def _keep_no_diagnosis(connection: sqlite3.Connection) -> None:
    """Neutral labels, reasons and titles where a question spoke of danger to somebody."""
    marked = connection.execute(
        "SELECT id, created_ms FROM conversation WHERE title_source <> 'user' AND EXISTS"
        " (SELECT 1 FROM message JOIN receipt ON message_id = message.id"
        " WHERE conversation_id = conversation.id AND reason = 'Crisis')"
    ).fetchall()
    for conversation_id, created_ms in marked:
        title = day_title(local_time(created_ms).date())
        connection.execute(
            "UPDATE conversation SET title = ? WHERE id = ?", (title, conversation_id)
        )
        index_title(connection, conversation_id, title)
    connection.execute(
        "UPDATE receipt SET label = replace(label, 'Claude · crisis', 'Claude'), reason = ?"
        " WHERE reason = 'Crisis'",
        (SENT_ON,),
    )


def _keep_pins(connection: sqlite3.Connection) -> None:
    """Who a question was pinned to, and what stays on this machine.

    Of questions asked before, the reply that was given first tells their pin, once and for all; of
    one whose program was killed meanwhile only its label does. A question that was forked before
    anybody replied is known by the one that it was copied from. What the local side said once it
    had been told something that stays here, stays here, too.
    """
    for statement in (
        "ALTER TABLE message ADD COLUMN pin TEXT",
        "ALTER TABLE message ADD COLUMN is_private INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE receipt ADD COLUMN kept_here INTEGER NOT NULL DEFAULT 0",
        """UPDATE message SET pin = (
            SELECT receipt.side FROM receipt WHERE receipt.message_id = (
                SELECT min(reply.id) FROM message AS reply
                WHERE reply.parent_id = message.id AND reply.role = 'assistant')
            AND (reason IN ('Pinned', 'UserPinned') OR reason = '' AND (
                label LIKE 'Local · you asked%' OR label LIKE 'Claude%· you asked%')))
        WHERE role = 'user'""",
        """UPDATE message SET pin = 'Local'
        WHERE role = 'user' AND pin IS NULL
        AND NOT EXISTS (SELECT 1 FROM message AS reply WHERE reply.parent_id = message.id)
        AND EXISTS (SELECT 1 FROM message AS first WHERE first.pin = 'Local'
            AND first.created_ms = message.created_ms AND first.text = message.text)""",
        """WITH RECURSIVE later (id) AS (
            SELECT id FROM message WHERE pin = 'Local'
            UNION SELECT message.id FROM message JOIN later ON message.parent_id = later.id)
        UPDATE message SET is_private = 1 WHERE role = 'assistant' AND id IN later
        AND EXISTS (SELECT 1 FROM receipt
            WHERE receipt.message_id = message.id AND receipt.side = 'Local')""",
    ):
        connection.execute(statement)


def _keep_left_out(connection: sqlite3.Connection) -> None:
    """How many messages a reply's side was not sent; of earlier replies only the label says it."""
    # Deferred: only a file of an earlier version needs it.
    from shammah_tui.core.conversation.export_format import left_out_of_old

    connection.execute("ALTER TABLE receipt ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0")
    labels = connection.execute(
        "SELECT message_id, label FROM receipt WHERE label LIKE '%· without the first %'"
    ).fetchall()
    connection.executemany(
        "UPDATE receipt SET left_out = ? WHERE message_id = ?",
        [(left_out_of_old(label), message_id) for message_id, label in labels],
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _keep_conversations,
    make_index,
    _ledger,
    _keep_thoughts,
    _remember_versions,
    _keep_no_diagnosis,
    _keep_pins,
    _keep_left_out,
)
"""Append only: what a released version has run cannot be taken back."""
