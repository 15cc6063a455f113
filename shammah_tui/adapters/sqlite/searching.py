"""Full-text search: whole words and their beginnings by the index, the rest by reading.

What stands inside words, and code with its signs, is in no index: among 100 000 messages it is read
through in 0.1 s, and stopped by the next key. An index of trigrams would find it at once, and
take as much room as the texts themselves.
"""

import re
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, time

from shammah_tui.adapters.sqlite.writing import one_of
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.excerpts import Excerpt, SearchHit, excerpt_of
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.search_query import SearchFilter, SearchQuery, is_part

_MAX_TITLES = 5


def search(connection: sqlite3.Connection, query: SearchQuery, limit: int) -> tuple[SearchHit, ...]:
    """Return titles, then messages, the newest first; nothing for an empty query.

    Messages that have the words come before those that have them inside longer ones.
    """
    if query.is_empty:
        return ()
    titles = _titles(connection, query) if query.filter == SearchFilter() else ()
    found = _messages(connection, query, limit)
    if query.has_parts and len(found) < limit:
        known = {hit.message_id for hit in found}
        parts = _messages(connection, query, limit, inside_words=True)
        found += tuple(hit for hit in parts if hit.message_id not in known)[: limit - len(found)]
    return (*titles, *found)


def match_expression(query: SearchQuery) -> str:
    """Return the phrases in FTS5's language; they hold letters and digits only."""
    phrases = [f'"{" ".join(phrase)}"' for phrase in query.phrases]
    if query.is_last_open:
        phrases[-1] += " *"
    return " ".join(phrases)


def _titles(connection: sqlite3.Connection, query: SearchQuery) -> tuple[SearchHit, ...]:
    conditions, values = _inside(query, "title_index", "title")
    rows = connection.execute(
        "SELECT id, title, active_ms FROM title_index"  # noqa: S608
        " CROSS JOIN conversation ON id = title_index.rowid"
        f" WHERE deleted_ms IS NULL{''.join(f' AND {each}' for each in conditions)}"
        " ORDER BY title_index.rowid DESC LIMIT ?",
        (*values, _MAX_TITLES),
    )
    return tuple(
        SearchHit(each, title, None, None, "", active_ms, excerpt_of(title, query))
        for each, title, active_ms in rows
    )


def _messages(
    connection: sqlite3.Connection, query: SearchQuery, limit: int, *, inside_words: bool = False
) -> tuple[SearchHit, ...]:
    conditions, values = _conditions(query.filter)
    # CROSS keeps the tables in this order: from the index the rows come newest first, without a
    # sort, and a receipt that does not fit spares looking at its message.
    tables = ["message_index"] if query.phrases else []
    if any("receipt." in condition for condition in conditions):
        tables.append("receipt")
    tables += ["message", "conversation"]
    if query.phrases and not inside_words:
        conditions.append("message_index MATCH ?")
        values.append(match_expression(query))
    more, texts = _inside(query if inside_words else replace(query, phrases=()), "message_index")
    conditions += more
    values += texts
    keys = {"message_index": "rowid", "receipt": "message_id", "message": "id"}
    first = f"{tables[0]}.{keys[tables[0]]}"
    conditions += [f"{name}.{keys[name]} = {first}" for name in tables[1:-1]]
    label = "(SELECT label FROM receipt WHERE message_id = message.id)"
    rows = connection.execute(
        f"SELECT message.id, conversation.id, conversation.title, role, text, {label},"  # noqa: S608
        f" message.created_ms FROM {' CROSS JOIN '.join(tables)}"
        " WHERE message.deleted_ms IS NULL AND conversation.deleted_ms IS NULL"
        " AND message.writer IS NULL AND conversation.id = message.conversation_id"
        f"{''.join(f' AND {each}' for each in conditions)} ORDER BY {first} DESC LIMIT ?",
        (*values, limit),
    )
    return tuple(_hit(query, row) for row in rows)


def _inside(
    query: SearchQuery, index: str, column: str = "message.text"
) -> tuple[list[str], list[str | int]]:
    """Return conditions for phrases that may begin and end inside words, and for literals."""
    conditions, values = [], list[str | int]()
    for phrase in query.phrases:
        words = " ".join(phrase)
        is_open = query.is_last_open and phrase is query.phrases[-1]
        if is_part(phrase):
            conditions.append(f"instr({index}.words, ?)")
            values.append(words)
        else:
            conditions.append(f"instr(' ' || {index}.words || ' ', ?)")
            values.append(f" {words}" if is_open else f" {words} ")
    for literal in query.literals:
        conditions.append(f"{column} LIKE ? ESCAPE '\\'")
        escaped = re.sub(r"([%_\\])", r"\\\1", literal)
        values.append(f"%{escaped}%")
    return conditions, values


def _hit(query: SearchQuery, row: tuple[int, int, str, str, str, str | None, int]) -> SearchHit:
    message_id, conversation_id, title, role, text, label, created_ms = row
    excerpt: Excerpt = excerpt_of(text, query)
    return SearchHit(
        conversation_id,
        title,
        message_id,
        one_of(Role, role, Role.ASSISTANT),
        label or "",
        created_ms,
        excerpt,
    )


def _conditions(chosen: SearchFilter) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []
    if isinstance(chosen.sender, Side):
        conditions.append("receipt.side = ?")
        values.append(chosen.sender.value)
    elif chosen.sender is not None:
        conditions.append("role = ?")
        values.append(chosen.sender.value)
    for wanted, column, other in (
        (chosen.why, "reason", "label"),
        (chosen.model, "model", "revision"),
    ):
        if wanted:
            conditions.append(
                f"(instr(lower(receipt.{column}), ?) OR instr(lower(receipt.{other}), ?))"
            )
            values += [wanted, wanted]
    for day, sign in ((chosen.before, "<"), (chosen.after, ">=")):
        if day is not None:
            conditions.append(f"message.created_ms {sign} ?")
            values.append(_midnight_ms(day))
    return conditions, values


def _midnight_ms(day: date) -> int:
    try:
        moment = datetime.combine(day, time()).astimezone()
    except (ValueError, OverflowError):
        # At the ends of the calendar there is no local time (Python 3.14); hours do not matter.
        moment = datetime.combine(day, time(), UTC)
    return int(moment.timestamp() * 1000)
