"""Out and in again, through the real format."""

import dataclasses
from collections.abc import Collection
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.export_format import from_json, to_json
from shammah_tui.core.conversation.ledger import Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    ImportResult,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.search_query import parse_query
from shammah_tui.core.wording.ending import CUT_SHORT
from tests.adapters.sqlite_stores import Clock, answer, check_sound, opened, receipt, say, shown
from tests.core.export_records import EMPTY, FULL


async def exported(
    store: SqliteStore, ids: Collection[int] | None = None
) -> tuple[ConversationRecord, ...]:
    return tuple([record async for record in store.records(ids)])


async def fill(store: SqliteStore) -> tuple[int, int]:
    """Two conversations with branches, a draft, a pin and all kinds of receipts."""
    one, two = store.new_id(), store.new_id()
    asked, first = say(store, one, "The egg\n```", "A1", given=receipt(cost_microusd=7))
    answer(store, one, asked, "A1 again", receipt(Side.CLAUDE, stop_reason=None, interrupted="x"))
    say(store, one, "Q2 \u0000 👍", "A2", after=first)
    store.show_branch(one, first)
    store.save_draft(one, "unsent")
    store.save_place(one, asked)
    store.pin(one, True)
    store.rename(one, "Mine", TitleSource.USER)
    say(store, two, "Second")
    return one, two


async def test_export_and_import_lose_nothing(tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    async with opened(tmp_path / "here.db") as store:
        one, _ = await fill(store)
        before = await exported(store)
        assert await exported(store, (one,)) == before[:1]
        opened_before = await shown(store, one)
        ledger = await store.ledger(Period.DAY)
    assert len(before[0].messages) == 5
    document = to_json(before)
    async with opened(there, clock=Clock(0.0)) as store:
        assert await store.import_records(from_json(document)) == ImportResult(2, 7)
        assert to_json(await exported(store)) == document
        assert await exported(store) == before
        assert await shown(store, one) == opened_before
        assert await store.ledger(Period.DAY) == ledger
        assert len(await store.search(parse_query("egg"))) == 1
        assert len(await store.search(parse_query("mine"))) == 1
    check_sound(there)


async def test_importing_twice_adds_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "here.db") as store:
        one, two = await fill(store)
        records = await exported(store)
        ledger = await store.ledger(Period.DAY)
        path = (await shown(store, two)).path
        say(store, two, "Since then", after=path[-1].id)
        store.rename(one, "Renamed since", TitleSource.USER)
        now = await exported(store)
        assert await store.import_records(records) == ImportResult(0, 0)
        assert await exported(store) == now
        assert len(await store.ledger(Period.DAY)) == len(ledger)


async def test_importing_fills_up_what_is_missing(tmp_path: Path) -> None:
    async with opened(tmp_path / "here.db") as here, opened(tmp_path / "there.db") as there:
        _, two = await fill(here)
        await there.import_records(await exported(here))
        path = (await shown(here, two)).path
        say(here, two, "Since then", after=path[-1].id)
        assert await there.import_records(await exported(here, (two,))) == ImportResult(0, 2)
        assert {each.text for each in (await exported(there, (two,)))[0].messages} == {
            "Second",
            "Yes",
            "Since then",
        }


async def test_importing_brings_back_what_was_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path / "here.db") as store:
        one, two = await fill(store)
        records = await exported(store)
        store.delete_conversation(one)
        store.delete_messages([message.id for message in (await shown(store, two)).path])
        assert await exported(store) != records
        assert await store.import_records(records) == ImportResult(0, 0)
        assert await exported(store) == records
        store.delete_conversation(one)
        store.purge()
        assert await store.import_records(records) == ImportResult(1, 5)
        assert await exported(store) == records


async def test_a_message_id_that_another_conversation_has_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "here.db"
    async with opened(path) as store:
        _, two = await fill(store)
        (record,) = await exported(store, (two,))
        other = dataclasses.replace(record, id=store.new_id())
        assert await store.import_records((other,)) == ImportResult(1, 2)
        copy = await shown(store, other.id)
        assert [each.text for each in copy.path] == ["Second", "Yes"]
        assert copy.path[1].parent_id == copy.path[0].id
        assert not {each.id for each in copy.path} & {each.id for each in record.messages}
        assert await exported(store, (two,)) == (record,)
    check_sound(path)


def closed(record: ConversationRecord) -> ConversationRecord:
    """Return a record in which what was streaming has broken off."""
    messages = [
        each
        if each.is_complete or each.receipt is None
        else dataclasses.replace(
            each,
            is_complete=True,
            receipt=dataclasses.replace(each.receipt, interrupted=CUT_SHORT),
        )
        for each in record.messages
    ]
    return dataclasses.replace(record, messages=tuple(messages))


async def test_the_strangest_record_comes_through(tmp_path: Path) -> None:
    path = tmp_path / "here.db"
    async with opened(path) as store:
        assert await store.import_records((FULL, EMPTY)) == ImportResult(2, 6)
        # A title is one line of visible characters, wherever it comes from.
        plain = dataclasses.replace(FULL, title='Eggs, "soft" — 卵 \\')
        # And whoever streamed in another file streams here no more.
        assert await exported(store, (FULL.id, EMPTY.id)) == (EMPTY, closed(plain))
    async with opened(path) as store:
        # What streamed when it was exported is over now.
        (record,) = await exported(store, (FULL.id,))
        assert all(message.is_complete for message in record.messages)
    check_sound(path)


async def test_a_reply_exported_while_it_streamed_is_closed(tmp_path: Path) -> None:
    async with opened(tmp_path / "here.db") as store:
        chat = store.new_id()
        asked = store.add_question(chat, None, "Q").id
        reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local")).id
        store.append(reply, "Half")
        records = await exported(store)
        assert records[0].messages[1].text == "Half"
        assert not records[0].messages[1].is_complete
    there = tmp_path / "there.db"
    async with opened(there) as store:
        await store.import_records(records)
        assert await exported(store) == tuple(map(closed, records))
    async with opened(there) as store:
        told = (await shown(store, chat)).path[1]
        assert told.text == "Half"
        assert told.is_complete
        assert told.receipt is not None
        assert told.receipt.interrupted == CUT_SHORT


async def test_conversations_that_are_gone_are_left_out(tmp_path: Path) -> None:
    async with opened(tmp_path / "here.db") as store:
        one, two = await fill(store)
        store.delete_conversation(one)
        assert [record.id for record in await exported(store)] == [two]
        assert await exported(store, (one, 99)) == ()


@pytest.mark.parametrize("count", [1, 500, 1_001])
async def test_long_conversations_come_through(tmp_path: Path, count: int) -> None:
    messages = tuple(
        StoredMessage(number, number - 1 or None, Role.USER, f"Q{number}", 0)
        for number in range(1, count + 1)
    )
    record = dataclasses.replace(EMPTY, messages=messages, leaf_id=count)
    async with opened(tmp_path / "here.db") as store:
        assert await store.import_records((record,)) == ImportResult(1, count)
        assert await exported(store) == (record,)
        assert (await shown(store, record.id)).path == messages


async def test_an_older_export_brings_no_diagnosis(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as store:
        chat = store.new_id()
        told = receipt(Side.CLAUDE, label="Claude · crisis", reason="Crisis")
        say(store, chat, "Q", "A", given=told)
        store.rename(chat, "Self-Harm", TitleSource.MODEL)
        records = [record async for record in store.records()]
    async with opened(tmp_path / "b.db") as other:
        await other.import_records(records)
        conversation = await other.open(chat)
        assert conversation is not None
        assert conversation.summary.title.startswith("Conversation of ")
        brought = conversation.path[1].receipt
        assert brought is not None
        assert (brought.label, brought.reason) == ("Claude", "Forwarded")
