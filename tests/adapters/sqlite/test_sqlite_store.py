"""A conversation from its first question to its reopening."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, TitleSource
from shammah_tui.core.conversation.reply import StopReason, Usage
from shammah_tui.core.conversation.titles import UNTITLED
from shammah_tui.ports import ConversationStore
from tests.adapters.sqlite_stores import (
    START_S,
    Clock,
    answer,
    check_sound,
    opened,
    receipt,
    say,
    shown,
    texts,
)


def as_port(store: SqliteStore) -> ConversationStore:
    """The type checker sees that the store is what the port asks for."""
    return store


@pytest.fixture(params=["file", "memory"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where a store may be: everything but keeping works in memory too."""
    return tmp_path / "data" / "conversations.db" if request.param == "file" else None


async def test_a_conversation_is_there_as_it_was_said(path: Path | None) -> None:
    clock = Clock()
    async with opened(path, clock=clock) as store:
        chat = store.new_id()
        asked = store.add_question(chat, None, "How do I boil an egg?\nQuickly").id
        clock.now_s += 2
        reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local · model")).id
        for piece in ("In hot", " water", "", ".\n"):
            store.append(reply, piece)
        given = Receipt(
            Side.LOCAL,
            "Local · model · 9.5 tok/s",
            "Default",
            "qwen3.5-4b",
            "Q4_K_M",
            Usage(12, 4, 9.5, 0.25),
            3,
            StopReason.LENGTH,
            "cut",
        )
        store.finish_reply(reply, given)
        conversation = await shown(store, chat)
        question, told = conversation.path
        assert (question.id, question.parent_id, question.role) == (asked, None, Role.USER)
        assert question.text == "How do I boil an egg?\nQuickly"
        assert question.created_ms == int(START_S * 1000)
        assert question.receipt is None
        assert question.is_complete
        assert (told.id, told.parent_id, told.role) == (reply, asked, Role.ASSISTANT)
        assert told.text == "In hot water.\n"
        assert told.receipt == given
        assert told.is_complete
        assert conversation.siblings == {}
        (summary,) = await store.conversations()
        assert summary == conversation.summary
        assert summary.title == "How do I boil an egg?"
        assert summary.message_count == 2
        assert summary.created_ms == int(START_S * 1000)
        assert summary.active_ms == int((START_S + 2) * 1000)


async def test_a_reply_under_way_is_shown_as_far_as_it_came(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        asked = store.add_question(chat, None, "Q").id
        reply = store.begin_reply(chat, asked, Receipt(Side.CLAUDE, "Claude · why")).id
        store.append(reply, "Half")
        told = (await shown(store, chat)).path[-1]
        assert told.text == "Half"
        assert told.receipt == Receipt(Side.CLAUDE, "Claude · why")
        assert not told.is_complete


async def test_it_is_there_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "Q", "A")
        before = await shown(store, chat)
    async with opened(path) as store:
        assert await shown(store, chat) == before
        assert await store.last_conversation() == chat
    check_sound(path)
    # Closed well, nothing is left beside the file but the lock.
    assert {each.name for each in tmp_path.iterdir()} == {path.name, f"{path.name}.lock"}


async def test_what_is_not_there(path: Path | None) -> None:
    async with opened(path) as store:
        assert await store.conversations() == ()
        assert await store.last_conversation() is None
        assert await store.open(123) is None
        assert await store.draft(123) == ""
        assert await store.draft(None) == ""
        # Nothing comes of these, and nothing breaks.
        store.append(1, "x")
        store.rename(1, "x", TitleSource.USER)
        store.discard(1)
        store.show_branch(1, 2)
        store.delete_messages((1, 2))
        store.fork(1, 2)
        assert await store.conversations() == ()


async def test_the_list_has_pinned_ones_first_then_the_latest(path: Path | None) -> None:
    clock = Clock()
    async with opened(path, clock=clock) as store:
        chats = []
        for title in ("one", "two", "three"):
            clock.now_s += 60
            chats.append(store.new_id())
            say(store, chats[-1], title)
        one, two, three = chats
        store.pin(one, True)
        clock.now_s += 60
        _, last = (await shown(store, two)).path
        say(store, two, "more", after=last.id)
        assert [each.title for each in await store.conversations()] == ["one", "two", "three"]
        assert [each.is_pinned for each in await store.conversations()] == [True, False, False]
        assert [each.id for each in await store.conversations(2)] == [one, two]
        assert await store.last_conversation() == two
        store.pin(one, False)
        assert [each.id for each in await store.conversations()] == [two, three, one]


async def test_a_title_yields_to_a_better_source_only(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "First words")

        async def title() -> str:
            return (await store.conversations())[0].title

        store.rename(chat, "By the model", TitleSource.MODEL)
        assert await title() == "By the model"
        store.rename(chat, "Words again", TitleSource.WORDS)
        assert await title() == "By the model"
        store.rename(chat, " By\nthe\x1b[31m user ", TitleSource.USER)
        assert await title() == "By the user"
        store.rename(chat, "By the model", TitleSource.MODEL)
        assert await title() == "By the user"
        store.rename(chat, "  ", TitleSource.USER)
        assert await title() == UNTITLED


async def test_drafts_are_kept_for_each_conversation_and_for_the_next(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat, other = store.new_id(), store.new_id()
        say(store, chat, "Q")
        store.save_draft(chat, "of this one")
        store.save_draft(None, "of the next")
        store.save_draft(other, "gone")
        store.save_draft(other, "")
    async with opened(path) as store:
        assert (await shown(store, chat)).draft == "of this one"
        assert await store.draft(None) == "of the next"
        assert await store.draft(other) == ""


async def test_the_place_is_kept(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        asked, reply = say(store, chat, "Q")
        assert (await shown(store, chat)).place_id is None
        store.save_place(chat, asked)
        assert (await shown(store, chat)).place_id == asked
        store.delete_messages((asked,))
        assert (await shown(store, chat)).place_id is None
        store.save_place(chat, None)
        assert (await shown(store, chat)).place_id is None
        assert reply


async def test_any_text_is_kept_as_it_is(path: Path | None) -> None:
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x11000), 0x1F44D, 0x10FFFF)))
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, everything, everything * 2)
        assert await texts(store, chat) == [everything, everything * 2]


async def test_half_a_character_does_not_stop_the_rest(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "a\ud800", "b\udfff", given=receipt(label="c\ud800", model="d\ud800"))
        assert await texts(store, chat) == ["a\ufffd", "b\ufffd"]


async def test_calls_take_effect_in_their_order_though_nobody_waits(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        for number in range(200):
            store.save_draft(chat, str(number))
        assert await store.draft(chat) == "199"


async def test_cancelling_who_waits_undoes_nothing(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        hold = threading.Event()
        store._writer.put(lambda _: hold.wait(60))
        asked = store.add_question(chat, None, "Q").id

        async def wait() -> None:
            store.add_question(chat, asked, "and more")
            await store.written()

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        hold.set()
        assert await texts(store, chat) == ["Q", "and more"]


async def test_written_waits_for_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        asked = store.add_question(chat, None, "Q").id
        reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local")).id
        other = sqlite3.connect(path)
        for number in range(50):
            store.append(reply, f"{number} ")
            await store.written()
            # Another process sees it at this moment.
            pieces = other.execute("SELECT count(*) FROM piece").fetchone()
            assert pieces == (number + 1,)
        other.close()


async def test_the_loop_goes_on_while_the_disk_does_not(path: Path | None) -> None:
    async with opened(path) as store:
        hold = threading.Event()
        store._writer.put(lambda _: hold.wait(60))
        chat = store.new_id()
        say(store, chat, "Q")
        waiting = asyncio.create_task(store.written())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not waiting.done()
        hold.set()
        await waiting
        assert await texts(store, chat) == ["Q", "Yes"]


async def test_a_mistaken_change_does_not_hold_up_the_others(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()

        def fails(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO draft VALUES (77, 'half of a change')")
            raise RuntimeError

        store._writer.put(lambda connection: connection.execute("INSERT INTO nothing").close())
        store._writer.put(fails)
        say(store, chat, "Q")
        assert await texts(store, chat) == ["Q", "Yes"]
        assert await store.draft(77) == ""


async def test_ids_grow_whatever_the_clock_does(path: Path | None) -> None:
    clock = Clock()
    async with opened(path, clock=clock) as store:
        ids = []
        for step in (0, 0, 1, -3600, 0, 7200):
            clock.now_s += step
            ids.append(store.new_id())
        assert ids == sorted(set(ids))
        assert 0 < ids[0] < ids[-1] < 2**63


async def test_a_second_reply_is_a_branch(path: Path | None) -> None:
    async with opened(path) as store:
        chat = store.new_id()
        asked, first = say(store, chat, "Q", "one")
        second = answer(store, chat, asked, "two")
        conversation = await shown(store, chat)
        assert [message.text for message in conversation.path] == ["Q", "two"]
        assert conversation.siblings == {second: (first, second)}
