"""Queries for lists, for the open conversation and for an export."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

from shammah_tui.adapters.sqlite.writing import (
    NOT_BEGUN,
    RECEIPT_COLUMNS,
    cut_short,
    is_alive,
    one_of,
    pieces_of,
    receipt_from,
    tree_of,
)
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.ledger import LedgerRow, Period
from shammah_tui.core.conversation.message_tree import MessageTree
from shammah_tui.core.conversation.pins import Side, with_pin
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    ConversationSummary,
    DeletedTurn,
    HiddenTurns,
    OpenedConversation,
    StoredMessage,
    TitleSource,
)

_LAST_REPLY = """(SELECT receipt.{0} FROM message JOIN receipt ON message_id = message.id
            WHERE conversation_id = conversation.id AND deleted_ms IS NULL
            ORDER BY message.id DESC LIMIT 1)"""
_SUMMARIES = f"""
    SELECT id, title, title_source, is_pinned,
        (SELECT count(*) FROM message
            WHERE conversation_id = conversation.id AND deleted_ms IS NULL) AS messages,
        created_ms, active_ms, {_LAST_REPLY.format("side")}, {_LAST_REPLY.format("model")},
        coalesce(deleted_ms, (SELECT max(deleted_ms) FROM message
            WHERE conversation_id = conversation.id)) AS gone_ms
    FROM conversation WHERE"""  # noqa: S608
_SUMMARY = f"{_SUMMARIES} deleted_ms IS NULL"
_IS_SHOWN = """EXISTS (SELECT 1 FROM message
    WHERE conversation_id = conversation.id AND deleted_ms IS NULL)"""
_IDS_AT_A_TIME = 500
"""Below 999, which older builds of SQLite take as parameters."""
_T = TypeVar("_T")
_ReadsOne = Callable[[sqlite3.Connection, int], _T]


def _at_one_moment(read: "_ReadsOne[_T]") -> "_ReadsOne[_T]":
    """Have several statements see the same state, whatever is written meanwhile."""

    @wraps(read)
    def run(connection: sqlite3.Connection, conversation_id: int) -> _T:
        connection.execute("BEGIN")
        try:
            return read(connection, conversation_id)
        finally:
            connection.execute("ROLLBACK")

    return run


def conversations(
    connection: sqlite3.Connection, limit: int | None = None
) -> tuple[ConversationSummary, ...]:
    """Return those with messages: pinned ones first, then the latest."""
    rows = connection.execute(
        f"{_SUMMARY} AND {_IS_SHOWN} ORDER BY is_pinned DESC, active_ms DESC, id DESC LIMIT ?",
        (-1 if limit is None else limit,),
    )
    return tuple(_summary(row) for row in rows)


def deleted_conversations(connection: sqlite3.Connection) -> tuple[ConversationSummary, ...]:
    """Return those in the bin or without a message that is not; the one deleted last first."""
    rows = connection.execute(
        f"{_SUMMARIES} (deleted_ms IS NOT NULL OR NOT {_IS_SHOWN}) AND EXISTS"  # noqa: S608
        " (SELECT 1 FROM message WHERE conversation_id = conversation.id)"
        " ORDER BY gone_ms DESC, id DESC"
    )
    return tuple(replace(_summary(row), deleted_ms=row[-1]) for row in rows)


def summary(connection: sqlite3.Connection, conversation_id: int) -> ConversationSummary | None:
    """Return one line of the list."""
    row = connection.execute(f"{_SUMMARY} AND id = ?", (conversation_id,)).fetchone()
    return None if row is None else _summary(row)


def last_deleted(connection: sqlite3.Connection, conversation_id: int) -> DeletedTurn | None:
    """Return what was deleted last of a conversation's messages."""
    rows = connection.execute(
        "SELECT id, text, deleted_ms FROM message WHERE conversation_id = ? AND deleted_ms ="
        " (SELECT max(deleted_ms) FROM message WHERE conversation_id = ?) ORDER BY id",
        (conversation_id, conversation_id),
    ).fetchall()
    if not rows:
        return None
    first, text, deleted_ms = rows[0]
    return DeletedTurn(first, text, frozenset(each for each, _, _ in rows), deleted_ms)


def last_conversation(connection: sqlite3.Connection) -> int | None:
    """Return the one in which something was said last."""
    row = connection.execute(
        f"SELECT id FROM conversation WHERE deleted_ms IS NULL AND {_IS_SHOWN}"  # noqa: S608
        " ORDER BY active_ms DESC, id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else int(row[0])


def draft(connection: sqlite3.Connection, conversation_id: int | None) -> str:
    """Return what stood in the composer."""
    row = connection.execute(
        "SELECT text FROM draft WHERE conversation_id = ?", (conversation_id or NOT_BEGUN,)
    ).fetchone()
    return "" if row is None else str(row[0])


def questions(connection: sqlite3.Connection, limit: int, but_of: int | None) -> tuple[str, ...]:
    """Return the questions asked last with their pins, the newest first, each once."""
    rows = connection.execute(
        "SELECT pin, message.text FROM message"
        " JOIN conversation ON conversation.id = message.conversation_id"
        " WHERE role = 'user' AND message.deleted_ms IS NULL AND conversation.deleted_ms IS NULL"
        " AND conversation_id IS NOT ? ORDER BY message.id DESC LIMIT ?",
        (but_of, limit),
    )
    # What is damaged stays here: that much it may have said.
    pins = ((None if pin is None else one_of(Side, pin, Side.LOCAL), text) for pin, text in rows)
    written = (with_pin(pin, str(text)) for pin, text in pins)
    return tuple(dict.fromkeys(written))


@_at_one_moment
def open_conversation(
    connection: sqlite3.Connection, conversation_id: int
) -> OpenedConversation | None:
    """Return the path that is shown; 2 000 messages take about 20 ms."""
    shown = summary(connection, conversation_id)
    if shown is None:
        return None
    leaf_id, place_id = _places(connection, conversation_id)
    tree = tree_of(connection, conversation_id)
    path = tree.path(leaf_id)
    alternatives = {each: tree.siblings(each) for each in path}
    hidden = tree.hidden_turns(path)
    return OpenedConversation(
        shown,
        _messages(connection, tree, path),
        {each: ids for each, ids in alternatives.items() if len(ids) > 1},
        draft(connection, conversation_id),
        place_id if place_id in alternatives else None,
        None if hidden is None else HiddenTurns(*hidden),
        tree.has_hidden,
    )


def conversation_ids(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return all that are not deleted, the oldest first."""
    rows = connection.execute("SELECT id FROM conversation WHERE deleted_ms IS NULL ORDER BY id")
    return tuple(each for (each,) in rows)


@_at_one_moment
def record_of(connection: sqlite3.Connection, conversation_id: int) -> ConversationRecord | None:
    """Return a whole conversation; None when it is not there."""
    shown = summary(connection, conversation_id)
    if shown is None:
        return None
    leaf_id, place_id = _places(connection, conversation_id)
    tree = tree_of(connection, conversation_id)
    path = tree.path(leaf_id)
    messages = _messages(connection, tree, tree.parents_first())
    return ConversationRecord(
        shown.id,
        shown.title,
        shown.title_source,
        shown.is_pinned,
        shown.created_ms,
        shown.active_ms,
        path[-1] if path else None,
        place_id if any(message.id == place_id for message in messages) else None,
        draft(connection, conversation_id),
        messages,
    )


def _places(connection: sqlite3.Connection, conversation_id: int) -> tuple[int | None, int | None]:
    leaf_id, place_id = connection.execute(
        "SELECT leaf_id, place_id FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    return leaf_id, place_id


def _summary(row: tuple[Any, ...]) -> ConversationSummary:
    each, title, source, is_pinned, count, created_ms, active_ms, side, model, _ = row
    return ConversationSummary(
        each,
        title,
        one_of(TitleSource, source, TitleSource.WORDS),
        bool(is_pinned),
        count,
        created_ms,
        active_ms,
        None if side is None else one_of(Side, side, Side.CLAUDE),
        model or "",
    )


def _messages(
    connection: sqlite3.Connection, tree: MessageTree, ids: Sequence[int]
) -> tuple[StoredMessage, ...]:
    """Return these messages in this order, each with the parent that can be seen."""
    pieces = pieces_of(connection, set(ids))
    thoughts = pieces_of(connection, set(ids), of_thoughts=True)
    found: dict[int, StoredMessage] = {}
    for some in _portions(ids):
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            "SELECT id, role, message.text, created_ms, writer, thought.text, pin, is_private,"  # noqa: S608
            f" {RECEIPT_COLUMNS}"
            " FROM message LEFT JOIN receipt ON receipt.message_id = id"
            " LEFT JOIN thought ON thought.message_id = id"
            f" WHERE id IN ({marks})",
            some,
        )
        for each, role, text, created_ms, writer, thought, pin, is_private, *columns in rows:
            receipt, is_streaming = receipt_from(tuple(columns)), writer is not None
            if is_streaming and receipt is not None and not is_alive(writer):
                receipt, is_streaming = cut_short(receipt), False
            found[each] = StoredMessage(
                each,
                tree.parent(each),
                one_of(Role, role, Role.USER if columns[0] is None else Role.ASSISTANT),
                text + pieces.get(each, ""),
                created_ms,
                receipt,
                not is_streaming,
                (thought or "") + thoughts.get(each, ""),
                None if pin is None else Side(pin),
                bool(is_private),
            )
    return tuple(found[each] for each in ids)


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(ids), _IDS_AT_A_TIME):
        yield ids[start : start + _IDS_AT_A_TIME]


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
