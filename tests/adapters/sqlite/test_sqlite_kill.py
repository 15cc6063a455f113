"""SIGKILL at any moment: no text that was shown is missing, and the file is sound."""

import json
import random
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shammah_tui.core.conversation.search_query import parse_query
from shammah_tui.core.wording.ending import CUT_SHORT
from tests.adapters.sqlite_child import REPLY_PIECES, THOUGHT_PIECES
from tests.adapters.sqlite_stores import Notices, check_sound, opened

ROUNDS = 50
LINES_A_TURN = THOUGHT_PIECES + REPLY_PIECES + 3
NEVER = 1_000_000
"""More turns than the child gets to."""


def child(path: Path, seed: int, turns: int) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "tests.adapters.sqlite_child",
        str(path),
        str(seed),
        str(turns),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@dataclass
class Told:
    """What the children said was written."""

    texts: defaultdict[int, str] = field(default_factory=lambda: defaultdict(str))
    thoughts: defaultdict[int, str] = field(default_factory=lambda: defaultdict(str))
    chats: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    finished: set[int] = field(default_factory=set)
    drafts: dict[int, str] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        if not line.endswith("\n"):
            return  # killed while it said so
        what = json.loads(line)
        assert "notice" not in what
        if "message" in what:
            if what["message"] not in self.texts:
                self.chats[what["chat"]].append(what["message"])
            self.texts[what["message"]] += what.get("text", "")
            self.thoughts[what["message"]] += what.get("thought", "")
        elif "finished" in what:
            self.finished.add(what["finished"])
        else:
            self.drafts[what["chat"]] = what["draft"]


def _number(draft: str) -> int:
    return int(draft.removeprefix("draft ") or -1)


async def check(path: Path, told: Told) -> None:
    notices = Notices()
    async with opened(path, notices) as store:
        for chat, messages in told.chats.items():
            conversation = await store.open(chat)
            assert conversation is not None
            kept = {message.id: message for message in conversation.path}
            for message_id in messages:
                message = kept[message_id]
                # What was written but not yet said may be there as well.
                assert message.text.startswith(told.texts[message_id])
                assert message.is_complete
                assert message.thought.startswith(told.thoughts[message_id])
                if message.receipt is not None and message_id in told.finished:
                    assert message.receipt.interrupted == ""
                    assert message.text == told.texts[message_id]
            last = conversation.path[-1]
            if last.receipt is not None and last.receipt.stop_reason is None:
                assert last.receipt.interrupted == CUT_SHORT
            assert _number(conversation.draft) >= _number(told.drafts.get(chat, ""))
        if told.finished:
            assert await store.search(parse_query("piece1"))
    assert notices.told == []
    check_sound(path)


@pytest.mark.timeout(300)
async def test_nothing_shown_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    told = Told()
    chance = random.Random(5)
    for number in range(ROUNDS):
        process = child(path, number, NEVER)
        assert process.stdout is not None
        for _ in range(chance.randrange(3 * LINES_A_TURN)):
            told.hear(process.stdout.readline())
        process.kill()
        for line in process.stdout:
            told.hear(line)
        process.stdout.close()
        assert process.wait() < 0
        # Each time all of it is opened: what one kill left may be spoilt by the next.
        if number % 5 == 0:
            await check(path, told)
    await check(path, told)
    assert len(told.texts) > ROUNDS


async def test_while_it_streams_another_program_opens_the_file(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    told = Told()
    process = child(path, 1, NEVER)
    assert process.stdout is not None
    for _ in range(THOUGHT_PIECES + 10):
        told.hear(process.stdout.readline())
    # The reply under way is not taken for one that was cut short.
    async with opened(path) as store:
        ((chat, (_, reply)),) = told.chats.items()
        conversation = await store.open(chat)
        assert conversation is not None
        # By now it may be over, and the next one under way.
        (message,) = (each for each in conversation.path if each.id == reply)
        assert message.text.startswith(told.texts[reply])
        assert message.receipt is not None
        assert message.receipt.interrupted == ""
    process.kill()
    for line in process.stdout:
        told.hear(line)
    process.stdout.close()
    process.wait()
    await check(path, told)


@pytest.mark.timeout(300)
async def test_two_programs_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    told = Told()
    turns = 5
    processes = [child(path, seed, turns) for seed in range(3)]
    # All are read at once, or a full pipe would have one wait for the other.
    with ThreadPoolExecutor() as threads:
        heard = threads.map(lambda process: process.communicate()[0], processes)
    for lines in heard:
        for line in lines.splitlines(keepends=True):
            told.hear(line)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(told.finished) == 3 * turns
    assert len(told.chats) == 3
    await check(path, told)
