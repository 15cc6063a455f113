"""Stores on real files, and what is said in them."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import OpenedConversation, Receipt
from shammah_tui.core.conversation.reply import StopReason, Usage

START_S = 1_793_836_800.0
"""2026-11-05 00:00:00 UTC."""


@dataclass
class Clock:
    """Stands still until it is told otherwise."""

    now_s: float = START_S

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Notices:
    """Remembers what the user was told, and wakes who waits for it."""

    told: list[str] = field(default_factory=list)

    def __call__(self, sentence: str) -> None:
        self.told.append(sentence)


@asynccontextmanager
async def opened(
    path: Path | None, notices: Notices | None = None, clock: Clock | None = None
) -> AsyncGenerator[SqliteStore, None]:
    """A store that is closed at the end."""
    store = SqliteStore(path, notices or Notices(), clock or Clock())
    try:
        yield store
    finally:
        await store.close()


def receipt(side: Side = Side.LOCAL, **changed: object) -> Receipt:
    """A receipt with everything in it."""
    fields: dict[str, object] = {
        "label": f"{side.value} · a reason · 31 tok/s",
        "reason": "Default",
        "model": "qwen3.5-4b",
        "revision": "Q4_K_M",
        "usage": Usage(1_000, 200, 31.0, 0.4),
        "cost_microusd": None if side is Side.LOCAL else 6_000,
        "stop_reason": StopReason.END_TURN,
        **changed,
    }
    return Receipt(side, **fields)  # type: ignore[arg-type]


def say(
    store: SqliteStore,
    conversation_id: int,
    question: str,
    reply: str = "Yes",
    after: int | None = None,
    given: Receipt | None = None,
) -> tuple[int, int]:
    """Have a question answered; return the ids of both."""
    asked = store.add_question(conversation_id, after, question).id
    return asked, answer(store, conversation_id, asked, reply, given)


def answer(
    store: SqliteStore, conversation_id: int, asked: int, reply: str, given: Receipt | None = None
) -> int:
    """Reply to a question in two pieces."""
    given = given or receipt()
    reply_id = store.begin_reply(conversation_id, asked, Receipt(given.side, given.label)).id
    half = len(reply) // 2
    store.append(reply_id, reply[:half])
    store.append(reply_id, reply[half:])
    store.finish_reply(reply_id, given)
    return reply_id


async def texts(store: SqliteStore, conversation_id: int) -> list[str]:
    """Return what is shown of a conversation."""
    return [message.text for message in (await shown(store, conversation_id)).path]


async def shown(store: SqliteStore, conversation_id: int) -> OpenedConversation:
    """Return a conversation that is there."""
    conversation = await store.open(conversation_id)
    assert conversation is not None
    return conversation


def check_sound(path: Path) -> None:
    """Look through the whole file, the index included."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for index in ("message_index", "title_index"):
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
        assert connection.execute(
            "SELECT count(*) FROM conversation LEFT JOIN message ON message.id = leaf_id"
            " WHERE leaf_id IS NOT NULL AND message.id IS NULL"
        ).fetchone() == (0,)
    finally:
        connection.close()


async def until(told: Notices, count: int) -> None:
    """Wait until the user was told as many sentences; the test's timeout bounds it."""
    while len(told.told) < count:
        await asyncio.sleep(0.005)
