"""A program that streams into a store until it is killed.

It says on its standard output what has been written, a line of JSON each, after ``written`` came
back: the moment from which text would be on the screen.
"""

import asyncio
import json
import random
import sys
from pathlib import Path

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, TitleSource
from tests.adapters.sqlite_stores import receipt

REPLY_PIECES = 60
THOUGHT_PIECES = 20


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def stream(path: Path, seed: int, turns: int) -> None:
    chance = random.Random(seed)
    store = SqliteStore(path, lambda sentence: tell(notice=sentence))
    chat = store.new_id()
    parent: int | None = None
    for turn in range(turns):
        question = f"question {turn} of {seed}"
        asked = store.add_question(chat, parent, question).id
        await store.written()
        tell(chat=chat, message=asked, parent=parent, text=question)
        reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local · model")).id
        for number in range(THOUGHT_PIECES):
            thought = f"thought{number} "
            store.append_thought(reply, thought)
            await store.written()
            tell(chat=chat, message=reply, thought=thought)
        for number in range(REPLY_PIECES):
            piece = f"piece{number} " + "x" * chance.choice((0, 1, 10, 5_000))
            store.append(reply, piece)
            await store.written()
            tell(chat=chat, message=reply, parent=asked, text=piece)
        store.finish_reply(reply, receipt())
        await store.written()
        tell(finished=reply)
        store.rename(chat, f"title {turn}", TitleSource.MODEL)
        store.save_draft(chat, f"draft {turn}")
        await store.written()
        tell(chat=chat, draft=f"draft {turn}")
        parent = reply
    await store.close()


if __name__ == "__main__":
    asyncio.run(stream(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
