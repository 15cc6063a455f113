"""Killed fifty times while a reply streams: what was shown is kept, and the file stays sound."""

import itertools
import random
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.wording.ending import CUT_SHORT
from tests.adapters.sqlite_stores import Notices, check_sound, opened
from tests.end_to_end.terminal import ENTER, Terminal
from tests.end_to_end.world import World

LIVES, KILLS = 5, 10
WORDS = 3_000
PACE_S = 0.002
"""At this pace a reply lasts 6 s and more, and is killed within its first tenth."""


def words_of(number: int) -> list[str]:
    """Return the words of one reply, of which no two are the same."""
    return [f"r{number}w{n}" for n in range(WORDS)]


def reply_of(number: int) -> str:
    """Return prose and code in turn, so that the kills fall into both."""
    words = iter(words_of(number))
    parts: list[str] = []
    while line := " ".join(itertools.islice(words, 12)):
        parts.append(f"{line}\n\n" if len(parts) % 3 else f"```\n{line}\n```\n")
    return "".join(parts)


def last_shown(terminal: Terminal, number: int) -> int:
    """Return the number of the last word of a reply that is on the screen; -1 is none."""
    found = re.findall(rf"\br{number}w(\d+)\b", "\n".join(terminal.screen))
    return max(map(int, found), default=-1)


def kept_draft(path: Path) -> str:
    """Return the only draft in the file, read beside the program that writes it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT text FROM draft").fetchall()
    return str(rows[0][0]) if len(rows) == 1 else ""


async def kept_replies(path: Path) -> dict[str, str]:
    """Return the replies in the file by their questions."""
    notices = Notices()
    async with opened(path, notices) as store:
        records = [record async for record in store.records()]
    assert notices.told == []
    messages = [message for record in records for message in record.messages]
    questions = {each.id: each.text for each in messages if each.role is Role.USER}
    replies = [each for each in messages if each.parent_id in questions]
    assert all(each.receipt and each.receipt.interrupted == CUT_SHORT for each in replies)
    return {questions[each.parent_id or 0]: each.text for each in replies}


def live_and_die(world: World, path: Path, number: int, more_words: int) -> int:
    """Have a reply begin, write a draft beside it, and be killed; return the last word shown."""
    question, draft = f"question {number}", f"question {number + 1}"
    world.api.reply_with(reply_of(number))
    with world.start("--offline", "--continue") as terminal:
        if number:
            # What was being written when it was killed the last time.
            terminal.wait_for(lambda each: each.composer == question)
        else:
            terminal.wait_for("Ask anything")
            terminal.send(question)
        terminal.send(ENTER)
        terminal.wait_for(lambda each: last_shown(each, number) >= 0)
        terminal.send(draft)
        terminal.wait_for(lambda _: kept_draft(path) == draft)
        further = last_shown(terminal, number) + more_words
        terminal.wait_for(lambda each: last_shown(each, number) >= further)
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_for_exit() == 128 + signal.SIGKILL
        return last_shown(terminal, number)


@pytest.mark.parametrize("life", range(LIVES))
async def test_nothing_that_was_shown_is_missing(world: World, life: int) -> None:
    path = world.home / ".local" / "share" / "shammah" / "conversations.db"
    chance = random.Random(life)
    world.api.pace_s = PACE_S
    shown: list[int] = []
    for number in range(KILLS):
        shown.append(live_and_die(world, path, number, chance.randrange(60)))
        assert shown[number] < WORDS - 1, "The reply was over before the program was killed"
        check_sound(path)
        replies = await kept_replies(path)
        assert list(replies) == [f"question {n}" for n in range(number + 1)]
        for n, word in enumerate(shown):
            kept = replies[f"question {n}"]
            assert reply_of(n).startswith(kept)
            assert words_of(n)[word] in kept
