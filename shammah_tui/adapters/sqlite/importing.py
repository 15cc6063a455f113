"""Conversations of an export, added to what is there."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from shammah_tui.adapters.sqlite.deleting import mark_messages, restore_conversation
from shammah_tui.adapters.sqlite.writing import (
    count_reply,
    index_message,
    index_title,
    insert_message,
    save_draft,
    save_receipt,
    save_thought,
    storable,
)
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    SENT_ON,
    ConversationRecord,
    ImportResult,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.titles import UNTITLED, day_title
from shammah_tui.core.routing.routing import ForwardReason
from shammah_tui.core.text.plain_text import plain_line, plain_lines

_NOBODY = ""
"""Writes a reply that was exported while it streamed; it is closed when the file is next opened."""


def import_record(
    connection: sqlite3.Connection, record: ConversationRecord, new_id: Callable[[], int]
) -> ImportResult:
    """Add a conversation, or the messages of it that are not there; the others stay as they are.

    What was deleted here and not yet purged comes back. A message whose id another conversation's
    message has gets a new one.
    """
    began = _begin(connection, record)
    return ImportResult(int(began), _fill(connection, record, new_id))


def _begin(connection: sqlite3.Connection, record: ConversationRecord) -> bool:
    title = plain_line(storable(record.title)) or UNTITLED
    if record.title_source is not TitleSource.USER and any(map(_is_of_crisis, record.messages)):
        title = day_title(datetime.fromtimestamp(record.created_ms / 1000).astimezone().date())
    added = connection.execute(
        "INSERT OR IGNORE INTO conversation"
        " (id, title, title_source, is_pinned, created_ms, active_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (
            record.id,
            title,
            record.title_source.value,
            int(record.is_pinned),
            record.created_ms,
            record.active_ms,
        ),
    )
    if added.rowcount:
        index_title(connection, record.id, title)
        if record.draft:
            save_draft(connection, record.id, plain_lines(storable(record.draft)))
        return True
    restore_conversation(connection, record.id)
    return False


def _fill(
    connection: sqlite3.Connection, record: ConversationRecord, new_id: Callable[[], int]
) -> int:
    here = _here(connection, record.id)
    mark_messages(connection, here & {message.id for message in record.messages}, None)
    ids = _free_ids(connection, record.messages, here, new_id)
    added = 0
    for message in record.messages:
        if message.id not in here:
            _add(connection, record.id, message, ids)
            added += 1
    leaf_id = None if record.leaf_id is None else ids[record.leaf_id]
    place_id = None if record.place_id is None else ids[record.place_id]
    connection.execute(
        "UPDATE conversation SET leaf_id = ?, place_id = ? WHERE id = ? AND leaf_id IS NULL",
        (leaf_id, place_id, record.id),
    )
    return added


def _here(connection: sqlite3.Connection, conversation_id: int) -> set[int]:
    rows = connection.execute(
        "SELECT id FROM message WHERE conversation_id = ?", (conversation_id,)
    )
    return {each for (each,) in rows}


def _free_ids(
    connection: sqlite3.Connection,
    messages: Iterable[StoredMessage],
    here: set[int],
    new_id: Callable[[], int],
) -> dict[int, int]:
    taken = "SELECT 1 FROM message WHERE id = ?"
    return {
        message.id: new_id()
        if message.id not in here and connection.execute(taken, (message.id,)).fetchone()
        else message.id
        for message in messages
    }


def _add(
    connection: sqlite3.Connection,
    conversation_id: int,
    message: StoredMessage,
    ids: dict[int, int],
) -> None:
    message_id = ids[message.id]
    parent_id = None if message.parent_id is None else ids[message.parent_id]
    receipt = message.receipt
    text = storable(message.text)
    streams = receipt is not None and not message.is_complete
    is_question = message.role is Role.USER
    # Outside a private conversation a person has to see that a question stays here.
    pin = Side.LOCAL if message.is_private and is_question else message.pin
    added = replace(message, id=message_id, parent_id=parent_id, pin=pin if is_question else None)
    insert_message(connection, conversation_id, added, _NOBODY if streams else None)
    index_message(connection, message_id, text)
    if receipt is None:
        return
    save_receipt(connection, message_id, _cleaned(receipt))
    save_thought(connection, message_id, storable(message.thought))
    if not streams:
        count_reply(connection, message_id, receipt, message.created_ms)


def _is_of_crisis(message: StoredMessage) -> bool:
    receipt = message.receipt
    return receipt is not None and receipt.reason == ForwardReason.Crisis.value


def _cleaned(receipt: Receipt) -> Receipt:
    def line(text: str) -> str:
        return plain_line(storable(text))

    if receipt.reason == ForwardReason.Crisis.value:
        # Older exports say so; no diagnosis is kept or shown.
        label = receipt.label.replace("Claude · crisis", Side.CLAUDE.value)
        receipt = replace(receipt, label=label, reason=SENT_ON)
    return replace(
        receipt,
        label=line(receipt.label),
        reason=line(receipt.reason),
        model=line(receipt.model),
        revision=line(receipt.revision),
        interrupted=line(receipt.interrupted),
    )
