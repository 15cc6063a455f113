"""Conversations that were kept before an app opens."""

from pathlib import Path

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import StopReason


async def kept(path: Path, *conversations: list[tuple[str, str]]) -> list[int]:
    """Keep conversations of questions and replies; return their ids."""
    store = SqliteStore(path)
    ids = []
    for turns in conversations:
        conversation = store.new_id()
        parent: int | None = None
        for question, reply in turns:
            asked = store.add_question(conversation, parent, question).id
            parent = store.begin_reply(
                conversation, asked, Receipt(Side.CLAUDE, "Claude · you asked")
            ).id
            store.append(parent, reply)
            receipt = Receipt(Side.CLAUDE, "Claude · you asked", stop_reason=StopReason.END_TURN)
            store.finish_reply(parent, receipt)
        ids.append(conversation)
    await store.close()
    return ids
