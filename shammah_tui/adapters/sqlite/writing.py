"""Changes to conversations, and what they keep in step: index, ledger, versions shown."""

import sqlite3
from datetime import datetime
from enum import Enum
from typing import TypeVar

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.ledger import LedgerRow, Period
from shammah_tui.core.conversation.message_tree import MessageTree, Node
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, StoredMessage, TitleSource
from shammah_tui.core.conversation.search_query import search_text
from shammah_tui.core.conversation.titles import UNTITLED, first_title
from shammah_tui.core.text.plain_text import plain_line


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


_FORMATS = {Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m"}


def ledger(connection: sqlite3.Connection, period: Period) -> tuple[LedgerRow, ...]:
    """Return the replies of each model by day or month of local time, the newest first."""
    rows = connection.execute(
        "SELECT strftime(?, at_ms / 1000, 'unixepoch', 'localtime') AS period, side, model,"
        " count(*), sum(prompt_tokens), sum(reply_tokens), coalesce(sum(cost_microusd), 0),"
        " count(*) - count(cost_microusd)"
        " FROM ledger GROUP BY period, side, model ORDER BY period DESC, side, model",
        (_FORMATS[period],),
    )
    return tuple(
        LedgerRow(when, one_of(Side, side, Side.CLAUDE), *rest) for when, side, *rest in rows
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
    key = NOT_BEGUN if conversation_id is None else conversation_id
    if text:
        connection.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (key, storable(text)))
    else:
        connection.execute("DELETE FROM draft WHERE conversation_id = ?", (key,))
