"""Killed while a reply streams, again and again: nothing that was on the screen is missing."""

import random
import re
import signal

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.records import CUT_SHORT
from tests.adapters.sqlite_stores import Notices, check_sound, opened
from tests.end_to_end.terminal import ENTER
from tests.end_to_end.world import World

ROUNDS = 50
WORDS = 150
"""More than fit on the screen at once do not count; these do."""


async def newest_reply(store: SqliteStore) -> str:
    last = await store.last_conversation()
    assert last is not None
    conversation = await store.open(last)
    assert conversation is not None
    question, reply = conversation.path
    assert question.text.startswith("Question")
    assert reply.is_complete and reply.receipt is not None
    is_whole = reply.text.split()[-1:] == [f"w{WORDS - 1}"]
    # It may have come to its end and not have been closed yet.
    assert is_whole or reply.receipt.interrupted == CUT_SHORT
    return reply.text


@pytest.mark.timeout(600)
async def test_nothing_that_was_shown_is_missing(world: World) -> None:
    path = world.home / ".local" / "share" / "shammah" / "conversations.db"
    world.api.reply_with(" ".join(f"w{number}" for number in range(WORDS)))
    chance = random.Random(7)
    for number in range(ROUNDS):
        shown_first = chance.randrange(1, WORDS)
        world.api.hold(after_deltas=shown_first)
        terminal = world.open("--offline")
        terminal.send(f"Question {number}{ENTER}")
        terminal.wait_for(f"w{shown_first - 1}")
        # The rest is on its way when the end comes.
        world.api.release()
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_for_exit() == 128 + signal.SIGKILL
        shown = set(re.findall(r"\bw\d+\b", terminal.text))
        assert f"w{shown_first - 1}" in shown
        notices = Notices()
        async with opened(path, notices) as store:
            kept = await newest_reply(store)
            assert len(await store.conversations()) == number + 1
        assert shown <= set(kept.split())
        assert notices.told == []
        check_sound(path)
        world.stack.close()
