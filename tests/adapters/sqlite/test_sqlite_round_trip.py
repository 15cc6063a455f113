"""Out as JSON and in again: whatever conversations hold, nothing is lost and nothing added."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.export_format import from_json, to_json
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    ImportResult,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.reply import StopReason, Usage
from shammah_tui.core.text.plain_text import plain_line, plain_lines
from tests.adapters.sqlite_stores import opened, say, shown

SEEDS = range(60)
T = TypeVar("T")
LETTERS = 'aZ0 \n\t"\\`*#<>&—é卵👍🏽\u200d\u2028\x00\x1b\r\u202eש'


class Chance:
    """Makes up conversations."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ids = iter(self._random.sample(range(1, 2**63), 400))

    def maybe(self, make: Callable[[], T]) -> T | None:
        return make() if self._random.random() < 0.6 else None

    def text(self, most: int = 40) -> str:
        return "".join(self._random.choices(LETTERS, k=self._random.randrange(most)))

    def line(self, most: int = 40) -> str:
        """What an import makes of the words of a receipt."""
        return plain_line(self.text(most))

    def count(self) -> int:
        return self._random.choice((0, 1, 77, 2**40))

    def receipt(self) -> Receipt:
        number = self._random.random
        return Receipt(
            self._random.choice(list(Side)),
            self.line(),
            self.line(10),
            self.line(10),
            self.line(10),
            Usage(
                self.maybe(self.count),
                self.maybe(self.count),
                self.maybe(number),
                self.maybe(number),
                self.maybe(self.count),
                number() < 0.5,
            ),
            self.maybe(self.count),
            self.maybe(lambda: self._random.choice(list(StopReason))),
            self.line(10),
            self.count(),
            self.count(),
        )

    def message(self, before: list[StoredMessage]) -> StoredMessage:
        parent = self.maybe(lambda: self._random.choice(before).id) if before else None
        role = self._random.choice(list(Role))
        is_reply = role is Role.ASSISTANT
        return StoredMessage(
            next(self._ids),
            parent,
            role,
            self.text(200),
            self._random.randrange(2**41),
            self.maybe(self.receipt) if is_reply else None,
            thought="",
            pin=self.maybe(lambda: self._random.choice(list(Side))) if role is Role.USER else None,
            is_private=role is not Role.USER and self._random.random() < 0.3,
        )

    def record(self) -> ConversationRecord:
        messages: list[StoredMessage] = []
        for _ in range(self._random.randrange(1, 12)):
            message = self.message(messages)
            if message.receipt is not None:
                message = replace(message, thought=self.text(100))
            messages.append(message)
        ids = [message.id for message in messages]
        return ConversationRecord(
            next(self._ids),
            f"Title {self._random.randrange(100)}",
            self._random.choice(list(TitleSource)),
            self._random.random() < 0.5,
            self._random.randrange(2**41),
            self._random.randrange(2**41),
            self._random.choice(ids),
            self.maybe(lambda: self._random.choice(ids)),
            plain_lines(self.text()),
            tuple(messages),
        )


async def all_of(store: SqliteStore) -> tuple[ConversationRecord, ...]:
    return tuple([record async for record in store.records()])


def by_id(records: tuple[ConversationRecord, ...]) -> dict[int, ConversationRecord]:
    """Return records in which the order of brothers and sisters does not count."""
    return {
        record.id: replace(
            record, messages=tuple(sorted(record.messages, key=lambda message: message.id))
        )
        for record in records
    }


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_it_is_comes_back_as_it_was(seed: int) -> None:
    chance = Chance(seed)
    records = tuple(chance.record() for _ in range(3))
    assert from_json(to_json(records)) == records
    async with opened(None) as store:
        added = await store.import_records(records)
        assert added == ImportResult(3, sum(len(each.messages) for each in records))
        out = await all_of(store)
        assert by_id(out) == by_id(records)
        # And once more, into the same store and into another one.
        assert await store.import_records(from_json(to_json(out))) == ImportResult(0, 0)
        assert await all_of(store) == out
    async with opened(None) as other:
        await other.import_records(from_json(to_json(out)))
        assert await all_of(other) == out


async def test_what_a_store_has_lived_through_comes_back_too(tmp_path: Path) -> None:
    async with opened(tmp_path / "one.db") as store:
        chat = store.new_id()
        asked, first = say(store, chat, "one?", "1")
        second = store.begin_reply(chat, asked, Receipt(Side.CLAUDE, "Claude · you asked")).id
        store.append_thought(second, "Hm, ")
        store.append_thought(second, "so.")
        store.append(second, "Then, ")
        store.append(second, "no.")
        store.text_was_thought(second)
        store.append(second, "2")
        store.finish_reply(
            second, Receipt(Side.CLAUDE, usage=Usage(9, 2, reread_tokens=5, is_estimated=True))
        )
        say(store, chat, "deeper?", "3", after=second)
        gone, _ = say(store, chat, "gone?", "4", after=first)
        store.delete_messages((gone,))
        store.show_branch(chat, first)
        store.pin(chat, True)
        store.rename(chat, "Mine", TitleSource.USER)
        store.save_place(chat, asked)
        store.save_draft(chat, "unsent")
        forked = store.fork(chat, second)
        records = await all_of(store)
        thoughts = [message.thought for message in (await shown(store, forked)).path]
        assert thoughts == ["", "Hm, so.Then, no."]
    async with opened(tmp_path / "two.db") as other:
        await other.import_records(from_json(to_json(records)))
        assert await all_of(other) == records
        back = await shown(other, chat)
        assert (back.draft, back.place_id, back.summary.is_pinned) == ("unsent", asked, True)
        assert back.siblings[first] == (first, second)


async def test_an_export_of_before_there_were_thoughts_is_read() -> None:
    chance = Chance(7)
    record = chance.record()
    document = json.loads(to_json((record,)))
    document["version"] = 1
    for message in document["conversations"][0]["messages"]:
        message.pop("thought", None)
        for field in ("reread_tokens", "estimated"):
            message.get("receipt", {}).pop(field, None)
    (read,) = from_json(json.dumps(document))
    assert [message.text for message in read.messages] == [each.text for each in record.messages]
    assert all(not message.thought for message in read.messages)
